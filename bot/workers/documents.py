"""Files that people have asked for: read in a moment, made in no transaction, sent as documents."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from functools import partial
from typing import Literal

import structlog

from bot.domain.cases import STAFF, Role
from bot.domain.policy_text import as_toml
from bot.papers import Paper
from bot.screens import figures as figure_screens
from bot.screens import meter as meter_screens
from bot.screens import policies as rules_screens
from bot.screens import record as record_screens
from bot.screens import report as report_screens
from bot.screens.screen import Screen
from bot.screens.words import masked
from bot.services import ruling
from bot.services.figures import figures_of, meters_of
from bot.services.memory import Memory
from bot.services.ports import Clock
from bot.services.proof import Record, as_json_lines, entries, letters
from bot.services.reading import Reading
from bot.services.records import Account, OutboxRow
from bot.services.reporting import Period, period_of, returns, sellers_of
from bot.services.staffing import language_of_group
from bot.texts import Catalogues, Html, Texts
from bot.workers.messages import Document, Rendered
from bot.workers.papers import Papers

LARGEST = 50 * 2**20
"""Bytes that a bot may send."""

PICTURES = {
    "requests": (figure_screens.requests, figure_screens.said_of_requests),
    "deadlines": (figure_screens.deadlines, figure_screens.said_of_deadlines),
    "refunds": (figure_screens.refunds, figure_screens.said_of_refunds),
}
"""How each picture of the figures is drawn, and what is said below it."""

log = structlog.get_logger(__name__)


class Documents:
    """Makes the documents of the outbox when their turn comes."""

    def __init__(
        self,
        memory: Memory,
        reading: Reading,
        catalogues: Catalogues,
        clock: Clock,
        zone: str = "UTC",
    ) -> None:
        """`zone` is that of the staff, in their group."""
        self._memory = memory
        self._reading = reading
        self._catalogues = catalogues
        self._clock = clock
        self._zone = zone
        self._papers = Papers()

    async def __call__(self, row: OutboxRow) -> Rendered:
        """The document of a row, or a sentence that it could not be made."""
        if row.payload["document"] == "heads":
            return await self._heads(date.fromisoformat(row.payload["day"]))
        async with self._memory.reading(self._clock()) as unit:
            account = await unit.accounts.get(row.chat)
        if account is None:
            return None
        match row.payload["document"]:
            case "report":
                return await self._report(row, account)
            case "stats":
                return await self._stats(row, account)
            case "meters":
                return await self._meters(row, account)
            case "rules":
                return await self._rules(row, account)
            case _:
                return await self._record(row, account)

    async def _heads(self, day: date) -> Rendered:
        """Where the histories of a day ended, for the group of the staff (N-11)."""
        seal = await self._memory.seal_of(day)
        if seal is None or not seal.content:
            return None
        async with self._memory.reading(self._clock()) as unit:
            t = self._catalogues.texts(await language_of_group(unit), self._zone)
        caption = record_screens.sealed(seal, t)
        otherwise = Screen(text=caption)
        return Document(f"heads_{day}.jsonl", seal.content.encode(), caption, otherwise)

    async def _record(self, row: OutboxRow, account: Account) -> Rendered:
        kind, role = row.payload["as"], Role(row.payload["role"])
        async with self._memory.reading(self._clock()) as unit:
            record = await self._reading.record(unit, row.chat, role, row.payload["case"])
        if record is None:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        number = record.case.number
        return await self._made(
            row,
            f"{number}.{kind}",
            self._drawn(record, kind, t),
            caption=record_screens.caption(number, kind, t),
            otherwise=record_screens.not_made(number, t),
        )

    async def _report(self, row: OutboxRow, account: Account) -> Rendered:
        role, period = Role(row.payload["role"]), period_of(row.payload["period"])
        if role not in account.roles:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        return await self._made(
            row,
            f"returns_{period.code}.{row.payload['as']}",
            self._table(row.payload["as"], period, account, role, t),
            caption=report_screens.caption(period, t),
            otherwise=report_screens.not_made(period, t),
        )

    async def _stats(self, row: OutboxRow, account: Account) -> Rendered:
        """One of the pictures; of a time in which nothing happened one sentence."""
        period, code = period_of(row.payload["period"]), row.payload["seller"]
        if account.staff is None:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        async with self._memory.reading(self._clock()) as unit:
            seller = await unit.accounts.seller(code) if code else None
        figures = await figures_of(self._memory, period, account.zone, code or None)
        kind = row.payload["as"]
        if figures.empty or (kind == "refunds" and not figures.money):
            return figure_screens.empty(period, seller, t) if kind == "requests" else None
        draw, say = PICTURES[kind]
        chart = draw(figures, period, seller, t)
        return await self._made(
            row,
            f"{kind}_{period.code}.png",
            self._papers.draw(Paper(kind="png", chart=chart)),
            caption=say(figures, period, seller, t),
            otherwise=figure_screens.not_made(period, t),
            picture=True,
        )

    async def _meters(self, row: OutboxRow, account: Account) -> Rendered:
        """How the person's sellers decide, or all of them, as a table (N-13)."""
        role, period = Role(row.payload["role"]), period_of(row.payload["period"])
        if role not in account.roles:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        sellers = sellers_of(account, role)
        meters = await meters_of(self._memory, period, account.zone, sellers)
        table = meter_screens.meter_table(meters, t)
        return await self._made(
            row,
            f"decisions_{period.code}.csv",
            self._papers.draw(Paper(kind="csv", tables=(table,))),
            caption=meter_screens.meter_caption(report_screens.when(period, t), t),
            otherwise=report_screens.not_made(period, t),
        )

    async def _rules(self, row: OutboxRow, account: Account) -> Rendered:
        if account.staff is not Role.ADMIN:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        name = row.payload["name"]
        return await self._made(
            row,
            f"{name}.toml",
            self._toml(row.payload["digest"]),
            caption=rules_screens.caption(name, t),
            otherwise=rules_screens.not_made(name, t),
        )

    async def _toml(self, digest: str) -> bytes:
        async with self._memory.reading(self._clock()) as unit:
            return as_toml(await ruling.policy_in(unit, digest)).encode()

    async def _table(
        self, kind: Literal["csv", "xlsx"], period: Period, account: Account, role: Role, t: Texts
    ) -> bytes:
        sellers = sellers_of(account, role)
        read = returns(self._memory, self._clock, period, account.zone, sellers)
        rows = [row async for row in read]
        staff = role in STAFF
        tables = report_screens.tables(rows, staff=staff, zone=account.zone, t=t)
        return await self._papers.draw(Paper(kind=kind, tables=tables))

    async def _made(
        self,
        row: OutboxRow,
        name: str,
        making: Awaitable[bytes],
        *,
        caption: Html,
        otherwise: Screen,
        picture: bool = False,
    ) -> Rendered:
        try:
            content = await making
        except Exception:
            log.exception("a document was not made", row=row.id, name=name)
            return otherwise
        if len(content) > LARGEST:
            return otherwise
        return Document(name, content, caption, otherwise, picture)

    async def _drawn(self, record: Record, kind: str, t: Texts) -> bytes:
        mask = partial(masked, t=t)
        if kind == "jsonl":
            return as_json_lines(record, mask)
        sheet = record_screens.sheet(record, entries(record, mask), letters(record, mask), t)
        return await self._papers.draw(Paper(kind="pdf", sheet=sheet))
