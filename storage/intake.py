"""What comes in: raw updates, signs that people can reach us, and the times when they could not.

Timers wait for what was received before them, whichever process received it: who receives says
so before looking at the clock, and who looks how far the timers may go waits for all who did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, text

from bot.services.records import Received
from storage import inbox, tables
from storage.effects import Row, Write, upsert
from storage.errors import clear_errors
from storage.gathered import Reads
from storage.lead import FAMILY
from storage.line import Line
from storage.timers import OUTAGE

BEAT = timedelta(minutes=1)
"""Between two beats of the heart, at least."""

_beat, _outage = tables.heartbeats.c, tables.outages.c
_BEATS = upsert(tables.heartbeats)
LAST_BEAT = select(_beat.at).where(_beat.name == "reached")
_OVERLAP = select(func.count()).where(_outage.until > bindparam("since"))
_RECEIVING, _RECORDING = 2, 3
RECEIVING = f"SELECT pg_advisory_xact_lock_shared({FAMILY}, {_RECEIVING})"
"""Begins a transaction until whose commit nobody looks how far the timers may go.

Of SQLite's transactions one follows the other anyway, so that these words are a server's.
"""
RECEIVED = f"SELECT pg_advisory_xact_lock({FAMILY}, {_RECEIVING})"
"""Begins one that waits until what has been received so far is committed."""
_ALONE = text(f"SELECT pg_advisory_xact_lock({FAMILY}, {_RECORDING})")


class Intake:
    """One commit of the inbox. `beat` is the last beat of the heart that was stored.

    `expect` is told what is about to be inserted.
    """

    def __init__(
        self,
        connection: Line,
        beat: datetime | None,
        expect: Callable[[Sequence[Received]], None] = lambda _: None,
    ) -> None:
        self._connection = connection
        self._expect = expect
        self.beat = beat

    async def keep(
        self,
        updates: Sequence[Received],
        heartbeat: datetime | None = None,
        outage: tuple[datetime, datetime] | None = None,
    ) -> int:
        """Insert what is new, a beat of the heart and an outage. Answers how many were new."""
        with clear_errors():
            return await self._keep(updates, heartbeat, outage)

    async def _keep(
        self,
        updates: Sequence[Received],
        heartbeat: datetime | None,
        outage: tuple[datetime, datetime] | None,
    ) -> int:
        self._expect(updates)
        new = await self._receive(updates)
        dialect = self._connection.dialect.name
        if heartbeat and (outage or self.beat is None or heartbeat - self.beat >= BEAT):
            row = {"name": "reached", "at": heartbeat}
            await self._connection.execute(_BEATS.statements[dialect], row)
            self.beat = heartbeat
        if outage and not await self._told(outage[0]):
            row = {"since": outage[0], "until": outage[1]}
            await self._connection.execute(OUTAGE.statements[dialect], row)
        return new

    async def _receive(self, updates: Sequence[Received]) -> int:
        return await inbox.receive(self._connection, updates)

    async def _told(self, since: datetime) -> bool:
        """Whether another process has recorded this outage: it is credited once."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(_ALONE)
        known: int = (await self._connection.execute(_OVERLAP, {"since": since})).scalar_one()
        return known > 0


class Arrivals(Intake):
    """What comes in with a group: it is inserted at the end, with what became of it.

    So an update that is handled in the commit which brings it is written once, and not read.
    Where others wait already, which may be of the same chats, it waits with them in the inbox.
    """

    def __init__(
        self,
        connection: Line,
        reads: Reads,
        beat: datetime | None,
        expect: Callable[[Sequence[Received]], None],
    ) -> None:
        super().__init__(connection, beat, expect)
        self._reads = reads
        self._new: dict[int, Received] = {}
        self.complete = False
        """Whether nothing is undone that is not here."""

    async def _receive(self, updates: Sequence[Received]) -> int:
        if not updates:
            return 0
        ids = tuple(each.update_id for each in updates)
        # With the other reads, which begin as soon as this waits.
        self._reads.expect(inbox.known, ids)
        self._reads.expect(inbox.waits, None)
        known = await self._reads.ask(inbox.known, ids)
        if await self._reads.ask(inbox.waits, None):
            return await super()._receive(updates)
        self.complete = True
        new = [each for each in updates if each.update_id not in (known or ())]
        before = len(self._new)
        for each in new:
            self._new.setdefault(each.update_id, each)
        return len(self._new) - before

    def pending(self, limit: int) -> tuple[Received, ...]:
        """As `inbox.pending`, where they are `complete`."""
        heads: dict[int, Received] = {}
        for _, each in sorted(self._new.items()):
            heads.setdefault(each.chat, each)
        return tuple(heads.values())[:limit]

    def waiting_of(self, chat: int, limit: int) -> tuple[Received, ...]:
        """As `inbox.waiting_of`, where they are `complete`."""
        return tuple(each for _, each in sorted(self._new.items()) if each.chat == chat)[:limit]

    def mark(self, update: Received, state: str, otherwise: Write) -> tuple[Write, Row]:
        """The row that says what became of an update; `otherwise` writes it for one of earlier."""
        if update.update_id in self._new:
            return inbox.ARRIVED, inbox.arrived(update, state)
        return otherwise, {"key": update.update_id}

    def undone(self, done: Iterable[tuple[Write, Row]]) -> Iterator[tuple[Write, Row]]:
        """The rows of those of which nothing has become, which these rows are not about."""
        about = {row["update_id"] for write, row in done if write is inbox.ARRIVED}
        for id, each in self._new.items():
            if id not in about:
                yield inbox.ARRIVED, inbox.arrived(each)
