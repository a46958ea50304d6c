"""The stages of the stories: the whole program on a fresh database, in process or beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.databases import SqliteFiles
from tests.stories.rows import MADE_BY
from tests.torture.launcher import Launcher
from tests.world import MET, World, world


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A running program that nobody but its owner has opened yet, on each database."""
    async with world(database_url, tmp_path) as running:
        yield running


@pytest.fixture
async def embedded(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[World]:
    """The same on SQLite alone, where a second database proves nothing more."""
    async with world(sqlite_files.make(tmp_path), tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Starts the program as a process of its own, to be stopped and killed."""
    with Launcher() as started:
        yield started


@pytest.fixture(autouse=True)
def what_it_makes(request: pytest.FixtureRequest) -> Iterator[None]:
    """A story makes the transitions that `rows.py` says it makes."""
    MET.clear()
    yield
    name = getattr(request.node, "originalname", request.node.name)
    assert set(MADE_BY.get(name, "").split(", ")) - {""} <= MET
