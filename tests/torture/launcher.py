"""Starts the program as a process, as often as it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from tests.torture import child
from tests.torture.child import Start

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class _Parent:
    """`child.main` in a process of its own: what it reads and says, and how its end is awaited."""

    stdin: IO[str]
    stdout: IO[str]
    end: Callable[[], object]


class Launcher:
    """At most one process at a time. Usable by one test after the other."""

    def __init__(self, *, forks: bool = False) -> None:
        """`forks`: this process, which has no thread and no loop yet, is what starts fork from.

        It has imported everything already. Otherwise a process is started that does.
        """
        self._parent = _forked() if forks else None
        self._pid = 0

    def another(self) -> Launcher:
        """One for a process beside ours, started from the same imports; ours is closed for both."""
        other = Launcher()
        other._parent = self._begun()
        return other

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
        if self._pid and self._ask(f"look {self._pid}").strip():
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
            self._parent.stdin.close()
            self._parent.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _waited(self) -> int:
        status, self._pid = int(self._ask(f"wait {self._pid}")), 0
        return status

    def _begun(self) -> _Parent:
        if self._parent is None:
            self._parent = _started()
        return self._parent

    def _ask(self, line: str) -> str:
        parent = self._begun()
        parent.stdin.write(line + "\n")
        parent.stdin.flush()
        return parent.stdout.readline()


def _started() -> _Parent:
    command = [sys.executable, "-m", child.__name__]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert running.stdin is not None
    assert running.stdout is not None
    return _Parent(running.stdin, running.stdout, running.wait)


def _forked() -> _Parent:
    asked, ask = os.pipe()
    answer, answered = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.dup2(asked, 0)
        os.dup2(answered, 1)
        for each in (asked, ask, answer, answered):
            os.close(each)
        try:
            child.main()
        finally:
            os._exit(0)
    os.close(asked)
    os.close(answered)
    return _Parent(os.fdopen(ask, "w"), os.fdopen(answer), lambda: os.waitpid(pid, 0))
