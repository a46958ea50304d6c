"""A trial: one goal of `reliability.md` as a scenario with a name, a size and a seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.torture.launcher import Launcher

Database = Literal["sqlite", "postgresql"]
SQLITE: tuple[Database, ...] = ("sqlite",)
POSTGRESQL: tuple[Database, ...] = ("postgresql",)
BOTH: tuple[Database, ...] = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a trial is given. `fresh` makes a migrated database without rows and answers its URL."""

    seed: int
    size: int
    folder: Path
    fresh: Callable[[], str]
    launcher: Launcher

    async def database(self) -> str:
        """`fresh`, from within a loop."""
        return await asyncio.to_thread(self.fresh)

    def place(self, name: str) -> Path:
        """A folder of its own for a part of the trial."""
        made = self.folder / name
        made.mkdir(exist_ok=True)
        return made


@dataclass(slots=True)
class Report:
    """What a trial saw, and what was wrong; `lines` are printed below the table."""

    seen: str = ""
    faults: list[str] = field(default_factory=list)
    lines: Sequence[str] = ()

    def expect(self, holds: bool, otherwise: str) -> None:
        """A fault where something does not hold."""
        if not holds:
            self.faults.append(otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One scenario. `most` is the size that the goal names; `size` what an ordinary run does."""

    name: str
    goals: str
    what: str
    size: int
    most: int
    unit: str
    run: Callable[[Setting], Report]
    on: Sequence[Database] = SQLITE


@dataclass(frozen=True, slots=True)
class Waiting:
    """A goal whose object does not exist yet, and why."""

    goals: str
    name: str
    why: str


def awaited(work: Callable[[Setting], Coroutine[Any, Any, Report]]) -> Callable[[Setting], Report]:
    """A trial that is a coroutine."""
    return lambda setting: asyncio.run(work(setting))
