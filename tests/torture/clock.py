"""One clock for several processes: real time plus an offset that is kept in a file."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET, _ASKED = 0, 8
_NUMBER = struct.Struct("=q")
_MICROSECOND = timedelta(microseconds=1)


class SharedClock:
    """`clock()` is the present instant, in every process that has opened the same file.

    Who plays asks for a move; the program makes it, when none of its timers can fire in between.
    At that moment it is later for both of them.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 16)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._read(_OFFSET)

    @property
    def asked(self) -> datetime:
        """What the time will be once the move that was asked for is made."""
        return datetime.now(UTC) + self._read(_ASKED)

    @property
    def behind(self) -> bool:
        """Whether a move was asked for and is not made."""
        return self._read(_ASKED) > self._read(_OFFSET)

    def ask(self, by: timedelta) -> None:
        """Ask for a move forward."""
        self._write(_ASKED, self._read(_ASKED) + by)

    def make(self) -> None:
        """Make the move that was asked for."""
        self._write(_OFFSET, self._read(_ASKED))

    def _read(self, at: int) -> timedelta:
        return timedelta(microseconds=_NUMBER.unpack_from(self._memory, at)[0])

    def _write(self, at: int, value: timedelta) -> None:
        _NUMBER.pack_into(self._memory, at, value // _MICROSECOND)
