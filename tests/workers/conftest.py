"""A real database for every test, copied from one that was created once."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from tests.workers.local_bot import Clock


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "empty.db"

    async def create() -> None:
        async with await open_database(f"sqlite:///{path}", create=True):
            pass

    asyncio.run(create())
    return path


@pytest.fixture
def database_url(empty_database: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(empty_database, tmp_path / 'desk.db')}"


@pytest.fixture
async def memory(database_url: str) -> AsyncIterator[Database]:
    async with await open_database(database_url) as database:
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()
