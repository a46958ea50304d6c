"""Memory under a soak: many returns in a row over HTTP, and by how much the process grew."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import chatting
from tests.bench.lines import Line
from tests.bench.recording import ACTS

SLICE_S = 5.0
SLICES = 8
"""At least so many, or there is no slope."""
PER = 100_000
MOST_MB = 2.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """Megabytes of a process after so many updates, slice by slice."""

    updates: list[float]
    megabytes: list[float]

    @property
    def slope(self) -> float:
        """Megabytes for 100,000 updates; the first half, in which caches fill, is left out."""
        half = len(self.updates) // 2
        fitted = statistics.linear_regression(self.updates[half:], self.megabytes[half:])
        return fitted.slope * PER


def soaked(folder: Path, updates: int) -> list[Line]:
    """R12: at least so many updates."""
    steps = len(ACTS)
    url = f"sqlite:///{folder / 'soak.db'}"
    orders = updates // steps + 60 * chatting.CHATS
    script = asyncio.run(chatting.prepared([url], folder, orders))
    seen = Soaked([], [])
    bot = chatting.ours(url, folder)
    with chatting.exchange(script) as api, chatting.process(bot, api) as pid:
        done = 0.0
        for conversations in _slices(api, bot, pid):
            done += conversations * steps
            seen.updates.append(done)
            seen.megabytes.append(_megabytes(pid))
            if done >= updates and len(seen.updates) >= SLICES:
                break
    grown = seen.megabytes[-1] - seen.megabytes[0]
    return [
        Line(
            "R-12",
            f"memory over {done:,.0f} updates",
            f"≤ {MOST_MB:.0f} MB",
            f"{seen.slope:.1f} MB",
            "",
            f"for {PER:,} updates in the second half; {seen.megabytes[-1]:.0f} MB in the end, "
            f"{grown:.0f} MB more than after the first slice",
            seen.slope <= MOST_MB,
        )
    ]


def _slices(api: str, bot: chatting.Bot, pid: int) -> Iterator[float]:
    while True:
        found = chatting.play(api, bot, pid, warm_s=0.5, seconds=SLICE_S)
        yield found["steps"] / len(ACTS)


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
