"""Gathered reads: what several units ask for in the same moment becomes one statement.

A query answers many keys at once. While one statement runs, the keys of the next one collect;
what was read once in a transaction is not read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import BindParameter, bindparam

from storage.errors import clear_errors
from storage.line import Line

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Query = Callable[[Line, Sequence[K]], Awaitable[Mapping[K, V]]]
"""Answers what it knows of these keys, at most `MOST` of them, in as few statements as it can."""

KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
"""The keys of a query, in its `IN`."""

MOST = 500
"""Keys in one statement: databases allow some ten thousand parameters."""


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
                await asyncio.gather(
                    *(
                        self._answer(query, keys[at : at + MOST])
                        for query, keys in wanted.items()
                        for at in range(0, len(keys), MOST)
                    )
                )
        finally:
            self._reader = None

    async def _answer(self, query: Query[Any, Any], keys: list[Any]) -> None:
        askers = self._askers[query]
        try:
            with clear_errors():
                found = await query(self._connection, keys)
        except Exception as error:
            for key in keys:
                for each in askers.pop(key):
                    if not each.done():
                        each.set_exception(error)
        else:
            self._known.setdefault(query, {}).update((key, found.get(key)) for key in keys)
            for key in keys:
                for each in askers.pop(key):
                    if not each.done():
                        each.set_result(found.get(key))

    async def quiet(self) -> None:
        """Wait until no read runs: then the connection is free for other statements."""
        while self._reader is not None:
            await asyncio.wait([self._reader])
