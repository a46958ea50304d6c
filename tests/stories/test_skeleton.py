"""The walking skeleton: one trivial exchange through every part, on both databases."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import LATE
from bot.playground.people import Person
from storage import tables
from tests.torture import checker
from tests.torture.books import Books
from tests.torture.launcher import ROOT, Launcher
from tests.torture.plan import Plan
from tests.torture.stage import stage
from tests.world import world

HELLO = "Hello! I am Return Desk"
UNDISTURBED = Plan(0, {}, {})


async def test_who_opens_the_bot_is_greeted(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path) as w:
        before = w.telegram.updates.advances
        anna = await w.customer("Anna")
        assert greetings(anna) == 1
        # `settle` fails on an offset that confirmed what was not committed; this one moved.
        assert w.telegram.updates.advances > before


async def test_an_update_that_comes_twice_is_answered_once(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna")
        said = list(anna.texts())
        w.telegram.faults.redeliver = 50
        await w.customer("Boris")
        assert w.telegram.faults.redeliver == 0
        assert anna.texts() == said


async def test_a_handler_that_raises_holds_up_nobody_and_ends_in_quarantine(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world(database_url, tmp_path) as w:
        tries: list[datetime] = []

        async def explode(*_: object) -> None:
            tries.append(w.clock())
            raise ZeroDivisionError

        monkeypatch.setattr(w.running.reading, "orders", explode)
        anna, boris = await w.customer("Anna"), await w.customer("Boris")
        anna.send("/orders")
        boris.send("/start")
        await until(lambda: greetings(boris) == 2)
        while not any("quarantine" in text for text in w.owner.texts()):
            w.clock.move(timedelta(seconds=1))
            w.running.processor.wake()
            w.running.deliverer.wake()
            await asyncio.sleep(0.02)
        await w.settle()

        failures = [each for each in caplog.records if "an update failed" in each.getMessage()]
        assert len(failures) == 3
        pauses = [after - before for before, after in pairwise(tries)]
        assert len(pauses) == 2
        assert pauses[0] >= timedelta(seconds=1)
        assert pauses[1] >= timedelta(seconds=10)
        assert await state_of("/orders", database_url) == "quarantine"
        await w.say(anna, "/start")
        assert greetings(anna) == 2


async def test_a_restart_goes_on_where_the_program_stood(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    async with stage(database_url, tmp_path, launcher, UNDISTURBED) as on:
        on.up()
        anna = on.telegram.add_person("Anna")
        anna.start()
        await on.settle()
        assert await on.down() == 0
        anna.send("/start")
        anna.send("/help")
        on.up()
        await on.settle()
        assert greetings(anna) == 2
        assert await on.down() == 0
        assert not await checker.faults(database_url, on.telegram, on.clock())


async def test_a_stop_with_work_in_flight_is_quick_and_loses_nothing(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    async with stage(database_url, tmp_path, launcher, UNDISTURBED) as on:
        program = await returndesk_run(on.settings, tmp_path)
        people = [on.telegram.add_person(f"Person {number}") for number in range(100)]
        for person in people:
            person.start()
        await until(lambda: any(greetings(person) for person in people))

        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
        assert LATE not in (tmp_path / "run.log").read_text()
        assert await on.books.unfinished(on.clock()), "there was nothing left in flight"

        on.up()
        await on.settle()
        assert [greetings(person) for person in people] == [1] * 100
        assert await on.down() == 0
        assert not await checker.faults(database_url, on.telegram, on.clock())


async def until(reached: Callable[[], bool]) -> None:
    """Look until it is so."""
    while True:
        if reached():
            return
        await asyncio.sleep(0.002)


def greetings(person: Person) -> int:
    """How often somebody has been greeted."""
    return sum(HELLO in text for text in person.texts())


async def state_of(text: str, database_url: str) -> str:
    """Where the update stands in which somebody wrote this."""
    books = Books(database_url)
    rows = await books.rows(select(tables.inbox.c.raw, tables.inbox.c.state))
    await books.close()
    return next(str(row.state) for row in rows if f'"{text}"' in row.raw)


async def returndesk_run(settings: Mapping[str, str], folder: Path) -> asyncio.subprocess.Process:
    """`returndesk run`, as it is installed."""
    environment = {f"RETURNDESK_{name.upper()}": value for name, value in settings.items()}
    with (folder / "run.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=ROOT,
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
