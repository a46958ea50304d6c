"""Who is of the staff, since when, and taking somebody off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.cases import Role
from bot.screens import labels
from bot.screens.buttons import Dismiss, To
from bot.screens.layout import Rows, button, menu, one_each
from bot.screens.screen import Screen
from bot.services.records import Account
from bot.texts import Html, Texts, joined

MOST = 30
"""People on one screen; of more, those who came last are left out."""


def staff(
    people: Sequence[Account],
    since: Mapping[int, datetime | None],
    reader: Account,
    t: Texts,
) -> Screen:
    """Everybody of the staff; for admins with a way to take somebody off it."""
    lines = [_line(each, since.get(each.id), t) for each in people[:MOST]]
    others = [each for each in people[:MOST] if each.id != reader.id]
    admin = reader.staff is Role.ADMIN
    rows: Rows = one_each(
        button(t.plain("Remove {name}", name=each.name or "—"), Dismiss(person=each.id, sure=0))
        for each in others
    )
    invite: Rows = ((menu(t.plain("Invite"), To.INVITE),),)
    return Screen(
        text=joined([t.bold(t("Staff")), joined(lines)], "\n\n"),
        rows=(*rows, *invite) if admin else (),
        slot="menu",
    )


def _line(person: Account, since: datetime | None, t: Texts) -> Html:
    role = labels.own_role(person.staff, t) if person.staff else ""
    name = person.name or "—"
    known = (
        t("{name}: {role} since {day}", name=name, role=role, day=t.day(t.date_of(since)))
        if since
        else t("{name}: {role}", name=name, role=role)
    )
    if person.started_at is None:
        return joined([known, t("has not opened the bot yet")], ", ")
    return joined([known, None if person.reachable else t("has stopped the bot")], ", ")


def sure(person: Account, t: Texts) -> Screen:
    """Asks before somebody is taken off the staff."""
    return Screen(
        text=t(
            "Take {name} off the staff? They lose this access at once; what they did stays, and "
            "invitations of theirs that nobody has accepted are void.",
            name=person.name or "—",
        ),
        rows=(
            (
                button(t.plain("Yes, remove"), Dismiss(person=person.id, sure=1), "danger"),
                menu(t.plain("No"), To.STAFF),
            ),
        ),
        slot="menu",
    )
