"""The two ways in which the memory says no and nobody is to blame, and the way out of one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Away(Exception):
    """The memory cannot work now, whatever it is asked: it says nothing of who asked."""


class Overtaken(Exception):
    """Another transaction came first, and nothing of this one is kept."""


async def until_kept(work: Callable[[], Awaitable[T]]) -> T:
    """Run a whole transaction, with fresh reads each time, until no other comes before it.

    It ends: whoever is overtaken was overtaken by one that is kept.
    """
    while True:
        try:
            return await work()
        except Overtaken:
            await asyncio.sleep(0)
