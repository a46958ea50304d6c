"""Lists that are read a page at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple, TypeVar

from bot.services.records import Page

SIZE: Final = 8
"""Rows of a page, each with a button of its own."""

Row = TypeVar("Row")


class Part(NamedTuple, Generic[Row]):
    """A page of a list, and where it begins. `more`: others follow."""

    rows: tuple[Row, ...]
    offset: int
    more: bool


async def part_of(
    read: Callable[[Page], Awaitable[tuple[Row, ...]]], offset: int, size: int = SIZE
) -> Part[Row]:
    """A page of what is read; past the end of a list that has become shorter, the first one."""
    rows = await read(Page(size + 1, offset))
    if offset and not rows:
        return await part_of(read, 0, size)
    return Part(rows[:size], offset, len(rows) > size)
