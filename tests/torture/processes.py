"""D3: one, two and four processes over the same due rows: each fires once."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from sqlalchemy import select

from bot.domain.policy import Policy
from bot.workers.clockwork import Clockwork
from storage import tables
from storage.database import open_database
from tests.torture import checker
from tests.torture.books import Books
from tests.torture.clocks import Reached, RememberingDesk, StillClock
from tests.torture.stored import START, put, request
from tests.torture.trial import POSTGRESQL, Report, Setting, Trial

PROCESSES = (1, 2, 4)
PATIENCE_S = 600


def _work(url: str, now_s: float, ready: Barrier, fired: Queue[int]) -> None:
    """A process: fires what is due, until there is nothing."""

    async def ticks() -> int:
        desk = RememberingDesk(Policy())
        async with await open_database(url) as memory:
            clock = StillClock(START + timedelta(seconds=now_s))
            clockwork = Clockwork(memory, desk, clock, Reached())
            ready.wait(PATIENCE_S)
            while (due := await memory.next_due()) and due <= clock():
                await clockwork.tick()
        return len(desk.fired)

    fired.put(asyncio.run(ticks()))


def _processes(setting: Setting) -> Report:
    report, figures = Report(), []
    for number in PROCESSES:
        url = setting.fresh()
        at = timedelta(days=30)
        asyncio.run(_stored(url, setting.size))
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        ready, fired = context.Barrier(number + 1), context.Queue()
        workers = [
            context.Process(target=_work, args=(url, at.total_seconds(), ready, fired))
            for _ in range(number)
        ]
        for each in workers:
            each.start()
        ready.wait(PATIENCE_S)
        began = time.monotonic()
        shares = [fired.get(timeout=PATIENCE_S) for _ in workers]
        seconds = time.monotonic() - began
        for each in workers:
            each.join(PATIENCE_S)
            report.expect(each.exitcode == 0, f"one of {number} ended with {each.exitcode}")
        report.expect(min(shares) > 0, f"of {number} one had nothing to do: {shares}")
        report.faults += asyncio.run(_wrong(url, setting.size))
        figures.append(f"{number}: {sum(shares):,} in {seconds:.0f} s")
    report.seen = "; ".join(figures)
    return report


async def _stored(url: str, size: int) -> None:
    """Requests whose first timers are all due within a minute."""
    apart = timedelta(minutes=1) / size
    cases = [request(n + 1, 1_000 + n, START + n * apart) for n in range(size)]
    async with await open_database(url) as memory:
        await put(memory, cases, START)


async def _wrong(url: str, size: int) -> list[str]:
    """What is wrong after all timers have fired: each case has each of its lines once."""
    books, history = Books(url), tables.history.c
    lines = await books.rows(select(history.case_id, history.event).order_by(history.seq))
    events: dict[int, list[str]] = {}
    for line in lines:
        events.setdefault(line.case_id, []).append(line.event)
    stories = Counter(tuple(each) for each in events.values())
    found = await checker.decided(books, START + timedelta(days=30))
    await books.close()
    if len(events) != size or len(stories) != 1:
        found.append(f"what happened to {len(events)} of {size} cases: {stories}")
    return found[:5]


TRIALS = (
    Trial(
        name="processes",
        goals="D3",
        what="one, two and four processes over the same due rows: each fires once",
        size=1_000,
        most=10_000,
        unit="due rows",
        run=_processes,
        on=POSTGRESQL,
    ),
)
