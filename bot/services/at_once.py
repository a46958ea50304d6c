"""Several things in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def at_once(*works: Coroutine[Any, Any, T]) -> list[T]:
    """What they give, begun together. One alone, as most are, needs no task of its own."""
    if len(works) == 1:
        return [await works[0]]
    return await asyncio.gather(*works)
