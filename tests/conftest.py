"""What the tests of every room may ask for."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.__main__ import GARBAGE
from bot.aiogram_light import import_aiogram
from bot.logs import configure_logs
from storage.database import Database, open_database
from tests.databases import NoServer, PostgresServer, SqliteFiles, start_postgres

import_aiogram()


@pytest.fixture(scope="session", autouse=True)
def logs() -> Iterator[None]:
    """Log as the program does; what is logged reaches the tests through `caplog`."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logs("INFO", "json", nowhere)
        yield
        # The PostgreSQL server still logs when the interpreter ends.
        logging.getLogger().handlers.clear()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Makes SQLite databases."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Makes PostgreSQL databases. Missing, it is a failure in CI and a skip elsewhere."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    try:
        server = start_postgres(run, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    except NoServer as error:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL: {error}")
        pytest.skip(f"NO POSTGRESQL, HALF OF THE STORAGE IS UNTESTED: {error}")
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; the test runs once for each kind."""
    if request.param == "sqlite":
        files: SqliteFiles = request.getfixturevalue("sqlite_files")
        yield files.make(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.lend()


@pytest.fixture
def url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database, for what does not differ between the databases."""
    return sqlite_files.make(tmp_path)


@pytest.fixture
async def memory(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, open; the test runs once on SQLite and once on PostgreSQL."""
    async with await open_database(database_url) as database:
        yield database


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Garbage is looked for as seldom as in the program: each look goes through all that is
    imported, and that is an eighth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: nothing may go untested there unnoticed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\n{skipped} tests were skipped, which is a failure in CI")
