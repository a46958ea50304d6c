"""Nonsense changes nothing, and no handler is without a role (S2, S8)."""

from __future__ import annotations

from pathlib import Path

from tests.databases import SqliteFiles
from tests.torture import nonsense
from tests.torture.launcher import Launcher
from tests.torture.trial import Setting

TRIALS = {trial.name: trial for trial in nonsense.TRIALS}


def setting(files: SqliteFiles, folder: Path, size: int) -> Setting:
    return Setting(20260301, size, folder, lambda: files.make(folder), Launcher())


def test_nonsense_raises_nothing_and_changes_nothing(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    report = TRIALS["fuzz"].run(setting(sqlite_files, tmp_path, 2_000))
    assert report.faults == []


def test_every_handler_stops_the_start_without_its_role(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    report = TRIALS["tags"].run(setting(sqlite_files, tmp_path, 40))
    assert report.faults == []
