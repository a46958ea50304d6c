"""Takes order files that any nightly export drops into the orders folder.

A file is taken once it has stopped growing, and ends beside its report: `orders.csv` becomes
`done/orders.csv` and `done/orders.csv.report.txt`. While it is read, `orders.csv.progress.txt`
says how far; a file whose reading was broken off is read again, which changes nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from bot.domain.orders import Order
from bot.services.importing import SUFFIXES, BadLine, Report, import_orders
from bot.services.memory import Memory
from bot.services.ports import Clock

log = structlog.get_logger(__name__)

Reader = Callable[[Path], Iterator[Order | BadLine]]


class OrderFolder:
    """Looks into the folder at every `look`; a file is read when two looks saw the same of it."""

    def __init__(self, folder: Path, memory: Memory, clock: Clock, read: Reader) -> None:
        self._folder = folder
        self._memory = memory
        self._clock = clock
        self._read = read
        self._seen: dict[Path, tuple[int, int]] = {}
        self._looking = asyncio.Lock()

    async def look(self) -> int:
        """Import what has arrived. Answers how many files were read. Raises OSError."""
        async with self._looking:
            return await self._look()

    async def _look(self) -> int:
        seen = await asyncio.to_thread(_arrived, self._folder)
        complete = sorted(path for path, size in seen.items() if self._seen.get(path) == size)
        self._seen = seen
        for path in complete:
            await self._take(path)
        return len(complete)

    async def _take(self, path: Path) -> None:
        sign = path.with_name(f"{path.name}.progress.txt")
        try:
            report = await import_orders(
                self._memory, self._read(path), self._clock, lambda line: _write(sign, line)
            )
            words = report.text(path.name)
        except (OSError, ValueError) as error:
            report, words = Report(), f"{path.name}: cannot be read: {error}\n"
        await asyncio.to_thread(_file_away, path, words)
        sign.unlink(missing_ok=True)
        log.info("orders imported", file=path.name, kept=report.kept, bad=report.bad)


def _write(sign: Path, line: str) -> None:
    sign.write_text(line, encoding="utf-8")


def _arrived(folder: Path) -> dict[Path, tuple[int, int]]:
    """The order files in the folder: their sizes and when they were last written to."""
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
            facts = path.stat()
            found[path] = (facts.st_size, facts.st_mtime_ns)
    return found


def _file_away(path: Path, report: str) -> None:
    """Lay the report among those that are done, whole at once, and then the file beside it."""
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    part = done / f"{path.name}.report.part"
    part.write_text(report, encoding="utf-8")
    part.rename(done / f"{path.name}.report.txt")
    path.rename(done / path.name)
