"""B2 in a running bot: a full disk stops what comes in, and a database that is gone stops all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.errors import Corrupt, Full, Missing
from tests.databases import SqliteFiles
from tests.storage.test_inbox import NOW, update
from tests.workers.local_bot import Clock
from tests.workers.test_receiver import Desk


class Disk:
    """The disk of one database. It is full when neither the file nor its ballast may grow."""

    def __init__(self, path: Path, memory: Database) -> None:
        self.ballast = path.with_name(f"{path.name}.ballast")
        self._in_its_place = path.with_name(f"{path.name}.ballast.part")
        self._memory = memory

    async def fills(self) -> None:
        """Nothing more fits on it."""
        self._in_its_place.mkdir()
        await self._pragma(f"max_page_count = {await self._pragma('page_count')}")

    async def has_room_again(self) -> None:
        """Somebody has cleared it."""
        self._in_its_place.rmdir()
        await self._pragma("max_page_count = 1000000")

    async def _pragma(self, words: str) -> int:
        async with self._memory._transaction() as line:
            value = (await line.connection.exec_driver_sql(f"PRAGMA {words}")).scalar()
            return int(str(value))


def remove(path: Path) -> None:
    path.rename(path.with_suffix(".gone"))


def replace(path: Path) -> None:
    path.with_suffix(".new").write_bytes(path.read_bytes())
    path.with_suffix(".new").rename(path)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (path.stat().st_size - 8192))


@pytest.fixture
def path(sqlite_files: SqliteFiles, tmp_path: Path) -> Path:
    return Path(sqlite_files.make(tmp_path).removeprefix("sqlite:///"))


@pytest.fixture
async def memory(path: Path) -> AsyncIterator[Database]:
    async with await open_database(f"sqlite:///{path}") as memory:
        yield memory


async def test_a_full_disk_holds_back_what_comes_until_there_is_room(
    path: Path, memory: Database, clock: Clock
) -> None:
    desk, disk = Desk(memory, clock), Disk(path, memory)
    anna = desk.telegram.add_person("Anna")
    await desk.receiver.poll()
    assert disk.ballast.is_file()

    await disk.fills()
    for _ in range(99):
        anna.send("x" * 4000)
    with pytest.raises(Full):
        await desk.receiver.poll()
    assert not disk.ballast.exists(), "its room is for what was begun"
    asked = desk.telegram.counts["getUpdates"]
    running = asyncio.create_task(desk.receiver.run())
    while len(clock.slept) < 20:
        await asyncio.sleep(0)
    assert desk.telegram.counts["getUpdates"] == asked, "what cannot be kept is not asked for"
    assert desk.alerts == ["disk_full"], "the staff are told once"
    assert await memory.last_update_id() == 0

    await disk.has_room_again()
    while await memory.last_update_id() == 0:
        await asyncio.sleep(0)
    running.cancel()
    assert disk.ballast.is_file()
    assert len(await desk.inbox()) == 99
    assert desk.telegram.violations == []


async def test_two_who_ask_for_room_at_once_both_hear_that_there_is(memory: Database) -> None:
    assert await asyncio.gather(*(memory.room() for _ in range(4))) == [True] * 4


async def test_nothing_is_committed_to_a_file_that_was_removed(
    path: Path, memory: Database
) -> None:
    assert await memory.receive([update(1)], NOW) == 1
    remove(path)
    with pytest.raises(Missing, match="was removed"):
        await memory.receive([update(2)], NOW)
    with pytest.raises(Missing, match="was removed"):
        await memory.watch()


async def test_nothing_is_committed_beside_a_file_that_was_replaced(
    path: Path, memory: Database
) -> None:
    replace(path)
    with pytest.raises(Missing, match="was replaced"):
        await memory.receive([update(1)], NOW)


async def test_a_database_that_is_found_damaged_ends_the_run(path: Path, memory: Database) -> None:
    await memory.receive([update(id) for id in range(1, 2000)], NOW)
    await memory.scrub()
    damage(path)
    async with memory._transaction() as line:
        await line.connection.exec_driver_sql("PRAGMA cache_size = 0")
    with pytest.raises(Corrupt):
        await memory.receive([update(id) for id in range(1, 2000)], NOW)
    with pytest.raises(Corrupt, match="restore a backup"):
        await memory.watch()
