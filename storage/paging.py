"""Pages of lists: of one list, or of many people's lists in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Column, ColumnElement, Integer, Select, bindparam, func, select

from bot.services.records import Page
from storage.gathered import KEYS, Query
from storage.line import Line
from storage.words import Values

V = TypeVar("V")
Ts = TypeVarTuple("Ts")

Asked = tuple[int, Page]
"""Whose list, and which part of it."""

_FIRST, _MOST = bindparam("first", type_=Integer), bindparam("most", type_=Integer)


def paged(query: Select[*Ts]) -> Select[*Ts]:
    """One page of what a statement selects; its `bounds` say which."""
    return query.limit(_MOST).offset(_FIRST)


def bounds(page: Page) -> Values:
    """The parameters of `paged` and `pages_of` that say which page."""
    return {"first": page.offset, "most": page.limit}


def in_pages(
    query: Select[*Ts], read: Callable[[Mapping[str, Any]], V]
) -> Query[Page, tuple[V, ...]]:
    """The query that reads pages of a statement that is `paged`."""

    async def pages(connection: Line, asked: Sequence[Page]) -> Mapping[Page, tuple[V, ...]]:
        found = {}
        for page in asked:
            rows = await connection.execute(query, bounds(page))
            found[page] = tuple(map(read, rows.mappings()))
        return found

    return pages


def pages_of(owner: Column[Any], body: Column[Any], *order: ColumnElement[Any]) -> Select[Any]:
    """For the owners in `keys`: owner and body of the rows in the page after `offset`."""
    rank = func.row_number().over(partition_by=owner, order_by=order)
    ranked = (
        select(owner.label("owner"), body.label("body"), rank.label("rank"))
        .where(owner.in_(KEYS))
        .subquery()
    )
    return (
        select(ranked.c.owner, ranked.c.body)
        .where(ranked.c.rank > _FIRST, ranked.c.rank <= _FIRST + _MOST)
        .order_by(ranked.c.owner, ranked.c.rank)
    )


async def read_pages(
    connection: Line, query: Select[Any], asked: Sequence[Asked]
) -> Mapping[Asked, list[str]]:
    """The bodies of each page asked for: one statement for all who ask for the same part."""
    owners: dict[Page, list[int]] = defaultdict(list)
    for owner, page in asked:
        owners[page].append(owner)
    found: dict[Asked, list[str]] = defaultdict(list)
    for page, keys in owners.items():
        for row in await connection.execute(query, {"keys": keys, **bounds(page)}):
            found[row.owner, page].append(row.body)
    return found
