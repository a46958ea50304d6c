"""Deductions for missing products in the memory: who hears of them, their clock and their money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import withholding as rules
from bot.domain.cases import STAFF, Refused
from bot.domain.orders import Order, OrderLine, Posting, returnable_qty
from bot.domain.policy import Policy
from bot.domain.timers import next_look
from bot.domain.withholding import Withholding, WithholdingState
from bot.services.announcing import notice, tell
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DeskClock, DeskTimer, Outgoing, Spot, SpotKind
from bot.services.reuse import with_order
from bot.services.staffing import at_hand

AGAIN = timedelta(days=1)
"""How often the staff are paged of a deduction that is contested."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A deduction with the end of its clock; None where it cannot be contested any more."""

    withholding: Withholding
    due_at: datetime | None
    seller: str
    """The seller's name."""
    elsewhere: tuple[Spot, ...] = ()
    """Where else photos of its contest are shown (staff only)."""


async def deduct(
    unit: Unit, desk: ReturnDesk, by: Account, number: str, line: int, units: int, seen: int
) -> Withholding:
    """Deduct a missing product: `line` counts the lines of all parcels from 0.

    `seen`: so many units of it were in returns or deducted when the person looked. Raises Refused.
    """
    order, posting, item = await _line(unit, number, line)
    used = await unit.orders.used_units(number)
    if used.get((posting.number, item.sku), 0) != seen:
        raise Refused("stale")
    owner = await unit.orders.owner(number)
    found, money = rules.withheld(
        order, posting, item, units, used, customer=owner or 0, by=by.id, now=unit.now
    )
    found = replace(found, id=await unit.withholdings.next_id())
    unit.withholdings.save(found, money)
    unit.withholdings.uses_units_of(number)
    audited(unit, by.id, Deed.DEDUCTED, person=owner or 0, thing=number, withholding=found.id)
    clock = desk.policy.withholding
    due = rules.due_at(found, desk.policy)
    look = next_look(due, clock.reminders, unit.now)
    unit.desk_timers.run(DeskTimer(DeskClock.WITHHOLDING, found.id, due, look))
    if owner:
        notice(unit, owner, "missing_product_refunded", _facts(found))
    await _tell_team(unit, found, "deducted", {"due_at": due.isoformat()})
    return found


async def line_of(unit: Unit, number: str, line: int) -> tuple[OrderLine, int, str]:
    """A line of an order, how many units of it can be missing, and its seller's name.

    Raises Refused(not_found).
    """
    order, posting, item = await _line(unit, number, line)
    seller = await unit.accounts.seller(order.seller)
    left = returnable_qty(posting, item.sku, await unit.orders.used_units(number))
    return item, left, (seller.name if seller else "") or order.seller


async def _line(unit: Unit, number: str, line: int) -> tuple[Order, Posting, OrderLine]:
    order = await unit.orders.get(number)
    lines = [(each, item) for each in (order.postings if order else ()) for item in each.lines]
    if order is None or line >= len(lines):
        raise Refused("not_found")
    return order, *lines[line]


async def open(unit: Unit, account: Account, id: int) -> Seen:
    """A deduction for the staff or the seller's team. Raises Refused(not_found)."""
    found = await unit.withholdings.get(id)
    if found is None or not (account.staff in STAFF or found.seller in account.sellers):
        raise Refused("not_found")
    due_at = await unit.desk_timers.due(DeskClock.WITHHOLDING, id)
    seller = await unit.accounts.seller(found.seller)
    name = (seller and seller.name) or found.seller
    return Seen(found, due_at, name, await _elsewhere(unit, id) if account.staff in STAFF else ())


async def _elsewhere(unit: Unit, id: int) -> tuple[Spot, ...]:
    others = {each.other_than(_spot(id)) for each in await unit.files.sightings(_spot(id))}
    return tuple([await with_order(unit, each) for each in sorted(others)])


def _spot(id: int) -> Spot:
    return Spot(SpotKind.DEDUCTION, str(id))


async def check_may_contest(unit: Unit, account: Account, id: int) -> Withholding:
    """The deduction, if this person may contest it now. Raises Refused."""
    seen = await _to_contest(unit, account, id)
    rules.check_contest(seen.withholding, seen.due_at, unit.now)
    return seen.withholding


async def _to_contest(unit: Unit, account: Account, id: int) -> Seen:
    seen = await open(unit, account, id)
    if seen.withholding.seller not in account.sellers:
        raise Refused("not_your_role")
    return seen


async def contest(
    unit: Unit, account: Account, id: int, text: str, photos: tuple[str, ...]
) -> Withholding:
    """The seller contests; the staff are paged, and again every day until one answers."""
    seen = await _to_contest(unit, account, id)
    after = rules.contested(seen.withholding, account.id, text, photos, seen.due_at, unit.now)
    unit.withholdings.save(after)
    unit.files.display(_spot(id), photos)
    again = unit.now + AGAIN
    unit.desk_timers.run(DeskTimer(DeskClock.WITHHOLDING, id, again, again))
    await _page_staff(unit, after)
    return after


async def rule(unit: Unit, by: Account, id: int, text: str, *, gives_back: bool) -> Withholding:
    """Somebody of the staff answers a seller who contests. Raises Refused."""
    if by.staff not in STAFF:
        raise Refused("not_your_role")
    seen = await open(unit, by, id)
    after, money = rules.ruled(seen.withholding, by.id, text, unit.now, gives_back=gives_back)
    unit.withholdings.save(after, money)
    unit.desk_timers.stop(DeskClock.WITHHOLDING, id)
    audited(unit, by.id, Deed.RULED_DEDUCTION, thing=after.order, withholding=id, back=gives_back)
    name = "deduction_given_back" if gives_back else "deduction_upheld"
    await _tell_team(unit, after, name, {"ruling": text})
    return after


async def check_may_rule(unit: Unit, by: Account, id: int) -> None:
    """Raises Refused where the person or the time is not right for an answer."""
    if by.staff not in STAFF:
        raise Refused("not_your_role")
    seen = await open(unit, by, id)
    if seen.withholding.state is not WithholdingState.CONTESTED:
        raise Refused("stale")


async def pay(unit: Unit, by: Account, id: int, ref: str) -> Withholding:
    """The customer has been paid. Raises Refused."""
    if by.staff not in STAFF:
        raise Refused("not_your_role")
    seen = await open(unit, by, id)
    after = rules.paid(seen.withholding, ref)
    unit.withholdings.save(after)
    audited(unit, by.id, Deed.PAID_DEDUCTION, person=after.customer, thing=after.order)
    if after.customer and seen.withholding.ref is None:
        notice(unit, after.customer, "missing_product_paid", _facts(after))
    return after


def show_photos(unit: Unit, by: Account, withholding: Withholding) -> None:
    """Send what the seller shows to a person of the staff."""
    if withholding.photos:
        unit.outbox.put(
            Outgoing(
                chat=by.id,
                kind="album",
                payload={"withholding": withholding.id},
                key=f"album:w{withholding.id}:{by.id}:{unit.now.isoformat()}",
                silent=True,
            )
        )


async def look(unit: Unit, timer: DeskTimer, policy: Policy) -> None:
    """The clock of a deduction: remind the seller, end the time, page the staff of a contest."""
    found = await unit.withholdings.get(timer.subject)
    if found is None or found.state not in (WithholdingState.OPEN, WithholdingState.CONTESTED):
        unit.desk_timers.stop(timer.kind, timer.subject)
        return
    if found.state is WithholdingState.CONTESTED:
        again = unit.now + AGAIN
        unit.desk_timers.run(replace(timer, due_at=again, look_at=again))
        await _page_staff(unit, found)
        return
    if timer.look_at >= timer.due_at:
        unit.withholdings.save(rules.lapsed(found))
        unit.desk_timers.stop(timer.kind, timer.subject)
        await _tell_team(unit, found, "deduction_lapsed", {})
        return
    later = next_look(timer.due_at, policy.withholding.reminders, unit.now)
    unit.desk_timers.run(replace(timer, look_at=later))
    await _tell_team(unit, found, "deduction_reminder", {"due_at": timer.due_at.isoformat()})


def _facts(found: Withholding) -> dict[str, Any]:
    return {
        "title": found.title,
        "units": found.units,
        "order": found.order,
        "minor": found.amount.minor,
        "currency": found.amount.currency,
    }


async def _tell_team(unit: Unit, found: Withholding, name: str, more: Mapping[str, Any]) -> None:
    facts = {**_facts(found), **more, "withholding": found.id}
    tell(unit, await unit.accounts.team(found.seller), name, facts)


async def _page_staff(unit: Unit, found: Withholding) -> None:
    facts = {**_facts(found), "withholding": found.id}
    tell(unit, await at_hand(unit), "deduction_contested", facts)
