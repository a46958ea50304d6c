"""B3: the PostgreSQL server is killed under load, again and again, and comes back.

It is a server of our own. Who was not answered when it went away is answered when it is back; what
was confirmed is there, and nothing has happened twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.domain.cases import Action, ReturnCase
from bot.playground.people import Person
from bot.screens.buttons import Act, Confirm
from storage import tables
from storage.database import open_database
from tests.databases import PostgresServer, start_wheel, url_of
from tests.torture import checker
from tests.torture.plan import Plan
from tests.torture.stage import Stage, stage
from tests.torture.stored import put, request
from tests.torture.trial import POSTGRESQL, Report, Setting, Trial

PEOPLE = 12
"""So many act at the same time."""
CASES = 40
"""Cases that are there to be decided, for each kill."""
FIRST = 6_100_000_000
"""The id of the first customer."""
UP_S = 2.5
"""The server lives at most so long."""
PATIENCE_S = 60.0
PAUSE_S = 0.03


class OwnServer:
    """A server that may be killed: all of it, or one process, after which it ends the others."""

    def __init__(self, wheel: Any) -> None:
        self._wheel = wheel

    def strike(self, chance: random.Random) -> None:
        """Kill it and start it again."""
        postmaster = self._wheel.get_postmaster_info().process
        whole = chance.random() < 0.7
        if whole:
            # It bears no more processes while those that there are are looked for.
            os.kill(postmaster.pid, signal.SIGSTOP)
        processes = postmaster.children(recursive=True)
        for each in (postmaster, *processes) if whole else [chance.choice(processes)]:
            with suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGKILL)
        if whole:
            postmaster.wait(PATIENCE_S)
        self._up()

    def _up(self) -> None:
        """Start it, if it does not run; on a busy machine that takes more than one look."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._wheel.ensure_postgres_running()
                return
            except subprocess.SubprocessError:
                if time.monotonic() > until:
                    raise


@contextmanager
def _own_server() -> Iterator[tuple[OwnServer, str]]:
    """The server and the URL of a migrated database in it."""
    wheel = start_wheel(f"outages-{os.getpid()}")
    try:
        yield OwnServer(wheel), PostgresServer(url_of(wheel), "outages").lend()
    finally:
        wheel.cleanup()


@dataclass(slots=True)
class _Load:
    """Customers who cancel a return and ask for help, one after the other."""

    on: Stage
    chance: random.Random
    cases: Iterator[ReturnCase]
    over: bool = False
    answered: int = 0
    longest_s: float = 0.0
    decided: list[int] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    async def work(self) -> None:
        """Until it is over, or somebody is not answered."""
        for case in self.cases:
            person = self.on.telegram.add_person(f"C{case.id}", "en", id=case.customer)
            person.start()
            if not await self._shown(person, 0, "opens the bot"):
                return
            for button in (Act, Confirm):
                before = self.on.telegram.shown[person.id]
                data = button(case=case.id, version=case.version, action=Action.CANCEL)
                person.forge_press(data.pack(), person.last.id)
                if not await self._shown(person, before, data.pack()):
                    return
            self.decided.append(case.id)
            if self.over or self.unanswered:
                return

    async def _shown(self, person: Person, before: int, what: str) -> bool:
        telegram, began = self.on.telegram, time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while telegram.shown[person.id] == before:
                    await telegram.changed(telegram.version)
        except TimeoutError:
            self.unanswered.append(f"{person.name} {what}, and nothing is shown")
            return False
        self.answered += 1
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        await asyncio.sleep(self.chance.uniform(0, PAUSE_S))
        return True


async def _struck(setting: Setting, server: OwnServer, url: str) -> Report:
    report, chance = Report(), random.Random(setting.seed)
    plan = Plan(setting.seed, {}, {}, calm=True)
    async with stage(url, setting.folder, setting.launcher, plan) as on:
        now = on.clock()
        cases = [request(n, FIRST + n, now) for n in range(1, setting.size * CASES + 1)]
        async with await open_database(url) as memory:
            await put(memory, cases, now)
        on.up()
        on.telegram.add_person("First", "en").start()
        await on.settle()
        load = _Load(on, chance, iter(cases))
        async with asyncio.TaskGroup() as group:
            for _ in range(PEOPLE):
                group.create_task(load.work())
            for _ in range(setting.size):
                await asyncio.sleep(chance.uniform(0.2, UP_S))
                await asyncio.to_thread(server.strike, chance)
            load.over = True
        log = await asyncio.to_thread(Path(on.start.log).read_text)
        if setting.launcher.fell():
            return Report(faults=[f"the program ended by itself:\n{log[-2000:]}"])
        report.faults += load.unanswered
        await on.calm()
        await on.down()
        found = await checker.faults(url, on.telegram, on.clock(), struck=True)
        # Nobody was told of the requests that were put there.
        report.faults += [each for each in found if not each.endswith("has no card")]
        report.faults += await _undecided(on, load.decided)
    errors = log.count('"level": "error"')
    report.seen = (
        f"{load.answered:,} answered, the slowest in {load.longest_s:.1f} s; "
        f"{len(load.decided)} decided once; {errors} errors in the log"
    )
    report.expect(errors >= setting.size, f"of the kills the program noticed {errors}")
    report.expect(len(load.decided) > setting.size, f"only {len(load.decided)} were decided")
    return report


async def _undecided(on: Stage, decided: Sequence[int]) -> list[str]:
    """Cases that are not cancelled once, though their customers have seen it."""
    history = tables.history.c
    lines = await on.books.rows(select(history.case_id).where(history.event == Action.CANCEL))
    times = Counter(line.case_id for line in lines)
    return [f"case {id_} was cancelled {times[id_]} times" for id_ in decided if times[id_] != 1]


def _outages(setting: Setting) -> Report:
    with _own_server() as (server, url):
        return asyncio.run(_struck(setting, server, url))


TRIALS = (
    Trial(
        name="outages",
        goals="B3",
        what="the server is killed under load: nothing acknowledged is lost, nothing happens twice",
        size=20,
        most=100,
        unit="kills",
        run=_outages,
        on=POSTGRESQL,
    ),
)
