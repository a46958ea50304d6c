"""Who hears of a change: rows of the outbox beside the change that caused them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.cases import STAFF, ReturnCase, Role, Shown, side
from bot.domain.reminding import is_night
from bot.services.at_once import at_once
from bot.services.ports import Unit
from bot.services.records import Account, How, Outgoing
from bot.services.staffing import at_hand

_ROLES = (Role.CUSTOMER, Role.SELLER, Role.MODERATOR)
_NEVER = timedelta(days=36500)


def card_slot(case: int, role: Role) -> str:
    """The slot of the one card that a person has of a case in a role."""
    return f"card:{case}:{side(role)}"


def album_slot(shown: Shown, role: Role) -> str:
    """The slot of the photos of one step: whoever has a message there has been shown them."""
    return f"album:{shown.case}:{shown.version}:{side(role)}"


async def announce(
    unit: Unit, case: ReturnCase, hears: frozenset[Role], *, opens: bool = False
) -> None:
    """Redraw every card of a case; for the roles that must act it comes anew, with sound.

    Before it they get the photos that they have not been shown yet. Of a case that `opens`
    nobody can have a message, so nobody is asked for.
    """
    loud: list[tuple[int, Role]] = []
    if Role.CUSTOMER in hears:
        loud.append((case.customer, Role.CUSTOMER))
    if Role.SELLER in hears:
        team = await unit.accounts.team(case.seller)
        loud += [(person.id, Role.SELLER) for person in team]
    if hears & STAFF:
        # A moderator's task is any staff member's; an admin's is the admins' alone.
        called = STAFF if Role.MODERATOR in hears else {Role.ADMIN}
        staff = [each for each in await at_hand(unit) if each.staff in called]
        loud += [(person.id, Role.MODERATOR) for person in staff]
    decides = case.owes in STAFF
    shows = [each for each in loud if decides or each[1] is not Role.MODERATOR]
    _, cards = await asyncio.gather(
        show(unit, case, shows, opens=opens),
        _holders(unit, [card_slot(case.id, role) for role in _ROLES], opens=opens),
    )
    redraw(unit, case, loud, anew=True, silent=False)
    for role, chats in zip(_ROLES, cards, strict=True):
        redraw(unit, case, [(chat, role) for chat in chats if (chat, role) not in loud])


async def show(
    unit: Unit, case: ReturnCase, people: Sequence[tuple[int, Role]], *, opens: bool = False
) -> None:
    """Put before people, each in a role, what others have shown in a case and they have not seen.

    Once per step, person and role: the row waits under its key, and then its slot is taken.
    """
    roles = dict.fromkeys(role for _, role in people)
    places = [(shown, role) for shown in case.shown for role in roles]
    holders = await _holders(unit, [album_slot(*place) for place in places], opens=opens)
    for (shown, role), known in zip(places, holders, strict=True):
        own = shown.by.id if side(shown.by.role) is role else None
        for person in (person for person, as_role in people if as_role is role):
            if person != own and person not in known:
                album(unit, shown, person, role)


async def _holders(unit: Unit, slots: Sequence[str], *, opens: bool) -> list[tuple[int, ...]]:
    """Who has a message in each of these slots, asked in one moment."""
    if opens:
        return [()] * len(slots)
    return await at_once(*map(unit.outbox.holders, slots))


def album(unit: Unit, shown: Shown, person: int, role: Role, *, again: bool = False) -> None:
    """Send a person the photos of one step; `again`: though they have been sent."""
    seen_as = side(role)
    once = f"album:{shown.case}:{shown.version}:{person}:{seen_as}"
    unit.outbox.put(
        Outgoing(
            chat=person,
            kind="album",
            payload={"case": shown.case, "version": shown.version, "role": str(seen_as)},
            key=f"{once}:{unit.now.isoformat()}" if again else once,
            slot=album_slot(shown, role),
            silent=True,
        )
    )


def beside_one_another(unit: Unit, person: int, facts: Mapping[str, Any]) -> None:
    """Send one of the staff the pictures of sightings, each photo beside its twin."""
    unit.outbox.put(
        Outgoing(
            chat=person,
            kind="album",
            payload=facts,
            key=f"sightings:{_mark(facts)}:{person}",
            silent=True,
        )
    )


def redraw(
    unit: Unit,
    case: ReturnCase,
    people: Iterable[tuple[int, Role]],
    *,
    anew: bool = False,
    silent: bool = True,
) -> None:
    """Put the card of a case into people's slots: edited, or sent anew."""
    how = How.RENEW if anew else How.EDIT
    for person, role in people:
        seen_as = side(role)
        unit.outbox.put(
            Outgoing(
                chat=person,
                kind="card",
                payload={"case": case.id, "role": str(seen_as)},
                key=f"card:{case.id}:{case.version}:{person}:{seen_as}:{how}:{unit.now.isoformat()}",
                slot=card_slot(case.id, role),
                how=how,
                silent=silent,
            )
        )


def notice(
    unit: Unit,
    person: int,
    name: str,
    facts: Mapping[str, Any],
    *,
    key: str | None = None,
    slot: str | None = None,
    silent: bool = False,
    at_most_once: bool = False,
    not_before: datetime | None = None,
) -> None:
    """Tell a person something that is no card. `facts` are JSON values, frozen at commit."""
    unit.outbox.put(
        Outgoing(
            chat=person,
            kind="notice",
            payload={"notice": name, **facts},
            key=key or f"n:{name}:{_mark(facts)}:{person}:{unit.now.isoformat()}",
            slot=slot,
            how=How.EDIT if slot else How.SEND,
            silent=silent,
            at_most_once=at_most_once,
            not_before=not_before,
        )
    )


def tell(unit: Unit, people: Iterable[Account], name: str, facts: Mapping[str, Any]) -> None:
    """Tell people something that is no card: silently where it is night."""
    for person in people:
        notice(unit, person.id, name, facts, silent=is_night(unit.now, person.zone))


def call(unit: Unit, person: Account, name: str, facts: Mapping[str, Any]) -> None:
    """Tell one of the staff. What they must hear before they opened the bot waits until they do."""
    waits = None if person.started_at else unit.now + _NEVER
    notice(unit, person.id, name, facts, not_before=waits)


def document(unit: Unit, person: int, name: str, kind: str, facts: Mapping[str, Any]) -> None:
    """Send a person a file that is made when its turn comes; asked for again within a minute it
    is the same one."""
    unit.outbox.put(
        Outgoing(
            chat=person,
            kind="document",
            payload={"document": name, "as": kind, **facts},
            key=f"d:{name}:{kind}:{_mark(facts)}:{person}:{unit.now:%Y-%m-%dT%H:%M}",
        )
    )


def _mark(facts: Mapping[str, Any]) -> str:
    """Tells facts apart without quoting them: all that waited at Telegram has one instant."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
