"""Engines for the two databases, and what each of them is told on connecting."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage import hops
from storage.errors import Locked, Missing, ReadOnly, StorageError

PATIENCE_MS = 5000
"""How long the beginning of a transaction waits for another process that writes."""

IMPATIENT = "PRAGMA busy_timeout = 0"

_PRAGMAS = (
    f"busy_timeout = {PATIENCE_MS}",
    "foreign_keys = ON",
    "journal_mode = WAL",
    # A commit that was answered survives a power loss, too.
    "synchronous = FULL",
    "secure_delete = ON",
)

STATEMENTS = 512
"""Prepared statements that a connection to a server keeps: those in use have about 200 texts."""


def parsed(url: str) -> URL:
    """The URL with our drivers in it. Raises StorageError for what is no database of ours."""
    try:
        known = make_url(url)
    except ArgumentError:
        raise StorageError(
            "DATABASE_URL is no database URL: sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from None
    match known.get_backend_name():
        case "sqlite" if known.database and known.database != ":memory:":
            return known.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return known.set(drivername="postgresql+asyncpg")
        case other:
            raise StorageError(f"DATABASE_URL names {other}: only an SQLite file or PostgreSQL do")


def path_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for a server's."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database)


def open_engine(url: URL, *, create: bool = False, waits: bool = True) -> AsyncEngine:
    """An engine for this database. Only `create` makes a file that is missing.

    Not `waits`: a statement to SQLite fails at once where another process writes.
    """
    path = path_of(url)
    if path is None:
        # Lines are kept by `ServerLines`, which sees whether one still holds.
        return create_async_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"statement_cache_size": STATEMENTS},
        )
    if not create and not path.is_file():
        raise Missing(f"there is no database {path}: run `returndesk init`")
    place = URL.create(
        url.drivername,
        database=f"file:{quote(str(path))}",
        query={"mode": "rwc" if create else "rw", "uri": "true"},
    )
    engine = create_async_engine(
        place,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"async_creator_fn": hops.connect},
    )
    event.listen(engine.sync_engine, "connect", _settle)
    if not waits:
        event.listen(engine.sync_engine, "connect", _hurry)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def reading_engine(url: URL) -> AsyncEngine:
    """An engine that only reads, also beside a running program. Raises Missing.

    A transaction of it sees one instant. On SQLite it neither writes nor checkpoints, which is
    what two processes must not do at once on versions with the WAL-reset fault: so it needs no
    lock.
    """
    path = path_of(url)
    if path is None:
        return create_async_engine(url, isolation_level="REPEATABLE READ", hide_parameters=True)
    if not path.is_file():
        raise Missing(f"there is no database {path}: run `returndesk init`")
    place = URL.create(
        url.drivername,
        database=f"file:{quote(str(path))}",
        query={"mode": "ro", "uri": "true"},
    )
    engine = create_async_engine(place, poolclass=NullPool, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _patient)
    event.listen(engine.sync_engine, "begin", _look)
    return engine


def _patient(connection: Any, record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}").close()


def _look(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


BEGIN = "BEGIN IMMEDIATE"
"""A deferred transaction that reads and then writes fails at once when another wrote between."""


def _settle(connection: Any, record: object) -> None:
    # The driver must not begin transactions of its own: it begins deferred ones.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _hurry(connection: Any, record: object) -> None:
    connection.execute(IMPATIENT).close()


def _begin(connection: Connection) -> None:
    # A line begins its transaction itself, before SQLAlchemy hears of it.
    if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql(BEGIN)


def shares_safely(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite has the repair of the WAL reset that loses commits of two processes."""
    repaired = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return version >= repaired.get((version[0], version[1]), (3, 51, 3))


class FileLock:
    """Says who works on an SQLite database; the system frees it on a kill.

    Alone it keeps every other process out; otherwise it only keeps out who wants to be alone.
    """

    def __init__(self, path: Path, *, alone: bool = True) -> None:
        """Raises Locked if another process is in the way, ReadOnly if there can be no lock."""
        name = path.with_name(path.name + ".lock")
        try:
            self._file = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ReadOnly(f"{name} cannot be written: {error.strerror}") from None
        try:
            kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Locked(
                f"another process uses the database: {name} is locked. Stop it first"
            ) from None

    def release(self) -> None:
        """Let others in."""
        os.close(self._file)


def locked(url: URL) -> FileLock | None:
    """The lock of an SQLite file: alone where this version of SQLite must not share.

    None for a server's database. Raises StorageError.
    """
    path = path_of(url)
    if path is None:
        return None
    if not path.parent.is_dir():
        raise Missing(f"there is no folder {path.parent} for the database")
    return FileLock(path, alone=not shares_safely())
