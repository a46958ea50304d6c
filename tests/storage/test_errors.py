"""What a fault of the driver means: who is to blame, and what a person is told to do."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest

from bot.services.again import Away
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
