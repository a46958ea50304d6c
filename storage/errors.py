"""Every fault of the database, wrapped once into one clear line.

The text of a statement's parameters never gets into a message: it may be personal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from bot.services.again import Away, Overtaken


class StorageError(Exception):
    """The database could not do what was asked. `str()` is one line for a person."""


class Missing(StorageError):
    """There is no such database. `returndesk init` creates it."""


class WrongSchema(StorageError):
    """The tables are older or newer than the program. `returndesk init` upgrades older ones."""


class Locked(Away, StorageError):
    """Another process holds the database."""


class ReadOnly(Away, StorageError):
    """The database cannot be written."""


class Full(Away, StorageError):
    """The disk is full. Nothing was written; it works again once there is room."""


class Failing(Away, StorageError):
    """The disk reports faults, or a quota is used up."""


class Corrupt(Away, StorageError):
    """The file is damaged. Nothing but restoring a backup helps."""


class Unreachable(Away, StorageError):
    """The server is away, or went away: whether the last commit happened is not known."""


class Exists(StorageError):
    """Something is there that is only overwritten where that is asked for."""


class Conflict(StorageError):
    """A unique key or a foreign key forbids what was written."""


class Unreadable(StorageError):
    """What is stored of one thing is damaged, or was written by another version."""


class CameSecond(Overtaken, StorageError):
    """Another transaction changed what this one read or writes: PostgreSQL gave this one up."""


FAULTS = (
    SQLAlchemyError,
    OSError,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # A connection that was torn in the middle of an answer.
    asyncpg.InternalClientError,
)
_FORBIDDEN = (
    IntegrityError,
    sqlite3.IntegrityError,
    asyncpg.IntegrityConstraintViolationError,
)

_Meaning = dict[str, tuple[type[StorageError], str]]
_SQLITE: _Meaning = {
    "SQLITE_BUSY": (Locked, "the database is locked by another process"),
    "SQLITE_LOCKED": (Locked, "the database is locked by another process"),
    "SQLITE_READONLY": (ReadOnly, "the database is read-only"),
    "SQLITE_FULL": (Full, "the disk of the database is full"),
    "SQLITE_IOERR": (Failing, "the disk of the database cannot be read or written"),
    "SQLITE_CORRUPT": (Corrupt, "the database is damaged: restore a backup"),
    "SQLITE_NOTADB": (Corrupt, "the file is no database"),
    "SQLITE_CANTOPEN": (Missing, "the database cannot be opened: may its folder be written?"),
}
_POSTGRESQL: _Meaning = {
    "08": (Unreachable, "the database server is away"),
    "57": (Unreachable, "the database server is away"),
    "28": (Unreachable, "the database server refuses the user or the password"),
    "3D": (Missing, "there is no such database on the server: create it, then `returndesk init`"),
    "25006": (ReadOnly, "the database is read-only"),
    "25": (StorageError, "the transaction was given up"),
    "53": (Full, "the database server is out of room"),
    # XX000 is any fault inside the server: that is no reason to give up the data.
    "XX001": (Corrupt, "the database is damaged: restore a backup"),
    "XX002": (Corrupt, "an index of the database is damaged: REINDEX, or restore a backup"),
    "40": (CameSecond, "another transaction came first"),
}
_NO_TABLE = "the database has no tables of this version: run `returndesk init`"


def wrapped(error: BaseException) -> StorageError:
    """The storage error that says in one line what this fault of the driver means."""
    if isinstance(error, OSError):
        return Unreachable(f"the database server is away: {_line(error)}")
    cause: BaseException = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", ""))
    state = str(getattr(cause, "sqlstate", "") or "")
    if known := _SQLITE.get("_".join(name.split("_")[:2])):
        return known[0](known[1])
    if state == "42P01" or "no such table" in str(cause) or "no such column" in str(cause):
        return WrongSchema(_NO_TABLE)
    if known := _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]):
        return known[0](known[1])
    if isinstance(error, _FORBIDDEN):
        return Conflict(_line(cause))
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, (asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return Unreachable("the connection to the database server was lost")
    return StorageError(_line(cause))


@contextmanager
def clear_errors() -> Iterator[None]:
    """Raise the faults of the driver inside as `StorageError`s."""
    try:
        yield
    except FAULTS as error:
        raise wrapped(error) from error


def _line(error: BaseException) -> str:
    """The first line of the driver's message: the lines below may quote values.

    Where a value itself is refused (class 22), the line does, too: only its beginning is said.
    """
    text = str(error).strip().partition("\n")[0]
    if text.startswith("<class "):
        text = text.partition(">: ")[2]
    if str(getattr(error, "sqlstate", "") or "").startswith("22"):
        text = text.partition(":")[0]
    return text or type(error).__name__
