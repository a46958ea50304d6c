"""Who of several processes leads, and how they tell each other that there is something to do.

The leader holds an advisory lock of a connection of its own: PostgreSQL frees it as soon as that
connection is gone, so a process that was killed is followed within a second or two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

FAMILY = 0x5244
"""The first number of all advisory locks of Return Desk; the second says which."""
LEADS = (FAMILY, 1)
WORKS = (FAMILY, 4)
"""Every process holds it, with others."""
CHANNEL = "returndesk"
BEAT_S = 1.0
"""Between two tries to lead, and between two proofs that the connection still holds."""
ANSWER_S = 5.0
# What a leader whose machine has gone leaves behind is noticed by the server this soon.
_KEEPALIVE = {
    "tcp_keepalives_idle": 2,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
}
_TRY = "SELECT pg_try_advisory_lock($1, $2)"
_WORK = "SELECT pg_advisory_lock_shared($1, $2)"
WORKING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND granted
      AND datname = current_database()"""
"""How many processes there are."""

log = structlog.get_logger(__name__)

Duties = Callable[[], Coroutine[Any, Any, None]]
"""What only one process may do, until it is cancelled."""


class Lead:
    """This process among the others."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._words: set[str] = set()
        self._wake = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self.alone = False
        """Whether this process leads, and did so a beat ago without any other to lead."""

    def tell(self, word: str) -> None:
        """Say a word to all processes, this one too; the same word is said once for many."""
        self._words.add(word)
        self._wake.set()

    async def run(self, duties: Duties, heard: Callable[[str], None]) -> None:
        """Do the duties whenever they fall to this process, and hear what the others say.

        Until cancelled, or until the duties end; raises what they raise.
        """
        while True:
            try:
                async with self._engine.connect() as connection:
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    try:
                        await self._serve(driver, duties, heard)
                    finally:
                        work, by_itself = self._work, bool(self._work and self._work.done())
                        await self._lay_down()
                        # The lock goes with the connection, which must not get into the pool.
                        driver.terminate()
                        await connection.invalidate()
                if work and by_itself:
                    return work.result()
            except (
                OSError,
                SQLAlchemyError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
            ) as error:
                log.warning("the other processes cannot be heard", reason=type(error).__name__)
            await asyncio.sleep(BEAT_S)

    async def _serve(self, driver: Any, duties: Duties, heard: Callable[[str], None]) -> None:
        """Try to lead, speak and listen, as long as the connection holds."""
        for name, seconds in _KEEPALIVE.items():
            await driver.execute(f"SET {name} = {seconds}")
        await driver.execute(_WORK, *WORKS, timeout=ANSWER_S)
        await driver.add_listener(CHANNEL, lambda *said: heard(said[-1]))
        driver.add_termination_listener(lambda _: self._wake.set())
        while not driver.is_closed():
            self._wake.clear()
            if self._work is None:
                if await driver.fetchval(_TRY, *LEADS, timeout=ANSWER_S):
                    log.info("this process leads")
                    self._work = asyncio.ensure_future(duties())
                    self._work.add_done_callback(lambda _: self._wake.set())
            elif self._work.done():
                return
            else:
                working: int = await driver.fetchval(WORKING, *WORKS, timeout=ANSWER_S)
                self.alone = working == 1
            words, self._words = self._words, set()
            for word in words:
                await driver.execute(f"NOTIFY {CHANNEL}, '{word}'", timeout=ANSWER_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self._wake.wait()

    async def _lay_down(self) -> None:
        """End the duties as a stop does: what is under way is finished first."""
        self.alone = False
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])
            self._work = None
