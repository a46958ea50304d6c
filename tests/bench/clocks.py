"""B-4 and B-5: the clockwork of the program over many timers.

The rows are copies of the timer of one real return. Timers that only wait have no return behind
them, because nothing reads it; those that fire have one each.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.__main__ import now
from bot.domain.policy import Policy
from bot.services.desk import ReturnDesk
from bot.workers.clockwork import Clockwork
from storage import migrate, tables
from storage.database import Database, open_database
from storage.tables import microseconds
from tests.bench import kept
from tests.bench.lines import Line
from tests.bench.measuring import Compared, Figure, compared, sliced
from tests.world import order, world

MANY, FEW = 5_000_000, 1_000
AT_ONCE = 100_000
OPEN = 1_000_000
FALLING_DUE = 600
EVERY = timedelta(milliseconds=40)
WATCHED_S = 30.0
SWEEPS = 40
FAR = datetime(2040, 1, 1, tzinfo=UTC)
FIRST_COPY = 1_000_000


class Settled:
    """A way to Telegram that holds no timer back."""

    settled = True
    disagreement = timedelta(0)
    last_answer: datetime | None = None


class Watched(ReturnDesk):
    """The desk, which notes the instants of what it is asked to fire."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.firing: list[datetime] = []

    async def fire(self, unit: Any, timer: Any) -> Any:
        self.firing.append(timer.due_at)
        return await super().fire(unit, timer)


# ---------------------------------------------------------------------- B-4


class Idle:
    """Looks for something to do, where there is nothing."""

    def __init__(self, memory: Database) -> None:
        self._memory = memory
        self._clockwork = Clockwork(memory, ReturnDesk(Policy()), now, Settled())

    async def prepare(self) -> None:
        """Nothing is to be prepared."""

    async def work(self) -> int:
        for _ in range(SWEEPS):
            await self._clockwork.tick()
            await self._memory.next_due()
        return SWEEPS


async def swept(folder: Path, chance: random.Random) -> Compared:
    """The sweep over few timers against the one over many: below 1 is slower."""
    async with AsyncExitStack() as stack:
        idle = []
        for count in (MANY, FEW):
            path = folder / f"timers-{count}.db"
            await migrate.upgrade(f"sqlite:///{path}")
            await asyncio.to_thread(fill, path, count)
            memory = await open_database(f"sqlite:///{path}")
            idle.append(Idle(await stack.enter_async_context(memory)))
        many, few = idle
        for each in idle:
            await sliced(each)
        return (await compared({"many": many}, few, chance))["many"]


def fill(path: Path, count: int) -> None:
    """Timers that are due some time in the next years."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
            INSERT INTO timers (case_id, kind, due_at, look_at, version)
            SELECT -i, 'decision', :far + 1000000 * (i * 7919 % 90000000),
                   :far + 1000000 * (i * 7919 % 90000000), 1 FROM n""",
            {"count": count, "far": microseconds(FAR)},
        )


# ---------------------------------------------------------------------- B-5


@dataclass(frozen=True, slots=True)
class Fired:
    """Many timers due at once: the longest stall of the loop, and how many decided in a second."""

    stall_s: float
    a_second: float


async def fired_at_once(folder: Path) -> Fired:
    """100,000 timers are due. The loop is watched until all have decided, and for half a minute."""
    url, path = await _with_a_return(folder / "at-once")
    await asyncio.to_thread(_copy, path, [now() - timedelta(seconds=1)] * AT_ONCE)
    async with _clockwork(url) as (clockwork, late):
        stall = await _stall_while(clockwork, late)
    await _all_decided(url, AT_ONCE)
    return Fired(stall, AT_ONCE / (late[-1] - late[0]))


async def _stall_while(clockwork: Clockwork, late: list[float]) -> float:
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(clockwork.run(asyncio.Event()))
    longest, until = 0.0, loop.time() + WATCHED_S
    while loop.time() < until or len(late) < AT_ONCE:
        before = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - before - 0.001)
    working.cancel()
    await asyncio.wait([working])
    return longest


async def lateness(folder: Path) -> tuple[Figure, float]:
    """Seconds from a timer's instant to the commit of what it did: quartiles, and p99.

    A million timers are open, and 25 a second fall due.
    """
    url, path = await _with_a_return(folder / "steady")
    await asyncio.to_thread(fill, path, OPEN)
    begin = now() + timedelta(seconds=20)
    await asyncio.to_thread(_copy, path, [begin + EVERY * n for n in range(FALLING_DUE)])
    await asyncio.to_thread(_to_disk, path)
    async with _clockwork(url) as (clockwork, late):
        await asyncio.sleep(max((begin - now()).total_seconds() - 1, 0))
        working = asyncio.create_task(clockwork.run(asyncio.Event()))
        async with asyncio.timeout(FALLING_DUE * EVERY.total_seconds() + 60):
            while len(late) < FALLING_DUE:
                await asyncio.sleep(0.5)
        working.cancel()
        await asyncio.wait([working])
    await _all_decided(url, FALLING_DUE)
    return Figure.of(late), sorted(late)[len(late) * 99 // 100]


async def _all_decided(url: str, count: int) -> None:
    """A timer that somebody's act has ended would be fired, too, and do nothing."""
    await kept.check(url, tables.history, count, tables.history.c.case_id >= FIRST_COPY)


@asynccontextmanager
async def _clockwork(url: str) -> AsyncIterator[tuple[Clockwork, list[float]]]:
    """The clockwork as the program runs it, and how late each timer's commit was."""
    desk, late = Watched(Policy()), list[float]()

    def committed() -> None:
        at = now()
        late.extend((at - due).total_seconds() for due in desk.firing[len(late) :])

    # As after the imports of `returndesk run`.
    gc.collect()
    gc.freeze()
    async with await open_database(url) as memory:
        yield Clockwork(memory, desk, now, Settled(), committed=committed), late
    gc.unfreeze()


async def _with_a_return(folder: Path) -> tuple[str, Path]:
    """A database with one return that waits for its seller."""
    await asyncio.to_thread(folder.mkdir)
    path = folder / "clock.db"
    url = f"sqlite:///{path}"
    await migrate.upgrade(url)
    async with world(url, folder) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.ask(anna)
    return url, path


def _copy(path: Path, due: list[datetime]) -> None:
    """The return, its order and its cards so many times, each with a timer that is due then.

    Its own has fired. Each has an order of its own: of one nobody returns more than was in it.
    """
    number = "CAST(n AS TEXT)"
    bodies = {
        "cases": f"json_set(body, '$.id', n, '$.order', {number}, '$.timers[0].due_at', instant)",
        "orders": f"json_set(body, '$.number', {number})",
    }
    slot = "replace(slot, ':1:', ':' || n || ':')"
    given = {"id": "n", "case_id": "n", "number": number, "order_number": number, "slot": slot}
    given |= dict.fromkeys(("due_at", "look_at"), "at")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TEMP TABLE due (n INTEGER PRIMARY KEY, at INTEGER, instant)")
        connection.executemany(
            "INSERT INTO due VALUES (?, ?, ?)",
            ((n, microseconds(at), at.isoformat()) for n, at in enumerate(due, FIRST_COPY)),
        )
        for table, own in {
            "orders": "number = '1001'",
            "cases": "id = 1",
            "case_units": "case_id = 1",
            "timers": "case_id = 1",
            "slots": "slot LIKE 'card:1:%' OR slot LIKE 'album:1:%'",
        }.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = given | {"body": bodies.get(table, "body")}
            selected = ", ".join(values.get(column, column) for column in columns)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {table}, due "
                f"WHERE {own}"
            )
        for table in ("reminders", "timers"):
            connection.execute(f"DELETE FROM {table} WHERE case_id = 1")


def _to_disk(path: Path) -> None:
    """Or the first checkpoint of the program would wait for all that was filled in."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sweep_line(folder: Path, chance: random.Random) -> list[Line]:
    """B-4."""
    found = asyncio.run(swept(folder, chance))
    times, us = found.ratio, found.update_us
    slower = Figure(1 / times.median, 1 / times.high, 1 / times.low)
    return [
        Line(
            "B-4",
            f"idle sweep, {MANY:,} timers to {FEW:,}",
            "≤ 2",
            f"{slower.median:.2f}",
            f"{slower.low:.2f} – {slower.high:.2f}",
            f"a whole tick and the next look: {us.median:.0f} µs to {found.peer_us.median:.0f} µs",
            slower.median <= 2,
        )
    ]


def timer_lines(folder: Path, chance: random.Random) -> list[Line]:
    """B-5."""
    once = asyncio.run(fired_at_once(folder))
    late, worst = asyncio.run(lateness(folder))
    return [
        Line(
            "B-5",
            f"{AT_ONCE:,} timers due at once",
            "< 100 ms",
            f"{once.stall_s * 1e3:.0f} ms",
            "",
            f"the longest stall of the loop; {once.a_second:,.0f} decisions/s",
            once.stall_s < 0.1,
        ),
        Line(
            "B-5",
            f"late with {OPEN:,} open, p99",
            "< 10 ms",
            f"{worst * 1e3:.1f} ms",
            "",
            f"quartiles {late.low * 1e3:.1f}, {late.median * 1e3:.1f}, {late.high * 1e3:.1f} ms, "
            "from the instant to the commit",
            worst < 0.01,
        ),
    ]
