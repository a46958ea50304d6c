"""The line to the database: statements are SQLAlchemy's, their execution is the driver's.

A `Line` hands the `Words` of a statement to the driver of SQLAlchemy's connection. On SQLite
everything that is asked for in the same moment makes one hop into the driver's thread; on
PostgreSQL statements wait for one another, because a connection takes one at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from sqlalchemy import Dialect, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engines import BEGIN
from storage.words import Rows, Values, Words, words_of

log = logging.getLogger(__name__)

Given = Values | Sequence[Values]
"""The parameters of one execution, or of many."""

NONE: Values = {}

Step = tuple[Words, Any, bool]
"""A statement, its parameters, and whether those are many."""


class Line(Protocol):
    """Executes statements in the transaction of its connection. Raises the driver's errors."""

    connection: AsyncConnection

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


def _step(statement: Executable, dialect: Dialect, values: Given) -> Step:
    if isinstance(values, Mapping):
        words = words_of(statement, dialect, values)
        step = words, words.parameters(values), False
    else:
        words = words_of(statement, dialect, values[0])
        step = words, [words.parameters(each) for each in values], True
    log.debug("%s", words.sql)
    return step


class SqliteLine:
    """A line into the thread of SQLite's connection."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self._driver = driver
        self._waiting: list[tuple[Sequence[Step], asyncio.Future[list[Rows]]]] = []
        self._hop: asyncio.Task[None] | None = None
        self._open = False

    @classmethod
    async def of(cls, connection: AsyncConnection) -> Self:
        """The line of a connection."""
        return cls(connection, (await connection.get_raw_connection()).driver_connection)

    # SQLAlchemy joins the transaction when it is asked for something: beginning and ending one
    # through it takes twice as long.

    async def begin(self) -> None:
        """Begin a transaction."""
        self._open = True
        await self._driver.run(_begun, self._driver)

    async def commit(self) -> None:
        await self._driver.commit()
        self._open = False

    async def roll_back(self) -> None:
        if self._open:
            # Also after a cancelled beginning, which the thread carries out all the same.
            await self._driver.rollback()
            self._open = False
        if self.connection.in_transaction():
            await self.connection.rollback()

    async def execute(self, statement: Executable, values: Given = NONE) -> Rows:
        return (await self._asked([_step(statement, self.dialect, values)]))[0]

    async def write(self, statements: Sequence[tuple[Executable, Given]]) -> None:
        await self._asked([_step(each, self.dialect, values) for each, values in statements])

    async def quiet(self) -> None:
        while self._hop is not None:
            await asyncio.wait([self._hop])

    def _asked(self, steps: Sequence[Step]) -> asyncio.Future[list[Rows]]:
        future: asyncio.Future[list[Rows]] = asyncio.get_running_loop().create_future()
        self._waiting.append((steps, future))
        if self._hop is None:
            self._hop = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        """Take what waits into the thread, until nothing does."""
        try:
            while self._waiting:
                jobs, self._waiting = self._waiting, []
                answers = await self._driver.run(_executed, self._driver, [job for job, _ in jobs])
                for (_, future), answer in zip(jobs, answers, strict=True):
                    if future.done():
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(answer)
                    else:
                        future.set_result(answer)
        finally:
            self._hop = None


def _begun(driver: Any) -> None:
    """Begin a transaction; a cursor is let go in the thread in which it was made."""
    driver.own.execute(BEGIN).close()


def _executed(driver: Any, jobs: Sequence[Sequence[Step]]) -> list[list[Rows] | Exception]:
    """What became of each job; runs in the thread of the connection."""
    answers: list[list[Rows] | Exception] = []
    for steps in jobs:
        try:
            answers.append([_one(driver.own, *step) for step in steps])
        except Exception as error:
            answers.append(error)
    return answers


def _one(driver: Any, words: Words, parameters: Any, many: bool) -> Rows:
    if many and words.answers:
        raw = [row for each in parameters for row in driver.execute(words.sql, each)]
        return words.rows(raw)
    cursor = (driver.executemany if many else driver.execute)(words.sql, parameters)
    rows = words.rows(cursor.fetchall())
    rows.rowcount = cursor.rowcount
    return rows


class PostgresLine:
    """A line to a PostgreSQL connection."""

    def __init__(self, connection: AsyncConnection, driver: Any, adapted: Any) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self._driver = driver
        self._adapted = adapted
        self._turn = asyncio.Lock()

    @classmethod
    async def of(cls, connection: AsyncConnection) -> Self:
        """The line of a connection."""
        raw = await connection.get_raw_connection()
        return cls(connection, raw.driver_connection, raw.dbapi_connection)

    @property
    def broken(self) -> bool:
        """Whether the connection is known to be lost."""
        return bool(self._driver.is_closed())

    @property
    def free(self) -> bool:
        """Whether another transaction can begin."""
        return not (self.broken or self.connection.invalidated or self._driver.is_in_transaction())

    async def begin(self, isolation: str) -> None:
        """Begin a transaction, which SQLAlchemy joins when it is asked for something."""
        transaction = self._driver.transaction(isolation=isolation)
        await transaction.start()
        self._adapted._transaction = transaction

    async def commit(self) -> None:
        if self.connection.in_transaction():
            await self.connection.commit()
        else:
            await self._ended().commit()

    async def roll_back(self) -> None:
        if self.connection.in_transaction():
            await self.connection.rollback()
        elif self._adapted._transaction and not self.broken:
            await self._ended().rollback()

    def _ended(self) -> Any:
        transaction, self._adapted._transaction = self._adapted._transaction, None
        return transaction

    async def close(self) -> None:
        """Give the connection up; what is not committed is undone by the server."""
        if not self.free:
            self._ended()
            self._driver.terminate()
        await self.connection.close()

    async def execute(self, statement: Executable, values: Given = NONE) -> Rows:
        words, parameters, many = _step(statement, self.dialect, values)
        async with self._turn:
            if many and not words.answers:
                await self._driver.executemany(words.sql, parameters)
                return Rows()
            if words.answers:
                if many:
                    return words.rows(await self._driver.fetchmany(words.sql, parameters))
                return words.rows(await self._driver.fetch(words.sql, *parameters))
            rows = Rows()
            status: str = await self._driver.execute(words.sql, *parameters)
            count = status.rpartition(" ")[2]
            rows.rowcount = int(count) if count.isdecimal() else -1
            return rows

    async def write(self, statements: Sequence[tuple[Executable, Given]]) -> None:
        for statement, values in statements:
            await self.execute(statement, values)

    async def quiet(self) -> None:
        async with self._turn:
            return
