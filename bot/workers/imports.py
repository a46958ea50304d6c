"""Takes order files that any nightly export drops into the orders folder.

A file is taken once it has stopped growing, moved aside while it is read, and ends beside its
report: `orders.csv` becomes `done/orders.csv` and `done/orders.csv.report.txt`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from bot.domain.orders import Order
from bot.services.importing import BadLine, Report, import_orders
from bot.services.ports import Clock, Memory

SUFFIXES = frozenset({".csv", ".jsonl", ".json"})

log = structlog.get_logger(__name__)

Reader = Callable[[Path], Iterator[Order | BadLine]]


class OrderFolder:
    """Looks into the folder at every `look`; a file is read when two looks saw the same size."""

    def __init__(self, folder: Path, memory: Memory, clock: Clock, read: Reader) -> None:
        self._folder = folder
        self._memory = memory
        self._clock = clock
        self._read = read
        self._sizes: dict[Path, int] = {}

    async def look(self) -> int:
        """Import what has arrived. Answers how many files were read."""
        if not self._folder.is_dir():
            return 0
        files = sorted(path for path in self._folder.iterdir() if path.suffix in SUFFIXES)
        sizes = {path: path.stat().st_size for path in files}
        complete = [path for path in files if self._sizes.get(path) == sizes[path]]
        self._sizes = sizes
        for path in complete:
            await self._take(path)
        return len(complete)

    async def _take(self, path: Path) -> None:
        try:
            report = await import_orders(self._memory, self._read(path), self._clock)
            words = report.text(path.name)
        except (OSError, ValueError) as error:
            report, words = Report(), f"{path.name}: cannot be read: {error}\n"
        await asyncio.to_thread(_file_away, path, words)
        log.info("orders imported", file=path.name, kept=report.kept, bad=report.bad)


def _file_away(path: Path, report: str) -> None:
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    (done / f"{path.name}.report.txt").write_text(report, encoding="utf-8")
    path.rename(done / path.name)
