"""A folder in which the program is called from the command line, as a real process."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.app import LATE
from bot.settings import PREFIX

ROOT = Path(__file__).parents[2]
TOKEN = "42:command-line"


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line in which it said what was wrong."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0].removeprefix("returndesk: ")


class Shell:
    """Calls commands in a folder that has nothing but what they leave there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, str] = {"BOT_TOKEN": TOKEN}

    @property
    def environment(self) -> dict[str, str]:
        """The settings, and of the surrounding environment what is no setting."""
        outside = {name: value for name, value in os.environ.items() if PREFIX not in name}
        inside = {f"{PREFIX}{name}": value for name, value in self.settings.items()}
        return outside | inside | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}

    def __call__(self, *words: str) -> Ended:
        """Call a command and wait for its end."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    async def later(self, *words: str) -> Ended:
        """Call a command that needs somebody on this loop, a playground say."""
        return await asyncio.to_thread(self, *words)

    async def start(self, *words: str) -> Running:
        """Call a command that goes on until it is told to stop."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *words),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return Running(process)

    def sql(self, query: str) -> list[tuple[object, ...]]:
        """What the default database holds, once nobody works on it."""
        with sqlite3.connect(self.folder / "returndesk.db") as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found


class Running:
    """A command that is running."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[str] = []
        """The lines that were read so far."""

    async def says(self, part: str, *, within: float = 120.0) -> str:
        """Wait for a line, of its words or of its log, that holds this."""
        assert self._process.stderr
        assert self._process.stdout
        lines = [asyncio.ensure_future(self._line(each, part)) for each in self._streams]
        done, waiting = await asyncio.wait(
            lines, timeout=within, return_when=asyncio.FIRST_COMPLETED
        )
        for each in waiting:
            each.cancel()
        assert done, f"{part!r} was not said within {within} s"
        return done.pop().result()

    @property
    def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamReader]:
        assert self._process.stderr
        assert self._process.stdout
        return self._process.stderr, self._process.stdout

    async def _line(self, stream: asyncio.StreamReader, part: str) -> str:
        async for line in stream:
            self.said.append(line.decode().rstrip())
            if part in self.said[-1]:
                return self.said[-1]
        raise AssertionError(f"it ended without saying {part!r}")

    async def ended(self, within: float) -> Ended:
        """Wait for its end."""
        out, err = await asyncio.wait_for(self._process.communicate(), within)
        assert self._process.returncode is not None
        return Ended(self._process.returncode, out.decode(), err.decode())

    async def stop(self) -> Ended:
        """Ask it to stop, as a deploy does."""
        self._process.send_signal(signal.SIGTERM)
        stopped = await self.ended(within=120)
        assert LATE not in stopped.err
        return stopped

    async def kill(self) -> None:
        """End it at once, if it has not ended."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()
