"""The workers are tested on SQLite: what differs between the databases is tested with them."""

from pathlib import Path

import pytest

from storage.database import Database
from tests.databases import SqliteFiles
from tests.workers.local_bot import Clock, in_process
from tests.workers.post_office import PostOffice


@pytest.fixture
def database_url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return sqlite_files.make(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(memory: Database, clock: Clock) -> PostOffice:
    telegram, bot = in_process(clock)
    return PostOffice(memory, clock, telegram, bot)
