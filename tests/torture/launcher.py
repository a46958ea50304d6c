"""Starts the program as a process, as often as it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.torture.child import Start

ROOT = Path(__file__).parent.parent.parent


class Launcher:
    """At most one process at a time. Usable by one test after the other."""

    def __init__(self) -> None:
        self._parent: subprocess.Popen[str] | None = None
        self._pid = 0

    @property
    def running(self) -> bool:
        """Whether something was started and not ended by us."""
        return self._pid != 0

    @property
    def resident(self) -> int:
        """Bytes that the program has in memory."""
        pages = Path(f"/proc/{self._pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def start(self, start: Start) -> None:
        """Start the program; it is not ready yet."""
        self._pid = int(self._ask(start.line()))

    def fell(self) -> bool:
        """Whether it has ended by itself since it was started; then it can be started again."""
        if self._pid and self._ask("look").strip():
            self._pid = 0
            return True
        return False

    def kill(self) -> None:
        """End it at once, as a power failure does. Raises RuntimeError if it had ended itself."""
        os.kill(self._pid, signal.SIGKILL)
        status = self._waited()
        if status != -signal.SIGKILL:
            raise RuntimeError(f"the program ended by itself with {status}")

    async def stop(self) -> int:
        """Ask it to stop, as a deploy does. Answers its exit status."""
        os.kill(self._pid, signal.SIGTERM)
        # It may still have something to say, and the playground that hears it lives on our loop.
        return await asyncio.to_thread(self._waited)

    def close(self) -> None:
        """End everything."""
        if self._parent is not None:
            assert self._parent.stdin is not None
            self._parent.stdin.close()
            self._parent.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _waited(self) -> int:
        status, self._pid = int(self._ask("wait")), 0
        return status

    def _ask(self, line: str) -> str:
        if self._parent is None:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
        stdin, stdout = self._parent.stdin, self._parent.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(line + "\n")
        stdin.flush()
        return stdout.readline()
