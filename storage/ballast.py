"""Room that is kept for the day on which the disk is full.

A full disk also stops SQLite from deleting. So a file lies beside the database that can go:
what was begun is finished in its place, and nothing new is taken in until it lies there again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

SIZE = 16 * 2**20
_PART = 2**20


class Ballast:
    """The file beside a database. It holds noise, which no file system stores in less room."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.ballast")

    def lay(self) -> bool:
        """Have the file there. False if there is no room for it."""
        if self._path.exists():
            return True
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with part.open("wb") as file:
                for _ in range(SIZE // _PART):
                    file.write(os.urandom(_PART))
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            # Perhaps somebody else was laying it at the same time.
            return self._path.exists()
        return True

    def drop(self) -> None:
        """Give its room to the database."""
        self._path.unlink(missing_ok=True)
