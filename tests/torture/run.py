"""One scenario, disturbed by one plan, on one database: what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import demo
from bot.playground.story import NoSuchStep
from tests.torture import checker
from tests.torture.launcher import Launcher
from tests.torture.plan import Plan
from tests.torture.poster import Poster
from tests.torture.scenario import Scenario
from tests.torture.stage import Stuck, Wreck, stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Figures of a run; without `faults` nothing was lost, doubled or left unsaid."""

    scenario: str
    plan: Plan
    wrecks: Sequence[Wreck]
    repeated: int
    """Messages that came once more."""
    confirmed: int
    """Updates that Telegram was told we have."""
    offsets: int
    forged: int
    """Presses of what was never offered."""
    met: int
    """Those that met a live case at the version they named."""
    disturbed: int
    """Calls that failed, taps that came twice."""
    posts: Poster | None
    """What went wrong with posts, where the program does not poll."""
    seconds: float
    faults: Sequence[str]

    @property
    def hits(self) -> int:
        """How many kills hit unfinished work."""
        return sum(wreck.hit for wreck in self.wrecks)

    def __str__(self) -> str:
        found = "\n".join(f"- {fault}" for fault in self.faults)
        return f"{self.scenario}, {self.plan.kills} kills, seed {self.plan.seed}:\n{found}"


async def run(
    database_url: str,
    folder: Path,
    launcher: Launcher,
    scenario: Scenario,
    planned: Plan,
    *,
    token: str = demo.TOKEN,
    level: str = "INFO",
    webhook: bool = False,
) -> Outcome:
    """Play the scenario on a migrated, empty database, with these kills, and check what is left."""
    began = time.monotonic()
    found: list[str] = []
    async with stage(
        database_url, folder, launcher, planned, token=token, level=level, webhook=webhook
    ) as on:
        on.up()
        try:
            await scenario.play(on)
            await on.calm()
            status = await on.down()
            if status != 0 and not planned.blows:
                found.append(f"the program stopped with {status}")
        except (NoSuchStep, Stuck) as error:
            found += [f"{type(error).__name__}: {error}", *on.telegram.evidence.broken]
        if not found:
            found += await scenario.faults(on)
            found += await checker.faults(
                database_url, on.telegram, on.clock(), struck=planned.blows is not None
            )
        if not found and len(on.wrecks) != planned.kills:
            found.append(f"there were {len(on.wrecks)} kills instead of {planned.kills}")
        return Outcome(
            scenario=scenario.name,
            plan=planned,
            wrecks=on.wrecks,
            repeated=on.telegram.evidence.repeated().total(),
            confirmed=on.telegram.updates.confirmed,
            offsets=on.telegram.updates.advances,
            forged=on.mischief.forged if on.mischief else 0,
            met=on.mischief.met if on.mischief else 0,
            disturbed=len(on.telegram.faults.happened)
            + (on.mischief.doubled if on.mischief else 0),
            posts=on.poster,
            seconds=time.monotonic() - began,
            faults=found,
        )
