"""What people are reminded of: what is due, what is held back, and what they heard last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.domain.cases import Role, TimerKind
from bot.services.records import Damaged, DueReminder, OpenedOrder, Reminded
from storage import tables
from storage.effects import Phase, Row, Write, every, upsert
from storage.gathered import KEYS
from storage.line import Line
from storage.repository import Repository

_timer, _reminder, _held = tables.timers.c, tables.reminders.c, tables.held_reminders.c
_draft, _opened = tables.drafts.c, tables.opened_orders.c

SAID = upsert(tables.reminded, once=True)
WATCH = upsert(tables.opened_orders, once=True)
LOOK_AGAIN = every(
    Phase.CLEAR,
    tables.opened_orders.update()
    .where(_opened.number == bindparam("number_"))
    .values(look_at=tables.EPOCH),
)
HOLD = upsert(tables.held_reminders)
DONE = every(
    Phase.CLEAR,
    tables.reminders.delete().where(
        _reminder.case_id == bindparam("case_"),
        _reminder.kind == bindparam("kind_"),
        _reminder.owes == bindparam("owes_"),
        _reminder.at == bindparam("at_"),
    ),
)
DONE_ALONE = every(
    Phase.CLEAR,
    tables.held_reminders.delete().where(
        _held.person == bindparam("person_"),
        _held.case_id == bindparam("case_"),
        _held.kind == bindparam("kind_"),
        _held.owes == bindparam("owes_"),
        _held.at == bindparam("at_"),
    ),
)
FORM = every(
    Phase.CLEAR,
    tables.drafts.update()
    .where(_draft.account == bindparam("account_"), _draft.remind_at == bindparam("at_"))
    .values(remind_at=bindparam("until_")),
)

# One process reminds at a time: the hour of a person is looked at and kept in one commit.
_ALONE = select(func.pg_advisory_xact_lock(0x72656D696E64))
# A return that waits for an address has no clock yet: its reminders stand alone.
_OF_CASES = (
    select(tables.reminders, func.coalesce(_timer.due_at, _reminder.at).label("due_at"))
    .outerjoin(
        tables.timers, (_timer.case_id == _reminder.case_id) & (_timer.kind == _reminder.kind)
    )
    .where(_reminder.at <= bindparam("now"))
    .order_by(_reminder.at)
    .limit(bindparam("most"))
)
_HELD = (
    select(tables.held_reminders)
    .where(_held.until <= bindparam("now"))
    .order_by(_held.until)
    .limit(bindparam("most"))
)
_OF_FORMS = (
    select(_draft.account, _draft.remind_at, _draft.due_at)
    .where(_draft.remind_at <= bindparam("now"))
    .order_by(_draft.remind_at)
    .limit(bindparam("most"))
)
_ORDERS = (
    select(tables.opened_orders)
    .where(_opened.look_at <= bindparam("now"))
    .order_by(_opened.look_at)
    .limit(bindparam("most"))
)
_LAST = select(tables.reminded).where(tables.reminded.c.person.in_(KEYS))
NEXT = (
    select(func.min(_reminder.at).label("at")),
    select(func.min(_held.until)),
    select(func.min(_draft.remind_at)),
    select(func.min(_opened.look_at)),
)
"""The next instants at which there is somebody to remind."""


class StoredReminders(Repository):
    """The unit's view of reminders."""

    async def last(self, person: int) -> Reminded | None:
        return await self._reads.ask(_last, person)

    def said(self, reminded: Reminded) -> None:
        items = json.dumps(list(reminded.items), ensure_ascii=False, separators=(",", ":"))
        row = {"person": reminded.person, "at": reminded.at, "facts": items}
        self._effects.put("reminded", reminded.person, SAID, row)

    def done(self, reminder: DueReminder) -> None:
        self._effects.add(*_done(reminder))

    def hold(self, reminder: DueReminder, person: int, until: datetime) -> None:
        self._effects.add(*_hold(reminder, person, until))

    def watch(self, order: OpenedOrder) -> None:
        row = {
            "number": order.number,
            "account": order.account,
            "look_at": order.look_at,
            "told": json.dumps(sorted(map(tables.microseconds, order.told))),
        }
        self._effects.put("opened order", order.number, WATCH, row)


def _done(reminder: DueReminder) -> tuple[Write, Row]:
    if reminder.kind is None:
        return FORM, {"account_": reminder.person, "at_": reminder.at, "until_": None}
    row = {"case_": reminder.case, "kind_": reminder.kind, "owes_": reminder.owes}
    if reminder.person:
        return DONE_ALONE, {**row, "at_": reminder.at, "person_": reminder.person}
    return DONE, {**row, "at_": reminder.at}


def _hold(reminder: DueReminder, person: int, until: datetime) -> tuple[Write, Row]:
    if reminder.kind is None:
        return FORM, {"account_": person, "at_": reminder.at, "until_": until}
    row = {"person": person, "case_id": reminder.case, "kind": reminder.kind}
    instants = {"at": reminder.at, "due_at": reminder.due_at, "until": until}
    return HOLD, {**row, **instants, "owes": reminder.owes}


async def due_reminders(
    connection: Line, now: datetime, limit: int
) -> tuple[DueReminder | Damaged, ...]:
    """Reminders of cases and forms whose instant has come, with the timers they are about."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_ALONE)
    given = {"now": now, "most": limit}
    of_cases = [_due(row) for row in await connection.execute(_OF_CASES, given)]
    held = [_due(row, row.person, row.until) for row in await connection.execute(_HELD, given)]
    of_forms = [
        DueReminder(0, None, row.remind_at, row.due_at, Role.CUSTOMER, row.account)
        for row in await connection.execute(_OF_FORMS, given)
    ]
    return tuple(chain(of_cases, held, of_forms))


def _due(row: Any, person: int = 0, until: datetime | None = None) -> DueReminder | Damaged:
    try:
        kind, owes = TimerKind(row.kind), Role(row.owes)
    except ValueError:
        return Damaged("reminder", row.kind, row.at, row.case_id, person=person, owes=row.owes)
    return DueReminder(row.case_id, kind, row.at, row.due_at, owes, person, until=until)


async def due_orders(connection: Line, now: datetime, limit: int) -> tuple[OpenedOrder, ...]:
    """Orders of which a window may be about to close."""
    rows = await connection.execute(_ORDERS, {"now": now, "most": limit})
    return tuple(OpenedOrder(r.number, r.account, r.look_at, _instants(r.told)) for r in rows)


def changed(numbers: Iterable[str]) -> Iterable[tuple[Write, Row]]:
    """The rows that have the windows of these orders looked at again, if anybody knows them."""
    return ((LOOK_AGAIN, {"number_": number}) for number in numbers)


def _instants(told: str) -> frozenset[datetime]:
    """What cannot be read is nothing told: to hear of a window twice is better than never."""
    try:
        return frozenset(map(tables.instant, json.loads(told)))
    except (ValueError, TypeError, OverflowError):
        return frozenset()


async def _last(connection: Line, people: Sequence[int]) -> Mapping[int, Reminded]:
    rows = await connection.execute(_LAST, {"keys": list(people)})
    return {row.person: Reminded(row.person, row.at, json.loads(row.facts)) for row in rows}
