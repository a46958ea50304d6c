"""The line to the database: statements are SQLAlchemy's, their execution is the driver's.

A `Line` hands the `Words` of a statement to the driver of SQLAlchemy's connection: SQLite's here,
PostgreSQL's in `server_line`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Dialect, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.shielding import to_the_end
from storage.engines import BEGIN, IMPATIENT, PATIENCE_MS
from storage.words import Rows, Values, Words, met, words_of

log = logging.getLogger(__name__)

Given = Values | Sequence[Values]
"""The parameters of one execution, or of many."""

NONE: Values = {}

FEW = 500
"""Rows that are written at once on SQLite: some 2 ms."""

T = TypeVar("T")

Step = tuple[Words, Any, bool]
"""A statement, its parameters, and whether those are many."""


class Line(Protocol):
    """Executes statements in the transaction of its connection. Raises the driver's errors."""

    connection: AsyncConnection
    joins: bool
    """Whether what is asked of it at the same time makes one journey."""

    @property
    def dialect(self) -> Dialect: ...

    async def commit(self) -> None:
        """Commit it."""

    async def roll_back(self) -> None:
        """Undo what is not committed."""

    async def execute(self, statement: Executable, values: Given = NONE) -> Rows:
        """Execute a statement, or once for each of many values."""

    async def write(self, statements: Sequence[tuple[Executable, Given]]) -> None:
        """Execute statements in their order; the first fault ends it."""

    async def quiet(self) -> None:
        """Wait until no statement runs."""


def step_of(statement: Executable, dialect: Dialect, values: Given) -> Step:
    """The statement in the words of the dialect."""
    if isinstance(values, Mapping):
        words = words_of(statement, dialect, values)
        step = words, words.parameters(values), False
    else:
        words = words_of(statement, dialect, values[0])
        step = words, [words.parameters(each) for each in values], True
    log.debug("%s", words.sql)
    return step


class SqliteLine:
    """A line to SQLite's connection.

    What takes no longer than a hop into the driver's thread is done at once: reading, and writing
    a few rows. What waits, for the disk or for another process, goes into the thread.
    """

    joins = False

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.dialect = met(connection.dialect)
        self._driver = driver
        self._open = False
        self._before = 0

    @classmethod
    async def of(cls, connection: AsyncConnection) -> Self:
        """The line of a connection."""
        return cls(connection, await driver_of(connection))

    # SQLAlchemy joins the transaction when it is asked for something: beginning and ending one
    # through it takes twice as long.

    async def begin(self) -> None:
        """Begin a transaction."""
        self._open = True
        driver = self._driver.own
        if not _begun_at_once(driver):
            await self._in_thread(_begun, driver)
        self._before = driver.total_changes

    async def commit(self) -> None:
        driver = self._driver.own
        if driver.total_changes == self._before:
            # Nothing has been written, so nothing waits for the disk.
            driver.commit()
        else:
            await self._in_thread(driver.commit)
        self._open = False

    async def roll_back(self) -> None:
        if self._open:
            self._driver.own.rollback()
            self._open = False
        if self.connection.in_transaction():
            await self.connection.rollback()

    async def execute(self, statement: Executable, values: Given = NONE) -> Rows:
        step = step_of(statement, self.dialect, values)
        words, _, _ = step
        if words.answers:
            return _one(self._driver.own, *step)
        return await self._in_thread(_one, self._driver.own, *step)

    async def write(self, statements: Sequence[tuple[Executable, Given]]) -> None:
        steps = [step_of(each, self.dialect, values) for each, values in statements]
        # Of a statement for many keys each is a parameter.
        if sum(len(parameters) for _, parameters, _ in steps) <= FEW:
            _all(self._driver.own, steps)
        else:
            await self._in_thread(_all, self._driver.own, steps)

    async def quiet(self) -> None:
        """None does: who is cancelled waits for what runs in the thread."""

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something in the thread. Who is cancelled waits for its end, and then goes."""
        try:
            result: T = await self._driver.run(work, *arguments)
        except asyncio.CancelledError:
            # The thread does one thing after the other.
            await to_the_end(self._driver.run(_nothing))
            raise
        return result


async def driver_of(connection: AsyncConnection) -> Any:
    """The driver's own connection below one of SQLAlchemy's."""
    return (await connection.get_raw_connection()).driver_connection


def _begun_at_once(driver: sqlite3.Connection) -> bool:
    """Whether the transaction has begun: no other process writes."""
    try:
        driver.execute(BEGIN)
    except sqlite3.OperationalError as error:
        if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _begun(driver: sqlite3.Connection) -> None:
    driver.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}").close()
    try:
        driver.execute(BEGIN)
    finally:
        driver.execute(IMPATIENT).close()


def _nothing() -> None:
    """What waits until the thread has done what it was given before."""


def _all(driver: Any, steps: Sequence[Step]) -> None:
    for step in steps:
        _one(driver, *step)


def _one(driver: Any, words: Words, parameters: Any, many: bool) -> Rows:
    if many and words.answers:
        raw = [row for each in parameters for row in driver.execute(words.sql, each)]
        return words.rows(raw)
    cursor = (driver.executemany if many else driver.execute)(words.sql, parameters)
    rows = words.rows(cursor.fetchall())
    rows.rowcount = cursor.rowcount
    return rows
