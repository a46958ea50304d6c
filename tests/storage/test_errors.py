"""What a fault of the driver means: who is to blame, and what a person is told to do."""

from __future__ import annotations

import asyncio
import sqlite3

import asyncpg
import pytest

from bot.services.again import Away
from storage.database import Database
from storage.errors import Corrupt, StorageError, wrapped


@pytest.mark.parametrize("name", ["SQLITE_IOERR", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"])
def test_a_failing_disk_is_no_try_of_the_update(name: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    assert isinstance(wrapped(error), Away)


def test_only_damage_calls_for_a_backup() -> None:
    internal = wrapped(asyncpg.InternalServerError("tuple concurrently updated"))
    assert type(internal) is StorageError
    assert isinstance(wrapped(asyncpg.DataCorruptedError("invalid page")), Corrupt)
    assert isinstance(wrapped(asyncpg.IndexCorruptedError("not a btree")), Corrupt)


@pytest.mark.parametrize(
    "said",
    [
        "invalid input for query argument $1: 'Anna >: 1' (expected int, got str)",
        'invalid input syntax for type integer: "Anna"',
    ],
)
def test_a_value_that_the_database_refuses_is_not_quoted(said: str) -> None:
    assert "Anna" not in str(wrapped(asyncpg.DataError(said)))
    assert str(wrapped(asyncpg.DataError(said))).startswith("invalid input")


async def test_who_stops_watching_does_not_stop_the_others(memory: Database) -> None:
    watching, other = (asyncio.create_task(memory.watch()) for _ in range(2))
    await asyncio.sleep(0)
    watching.cancel()
    await asyncio.wait([watching])
    assert not other.done()
    other.cancel()
    await asyncio.wait([other])
