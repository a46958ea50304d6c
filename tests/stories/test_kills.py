"""Killed at any instant, the program loses nothing, doubles nothing and leaves nothing unsaid."""

from __future__ import annotations

from pathlib import Path

from tests.torture.launcher import Launcher
from tests.torture.plan import plan
from tests.torture.run import run
from tests.torture.scenario import SILENCE, WHOLE_RETURN

SEED = 20260301


async def test_a_whole_return_survives_being_killed_again_and_again(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    kills = 20 if database_url.startswith("sqlite") else 6
    outcome = await run(database_url, tmp_path, launcher, WHOLE_RETURN, SEED, kills)
    assert not outcome.faults, str(outcome)
    assert outcome.hits >= kills * 3 // 4, outcome.wrecks


async def test_timers_fire_once_however_often_the_clock_is_killed(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    kills = 10 if database_url.startswith("sqlite") else 4
    outcome = await run(database_url, tmp_path, launcher, SILENCE, SEED, kills)
    assert not outcome.faults, str(outcome)


def test_the_same_seed_kills_at_the_same_moments() -> None:
    drawn = [plan(seed, 20, acts=41, moves=6, share=0.05) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0].kills == 20
