"""One page of many people's lists in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    select,
)

from bot.services.records import Page
from storage.gathered import KEYS
from storage.line import Line

Asked = tuple[int, Page]
"""Whose list, and which part of it."""


def pages_of(owner: Column[Any], body: Column[Any], *order: ColumnElement[Any]) -> Select[Any]:
    """For the owners in `keys`: owner and body of the rows in the page after `offset`."""
    rank = func.row_number().over(partition_by=owner, order_by=order)
    ranked = (
        select(owner.label("owner"), body.label("body"), rank.label("rank"))
        .where(owner.in_(KEYS))
        .subquery()
    )
    first: BindParameter[int] = bindparam("first", type_=Integer)
    most: BindParameter[int] = bindparam("most", type_=Integer)
    return (
        select(ranked.c.owner, ranked.c.body)
        .where(ranked.c.rank > first, ranked.c.rank <= first + most)
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
        bounds = {"keys": keys, "first": page.offset, "most": page.limit}
        for row in await connection.execute(query, bounds):
            found[row.owner, page].append(row.body)
    return found
