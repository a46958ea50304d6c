"""What was decoded a moment ago is not decoded again.

People, orders and returns are personal: what retention forgets must not live on here, in any
process. So everything is dropped every few minutes, and when a pass of retention ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

LIFE_S = 300.0
"""After this long at the latest nothing is left of what was decoded."""
_MOST = 1024

_seen: list[Any] = []


def seen(decode: Callable[[K], T]) -> Callable[[K], T]:
    """Decodes as this does, and the same thing once in a while."""
    remembering = lru_cache(maxsize=_MOST)(decode)
    _seen.append(remembering)
    return remembering


def forget_seen() -> None:
    """Drop everything."""
    for each in _seen:
        each.cache_clear()


class Forgetting:
    """Drops everything again and again, until it is ended."""

    def __init__(self) -> None:
        self._next = asyncio.get_running_loop().call_later(LIFE_S, self._forget)

    def _forget(self) -> None:
        forget_seen()
        self._next = asyncio.get_running_loop().call_later(LIFE_S, self._forget)

    def end(self) -> None:
        """Drop everything for the last time."""
        self._next.cancel()
        forget_seen()
