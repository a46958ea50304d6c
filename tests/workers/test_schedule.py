"""Ticks come at intervals, never twice at once, and an error is not the last of them."""

import asyncio
from datetime import timedelta

from bot.workers.schedule import Ticker

OFTEN = timedelta(milliseconds=10)


async def test_work_comes_round_and_survives_its_errors() -> None:
    done = asyncio.Event()
    calls: list[int] = []

    async def work() -> None:
        calls.append(len(calls))
        if len(calls) < 3:
            raise ValueError("not yet")
        done.set()

    ticker = Ticker()
    ticker.every(OFTEN, work)
    ticker.start()
    await asyncio.wait_for(done.wait(), 60)
    await ticker.stop()
    assert calls[:3] == [0, 1, 2]


async def test_slow_work_never_runs_twice_at_once() -> None:
    running = most = rounds = 0
    done = asyncio.Event()

    async def work() -> None:
        nonlocal running, most, rounds
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        rounds += 1
        if rounds == 3:
            done.set()

    ticker = Ticker()
    ticker.every(OFTEN, work)
    ticker.start()
    await asyncio.wait_for(done.wait(), 60)
    await ticker.stop()
    assert most == 1


async def test_nothing_begins_after_a_stop() -> None:
    calls: list[int] = []

    async def work() -> None:
        calls.append(1)

    ticker = Ticker()
    ticker.every(OFTEN, work)
    ticker.start()
    while not calls:
        await asyncio.sleep(0.001)
    await ticker.stop()
    before = len(calls)
    await asyncio.sleep(0.05)
    assert len(calls) == before
    await Ticker().stop()


async def test_a_stop_waits_until_work_under_way_has_put_away_its_things() -> None:
    begun, put_away = asyncio.Event(), False

    async def work() -> None:
        nonlocal put_away
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            put_away = True

    ticker = Ticker()
    ticker.every(OFTEN, work)
    ticker.start()
    await asyncio.wait_for(begun.wait(), 60)
    await ticker.stop()
    assert put_away
