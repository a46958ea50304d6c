"""What comes round every hour: closed returns are forgotten with their files, and faults told."""

from __future__ import annotations

import os
from pathlib import Path

from bot.workers.looking import Looking
from tests.world import World, order, world


def files_of(folder: Path) -> list[Path]:
    """All evidence there is, from now on older than any fetch that is under way."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    for path in found:
        os.utime(path, (0, 0))
    return found


async def a_closed_return(w: World) -> None:
    """A customer asks with a photo, and thinks better of it."""
    anna = await w.customer("Anna", order())
    await w.seller()
    await w.ask(anna)
    async with Looking() as looking:
        await w.running.evidence.fetch(looking)
    await w.agree(anna, "Cancel the return")


async def test_words_and_photos_go_with_a_return_that_was_closed_long_ago(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        await a_closed_return(w)
        folder = w.running.settings.evidence_folder
        stray = folder / "ab" / ("ab" * 32)
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"?")
        await w.running.upkeep.work()
        assert stray in files_of(folder), "for all we know its fetch is under way"
        await w.running.upkeep.work()
        assert stray not in files_of(folder)
        assert len(files_of(folder)) == 1, "the return is young"
        assert any(line.text for line in await w.history())

        await w.later(days=181)
        await w.running.upkeep.work()
        assert files_of(folder) == []
        assert not any(line.text or line.photos for line in await w.history())


async def test_what_others_keep_in_the_folder_of_evidence_is_left_alone(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        folder = w.running.settings.evidence_folder
        backup, note = folder / "backups" / "returndesk.db", folder / "ab" / "note.txt"
        nameless = folder / "backups" / ("ab" * 32)
        for path in (backup, note, nameless):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"?")
        assert len(files_of(folder)) == 3
        await w.running.upkeep.work()
        assert {*files_of(folder)} == {backup, note, nameless}


async def test_the_staff_are_told_once_that_the_books_are_wrong(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        await a_closed_return(w)
        async with w.running.memory._transaction() as line:
            await line.connection.exec_driver_sql("UPDATE cases SET status = 'REFUNDED'")
        told = len(w.owner.texts())
        for _ in range(2):
            await w.running.upkeep.work()
            await w.settle()
        assert "found 2 faults" in w.owner.screen
        assert len(w.owner.texts()) == told + 1
        async with w.running.memory._transaction() as line:
            await line.connection.exec_driver_sql(
                "UPDATE cases SET status = 'CANCELED_BY_CUSTOMER'"
            )
