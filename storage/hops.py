"""SQLite's driver with one hop into its thread for a statement.

aiosqlite hops four times: for the cursor, the statement, the rows and the end of the cursor. A
hop costs what several statements do, and here all rows are always wanted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self, TypeVar

import aiosqlite

T = TypeVar("T")


class Cursor:
    """What SQLAlchemy asks of a cursor of aiosqlite: it reads all rows with the statement."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute a statement and fetch its rows."""
        return await self._hop(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute a statement for each of these parameters."""
        return await self._hop(lambda cursor: cursor.executemany(sql, parameters))

    async def fetchall(self) -> Sequence[Any]:
        """The rows."""
        return self._rows

    async def close(self) -> None:
        """The statement's cursor is closed."""

    async def _hop(self, statement: Callable[[sqlite3.Cursor], Any]) -> Self:
        await self._connection.run(self._executed, statement)
        return self

    def _executed(self, statement: Callable[[sqlite3.Cursor], Any]) -> None:
        cursor = self._connection._conn.cursor()
        try:
            statement(cursor)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection of aiosqlite whose statements hop once."""

    def cursor(self) -> Any:
        return Cursor(self)

    @property
    def own(self) -> sqlite3.Connection:
        """The connection itself, for work in its thread."""
        return self._conn

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something in the thread of the connection."""
        return await self._execute(work, *arguments)  # type: ignore[no-untyped-call, no-any-return]


def connect(database: str, **options: Any) -> Connection:
    """Open a connection when it is awaited, as `aiosqlite.connect` does."""
    connection = Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    # A process that is told to end must not wait for a connection that nobody closed.
    connection._thread.daemon = True
    return connection
