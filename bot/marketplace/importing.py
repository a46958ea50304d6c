"""Bringing an order file in from the command line: at once, or through a running bot."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from bot.marketplace.orders_file import read_orders
from bot.services.importing import Report, import_orders
from bot.services.ports import Clock, Memory

Say = Callable[[str], None]
STEP = 10_000
"""Orders between two lines of progress."""


async def import_file(path: Path, memory: Memory, clock: Clock, say: Say) -> None:
    """Import a file, saying how far it has come and what was refused."""
    said = 0

    def progress(report: Report) -> None:
        nonlocal said
        if report.kept - said >= STEP:
            said = report.kept
            say(f"{said} orders kept so far")

    report = await import_orders(memory, read_orders(path), clock, progress)
    say(report.text(path.name).rstrip())


def hand_over(
    path: Path, folder: Path, say: Say, wait: Callable[[float], None] = time.sleep
) -> None:
    """Give a file to the running bot through its orders folder, and wait for the report.

    The file gets its name only when it is whole, so that no half of it is read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{path.stem}-{path.stat().st_mtime_ns}{path.suffix}"
    report = folder / "done" / f"{name}.report.txt"
    report.unlink(missing_ok=True)
    part = folder / f"{name}.part"
    shutil.copyfile(path, part)
    part.rename(folder / name)
    say("The bot is running and takes the file itself.")
    while not report.is_file():
        wait(0.5)
    say(report.read_text(encoding="utf-8").rstrip())
