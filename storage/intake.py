"""What comes in: raw updates, signs that people can reach us, and the times when they could not.

Timers wait for what was received before them, whichever process received it: who receives says
so before looking at the clock, and who looks how far the timers may go waits for all who did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, text

from bot.services.records import Received
from storage import inbox, tables
from storage.effects import upsert
from storage.errors import clear_errors
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
_LOCK = {
    shared: text(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({FAMILY}, :which)")
    for shared in (True, False)
}


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
        new = await inbox.receive(self._connection, updates)
        dialect = self._connection.dialect.name
        if heartbeat and (outage or self.beat is None or heartbeat - self.beat >= BEAT):
            row = {"name": "reached", "at": heartbeat}
            await self._connection.execute(_BEATS.statements[dialect], row)
            self.beat = heartbeat
        if outage and not await self._told(outage[0]):
            row = {"since": outage[0], "until": outage[1]}
            await self._connection.execute(OUTAGE.statements[dialect], row)
        return new

    async def _told(self, since: datetime) -> bool:
        """Whether another process has recorded this outage: it is credited once."""
        await _lock(self._connection, _RECORDING, shared=False)
        known: int = (await self._connection.execute(_OVERLAP, {"since": since})).scalar_one()
        return known > 0


async def begin_receiving(connection: Line) -> None:
    """From here to the commit, nobody looks how far the timers may go."""
    await _lock(connection, _RECEIVING, shared=True)


async def wait_for_received(connection: Line) -> None:
    """Wait until what has been received so far is committed."""
    await _lock(connection, _RECEIVING, shared=False)


async def _lock(connection: Line, which: int, *, shared: bool) -> None:
    """Take a lock until the commit. On SQLite one transaction follows the other anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_LOCK[shared], {"which": which})
