"""Who hears of a change: rows of the outbox beside the change that caused them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.cases import STAFF, ReturnCase, Role
from bot.services.ports import Unit
from bot.services.records import How, Outgoing


def is_night(at: datetime, zone: str) -> bool:
    """Whether it is between 22:00 and 08:00 where the reader is: reminders are silent then."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= 22 or hour < 8


def card_slot(case: int, role: Role) -> str:
    """The slot of the one card that a person has of a case in a role."""
    return f"card:{case}:{Role.MODERATOR if role in STAFF else role}"


def album_slot(case: int, role: Role) -> str:
    """The slot of the evidence that stands above a card."""
    return f"album:{case}:{Role.MODERATOR if role in STAFF else role}"


async def announce(
    unit: Unit, case: ReturnCase, hears: frozenset[Role], *, new: bool = False
) -> None:
    """Redraw every card of a case; for the roles that must act it comes anew, with sound.

    A seller gets the evidence of a `new` case as an album before the card.
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
        staff = [each for each in await unit.accounts.staff() if each.staff in called]
        loud += [(person.id, Role.MODERATOR) for person in staff if person.started_at]
    if new:
        for person, role in loud:
            if role is not Role.CUSTOMER:
                _album(unit, case, person, role)
    redraw(unit, case, loud, anew=True, silent=False)
    for role in (Role.CUSTOMER, Role.SELLER, Role.MODERATOR):
        holders = await unit.outbox.holders(card_slot(case.id, role))
        quiet = [(chat, role) for chat in holders if (chat, role) not in loud]
        redraw(unit, case, quiet)


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
        seen_as = Role.MODERATOR if role in STAFF else role
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


def _album(unit: Unit, case: ReturnCase, person: int, role: Role) -> None:
    unit.outbox.put(
        Outgoing(
            chat=person,
            kind="album",
            payload={"case": case.id, "role": str(role)},
            key=f"album:{case.id}:{person}:{role}",
            slot=album_slot(case.id, role),
            silent=True,
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


def _mark(facts: Mapping[str, Any]) -> str:
    """Tells facts apart without quoting them: all that waited at Telegram has one instant."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
