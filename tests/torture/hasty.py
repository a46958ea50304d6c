"""An event loop whose time runs faster: pauses between tries last a fraction, work its own time.

Nothing of the program is replaced: it sleeps and waits as it always does, on this loop.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    speed = 1.0

    def select(self, timeout: float | None = None) -> Any:
        # A little more than asked for: a timer whose time has not quite come would spin.
        return super().select(timeout if not timeout else timeout / self.speed + 1e-4)


class HastyLoop(asyncio.SelectorEventLoop):
    """`speed` seconds of the loop's clock pass in a real one."""

    def __init__(self, speed: float) -> None:
        selector = _Selector()
        selector.speed = self._speed = speed
        super().__init__(selector)

    def time(self) -> float:
        """The loop's clock in seconds."""
        return super().time() * self._speed


def run(work: Coroutine[Any, Any, T], speed: float = 1.0) -> T:
    """`asyncio.run` on a loop of this speed."""
    with asyncio.Runner(loop_factory=lambda: HastyLoop(speed)) as runner:
        return runner.run(work)
