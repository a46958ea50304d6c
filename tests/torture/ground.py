"""R12, and the goals whose proof is tests of the ordinary run."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

from tests.torture.launcher import ROOT
from tests.torture.plan import Plan
from tests.torture.stage import stage
from tests.torture.trial import Report, Setting, Trial

PEOPLE = 200
SLOPE = 1_000.0
"""Bytes that an update may leave in memory: of a leak of rows or chats there would be thousands."""


# ------------------------------------------------------------------------------- R12: a soak


def _soak(setting: Setting) -> Report:
    """Many updates of many people, on the program as a process: what stays in memory of each."""
    report, sizes = Report(), list[int]()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        async with stage(url, setting.folder, setting.launcher, plan) as on:
            on.up()
            people = [on.telegram.add_person(f"P{n}", "en") for n in range(PEOPLE)]
            # The first half fills the caches, the second shows what grows.
            for round_ in range(2 * setting.size // PEOPLE):
                for person in people:
                    person.send("/help")
                await on.calm()
                if round_ in (setting.size // PEOPLE - 1, 2 * setting.size // PEOPLE - 1):
                    sizes.append(setting.launcher.resident)
            await on.down()

    asyncio.run(played(setting.fresh()))
    slope = (sizes[1] - sizes[0]) / setting.size
    report.seen = f"{slope:.0f} bytes stay of an update, {sizes[1] / 2**20:.0f} MiB resident"
    report.expect(slope <= SLOPE, f"{slope:.0f} bytes stay in memory of each update")
    return report


# -------------------------------------------------------------- goals that tests of rooms prove

_ENDED = re.compile(r"(\d+) (passed|failed|skipped|error)")


def proved_by(name: str, goals: str, what: str, *paths: str) -> Trial:
    """A trial that is these tests of the ordinary run, counted."""

    def ran(setting: Setting) -> Report:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", *paths],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        found = {word: int(number) for number, word in _ENDED.findall(ended.stdout)}
        passed = found.get("passed", 0) or ended.stdout.count(".")
        report = Report(seen=f"{passed} tests of {', '.join(paths)}")
        report.expect(ended.returncode == 0, ended.stdout[-2000:])
        return report

    return Trial(
        name=name, goals=goals, what=what, size=len(paths), most=len(paths), unit="files", run=ran
    )


TRIALS = (
    Trial(
        name="soak",
        goals="R12",
        what="what stays in memory of each of many updates",
        size=4_000,
        most=500_000,
        unit="updates",
        run=_soak,
    ),
    proved_by(
        "classes",
        "R11",
        "every row of table 1c: its class, and what the outbox does",
        "tests/workers/test_outcomes.py",
        "tests/workers/test_delivery_faults.py",
        "tests/workers/test_slots.py",
        "tests/workers/test_deliverer.py",
    ),
    proved_by(
        "overtaken",
        "D3 B3",
        "who comes second on one PostgreSQL decides again, and so does who lost a commit's answer",
        "tests/storage/test_processes.py",
    ),
    proved_by(
        "backups",
        "B1",
        "backups beside a running program, restored before they are believed",
        "tests/storage/test_backup.py",
    ),
    proved_by(
        "disks",
        "B2",
        "full, read-only, damaged, missing, and an SQLite that must not be shared",
        "tests/storage/test_opening.py",
        "tests/workers/test_full_disk.py",
    ),
    proved_by(
        "flood", "S7", "one person floods the bot: shed, told once", "tests/workers/test_flood.py"
    ),
    proved_by(
        "files",
        "S6",
        "what people send as files: names, sizes, and the limits of the process that looks at them",
        "tests/workers/test_evidence.py",
        "tests/workers/test_looking.py",
    ),
    proved_by(
        "retention",
        "S9",
        "what people said is forgotten when their returns have been closed for long",
        "tests/storage/test_retention.py",
    ),
)
