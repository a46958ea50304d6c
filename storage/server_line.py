"""A line to PostgreSQL: a connection takes one statement at a time, and a journey costs more.

So what is asked in the same moment becomes one statement, whose answer holds the rows of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.line import NONE, Given, step_of
from storage.words import Rows, Words, in_one, met


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question to PostgreSQL, and its answer as soon as there is one."""

    words: Words
    parameters: Sequence[Any]
    answer: asyncio.Future[Rows]

    def tell(self, raw: Sequence[Any]) -> None:
        """Answer it with what the driver answered."""
        try:
            rows = self.words.rows(raw)
        except Exception as error:
            self.fail(error)
        else:
            if not self.answer.done():
                self.answer.set_result(rows)

    def fail(self, error: BaseException) -> None:
        """Raise it for who asked."""
        if self.answer.done():
            return
        if isinstance(error, Exception):
            self.answer.set_exception(error)
        else:
            self.answer.cancel()


class _Transaction:
    """What SQLAlchemy ends a transaction of the driver by: here it was begun without the driver."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    async def commit(self) -> None:
        await self._driver.execute("COMMIT")

    async def rollback(self) -> None:
        await self._driver.execute("ROLLBACK")


def _of_server(error: asyncpg.PostgresError) -> bool:
    """Whether the server has said so, which ends the transaction, and not the driver itself."""
    return getattr(error, "severity", None) is not None


class PostgresLine:
    """A line to a PostgreSQL connection."""

    joins = True

    def __init__(self, connection: AsyncConnection, driver: Any, adapted: Any) -> None:
        self.connection = connection
        self.dialect = met(connection.dialect)
        self._driver = driver
        self._adapted = adapted
        self._turn = asyncio.Lock()
        self._asked: list[_Asked] = []

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

    async def begin(self, isolation: str, first: str = "") -> None:
        """Begin a transaction, which SQLAlchemy joins when it is asked for something.

        `first` is a statement without parameters that makes the same journey.
        """
        await self._driver.execute(f"BEGIN ISOLATION LEVEL {isolation}; {first}")
        self._adapted._transaction = _Transaction(self._driver)

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
        words, parameters, many = step_of(statement, self.dialect, values)
        if words.only_reads and not many:
            return await self._ask(words, parameters)
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

    async def _ask(self, words: Words, parameters: Sequence[Any]) -> Rows:
        """Ask together with all who ask in the same moment, or while another statement runs."""
        own = _Asked(words, parameters, asyncio.get_running_loop().create_future())
        self._asked.append(own)
        try:
            await asyncio.sleep(0)
            async with self._turn:
                if not own.answer.done():
                    await self._journey()
            return await own.answer
        finally:
            if own in self._asked:
                self._asked.remove(own)

    async def _journey(self) -> None:
        # Sorted, so that the same questions are the same statement.
        asked, self._asked = sorted(self._asked, key=lambda each: each.words.sql), []
        try:
            if len(asked) == 1 or not await self._together(asked):
                for each in asked:
                    await self._alone(each)
        except BaseException as error:
            for each in asked:
                each.fail(error)

    async def _together(self, asked: Sequence[_Asked]) -> bool:
        """False: the driver refuses some value, which is to be refused for nobody else."""
        sql = in_one(tuple(each.words for each in asked))
        parameters = chain.from_iterable(each.parameters for each in asked)
        try:
            answers = await self._driver.fetchrow(sql, *parameters)
        except asyncpg.DataError as error:
            if _of_server(error):
                raise
            return False
        for each, raw in zip(asked, answers, strict=True):
            each.tell(raw)
        return True

    async def _alone(self, asked: _Asked) -> None:
        try:
            asked.tell(await self._driver.fetch(asked.words.sql, *asked.parameters))
        except asyncpg.DataError as error:
            if _of_server(error):
                raise
            asked.fail(error)

    async def write(self, statements: Sequence[tuple[Executable, Given]]) -> None:
        for statement, values in statements:
            await self.execute(statement, values)

    async def quiet(self) -> None:
        async with self._turn:
            return
