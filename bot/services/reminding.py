"""Reminders: what is due, for whom, and what became of it (`lifecycle.md` 2.3).

At most one message a person and hour. What falls due within an hour comes along; what falls due
within an hour of the last message waits, or takes that message's place where it cannot wait.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from bot.domain.cases import Role
from bot.domain.closing import Closing, closings
from bot.domain.orders import Order, Units
from bot.domain.reminding import TOGETHER, Turn, free_at, is_night, turn
from bot.domain.timers import reminders_of, waits_for_address
from bot.services.again import Away, Overtaken
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import DueReminder, How, OpenedOrder, Outgoing, Reminded

Item = Mapping[str, Any]
"""What a person is reminded of: facts of a line of the notice, JSON values."""

FORM = "draft"
WINDOW = "window"
PAUSE = timedelta(minutes=10)
"""Until what could not be said is tried again."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Thing:
    """A reminder that is due or soon will be, with what becomes of it."""

    reminder: DueReminder
    people: Sequence[int]
    items: Sequence[Item]
    opened: OpenedOrder | None = None
    """Of a window: the order as it is watched while this is still to be said."""
    said: OpenedOrder | None = None
    """And once it is."""
    heard: set[int] = field(default_factory=set)
    held: dict[int, datetime] = field(default_factory=dict)


async def opened(unit: Unit, desk: ReturnDesk, account: int, order: Order) -> None:
    """A customer looks at an order: from now on its windows remind (2.3, `window`)."""
    ends = await _closings(unit, desk, order, {})
    instants = {at for end in ends for at in end.reminders(desk.policy)}
    past = frozenset(at for at in instants if at <= unit.now)
    next_at = min(instants - past, default=None)
    unit.reminders.watch(OpenedOrder(order.number, account, next_at, past))


async def _all(works: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them give. Raises what one raises, but not while the others still read."""
    found = await asyncio.gather(*works, return_exceptions=True)
    given: list[T] = []
    for each in found:
        if isinstance(each, BaseException):
            raise each
        given.append(each)
    return given


class Reminding:
    """Says what is due, holds what must wait, and forgets what nobody needs to hear."""

    def __init__(self, desk: ReturnDesk) -> None:
        self._desk = desk

    async def settle(
        self,
        unit: Unit,
        soon: Iterable[DueReminder],
        orders: Iterable[OpenedOrder],
        horizon: datetime,
    ) -> int:
        """Deal with what is due at the `horizon`. Answers how many reminders there were.

        `soon` and `orders` are all that falls due up to an hour from now. One of them that cannot
        be read fails all: the caller finds out which, and leaves it out.
        """
        things = await _all(self._of_case_or_form(unit, each) for each in soon)
        windows = await _all(self._of_order(unit, each) for each in orders)
        things += [each for each in windows if each]
        by_person: dict[int, list[_Thing]] = defaultdict(list)
        for thing in things:
            for person in thing.people:
                by_person[person].append(thing)
        for person, theirs in by_person.items():
            try:
                await self._take_turn(unit, person, theirs, horizon)
            except (Away, Overtaken):
                raise
            except Exception:
                log.exception("a person could not be reminded")
                for thing in theirs:
                    if thing.reminder.up_at <= horizon:
                        thing.held[person] = unit.now + PAUSE
        return sum(self._conclude(unit, thing, horizon) for thing in things)

    # ------------------------------------------------------------------ what there is

    async def _of_case_or_form(self, unit: Unit, due: DueReminder) -> _Thing:
        item = {
            "case": due.case,
            "kind": str(due.kind or FORM),
            "owes": str(due.owes),
            "due_at": due.due_at.isoformat(),
        }
        if due.kind is None:
            return _Thing(due, (due.person,), (item,))
        case, policy = await self._desk.open(unit, due.case)
        people = await self._desk.owing(unit, case, due.owes)
        if due.person:
            stands = (due.at, due.kind, due.owes) in reminders_of(case, policy)
            people = [due.person] if stands and due.person in people else []
        return _Thing(due, people, (item,))

    async def _of_order(self, unit: Unit, opened: OpenedOrder) -> _Thing | None:
        """The reminder of the windows that close next; None if there is none within the hour."""
        order = await unit.orders.get(opened.number)
        ends = await _closings(unit, self._desk, order, {}) if order else ()
        instants = {at for end in ends for at in end.reminders(self._desk.policy)}
        left = instants - opened.told
        soon = {at for at in left if at <= unit.now + TOGETHER}
        useful = await self._useful(unit, opened, order, soon) if order and soon else []
        told = opened.told & instants
        if not useful:
            # Nothing to say of these: they count as said.
            next_at = min(left - soon, default=None)
            unit.reminders.watch(replace(opened, look_at=next_at, told=told | soon))
            return None
        at, until = min(soon), opened.look_at
        due = DueReminder(
            0,
            None,
            at,
            min(end.closes_at for end in useful),
            Role.CUSTOMER,
            opened.account,
            opened.number,
            until if until and until > at else None,
        )
        items = [_of_window(opened.number, end) for end in useful]
        waits = replace(opened, told=told)
        said = replace(opened, told=told | soon, look_at=min(left - soon, default=None))
        return _Thing(due, (opened.account,), items, waits, said)

    async def _useful(
        self, unit: Unit, opened: OpenedOrder, order: Order, soon: set[datetime]
    ) -> list[Closing]:
        """The windows of which to remind: not of what is in a return, and nobody blocked."""
        account = await unit.accounts.get(opened.account)
        if account is None or account.blocked_at(unit.now):
            return []
        used = await unit.orders.used_units(order.number)
        ends = await _closings(unit, self._desk, order, used)
        return [end for end in ends if soon.intersection(end.reminders(self._desk.policy))]

    # ------------------------------------------------------------------ what becomes of it

    async def _take_turn(
        self, unit: Unit, person: int, theirs: Sequence[_Thing], horizon: datetime
    ) -> None:
        last = await unit.reminders.last(person)
        free = free_at(last.at, unit.now) if last else unit.now
        lately = {_about(item) for item in last.items} if last and unit.now < free else set()
        fresh = []
        for thing in theirs:
            if thing.reminder.at <= free and lately.issuperset(map(_about, thing.items)):
                thing.heard.add(person)
            else:
                fresh.append(thing)
        up = [thing for thing in fresh if thing.reminder.up_at <= horizon]
        if not up:
            return
        items = [item for thing in fresh for item in thing.items]
        match turn([each.reminder.deadline for each in up], last.at if last else None, unit.now):
            case Turn.HOLD:
                for thing in up:
                    thing.held[person] = free
                return
            case Turn.REPLACE if last:
                items += [item for item in last.items if await self._stands(unit, person, item)]
                await self._say(unit, person, items, How.REPLACE)
            case _:
                await self._say(unit, person, items, How.SEND)
        for thing in fresh:
            thing.heard.add(person)

    async def _stands(self, unit: Unit, person: int, item: Item) -> bool:
        """Whether a person still has to be reminded of what the last message named."""
        due_at = datetime.fromisoformat(item["due_at"])
        match item["kind"]:
            case "draft":
                form = await unit.drafts.get(person)
                return form is not None and form.due_at == due_at
            case "window":
                return due_at > unit.now
            case kind:
                case, _ = await self._desk.open(unit, item["case"])
                if any(each.kind == kind and each.due_at == due_at for each in case.timers):
                    return True
                return item["owes"] == Role.SELLER and waits_for_address(case)

    async def _say(self, unit: Unit, person: int, items: Iterable[Item], how: How) -> None:
        """One message, silent at night; of two reminders of one thing only one."""
        account = await unit.accounts.get(person)
        each_once = {_about(item): item for item in items}
        said = [each_once[about] for about in sorted(each_once)]
        unit.reminders.said(Reminded(person, unit.now, said))
        unit.outbox.put(
            Outgoing(
                chat=person,
                kind="notice",
                payload={"notice": "reminder", "items": said},
                key=f"remind:{person}:{unit.now.isoformat()}",
                slot="reminder",
                how=how,
                silent=account is not None and is_night(unit.now, account.zone),
                at_most_once=True,
            )
        )

    def _conclude(self, unit: Unit, thing: _Thing, horizon: datetime) -> bool:
        """Write what became of a reminder; False: its time has not come for anybody."""
        reminder, reminders = thing.reminder, unit.reminders
        if thing.opened and thing.said:
            look_at = thing.held.get(reminder.person, reminder.up_at)
            if thing.heard:
                reminders.watch(thing.said)
            elif look_at != thing.opened.look_at:
                reminders.watch(replace(thing.opened, look_at=look_at))
            return bool(thing.heard or thing.held)
        if not (thing.heard or thing.held) and (thing.people or reminder.up_at > horizon):
            return False
        if reminder.person and thing.held:
            reminders.hold(reminder, reminder.person, thing.held[reminder.person])
            return True
        reminders.done(reminder)
        for person in set(thing.people) - thing.heard:
            reminders.hold(reminder, person, thing.held.get(person, reminder.at))
        return True


async def _closings(unit: Unit, desk: ReturnDesk, order: Order, used: Units) -> tuple[Closing, ...]:
    outages = await desk.outages(unit, order.created_at)
    return closings(order, used, unit.now, desk.policy, outages)


def _of_window(number: str, end: Closing) -> Item:
    return {
        "case": 0,
        "kind": WINDOW,
        "owes": str(Role.CUSTOMER),
        "due_at": end.closes_at.isoformat(),
        "order": number,
        "scope": str(end.scope),
        "products": list(end.titles),
        "complaint_until": end.complaint_until and end.complaint_until.isoformat(),
        "defect_until": end.defect_until and end.defect_until.isoformat(),
    }


def _about(item: Item) -> tuple[str, int, str, str, str, str]:
    """What a reminder is about, in the order in which it is said."""
    order, scope = item.get("order", ""), item.get("scope", "")
    return item["due_at"], item["case"], item["kind"], item["owes"], order, scope
