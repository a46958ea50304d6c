"""B1: backups beside a program under load. Each was restored and examined before it is believed."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from sqlalchemy import select

from storage import tables
from storage.backup import back_up
from tests.torture import checker
from tests.torture.books import Books
from tests.torture.crowd import Crowd
from tests.torture.plan import Plan
from tests.torture.stage import Stage, stage
from tests.torture.trial import Report, Setting, Trial

PEOPLE = 20
PAUSE_S = 0.3
"""Until the next backup at most, so that some begin at once and some later."""


async def _copied(on: Stage, url: str, size: int, folder: Path, report: Report) -> list[float]:
    """Make so many backups; each holds every update that was confirmed before it began."""
    seconds, chance = [], random.Random(size)
    for number in range(size):
        await asyncio.sleep(chance.uniform(0, PAUSE_S))
        confirmed = set(on.telegram.evidence.confirmed)
        backup = folder / f"{number}.db"
        began = time.monotonic()
        await back_up(url, backup)
        seconds.append(time.monotonic() - began)
        books = Books(f"sqlite:///{backup}")
        held = {row.update_id for row in await books.rows(select(tables.inbox.c.update_id))}
        await books.close()
        report.expect(confirmed <= held, f"backup {number} lacks updates {confirmed - held}")
        backup.unlink()
    return seconds


def _copies(setting: Setting) -> Report:
    report = Report()

    async def played(url: str) -> None:
        async with stage(url, setting.folder, setting.launcher, Plan(setting.seed, {}, {})) as on:
            on.up()
            crowd = Crowd(on, random.Random(setting.seed), 10**9)
            working = asyncio.create_task(crowd.gather(PEOPLE))
            place = setting.place("backups")
            seconds = await _copied(on, url, setting.size, place, report)
            crowd.left = 0
            await working
            enough = crowd.answered >= setting.size
            report.expect(enough, f"only {crowd.answered} were answered meanwhile")
            report.faults += crowd.unanswered
            await on.settle()
            await on.down()
            report.faults += await checker.faults(url, on.telegram, on.clock())
            report.seen = (
                f"beside {crowd.answered:,} exchanges, the slowest in {max(seconds):.1f} s, "
                f"up to {len(on.telegram.evidence.confirmed):,} confirmed updates in each"
            )

    asyncio.run(played(setting.fresh()))
    return report


TRIALS = (
    Trial(
        name="copies",
        goals="B1",
        what="backups beside a program under load: whole, and with all that was confirmed before",
        size=30,
        most=1_000,
        unit="backups",
        run=_copies,
    ),
)
