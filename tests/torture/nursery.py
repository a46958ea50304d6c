"""The harness of many trees, one after the other, without importing the libraries for each.

They take most of a start, and no defect is planted in them. Here nothing of the program has been
imported: in a fork it comes from the tree, as it does from the disk in a process of its own.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

LIBRARIES = (
    "aiogram",
    "aiohttp.web",
    "alembic.command",
    "apscheduler.schedulers.asyncio",
    "asyncpg",
    "babel.messages.pofile",
    "pydantic_settings",
    "sqlalchemy.ext.asyncio",
    "structlog",
)
_ROOT = Path(__file__).parent.parent.parent


class Nursery:
    """`main` in a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.torture.nursery"]
        self._running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )

    def run(self, tree: Path, arguments: Sequence[str], patience_s: int) -> tuple[int, str]:
        """The harness of this tree: its exit status, or minus the signal; and what it has said."""
        stdin, stdout = self._running.stdin, self._running.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([str(tree), [*arguments], patience_s]) + "\n")
        stdin.flush()
        status, said = json.loads(stdout.readline())
        return status, said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.communicate()


def main() -> None:
    """Run what stdin asks for, until it ends."""
    for each in LIBRARIES:
        importlib.import_module(each)
    gc.freeze()
    for line in sys.stdin:
        with TemporaryFile() as said:
            child = os.fork()
            if child == 0:
                _become(*json.loads(line), said=said.fileno())
                return
            _, status = os.waitpid(child, 0)
            said.seek(0)
            words = said.read().decode(errors="replace")
        print(json.dumps([os.waitstatus_to_exitcode(status), words]), flush=True)


def _become(tree: str, arguments: Sequence[str], patience_s: int, *, said: int) -> None:
    """Be the harness of this tree, and end with its exit status."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    signal.alarm(patience_s)
    os.chdir(tree)
    os.environ |= {"PYTHONPATH": tree, "HOME": tree}
    for name in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[name]
    sys.path[:] = [tree, *(each for each in sys.path if Path(each).resolve() != _ROOT)]
    sys.argv = ["tests.torture", *arguments]
    runpy.run_module("tests.torture", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
