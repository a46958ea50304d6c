"""What is wrong with a database is said in one clear line, before anything is lost."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import open_database
from storage.engines import FileLock, open_engine, parsed, shares_safely
from storage.errors import (
    Corrupt,
    Full,
    Locked,
    Missing,
    ReadOnly,
    StorageError,
    Unreachable,
    clear_errors,
)
from tests.databases import PostgresServer, SqliteFiles
from tests.storage.test_inbox import NOW, update


@pytest.fixture
def url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return sqlite_files.make(tmp_path)


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_a_missing_file_is_not_made_by_accident(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(Missing, match="run `returndesk init`"):
        await open_database(f"sqlite:///{path}")
    assert not path.exists()


async def test_init_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a folder with % and ?.db"
    async with await open_database(f"sqlite:///{path}", create=True) as database:
        assert await database.receive([update(1)], NOW) == 1
    async with await open_database(f"sqlite:///{path}") as database:
        assert await database.last_update_id() == 1


async def test_a_damaged_file_is_refused(url: str) -> None:
    path = path_of(url)
    async with await open_database(url) as database:
        await database.receive([update(id) for id in range(1, 2000)], NOW)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = os.urandom(20_000)
    path.write_bytes(content)
    with pytest.raises(Corrupt, match="restore a backup"):
        await open_database(url)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear customer, " * 1000)
    with pytest.raises(Corrupt, match="no database"):
        await open_database(f"sqlite:///{path}")


async def test_a_full_disk_loses_nothing_and_resumes_when_there_is_room(url: str) -> None:
    async with await open_database(url) as database:
        await database.receive([update(1)], NOW)
        pages = await _pragma(database, "page_count")
        await _pragma(database, f"max_page_count = {pages}")
        many = [update(id) for id in range(2, 5000)]
        with pytest.raises(Full, match="disk"):
            await database.receive(many, NOW)
        assert await database.last_update_id() == 1
        await _pragma(database, "max_page_count = 1000000")
        assert await database.receive(many, NOW) == len(many)


async def _pragma(database: object, words: str) -> int:
    async with database._transaction() as connection:  # type: ignore[attr-defined]
        value = (await connection.execute(text(f"PRAGMA {words}"))).scalar()
        return int(value)


async def test_a_read_only_database_is_said_to_be_one(url: str) -> None:
    async with await open_database(url) as database:
        await _pragma(database, "user_version")
        async with database._transaction() as connection:
            await connection.execute(text("PRAGMA query_only = ON"))
        with pytest.raises(ReadOnly):
            await database.receive([update(1)], NOW)


async def test_the_database_is_opened_for_durability(url: str) -> None:
    async with await open_database(url) as database:
        settings = {
            name: await _pragma(database, name)
            for name in ("synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
        async with database._transaction() as connection:
            mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
    full = 2
    assert settings == {
        "synchronous": full,
        "foreign_keys": 1,
        "secure_delete": 1,
        # What waits for another process is asked for in the thread, and says how long.
        "busy_timeout": 0,
    }
    assert mode == "wal"


def in_another_process(code: str, path: Path) -> str:
    """Run a line about the file at `path` in another process. Answers what it complained about."""
    head = "import os, sys; from pathlib import Path; from storage.engines import FileLock; "
    line = f"{head} path = Path(sys.argv[1]); {code}"
    return subprocess.run(
        [sys.executable, "-c", line, str(path)], capture_output=True, text=True
    ).stderr


async def test_another_process_that_holds_the_database_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engines.shares_safely", lambda: False)
    async with await open_database(url):
        assert "Locked" in in_another_process("FileLock(path)", path_of(url))
        with pytest.raises(Locked, match=r"memory-\d+\.db\.lock"):
            await open_database(url)
    FileLock(path_of(url)).release()


async def test_a_lock_dies_with_its_process(url: str) -> None:
    in_another_process("FileLock(path); os.kill(os.getpid(), 9)", path_of(url))
    FileLock(path_of(url)).release()


async def test_a_second_writer_is_told_that_the_database_is_locked(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.line.PATIENCE_MS", 1)
    async with await open_database(url) as database:
        other = sqlite3.connect(path_of(url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked):
            await database.receive([update(1)], NOW)
        other.execute("ROLLBACK")
        other.close()
        assert await database.receive([update(1)], NOW) == 1


@pytest.mark.parametrize("cancelled", [0, 2])
async def test_who_waits_for_a_second_writer_holds_up_nobody(
    url: str, monkeypatch: pytest.MonkeyPatch, cancelled: int
) -> None:
    monkeypatch.setattr("storage.line.PATIENCE_MS", 20_000)
    other = sqlite3.connect(path_of(url), isolation_level=None)
    async with await open_database(url) as database:
        other.execute("BEGIN IMMEDIATE")
        first = asyncio.create_task(database.receive([update(1)], NOW))
        for _ in range(cancelled):
            await asyncio.sleep(0.01)
            first.cancel()
        second = asyncio.create_task(database.receive([update(2)], NOW))
        stuck = threading.Event()
        alarm = threading.Timer(15, stuck.set)
        alarm.start()
        await asyncio.sleep(0.01)
        alarm.cancel()
        other.execute("ROLLBACK")
        await asyncio.wait([first])
        assert await second == 1
        assert not stuck.is_set()
    other.close()


async def test_nobody_writes_between_what_a_group_reads_and_what_it_writes(url: str) -> None:
    other = sqlite3.connect(path_of(url), isolation_level=None, timeout=0)
    async with await open_database(url) as database:
        async with database.group():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("DELETE FROM inbox")
        other.execute("DELETE FROM inbox")
    other.close()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_versions_with_the_wal_reset_fault_share_with_nobody(
    version: tuple[int, ...], safe: bool
) -> None:
    assert shares_safely(version) is safe


@pytest.mark.parametrize(
    "url", ["", "postgres", "mysql://root@host/db", "sqlite://", "sqlite:///:memory:"]
)
async def test_a_url_of_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL"):
        await open_database(url)


async def test_a_server_that_is_away_is_said_to_be_away(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="away"):
        await open_database(f"postgresql://nobody@/none?host={tmp_path}")


@pytest.mark.postgres
def test_a_missing_database_on_the_server_is_named(postgres: PostgresServer) -> None:
    url = postgres.lend().replace("/returndesk_test_", "/no_returndesk_test_")
    with pytest.raises(Missing, match="create it"):
        asyncio.run(open_database(url))


async def test_who_is_cancelled_in_a_statement_leaves_the_database_usable(url: str) -> None:
    async with await open_database(url) as memory:
        for turns in range(30):
            asked = asyncio.create_task(memory.vitals(NOW))
            await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0.0001)
            asked.cancel()
            await asyncio.wait([asked])
            assert await memory.receive([update(turns + 1)], NOW) == 1


async def test_an_error_never_quotes_values(url: str) -> None:
    engine = open_engine(parsed(url))
    async with engine.connect() as connection:
        with pytest.raises(StorageError) as caught, clear_errors():
            await connection.exec_driver_sql("INSERT INTO slots VALUES (?, ?, NULL)", ("secret", 1))
    await engine.dispose()
    assert "secret" not in str(caught.value)
    assert "secret" not in str(caught.value.__cause__)
