"""The stage of the stories: the whole program on a fresh SQLite database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import SqliteFiles
from tests.world import World, world


@pytest.fixture
async def stage(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[World]:
    """A running program that nobody but its owner has opened yet."""
    async with world(sqlite_files.make(tmp_path), tmp_path) as running:
        yield running
