"""Nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.shell import ROOT

HEAVY = ("aiogram", "aiohttp", "alembic", "apscheduler", "babel", "pydantic", "sqlalchemy")


def imported(code: str) -> set[str]:
    """The heavy packages that are there after this code."""
    look = f"import sys\ntry:\n {code}\nfinally:\n print('|', *sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    return set(HEAVY) & set(done.stderr.rpartition("|")[2].split())


def test_help_imports_nothing_heavy() -> None:
    assert imported("from bot.__main__ import main; main(['--help'])") == set()


def test_a_simulation_needs_no_telegram_and_no_database() -> None:
    found = imported("import bot.services.simulation")
    assert found <= {"pydantic"}


def test_a_record_is_checked_with_python_alone() -> None:
    assert imported("import bot.services.verifying") == set()


@pytest.mark.parametrize("room", ["bot.domain.lifecycle", "bot.services.desk"])
def test_the_rules_and_the_desk_need_no_telegram_and_no_database(room: str) -> None:
    assert imported(f"import {room}").isdisjoint(
        {"aiogram", "aiohttp", "sqlalchemy", "apscheduler"}
    )


def test_models_of_telegram_are_built_when_they_are_used_and_all_of_them_can_be() -> None:
    code = """
from bot.aiogram_light import import_aiogram
import_aiogram()
import aiogram
kinds = [getattr(room, name) for room in (aiogram.types, aiogram.methods) for name in room.__all__]
models = [each for each in kinds if isinstance(each, type) and hasattr(each, "model_rebuild")]
print(len(models), sum(each.__pydantic_complete__ for each in models))
print(sum(bool(each.model_rebuild()) for each in models))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    all_of_them, at_once, later = map(int, done.stdout.split())
    assert (at_once, later) == (0, all_of_them)
    assert all_of_them > 500


def test_the_look_at_what_is_imported_sees_something() -> None:
    assert imported("import sqlalchemy") == {"sqlalchemy"}
