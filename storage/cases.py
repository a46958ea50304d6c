"""Returns: reading them for their parties, and collecting what was decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import sqlite

from bot.domain.cases import (
    CLOCK,
    Decision,
    Event,
    Happened,
    Outages,
    ReturnCase,
    Role,
    return_number,
)
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.services.chain import ChainLine
from bot.services.heads import Head, Sealed
from bot.services.records import Archive, Content, HistoryLine, Page, Reminder
from bot.services.tallying import Meter
from storage import heads, lists, meters, reporting, tables
from storage.changes import Change
from storage.errors import Unreadable
from storage.gathered import KEYS, decoded
from storage.line import Line
from storage.lists import BODIES
from storage.repository import Repository
from storage.timers import all_outages

_case, _line, _content = tables.cases.c, tables.history.c, tables.contents.c

_BY_ID = BODIES.where(_case.id.in_(KEYS))
_HISTORY = (
    select(tables.history, _content.body)
    .select_from(
        tables.history.outerjoin(
            tables.contents, (_content.case_id == _line.case_id) & (_content.seq == _line.seq)
        )
    )
    .where(_line.case_id.in_(KEYS))
    .order_by(_line.case_id, _line.seq)
)
_CHAIN = select(tables.history).where(_line.case_id == bindparam("case_")).order_by(_line.seq)
_CONTENTS = (
    select(tables.contents).where(_content.case_id == bindparam("case_")).order_by(_content.seq)
)
_LEDGER = (
    select(tables.ledger)
    .where(tables.ledger.c.case_id.in_(KEYS))
    .order_by(tables.ledger.c.case_id, tables.ledger.c.seq, tables.ledger.c.n)
)


_COUNTED = sqlite.insert(tables.counters).values(name="case", value=bindparam("count"))
# A counter's row would be locked until the commit: who opens a case elsewhere would be overtaken.
_NUMBERS = {
    "sqlite": _COUNTED.on_conflict_do_update(
        index_elements=["name"],
        set_={"value": tables.counters.c.value + _COUNTED.excluded.value},
    ).returning(tables.counters.c.value),
    "postgresql": select(func.nextval("case_numbers")).select_from(
        func.generate_series(1, bindparam("count"))
    ),
}


class StoredCases(Repository):
    """The unit's view of the returns: a case that it has saved it also reads."""

    def forget(self) -> None:
        self._saved: dict[int, ReturnCase] = {}

    async def get(self, id: int) -> ReturnCase | None:
        return self._saved.get(id) or await self._reads.ask(_by_id, id)

    async def next_id(self) -> int:
        number = await self._reads.ask(_numbers, object())
        if number is None:
            raise LookupError("the counter of cases gave no number")
        return number

    async def of_customer(self, account: int, page: Page) -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.of_customers, (account, page)) or ()

    async def queue_of_sellers(self, sellers: Sequence[str], page: Page) -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.of_sellers, (tuple(sellers), page)) or ()

    async def of_order(self, number: str) -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.of_orders, number) or ()

    async def queue_of_staff(self, page: Page, only: str = "") -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.of_staff, (only, page)) or ()

    async def refunds(self, page: Page, *, late: bool = False) -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.refunds, (late, page)) or ()

    async def awaiting_address(self, seller: str) -> tuple[ReturnCase, ...]:
        return await self._reads.ask(lists.awaiting_address, seller) or ()

    async def counts(self) -> Mapping[str, int]:
        return await self._reads.ask(lists.counts, self._now) or {}

    async def history(self, id: int) -> tuple[HistoryLine, ...]:
        return await self._reads.ask(_history, id) or ()

    async def ledger(self, id: int) -> tuple[LedgerLine, ...]:
        return await self._reads.ask(_ledger, id) or ()

    async def archive(self, id: int) -> Archive:
        return await self._reads.ask(archives, id) or Archive()

    async def opened(self, since: datetime, until: datetime, sellers: Sequence[str] | None) -> int:
        asked = (since, until, None if sellers is None else tuple(sellers))
        return await self._reads.ask(reporting.counts, asked) or 0

    async def opened_after(
        self,
        after: int,
        since: datetime,
        until: datetime,
        sellers: Sequence[str] | None,
        most: int,
    ) -> tuple[tuple[datetime, ReturnCase], ...]:
        asked = (since, until, None if sellers is None else tuple(sellers))
        return await self._reads.ask(reporting.pages, (asked, after, most)) or ()

    async def outages(self, since: datetime) -> Outages:
        known = await self._reads.ask(all_outages, None) or ()
        return tuple((began, ended) for began, ended in known if ended > since)

    async def lost_disputes(self, seller: str, since: datetime) -> tuple[datetime, ...]:
        return await self._reads.ask(lists.lost_disputes, (seller, since)) or ()

    def seal(self, seal: Sealed, ended: Sequence[Head]) -> None:
        for write, row in heads.rows_of(seal, ended):
            self._effects.add(write, row)

    async def meter(self, seller: str) -> Meter | None:
        return await self._reads.ask(meters.meters, seller)

    async def customers_record(self, account: int) -> Mapping[str, int]:
        return await self._reads.ask(lists.records, account) or {}

    def save(
        self,
        before: ReturnCase,
        decision: Decision,
        event: Event,
        at: datetime,
        reminders: Sequence[Reminder] = (),
        childs_reminders: Sequence[Reminder] = (),
    ) -> None:
        child = decision.child
        change = Change(
            before=before,
            case=decision.case,
            at=at,
            happened=decision.happened,
            given=event.given,
            ledger=[line for line in decision.ledger if child is None or line.part != child.part],
            reminders=reminders,
            alarms=bool(decision.alarms),
        )
        self._collect(change)
        if child is not None:
            # The child begins its own history with the rows that made it, and led it elsewhere.
            *first, last = decision.happened
            money = [line for line in decision.ledger if line.part == child.part]
            self._collect(
                replace(
                    change,
                    before=ReturnCase(),
                    case=child,
                    happened=[*first, replace(last, after=child.status)],
                    ledger=money,
                    reminders=childs_reminders,
                    alarms=False,
                )
            )

    def amend(
        self,
        before: ReturnCase,
        after: ReturnCase,
        reminders: Sequence[Reminder],
        event: str = "outage_credit",
        rule: str = "X-58",
    ) -> None:
        moved = Happened(event, CLOCK, "", rule, before.status, after.status)
        # An outage is credited as of its end: people may have gone on since.
        at = max(self._now, before.since or self._now)
        self._collect(
            Change(before=before, case=after, at=at, happened=[moved], reminders=reminders)
        )

    def _collect(self, change: Change) -> None:
        self._effects.change(change)
        self._saved[change.case.id] = change.case


async def chain(connection: Line, id: int) -> tuple[ChainLine, ...]:
    """The history of a case as it is stored, for `verify_chain`."""
    rows = await connection.execute(_CHAIN, {"case_": id})
    return tuple(ChainLine(**row) for row in rows.mappings())


async def _by_id(connection: Line, ids: Sequence[int]) -> Mapping[int, ReturnCase | Unreadable]:
    rows = await connection.execute(_BY_ID, {"keys": list(ids)})
    return {row.id: decoded(lists.looked_at, row.body, return_number(row.id)) for row in rows}


async def _numbers(connection: Line, keys: Sequence[object]) -> Mapping[object, int]:
    dialect = connection.dialect.name
    numbers: Sequence[int] = (
        (await connection.execute(_NUMBERS[dialect], {"count": len(keys)})).scalars().all()
    )
    if dialect == "sqlite":
        last = numbers[0]
        numbers = range(last - len(keys) + 1, last + 1)
    return dict(zip(keys, numbers, strict=True))


async def _history(connection: Line, ids: Sequence[int]) -> Mapping[int, tuple[HistoryLine, ...]]:
    lines: dict[int, tuple[HistoryLine, ...]] = {}
    rows = await connection.execute(_HISTORY, {"keys": list(ids)})
    for row in rows.mappings():
        said = json.loads(row["body"]) if row["body"] else {}
        line = HistoryLine(
            case=row["case_id"],
            seq=row["seq"],
            at=row["at"],
            event=row["event"],
            by=Role(row["by"]),
            person=row["person"],
            row=row["row"],
            rule=row["rule"],
            before=row["before"],
            after=row["after"],
            policy=row["policy"],
            digest=row["digest"],
            version=row["version"],
            text=said.get("text"),
            photos=tuple(said.get("photos", ())),
            facts=json.loads(row["facts"]),
            forgotten=bool(row["content"]) and row["body"] is None,
        )
        lines[line.case] = (*lines.get(line.case, ()), line)
    return lines


async def archives(connection: Line, ids: Sequence[int]) -> Mapping[int, Archive]:
    """Asked for one by one: nobody waits for several."""
    found = {}
    for id in ids:
        rows = await connection.execute(_CONTENTS, {"case_": id})
        contents = {row.seq: Content(row.salt, row.body) for row in rows}
        money = await connection.execute(_LEDGER, {"keys": [id]})
        found[id] = Archive(
            lines=await chain(connection, id),
            contents=contents,
            ledger=tuple((row.seq, _ledger_line(row)) for row in money),
        )
    return found


async def _ledger(connection: Line, ids: Sequence[int]) -> Mapping[int, tuple[LedgerLine, ...]]:
    lines: dict[int, tuple[LedgerLine, ...]] = {}
    for row in await connection.execute(_LEDGER, {"keys": list(ids)}):
        lines[row.case_id] = (*lines.get(row.case_id, ()), _ledger_line(row))
    return lines


def _ledger_line(row: Any) -> LedgerLine:
    amount = Money(row.minor, row.currency)
    return LedgerLine(Purse(row.to), Purse(row.source), LedgerKind(row.kind), amount, row.part)
