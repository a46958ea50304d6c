"""Has pictures looked at by a process with limits (`bot.workers.picture`), which may die of one."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Self

from bot.services.likeness import View, picture_of
from bot.services.records import Picture, Unseen

KEPT_S = 60.0
"""How long a process waits for the next picture: to begin costs it most of a second."""
LONGEST_S = 60
"""For one picture on a busy machine: its processor time is limited by the process itself."""
_SCRIPT = Path(__file__).with_name("picture.py")
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""All that the process is told of where it runs: no setting, no token."""


class Looking:
    """A process that looks at pictures, while this is open and there are some."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._rest: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._wake()
        await self._end()

    async def look(self, path: Path, sha256: str) -> Picture | Unseen:
        """How the picture in this file looks, or why that cannot be said. The path is absolute."""
        await self._wake()
        try:
            return await self._look(path, sha256)
        finally:
            self._rest = asyncio.create_task(self._end_later())

    async def _look(self, path: Path, sha256: str) -> Picture | Unseen:
        try:
            async with asyncio.timeout(LONGEST_S):
                seen = await self._ask(path)
        except (TimeoutError, ConnectionError):
            seen = b""
        except BaseException:
            await self._end()
            raise
        if not seen:
            await self._end()
            return Unseen.TOO_COSTLY
        said = json.loads(seen)
        if "unseen" in said:
            return Unseen(said["unseen"])
        views: list[View] = [(int(one, 16), int(other, 16)) for one, other in said["views"]]
        return Picture(picture_of(sha256), tuple(views))

    async def _ask(self, path: Path) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_SCRIPT)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=_ENVIRONMENT,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n".encode())
        await self._process.stdin.drain()
        return await self._process.stdout.readline()

    async def _wake(self) -> None:
        """What is about to end the process does so before the next picture, or not at all."""
        rest, self._rest = self._rest, None
        if rest is not None:
            rest.cancel()
            await asyncio.wait([rest])

    async def _end_later(self) -> None:
        await asyncio.sleep(KEPT_S)
        await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
