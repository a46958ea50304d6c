"""Who may press what is what the table says, whatever was pressed (S1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.databases import SqliteFiles
from tests.screens.scenes import SCENES
from tests.torture.forgery import IDENTITIES, cells_of, matrix, one_of_each_status


async def test_nobody_presses_what_the_table_does_not_give_them(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    outcomes, found = await matrix(sqlite_files.make(tmp_path), tmp_path, one_of_each_status())
    assert found == []
    assert outcomes["allowed"] > 100
    assert outcomes["refused"] > 5_000


def test_what_any_scene_allows_is_in_the_table_that_is_typed_by_hand() -> None:
    for name, scene in SCENES.items():
        life = scene()
        now = life.log[-1][0] + timedelta(minutes=1)
        cells = [
            cell
            for who in IDENTITIES
            for cell in cells_of(who, "own", name, life.case, now, life, who.own)
        ]
        assert cells
