"""B4: a migration of a database with data is killed, and it is the old one or the new one."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage import migrate, tables
from tests.torture.launcher import ROOT
from tests.torture.plan import Plan
from tests.torture.run import run
from tests.torture.scenario import CYCLE
from tests.torture.trial import Report, Setting, Trial
from tests.torture.wall import Blows, build

NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Released:
    """A database of a released schema: its file, what it holds, and what it holds when upgraded."""

    schema: str | None
    path: Path
    before: str
    after: str
    statements: int
    """Of its upgrade."""


def _migrations(setting: Setting) -> Report:
    """From every released schema to the newest, killed at drawn statements, of each at one."""
    report, chance = Report(), random.Random(setting.seed)
    told = setting.place("told")
    lived = setting.fresh()
    outcome = asyncio.run(
        run(lived, told, setting.launcher, CYCLE, Plan(setting.seed, {}, {}, calm=True))
    )
    report.expect(not outcome.faults, str(outcome))
    released = list(_released(Path(lived.removeprefix("sqlite:///")), setting))
    points = [(each, n) for each in released for n in range(1, each.statements + 1)]
    chosen = {(each.schema, chance.randint(1, each.statements)) for each in released}
    more = max(setting.size - len(chosen), 0)
    chosen |= {(each.schema, n) for each, n in chance.sample(points, min(more, len(points)))}
    kept = 0
    for each, number in points:
        if (each.schema, number) in chosen:
            kept += _struck(setting, each, number, report)
    rows = sum(each.before.count("INSERT INTO") for each in released)
    report.seen = (
        f"{len(chosen)} kills of {len(points):,} statements, {kept} left it old, from "
        f"{len(released)} schemas with {rows:,} rows; each upgraded as if nothing had been"
    )
    report.expect(rows > 100 * len(released), f"there were only {rows} rows to lose")
    return report


def _released(lived: Path, setting: Setting) -> Iterator[Released]:
    """A database on which much has happened, in every schema that was released; and none."""
    releases = sorted((ROOT / "storage/migrations/versions").glob("0*.py"))
    for schema in (None, *(each.name[:4] for each in releases[:-1])):
        path = setting.folder / f"released-{schema}.db"
        if schema is not None:
            shutil.copy(lived, path)
            asyncio.run(migrate.downgrade(f"sqlite:///{path}", schema))
        else:
            path.touch()
        here = setting.place(f"counted-{schema}")
        blows = Blows("statement", "dies", NEVER, NEVER, str(here))
        upgraded = _copied(path, here / "upgraded.db")
        if _killed(upgraded, blows):
            raise RuntimeError(f"the upgrade from {schema} ended by itself")
        yield Released(schema, path, _dumped(path), _dumped(upgraded), blows.passed())


def _struck(setting: Setting, released: Released, number: int, report: Report) -> bool:
    """Kill an upgrade at a statement, then upgrade. Answers whether the kill left it as it was."""
    here = setting.place(f"killed-{released.schema}-{number}")
    path = _copied(released.path, here / "killed.db")
    what = f"killed at statement {number} from {released.schema}"
    died = _killed(path, Blows("statement", "dies", number, NEVER, str(here)))
    report.expect(died, f"{what}: it lived")
    found = _dumped(path)
    report.expect(found in (released.before, released.after), f"{what}: it is something between")
    asyncio.run(migrate.upgrade(f"sqlite:///{path}"))
    report.expect(_dumped(path) == released.after, f"{what}: upgraded, it is something else")
    stored = asyncio.run(migrate.current(f"sqlite:///{path}"))
    report.expect(stored == tables.SCHEMA, f"{what}: upgraded, it says {stored}")
    shutil.rmtree(here)
    return found == released.before


def _killed(path: Path, blows: Blows) -> bool:
    """Whether a process that upgrades dies of these blows."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            build(blows)
            asyncio.run(migrate.upgrade(f"sqlite:///{path}"))
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status > 0:
        raise RuntimeError(f"the upgrade of {path.name} failed")
    return status < 0


def _copied(path: Path, to: Path) -> Path:
    shutil.copy(path, to)
    return to


def _dumped(path: Path) -> str:
    """Tables and rows, as statements."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


TRIALS = (
    Trial(
        name="migrations",
        goals="B4",
        what="killed at statements of each migration, with data: old or new, never between",
        size=60,
        most=10_000,
        unit="kills",
        run=_migrations,
    ),
)
