"""Work that comes round every hour: pruning, forgetting, and the books.

Everything is done in steps of a few rows, each a short transaction, and between two steps whoever
presses a button comes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog

from bot.services.ports import Clock
from bot.services.shielding import to_the_end
from bot.workers.evidence_folder import PREFIXES, strangers
from bot.workers.link import Alert

KEEP = timedelta(days=14)
"""How long what has been received and sent is kept."""
PAUSE_S = 0.02
LOOKS = 50
"""How often a step looks whether others are done before it goes on all the same."""

log = structlog.get_logger(__name__)


class Archive(Protocol):
    """The database, as its keeper sees it."""

    async def prune(self, before: datetime) -> None: ...
    async def forget(self, before: datetime, place: Any) -> Any: ...
    async def scrub(self) -> bool: ...
    async def fetched(self, prefix: str) -> frozenset[str]: ...
    async def examine_returns(self, after: int) -> tuple[Sequence[str], int | None]: ...
    async def oldest_undone(self) -> datetime | None: ...


class Upkeep:
    """Keeps the database small, forgetful and right."""

    def __init__(
        self,
        memory: Archive,
        clock: Clock,
        *,
        start: object,
        evidence: Path,
        retention: timedelta,
        alert: Alert,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`start` is where a pass of `forget` begins."""
        self._memory = memory
        self._clock = clock
        self._start = start
        self._evidence = evidence
        self._retention = retention
        self._alert = alert
        self._sleep = sleep
        self._told: list[str] = []

    async def work(self) -> None:
        """Do all of it once."""
        await to_the_end(self._memory.prune(self._clock() - KEEP))
        await self.forget()
        await self.audit()

    async def forget(self) -> None:
        """Forget the people of what has been closed for long, and remove their files (S9)."""
        before = self._clock() - self._retention
        place = self._start
        while place is not None:
            await self._give_way()
            place = await to_the_end(self._memory.forget(before, place))
        await self._scrub()
        for prefix in await asyncio.to_thread(_prefixes, self._evidence):
            await self._give_way()
            known = await to_the_end(self._memory.fetched(prefix))
            await asyncio.to_thread(_remove, self._evidence, prefix, known)

    async def _scrub(self) -> None:
        """Take what was deleted out of the log; a long reader puts that off to the next hour."""
        for _ in range(LOOKS):
            if await to_the_end(self._memory.scrub()):
                return
            await self._give_way()
        log.warning("the log still holds what was deleted: somebody has been reading it for long")

    async def audit(self) -> None:
        """Look at every return: its history, its deadlines and its money (B6)."""
        found: list[str] = []
        after: int | None = 0
        while after is not None:
            await self._give_way()
            wrong, after = await to_the_end(self._memory.examine_returns(after))
            found += wrong
        if found and found != self._told:
            for fault in found:
                log.error("the books are wrong", fault=fault)
            await self._alert("books_wrong", {"count": len(found)})
        self._told = found

    async def _give_way(self) -> None:
        await self._sleep(PAUSE_S)
        for _ in range(LOOKS):
            if await self._memory.oldest_undone() is None:
                return
            await self._sleep(PAUSE_S)


def _prefixes(folder: Path) -> list[str]:
    return [prefix for prefix in PREFIXES if (folder / prefix).is_dir()]


def _remove(folder: Path, prefix: str, known: frozenset[str]) -> None:
    _, strange = strangers(folder, prefix, known)
    for path in strange:
        path.unlink(missing_ok=True)
