"""Slices: one process with all variants open, taken in shuffled order, compared pair by pair."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Slice:
    """What some updates took: seconds of the clock and of all processors, for one of them."""

    wall_s: float
    cpu_s: float


class Variant(Protocol):
    """Something that handles updates."""

    async def prepare(self) -> None:
        """Get the next updates ready; nobody looks at the clock meanwhile."""

    async def work(self) -> int:
        """Handle them. Answers how many they were."""


async def sliced(variant: Variant) -> Slice:
    """One slice: no garbage is collected in it, and none of ours is left for the next."""
    await variant.prepare()
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        count = await variant.work()
        return Slice((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class Figure:
    """A median with its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Of at least two values."""
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True, slots=True)
class Compared:
    """A variant against its peer: ratios above 1 say that the variant is the faster one."""

    ratio: Figure
    cpu: Figure
    update_us: Figure
    peer_us: Figure


async def compared(
    variants: Mapping[str, Variant], peer: Variant, chance: random.Random, rounds: int = ROUNDS
) -> dict[str, Compared]:
    """Every variant against the peer's slices right before and after its own."""
    taken: dict[str, list[tuple[Slice, Slice, Slice]]] = {name: [] for name in variants}
    for _ in range(rounds):
        order = list(variants)
        chance.shuffle(order)
        before = await sliced(peer)
        for name in order:
            own = await sliced(variants[name])
            after = await sliced(peer)
            taken[name].append((before, own, after))
            before = after
    return {name: _compared(slices) for name, slices in taken.items()}


def _compared(slices: Sequence[tuple[Slice, Slice, Slice]]) -> Compared:
    def ratios(of: Callable[[Slice], float]) -> Figure:
        return Figure.of([(of(a) + of(b)) / 2 / of(own) for a, own, b in slices])

    return Compared(
        ratio=ratios(lambda each: each.wall_s),
        cpu=ratios(lambda each: each.cpu_s),
        update_us=Figure.of([own.wall_s * 1e6 for _, own, _ in slices]),
        peer_us=Figure.of([(a.wall_s + b.wall_s) / 2 * 1e6 for a, _, b in slices]),
    )
