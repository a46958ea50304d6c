"""Gathered reads: what several units ask for in the same moment becomes one statement.

A query answers many keys at once. While one statement runs, the keys of the next one collect;
what was read once in a transaction is not read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any, TypeVar

import structlog
from sqlalchemy import BindParameter, Column, Executable, bindparam, func, select

from storage.errors import Unreadable, clear_errors
from storage.line import Line

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Query = Callable[[Line, Sequence[K]], Awaitable[Mapping[K, V | Unreadable]]]
"""Answers what it knows of these keys, at most `MOST` of them, in as few statements as it can.

What cannot be read is raised for those who ask for it, and for nobody else.
"""

KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
"""The keys of a query, in its `IN`."""

log = structlog.get_logger(__name__)

MOST = 500
"""Keys in one statement: databases allow some ten thousand parameters."""


def decoded(decode: Callable[[str], V], body: str, what: str) -> V | Unreadable:
    """What is stored of a thing. Nothing of it gets into the log: it may be personal."""
    try:
        return decode(body)
    except Exception as error:
        unreadable = Unreadable(f"what is stored of {what} cannot be read ({type(error).__name__})")
        log.error("what is stored cannot be read", what=what, reason=type(error).__name__)
        return unreadable


def by_key(
    statement: Executable, key: str, read: Callable[[Mapping[str, Any]], V]
) -> Query[Any, V]:
    """The query that reads one row for each key. `key` is the column that the statement's `KEYS`
    are in."""

    async def query(connection: Line, keys: Sequence[Any]) -> Mapping[Any, V]:
        rows = await connection.execute(statement, {"keys": list(keys)})
        return {row[key]: read(row) for row in rows.mappings()}

    return query


def highest(column: Column[int]) -> Query[None, int]:
    """The query for the highest number in use; 0 if none is.

    Two who take the next one at the same instant take the same: one of them is decided again.
    """
    statement = select(func.max(column))

    async def query(connection: Line, keys: Sequence[None]) -> Mapping[None, int]:
        return {None: (await connection.execute(statement)).scalar() or 0}

    return query


class Reads:
    """The reads of one transaction. No two statements run on its connection at the same time."""

    def __init__(self, connection: Line) -> None:
        self._connection = connection
        self._known: dict[Query[Any, Any], dict[Any, Any]] = {}
        self._askers: dict[Query[Any, Any], dict[Any, list[asyncio.Future[Any]]]] = {}
        self._wanted: dict[Query[Any, Any], list[Any]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def ask(self, query: Query[K, V], key: K) -> V | None:
        """What the query knows of the key; None if nothing. Raises StorageError."""
        known = self._known.get(query)
        if known is not None and key in known:
            value: V | None = known[key]
            return value
        # Each asker has an own future: one that is cancelled takes the answer from nobody.
        own: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._asking(query, key).append(own)
        return await own

    async def ask_all(self, query: Query[K, V], keys: Collection[K]) -> list[V | None]:
        """What the query knows of each of these keys. Raises StorageError."""
        for key in keys:
            self.expect(query, key)
        return [await self.ask(query, key) for key in keys]

    def expect(self, query: Query[K, Any], key: K) -> None:
        """Read now what somebody is about to ask for."""
        if key not in self._known.get(query, ()):
            self._asking(query, key)

    def _asking(self, query: Query[K, Any], key: K) -> list[asyncio.Future[Any]]:
        """Those who ask for this key; it will be read for them."""
        askers = self._askers.setdefault(query, {})
        if key not in askers:
            askers[key] = []
            self._wanted.setdefault(query, []).append(key)
            if self._reader is None:
                self._reader = asyncio.create_task(self._read())
        return askers[key]

    async def _read(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                parts = [
                    (query, keys[at : at + MOST])
                    for query, keys in wanted.items()
                    for at in range(0, len(keys), MOST)
                ]
                if self._connection.joins and len(parts) > 1:
                    await asyncio.gather(*(self._answer(*part) for part in parts))
                    continue
                for part in parts:
                    await self._answer(*part)
        finally:
            self._reader = None

    async def _answer(self, query: Query[Any, Any], keys: list[Any]) -> None:
        askers = self._askers[query]
        try:
            with clear_errors():
                found = await query(self._connection, keys)
        except Exception as error:
            for key in keys:
                self._fail(askers.pop(key), error)
        else:
            known = self._known.setdefault(query, {})
            for key in keys:
                value = found.get(key)
                if isinstance(value, Unreadable):
                    self._fail(askers.pop(key), value)
                    continue
                known[key] = value
                for each in askers.pop(key):
                    if not each.done():
                        each.set_result(value)

    @staticmethod
    def _fail(askers: Iterable[asyncio.Future[Any]], error: Exception) -> None:
        for each in askers:
            if not each.done():
                each.set_exception(error)

    async def quiet(self) -> None:
        """Wait until no read runs: then the connection is free for other statements."""
        while self._reader is not None:
            await asyncio.wait([self._reader])
