"""Has papers drawn by a process of its own: its libraries and its work are not ours to carry."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic_core import to_json

from bot.papers import Paper

LONGEST_S = 120
_ROOT = Path(__file__).parents[2]


class NotDrawn(Exception):
    """The paper could not be drawn; the message is the last thing that was said of it."""


class Papers:
    """Draws one paper at a time, so that those who only talk to the bot are not kept waiting."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def draw(self, paper: Paper) -> bytes:
        """The file. Raises NotDrawn."""
        async with self._turn:
            # It is told what to draw and nothing else: no token, no settings.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.papers",
                env={"PYTHONPATH": str(_ROOT)},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(LONGEST_S):
                    drawn, said = await process.communicate(to_json(asdict(paper)))
            except TimeoutError:
                raise NotDrawn("it took too long") from None
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            # The last line of a traceback: the kind of error. What was to be drawn is not in it.
            raise NotDrawn(said.decode(errors="replace").strip().rpartition("\n")[2][:200])
        return drawn
