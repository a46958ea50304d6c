"""Lists of cases: a customer's returns, what waits for a seller or for staff, refunds to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.cases import STAFF, ReturnCase, Role, Status, TimerKind
from bot.screens import labels
from bot.screens.buttons import OpenCase, Paged, To
from bot.screens.layout import Rows, button, menu, one_each, packed, pages
from bot.screens.products import title
from bot.screens.screen import Screen
from bot.screens.words import small
from bot.services.records import Only
from bot.services.views import Listed
from bot.texts import Html, Texts, joined

LATE: Final = "late"
"""The part of the refunds that is late or has failed."""


def returns(listed: Listed, t: Texts) -> Screen:
    """The customer's returns, newest first."""
    if not listed.cases and not listed.offset:
        return Screen(
            text=t("You have no returns. Open an order and tap “Return products” to begin one."),
            rows=((menu(t.plain("My orders"), To.ORDERS),),),
            slot="menu",
        )
    head = t("Your returns, newest first. Tap one and its card comes with what you can do now.")
    return _list(listed, To.RETURNS, Role.CUSTOMER, head, t)


def queue(listed: Listed, role: Role, t: Texts, only: str = "") -> Screen:
    """Open cases of a seller or of the staff, the nearest deadline first; `only` a part of them."""
    if only and not listed.cases:
        return Screen(
            text=t("Nothing of this kind waits. “Everything” shows what else there is."),
            rows=_parts(only, t),
            slot="menu",
        )
    if not listed.cases and not listed.offset:
        if role in STAFF:
            nothing = t(
                "No return waits for the staff. What needs you comes to this chat by itself."
            )
            return Screen(text=nothing, rows=_parts(only, t), slot="menu")
        nothing = t("Nothing is open. What needs you will come to this chat by itself.")
        return Screen(text=nothing, slot="menu")
    if only == Only.PHOTO:
        head = t(
            "Open returns with a photo that is shown elsewhere, too, the nearest deadline first. "
            "The card says where."
        )
    elif role in STAFF:
        head = t(
            "Moderation, disputes and alarms, the nearest deadline first. Tap one for its card."
        )
    else:
        head = t("Your open cases, the nearest deadline first. Tap one for its card.")
    if role not in STAFF:
        return _list(listed, To.QUEUE, role, head, t)
    list = f"{To.QUEUE}.{only}" if only else To.QUEUE.value
    screen = _list(listed, list, role, head, t)
    return replace(screen, rows=(*screen.rows, *_parts(only, t)))


def _parts(only: str, t: Texts) -> Rows:
    """The other parts of the staff's queue."""
    names = {
        "": t.plain("Everything"),
        Only.PREMOD: t.plain("Moderation"),
        Only.DISPUTE: t.plain("Disputes"),
        Only.ALARM: t.plain("Alarms"),
        Only.PHOTO: t.plain("Photos used twice"),
    }
    others = [
        button(name, Paged(list=f"{To.QUEUE}.{part}" if part else To.QUEUE.value, offset=0))
        for part, name in names.items()
        if part != only
    ]
    return packed(others, 3)


def refunds(listed: Listed, reader: Role, t: Texts, now: datetime, *, late: bool = False) -> Screen:
    """Money that is promised and not paid yet, oldest first; only what is `late` or has failed."""
    if late and not listed.cases:
        return Screen(
            text=t("No refund is late and no payment has failed."),
            rows=((button(t.plain("All refunds"), Paged(list=To.REFUNDS.value, offset=0)),),),
            slot="menu",
        )
    if not listed.cases and not listed.offset:
        return Screen(text=t("All refunds are paid. New ones will be listed here."), slot="menu")
    lines = [_refund(case, listed.due_at.get(case.id), t, now) for case in listed.cases]
    head = (
        t("Refunds to pay, oldest first. Open one, pay it, then tap “Mark as paid”.")
        if reader is Role.ADMIN
        else t("Refunds to pay, oldest first. An administrator pays them and marks them as paid.")
    )
    rows = one_each(
        button(
            t.plain(
                "{number} · {sum}",
                number=case.number,
                sum=t.money(case.refund.total) if case.refund else "—",
            ),
            OpenCase(id=case.id),
        )
        for case in listed.cases
    )
    lates = f"{To.REFUNDS}.{LATE}"
    list = lates if late else To.REFUNDS.value
    paging = pages(t, list, listed.offset, len(listed.cases), listed.more)
    other = (
        button(t.plain("All refunds"), Paged(list=To.REFUNDS.value, offset=0))
        if late
        else button(t.plain("Only late and failed"), Paged(list=lates, offset=0))
    )
    text = joined([head, joined(lines)], "\n\n")
    return Screen(text=text, rows=(*rows, *paging, (other,)), slot="menu")


def _refund(case: ReturnCase, due: datetime | None, t: Texts, now: datetime) -> Html:
    number = case.number
    sum = t.money(case.refund.total) if case.refund else "—"
    if due is None:
        return t("{number}: {sum}", number=number, sum=sum)
    if due <= now:
        return t("{number}: {sum}, late since {when}", number=number, sum=sum, when=t.when(due))
    return t("{number}: {sum}, due by {when}", number=number, sum=sum, when=t.when(due))


def to_cases(cases: Sequence[ReturnCase], t: Texts) -> Rows:
    """A button to each case."""
    return one_each(
        button(
            t.plain(
                "{number} · {status}", number=case.number, status=labels.status(case.status, t)
            ),
            OpenCase(id=case.id),
        )
        for case in cases
    )


def _list(listed: Listed, list: str, role: Role, head: Html, t: Texts) -> Screen:
    lines = [_line(case, role, t) for case in listed.cases]
    rows = to_cases(listed.cases, t)
    paging = pages(t, list, listed.offset, len(listed.cases), listed.more)
    text = joined([head, joined(lines, "\n")], "\n\n")
    return Screen(text=text, rows=(*rows, *paging), slot="menu")


def _line(case: ReturnCase, role: Role, t: Texts) -> Html:
    mine = case.owes is role or (case.owes in STAFF and role in STAFF)
    due = next_due(case)
    first = title(case.lines[0].title) if case.lines else ""
    values = {"number": case.number, "title": first, "status": _status(case, t)}
    if mine and due:
        return t(
            "👉 {number} {title}: {status}, your move until {when}", when=t.when(due), **values
        )
    if mine:
        return t("👉 {number} {title}: {status}, your move", **values)
    if due and case.status is Status.DISPUTE and case.owes is Role.SELLER and role in STAFF:
        return t(
            "{number} {title}: {status}, waits for the seller's reply until {when}",
            when=t.when(due),
            **values,
        )
    if due:
        return t("{number} {title}: {status}, until {when}", when=t.when(due), **values)
    return t("{number} {title}: {status}", **values)


def _status(case: ReturnCase, t: Texts) -> str:
    status = labels.status(case.status, t)
    if case.status is not Status.DISPUTE or case.topic is None:
        return status
    return t.plain("{status} ({topic})", status=status, topic=small(labels.topic(case.topic, t)))


def next_due(case: ReturnCase) -> datetime | None:
    """The nearest instant at which the clock changes something."""
    dues = [each.due_at for each in case.timers if each.kind is not TimerKind.TRANSIT_UNLOCK]
    return min(dues, default=None)
