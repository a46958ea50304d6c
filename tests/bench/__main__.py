"""`python -m tests.bench [ID …]`: measure, print one table, and say with the status what missed."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import asyncpg

from bot.logs import configure_logs
from storage import migrate
from tests.bench import chatting, clocks, limits, photos, starting
from tests.bench.conversation import conversation
from tests.bench.echo import Echo
from tests.bench.imports import imported
from tests.bench.lines import Line, table
from tests.bench.lives import lives_per_second
from tests.bench.measuring import Compared, Variant, compared, sliced
from tests.bench.soak import soaked
from tests.databases import NoServer, start_postgres

CHATS = 64
WARM = 5
ORDERS = 100_000
LIVES = 1_000_000


def main() -> int:
    """Measure what is asked for, by default everything. 1 if an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of {', '.join(MEASURES)}; else all")
    parser.add_argument("--seed", type=int, default=1, help="of the order of slices (1)")
    parser.add_argument("--soak", type=int, metavar="N", help="only a soak of N updates")
    asked = parser.parse_args()
    if unknown := set(asked.ids) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}")
    configure_logs("ERROR", "text")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="returndesk-bench-") as name:
        folder = Path(name)
        print(f"a commit to this disk takes {_commit_us(folder):.0f} µs (fsync)", file=sys.stderr)
        chance = random.Random(asked.seed)
        if asked.soak:
            lines += soaked(folder, asked.soak)
        for id in () if asked.soak else MEASURES:
            if not asked.ids or id in asked.ids:
                print(f"{id} …", file=sys.stderr, flush=True)
                lines += (found := MEASURES[id](folder, chance))
                # What a later measure takes with it if it fails has been said.
                print(table(found), file=sys.stderr, flush=True)
    print(table(lines))
    return 0 if all(line.met for line in lines) else 1


# ---------------------------------------------------------------------- the measures


def on_sqlite(folder: Path, chance: random.Random) -> list[Line]:
    """B-1."""
    url = f"sqlite:///{folder / 'bench.db'}"
    asyncio.run(migrate.upgrade(url))
    return [_line("B-1", "a durable update, SQLite", asyncio.run(_compared(url, folder, chance)))]


def on_postgres(folder: Path, chance: random.Random) -> list[Line]:
    """B-2."""
    try:
        with _postgres() as url:
            found = asyncio.run(_compared(url, folder, chance))
    except NoServer as error:
        return [Line("B-2", "a durable update, PostgreSQL", "≥ 0.9", "—", "", str(error), False)]
    return [_line("B-2", "a durable update, PostgreSQL", found)]


def simulated(folder: Path, chance: random.Random) -> list[Line]:
    """B-7."""
    rate, decisions = lives_per_second(10)
    minutes = [LIVES / each / 60 for each in (rate.median, rate.high, rate.low)]
    return [
        Line(
            "B-7",
            "1,000,000 lives on one core",
            "≤ 10 min",
            f"{minutes[0]:.1f} min",
            f"{minutes[1]:.1f} – {minutes[2]:.1f}",
            f"{rate.median:,.0f} lives/s of {decisions:.1f} decisions",
            minutes[0] <= 10,
        )
    ]


def orders(folder: Path, chance: random.Random) -> list[Line]:
    """What `performance.md` does not name: a nightly file beside people who tap."""
    url = f"sqlite:///{folder / 'orders.db'}"
    asyncio.run(migrate.upgrade(url))
    found = asyncio.run(imported(url, folder, ORDERS))
    idle, busy = found.idle_s, found.busy_s
    return [
        Line(
            "I-1",
            f"{ORDERS:,} orders into a running bot",
            "< 60 s",
            f"{found.seconds:.0f} s",
            "",
            f"the process grew by {found.grown_mb:.0f} MB",
            found.seconds < 60,
        ),
        Line(
            "I-2",
            "a tap meanwhile",
            "≤ 0.5 s",
            f"{busy.median * 1e3:.0f} ms",
            f"{busy.low * 1e3:.0f} – {busy.high * 1e3:.0f}",
            f"longest {found.longest_s * 1e3:.0f} ms; without an import {idle.median * 1e3:.0f} ms",
            found.longest_s <= 0.5,
        ),
    ]


MEASURES: dict[str, Callable[[Path, random.Random], list[Line]]] = {
    "B-1": on_sqlite,
    "B-2": on_postgres,
    "B-3": chatting.lines,
    "B-4": clocks.sweep_line,
    "B-5": clocks.timer_lines,
    "B-6": limits.lines,
    "B-7": simulated,
    "B-8": starting.lines,
    "I-1": orders,
    "photos": photos.lines,
}


async def _compared(url: str, folder: Path, chance: random.Random) -> Compared:
    async with AsyncExitStack() as stack:
        own: Variant = await stack.enter_async_context(conversation(url, folder, CHATS))
        peer = Echo(CHATS)
        for _ in range(WARM):
            await sliced(peer)
            await sliced(own)
        return (await compared({"own": own}, peer, chance))["own"]


def _line(id: str, what: str, found: Compared) -> Line:
    ratio, own, peer = found.ratio, found.update_us, found.peer_us
    return Line(
        id,
        what,
        "≥ 0.9",
        f"{ratio.median:.2f}",
        f"{ratio.low:.2f} – {ratio.high:.2f}",
        f"{own.median:.0f} µs; echo {peer.median:.0f} µs; CPU ratio {found.cpu.median:.2f}",
        ratio.median >= 0.9,
    )


@contextmanager
def _postgres() -> Iterator[str]:
    """A fresh database on a server that flushes every commit. Raises NoServer."""
    server = start_postgres("bench", "bench", hurries=False)
    url = server.lend()
    try:
        asyncio.run(_check_durable(url))
        yield url
    finally:
        server.close()


async def _check_durable(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for setting in ("fsync", "synchronous_commit"):
            if await connection.fetchval(f"SHOW {setting}") != "on":
                raise NoServer(f"this server has {setting} off: nothing on it is durable")
    finally:
        await connection.close()


def _commit_us(folder: Path) -> float:
    """What writing a page and flushing it takes here, in the middle of twenty."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(20):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return sorted(times)[10] * 1e6


if __name__ == "__main__":
    sys.exit(main())
