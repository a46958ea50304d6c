"""Killed at any instant, the program loses nothing, doubles nothing and leaves nothing unsaid."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.domain.cases import Action
from tests.databases import SqliteFiles
from tests.torture.launcher import Launcher
from tests.torture.plan import Kill, Plan
from tests.torture.run import run
from tests.torture.scenario import QUARREL, SILENCE, WHOLE_RETURN
from tests.world import order, world

SEED = 20260301


async def test_a_whole_return_survives_being_killed_again_and_again(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    kills = 20 if database_url.startswith("sqlite") else 6
    planned = WHOLE_RETURN.plan(SEED, kills)
    outcome = await run(database_url, tmp_path, launcher, WHOLE_RETURN, planned)
    assert not outcome.faults, str(outcome)
    # How many meet unfinished work is chance, and of few kills it may take most.
    assert outcome.hits, outcome.wrecks


async def test_a_dispute_survives_being_killed_where_telegram_posts(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    planned = QUARREL.plan(SEED, 6, rough=True)
    outcome = await run(database_url, tmp_path, launcher, QUARREL, planned, webhook=True)
    assert not outcome.faults, str(outcome)
    assert outcome.hits, outcome.wrecks
    assert outcome.posts is not None
    assert outcome.posts.refused, "no stranger posted"


async def test_timers_fire_once_however_often_the_clock_is_killed(
    database_url: str, tmp_path: Path, launcher: Launcher
) -> None:
    planned = SILENCE.plan(SEED, 10 if database_url.startswith("sqlite") else 4)
    outcome = await run(database_url, tmp_path, launcher, SILENCE, planned)
    assert not outcome.faults, str(outcome)


async def test_what_is_done_while_the_program_is_down_comes_after_what_was_done_before(
    sqlite_files: SqliteFiles, tmp_path: Path, launcher: Launcher
) -> None:
    idle = (Kill("idle", delay_s=0, again=False),)
    planned = Plan(0, dict.fromkeys((36, 38, 40), idle), {})
    outcome = await run(sqlite_files.make(tmp_path), tmp_path, launcher, WHOLE_RETURN, planned)
    assert not outcome.faults, str(outcome)


async def test_an_act_that_waited_for_a_restart_comes_after_what_the_clock_did(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    async with world(sqlite_files.make(tmp_path), tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.press(anna, "Open the order", "Return products", "I changed my mind", "Skip")
        await w.show(anna)
        await w.press(anna, "Done", "Send")
        await w.later(hours=24)
        fired = (await w.history())[-1]
        async with w.running.memory.group() as group:
            unit = group.unit(fired.at - timedelta(seconds=30))
            account = await unit.accounts.get(anna.id)
            assert account is not None
            await w.running.desk.act(unit, account, 1, None, Action.CANCEL)
            group.keep(unit)
            await group.commit()
        assert fired.event == "decision_due"
        assert (await w.history())[-1].at == fired.at


def test_the_same_seed_kills_at_the_same_moments() -> None:
    drawn = [WHOLE_RETURN.plan(seed, 20) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0].kills == 20
