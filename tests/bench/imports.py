"""A long order file, read by a running bot: how long, how much memory, how long a tap waits."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.playground.people import Person
from storage import tables
from tests.bench import kept
from tests.bench.measuring import Figure
from tests.marketplace.order_files import write_orders
from tests.world import World, order, world

TAPS = 60
FEW = 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds of the import, megabytes that the process grew by, seconds that a tap waited."""

    seconds: float
    grown_mb: float
    idle_s: Figure
    busy_s: Figure
    longest_s: float


async def imported(url: str, folder: Path, count: int) -> Imported:
    """A person taps for as long as a file of this many orders is being read."""
    async with world(url, folder) as w:
        anna = await w.customer("Anna", order())
        inbox = w.running.settings.orders_folder
        await asyncio.to_thread(inbox.mkdir, exist_ok=True)
        # What grows with the first orders, such as compiled statements, grows once.
        write_orders(inbox / "few.csv", FEW)
        await w.running.orders.look()
        await w.running.orders.look()
        idle = [await _tap(w, anna) for _ in range(TAPS)]

        write_orders(inbox / "many.csv", count)
        await w.running.orders.look()
        before, started = _peak_mb(), time.perf_counter()
        reading = asyncio.create_task(w.running.orders.look())
        busy = []
        while not reading.done():
            busy.append(await _tap(w, anna))
        seconds = time.perf_counter() - started
        assert await reading == 1
        grown = _peak_mb() - before
        await kept.check(url, tables.orders, count + 1)
        return Imported(seconds, grown, Figure.of(idle), Figure.of(busy), max(busy))


async def _tap(w: World, person: Person) -> float:
    """Seconds from a command to the screen that answers it; a breath is taken after that.

    The program's clock is a second further, or it would leave out what one person sends on and on.
    """
    w.clock.move(timedelta(seconds=1))
    started = time.perf_counter()
    said = len(person.texts())
    person.send("/help")
    while len(person.texts()) == said:
        await w.telegram.changed(w.telegram.version)
    seconds = time.perf_counter() - started
    await w.settle()
    await asyncio.sleep(0.02)
    return seconds


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
