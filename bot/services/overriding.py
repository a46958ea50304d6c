"""The two people of an override that moves money: who they are, and what they hear (row 56)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.cases import STAFF, Action, Alarm, Event, Override, Refused, ReturnCase, Role
from bot.domain.checks import same_override, turns_down
from bot.domain.outlook import moved_by
from bot.domain.policy import Policy
from bot.services.announcing import call, notice
from bot.services.parties import roles_on
from bot.services.ports import Unit
from bot.services.records import Account


def check_may_override(account: Account, case: ReturnCase, now: datetime) -> None:
    """Neither a party to a case nor a blocked person sets another status.

    Raises Refused: `own_return`, `blocked_admin`. The table says that it takes an admin.
    """
    if {*roles_on(account, case)} - STAFF:
        raise Refused("own_return")
    if account.blocked_at(now):
        raise Refused("blocked_admin")


async def seconds(unit: Unit, case: ReturnCase) -> tuple[Account, ...]:
    """The admins who may confirm the override that waits, or turn it down."""
    first = case.override.by if case.override else 0
    return tuple(
        each
        for each in await unit.accounts.staff()
        if each.id != first and _may_override(each, case, unit.now)
    )


async def stands(unit: Unit, case: ReturnCase) -> bool:
    """Whether who asked for the override that waits may still do so; True where none waits."""
    if case.override is None:
        return True
    first = await unit.accounts.get(case.override.by)
    return first is not None and _may_override(first, case, unit.now)


async def ask_for_another(unit: Unit, case: ReturnCase, policy: Policy, at: datetime) -> None:
    """Tell the other admins what one of them wants a case to be, and what it costs."""
    waiting = case.override
    assert waiting is not None
    facts = await _wanted(unit, case.id, waiting, waiting.by)
    facts |= {"version": case.version, "status": case.status}
    if (moved := moved_by(case, at, policy)) is not None:
        facts |= {
            "open": moved.open,
            "gets": moved.gets and [moved.gets.minor, moved.gets.currency],
            "takes_back": moved.takes_back and [moved.takes_back.minor, moved.takes_back.currency],
        }
    for person in await seconds(unit, case):
        call(unit, person, str(Alarm.SECOND_PERSON), facts)


async def tell_who_asked(unit: Unit, before: ReturnCase, after: ReturnCase, event: Event) -> None:
    """Whoever asked for another status hears what became of it.

    It was confirmed, turned down, asked for otherwise, or overtaken by another step.
    """
    first, overrides = before.override, event.action is Action.OVERRIDE
    if first is None or after.override == first or (overrides and event.by.id == first.by):
        return
    if not await stands(unit, before):
        return
    facts = await _wanted(unit, before.id, first, event.by.id)
    if overrides and turns_down(before, event.given):
        notice(unit, first.by, "override_turned_down", facts | {"text": event.given.text})
    elif overrides and same_override(before, event.given):
        notice(unit, first.by, "override_confirmed", facts | {"text": event.given.text})
    elif after.override:
        notice(unit, first.by, "override_replaced", facts)
    else:
        notice(unit, first.by, "override_overtaken", facts | {"status": after.status})


def _may_override(account: Account, case: ReturnCase, now: datetime) -> bool:
    try:
        check_may_override(account, case, now)
    except Refused:
        return False
    return account.staff is Role.ADMIN


async def _wanted(unit: Unit, case: int, override: Override, by: int) -> dict[str, Any]:
    """What a notice says of an override, and by whom it is told."""
    person = await unit.accounts.get(by)
    facts: dict[str, Any] = {"case": case, "by": person.name if person else "", "to": override.to}
    if override.amount is not None:
        facts |= {"minor": override.amount.minor, "currency": override.amount.currency}
    return facts
