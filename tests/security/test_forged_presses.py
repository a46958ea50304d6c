"""Who may press what is what the table says, whatever was pressed (S1)."""

from __future__ import annotations

from pathlib import Path

from tests.databases import SqliteFiles
from tests.torture.forgery import matrix, one_of_each_status


async def test_nobody_presses_what_the_table_does_not_give_them(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    outcomes, found = await matrix(sqlite_files.make(tmp_path), tmp_path, one_of_each_status())
    assert found == []
    assert outcomes["allowed"] > 100
    assert outcomes["refused"] > 5_000
