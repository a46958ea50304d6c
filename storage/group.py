"""One transaction with the units of several chats in it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.domain.cases import Outages
from bot.services.ports import Unit
from bot.services.records import (
    Damaged,
    DeskTimer,
    DraftRow,
    DueReminder,
    DueTimer,
    OpenedOrder,
    Outage,
    Received,
)
from storage import desk_timers, drafts, inbox, reminding, timers
from storage.accounts import people_by_id, used_invitations
from storage.changes import Head, fits, heads, lean_rows, leans_on, rows_of
from storage.effects import Batch, Row, Write
from storage.errors import clear_errors
from storage.gathered import Reads
from storage.intake import Arrivals
from storage.line import Line
from storage.lists import open_cases
from storage.orders import claim_rows, taken_orders, told_rows
from storage.unit import StoredUnit

Close = Callable[[bool], Awaitable[None]]
"""Ends a transaction: commits (True) or rolls back."""

log = structlog.get_logger(__name__)


class StoredGroup:
    """A `Group` in a transaction that `end` ends."""

    def __init__(
        self, connection: Line, end: Close, salt: Callable[[], str], beat: datetime | None
    ) -> None:
        """`beat` is the last beat of the heart that was stored, as in `Intake`."""
        self._connection = connection
        self._end: Close | None = end
        self._salt = salt
        self._reads = Reads(connection)
        self._intake = Arrivals(connection, self._reads, beat, partial(_expect, self._reads))
        self._kept: dict[int, tuple[StoredUnit, list[tuple[Write, Row]]]] = {}
        self._marks: list[tuple[Write, Row]] = []
        self._credit: list[tuple[Write, Row]] = []

    def unit(self, now: datetime) -> StoredUnit:
        return StoredUnit(self._reads, now, salt=self._salt)

    @property
    def beat(self) -> datetime | None:
        """The last beat of the heart, this commit's if it brings one."""
        return self._intake.beat

    @property
    def intake(self) -> Arrivals:
        return self._intake

    # ---------------------------------------------------------------------- what there is to do

    async def pending(self, limit: int, now: datetime) -> tuple[Received, ...]:
        if self._intake.complete:
            return self._intake.pending(limit)
        with clear_errors():
            waiting = await inbox.pending(self._connection, limit, now)
        _expect(self._reads, waiting)
        return waiting

    async def due_timers(self, now: datetime, limit: int) -> tuple[DueTimer | Damaged, ...]:
        with clear_errors():
            return await timers.due_timers(self._connection, now, limit)

    async def due_reminders(self, now: datetime, limit: int) -> tuple[DueReminder | Damaged, ...]:
        with clear_errors():
            return await reminding.due_reminders(self._connection, now, limit)

    async def due_orders(self, now: datetime, limit: int) -> tuple[OpenedOrder, ...]:
        with clear_errors():
            return await reminding.due_orders(self._connection, now, limit)

    async def due_drafts(self, now: datetime, limit: int) -> tuple[DraftRow | Damaged, ...]:
        with clear_errors():
            return await drafts.due_drafts(self._connection, now, limit)

    async def due_desk_timers(self, now: datetime, limit: int) -> tuple[DeskTimer | Damaged, ...]:
        with clear_errors():
            return await desk_timers.due(self._connection, now, limit)

    async def outage(self) -> Outage | None:
        with clear_errors():
            return await timers.outage(self._connection)

    async def open_cases(self, after: int, limit: int) -> tuple[int, ...]:
        with clear_errors():
            return await open_cases(self._connection, after, limit)

    # ---------------------------------------------------------------------- what has been done

    def done(self, update: Received, unit: Unit) -> None:
        self._keep(unit).append(self._intake.mark(update, "done", inbox.DONE))

    async def waiting_of(self, chat: int, limit: int) -> tuple[Received, ...]:
        if self._intake.complete:
            return self._intake.waiting_of(chat, limit)
        with clear_errors():
            return await inbox.waiting_of(self._connection, chat, limit)

    def shed(self, update: Received, unit: Unit) -> None:
        self._keep(unit).append(self._intake.mark(update, "shed", inbox.SHED))

    def failed(self, update: Received, error: str, *, retry_at: datetime | None) -> None:
        row = {
            "id_": update.update_id,
            "error_": error,
            "state_": "quarantine" if retry_at is None else "new",
            "retry_at": retry_at or update.received_at,
        }
        self._marks.append((inbox.FAILED, row))

    def fired(self, timer: DueTimer, unit: Unit) -> None:
        self._keep(unit).append((timers.FIRED, _this(timer)))

    def postponed(self, timer: DueTimer | Damaged, until: datetime) -> None:
        self._marks.append((timers.POSTPONED, {**_this(timer), "until_": until}))

    def credited(self, outage: Outage, upto: int | None) -> None:
        row = {
            "id_": outage.id,
            "upto_": outage.credited if upto is None else upto,
            "finished_": upto is None,
        }
        self._credit.append((timers.CREDITED, row))

    async def move_forms(self, outage: Outage, known: Outages, length: timedelta) -> None:
        with clear_errors():
            await drafts.move_drafts(self._connection, outage.since, outage.until, known, length)

    async def move_desk_timers(self, outage: Outage) -> None:
        with clear_errors():
            await desk_timers.move(self._connection, outage.since, outage.until)

    def keep(self, unit: Unit) -> None:
        self._keep(unit)

    def _keep(self, unit: Unit) -> list[tuple[Write, Row]]:
        if not isinstance(unit, StoredUnit):
            raise TypeError(f"{unit!r} is no unit of this group")
        return self._kept.setdefault(id(unit), (unit, []))[1]

    # ---------------------------------------------------------------------- all of it or nothing

    async def commit(self) -> frozenset[int]:
        if self._end is None:
            raise RuntimeError("the group is committed")
        await self._reads.quiet()
        with clear_errors():
            fresh, standing = await self._fresh()
            batch = Batch()
            batch.add(self._marks)
            batch.add(self._intake.undone(row for unit in fresh for row in self._kept[id(unit)][1]))
            for unit in fresh:
                effects = unit.effects
                batch.add(self._kept[id(unit)][1])
                batch.add(effects.keyed.values())
                batch.add(effects.rows)
                batch.add(claim_rows(effects.claims))
                for id_, changes in effects.changes.items():
                    batch.add(rows_of(changes, standing.get(id_, Head()), self._salt))
            # A row that is written is noticed without leaning on it, too.
            written = {thing for unit in fresh for thing in unit.effects.touched}
            leaned = {thing for unit in fresh for thing in _leaned(unit)}
            batch.add(lean_rows(leaned - written))
            told = {number: each for unit in fresh for number, each in unit.effects.told.items()}
            if told:
                batch.add(await told_rows(self._connection, told))
            left_out = self._kept.keys() - {id(unit) for unit in fresh}
            if not left_out:
                batch.add(self._credit)
            await batch.write(self._connection)
        end, self._end = self._end, None
        await end(True)
        for unit in fresh:
            await _release(unit)
        return frozenset(left_out)

    async def roll_back(self) -> bool:
        """Forget everything, if it is not committed. Answers whether there was something."""
        if self._end is None:
            return False
        end, self._end = self._end, None
        await self._reads.quiet()
        await end(False)
        return True

    async def _fresh(self) -> tuple[list[StoredUnit], dict[int, Head]]:
        """The units that nobody came before, and where the cases that they change stand."""
        first: list[StoredUnit] = []
        touched: set[tuple[str, Hashable]] = set()
        for unit, _ in self._kept.values():
            things = {*unit.effects.touched, *_leaned(unit)}
            if touched.isdisjoint(things):
                first.append(unit)
                touched |= things
        # A case that opens stands nowhere yet.
        cases = {
            id_
            for unit in first
            for id_, changes in unit.effects.changes.items()
            if changes[0].before.version
        }
        standing = dict(await heads(self._connection, cases)) if cases else {}
        claims = {number: who for unit in first for number, who in unit.effects.claims.items()}
        redeems = {token: who for unit in first for token, who in unit.effects.redeems.items()}
        taken = await taken_orders(self._reads, claims) if claims else frozenset()
        used = await used_invitations(self._connection, redeems) if redeems else frozenset()
        fresh = [
            unit
            for unit in first
            if taken.isdisjoint(unit.effects.claims)
            and used.isdisjoint(unit.effects.redeems)
            and all(
                fits(changes, standing.get(id_, Head()))
                for id_, changes in unit.effects.changes.items()
            )
        ]
        return fresh, standing


def _expect(reads: Reads, updates: Sequence[Received]) -> None:
    """What every update asks for is read while it is parsed. A private chat is its person."""
    for each in updates:
        reads.expect(people_by_id, each.chat)
        reads.expect(drafts.open_forms, each.chat)
    reads.expect(timers.all_outages, None)


def _this(timer: DueTimer | Damaged) -> Row:
    return {"case_": timer.case, "kind_": timer.kind, "version_": timer.version}


def _leaned(unit: StoredUnit) -> Iterator[tuple[str, str]]:
    yield from unit.effects.leans
    for changes in unit.effects.changes.values():
        yield from leans_on(changes)


async def _release(unit: StoredUnit) -> None:
    for release in unit.releases:
        try:
            pending = release()
            if inspect.isawaitable(pending):
                await pending
        except Exception:
            # The unit is committed: nothing that happens now can undo it.
            log.exception("what waited for the commit failed")
