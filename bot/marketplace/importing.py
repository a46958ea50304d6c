"""Bringing an order file in from the command line: at once, or through a running bot."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from bot.marketplace.orders_file import read_orders
from bot.services.importing import SUFFIXES, import_orders
from bot.services.memory import Memory
from bot.services.ports import Clock

Say = Callable[[str], None]
LOOKED_AT = 4096
"""Bytes that tell whether a file is text."""
_GZIP = b"\x1f\x8b"
LOOK_S = 0.5
"""Seconds between two looks for the report."""
PATIENCE = 60
"""Looks without a sign of the running bot before the reader is told where it has to look."""


def why_unread(path: Path) -> str | None:
    """What keeps a path from being an order file, before it is opened as one. Raises OSError."""
    if path.is_dir():
        return f"{path} is a folder: name one file of it"
    if not path.is_file():
        return f"there is no file {path}"
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    if b"\0" in head or head.startswith(_GZIP):
        return f"{path} is no text: unpack it, or save it as CSV or JSON Lines in UTF-8"
    return None


async def import_file(path: Path, memory: Memory, clock: Clock, say: Say) -> str:
    """Import a file, saying how far it has come. Answers the report. Raises OSError."""
    report = await import_orders(memory, read_orders(path), clock, say)
    return report.text(path.name).rstrip()


def hand_over(
    path: Path, folder: Path, say: Say, wait: Callable[[float], None] = time.sleep
) -> str:
    """Give a file to the running bot through its orders folder. Answers the report.

    The file gets its name only when it is whole, so that no half of it is read. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix if path.suffix.lower() in SUFFIXES else ".csv"
    name = f"{path.stem}-{path.stat().st_mtime_ns}{suffix}"
    report = folder / "done" / f"{name}.report.txt"
    report.unlink(missing_ok=True)
    part = folder / f"{name}.part"
    shutil.copyfile(path, part)
    part.rename(folder / name)
    say("The bot is running and takes the file itself; nobody needs to wait here for it.")
    said, looks = "", 0
    while not report.is_file():
        wait(LOOK_S)
        looks += 1
        now = _read(folder / f"{name}.progress.txt")
        if now and now != said:
            said = now
            say(now)
        if looks == PATIENCE and not said:
            say(f"It has not begun yet: does its RETURNDESK_ORDERS_FOLDER lead to {folder}?")
    return _read(report)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip()
    except FileNotFoundError:
        return ""
