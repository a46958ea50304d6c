"""Where lines come from: SQLite has one, which all take in turns; a server has some.

A line to a server that was used is kept for the next transaction, and whether it still holds is
seen by its beginning: nothing has been asked yet, so a line that broke meanwhile is replaced.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.errors import Corrupt, Missing
from storage.line import Line, SqliteLine, driver_of
from storage.server_line import PostgresLine

MOST = 15
"""Transactions at once on a server; who comes then waits."""
KEPT = 5
"""Lines that are kept while nobody uses them."""


class Lines(Protocol):
    """The lines of a database."""

    async def begin(self, *, whole: bool = False, first: str = "") -> Line:
        """A line with a transaction. `whole`: what is read in it is as of one instant.

        `first` is a statement of a server's that begins it.
        """

    async def let_go(self, line: Line) -> None:
        """Roll back what is not committed, and give the line to the next one."""

    async def close(self) -> None:
        """Let go of the database, after the transaction that is open."""


class OnlyLine:
    """SQLite's connection; whoever wants it waits in a fair line."""

    def __init__(self, engine: AsyncEngine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._file = _identity(path)
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None

    async def check(self) -> None:
        """Raises Corrupt if the file is damaged."""
        line = await self.begin()
        try:
            fault = (await line.connection.execute(text("PRAGMA quick_check(1)"))).scalar()
        finally:
            await self.let_go(line)
        if fault != "ok":
            raise Corrupt("the database is damaged (quick_check): restore a backup")

    async def begin(self, *, whole: bool = False, first: str = "") -> Line:
        await self._turn.acquire()
        line: SqliteLine | None = None
        try:
            self._still_there()
            line = await SqliteLine.of(await self._connected())
            await line.begin()
        except BaseException:
            try:
                if line is not None:
                    await line.roll_back()
            finally:
                self._turn.release()
            raise
        return line

    async def let_go(self, line: Line) -> None:
        try:
            await line.roll_back()
        finally:
            self._turn.release()

    async def close(self) -> None:
        async with self._turn:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    async def checkpoint(self) -> bool:
        """Empty the log. False: somebody reads what is in it, for whom nobody must wait."""
        async with self._turn:
            driver = await driver_of(await self._connected())
            busy: bool = await driver.run(_emptied, driver.own)
        return not busy

    async def _connected(self) -> AsyncConnection:
        """The connection; a new one if a cancellation has torn it in a statement."""
        known = self._connection
        if known is None or known.invalidated or known.closed:
            if known is not None:
                await known.close()
            self._connection = known = await self._engine.connect()
        return known

    def _still_there(self) -> None:
        """Commits to a file that was removed would come into no database."""
        if (there := _identity(self._path)) != self._file:
            raise Missing(f"{self._path} was {'replaced' if there else 'removed'}: start again")


def _emptied(driver: sqlite3.Connection) -> bool:
    """Whether somebody was in the way; runs in the thread of the connection."""
    return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None if there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


class ServerLines:
    """Lines to a PostgreSQL server."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._free = asyncio.Semaphore(MOST)
        self._idle: list[PostgresLine] = []
        self._kept = KEPT

    async def begin(self, *, whole: bool = False, first: str = "") -> Line:
        # What a whole unit has read is still so when it is written, or PostgreSQL gives it up:
        # processes share people, orders and cases.
        isolation = "REPEATABLE READ" if whole else "READ COMMITTED"
        await self._free.acquire()
        try:
            while self._idle:
                line = self._idle.pop()
                try:
                    await line.begin(isolation, first)
                except BaseException as error:
                    await line.close()
                    if not (isinstance(error, Exception) and line.broken):
                        raise
                else:
                    return line
            return await self._new(isolation, first)
        except BaseException:
            self._free.release()
            raise

    async def _new(self, isolation: str, first: str) -> PostgresLine:
        line = await PostgresLine.of(await self._engine.connect())
        try:
            await line.begin(isolation, first)
        except BaseException:
            await line.close()
            raise
        return line

    async def let_go(self, line: Line) -> None:
        assert isinstance(line, PostgresLine)
        try:
            await line.roll_back()
        finally:
            try:
                if line.free and len(self._idle) < self._kept:
                    self._idle.append(line)
                else:
                    await line.close()
            finally:
                self._free.release()

    async def close(self) -> None:
        # A line that is still in use is closed by who lets go of it.
        self._kept = 0
        while self._idle:
            await self._idle.pop().close()
