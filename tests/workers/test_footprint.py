"""What is free in the middle of the heap goes back to the system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from bot.workers.footprint import trim

SIZE = 100_000
"""Too large for Python's own allocator, too small to be mapped by itself."""


def megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def test_gaps_between_what_lives_are_given_back() -> None:
    blocks = [b"." * (SIZE + each) for each in range(600)]
    living = blocks[::10]
    del blocks
    if platform.libc_ver()[0] != "glibc":
        await trim()
        return
    before = megabytes()
    await trim()
    assert before - megabytes() > 20
    assert len(living) == 60
