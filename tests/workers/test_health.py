"""What machines are told of a running bot: it lives, it can work, how much waits."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.app import Program, program
from bot.playground.session import PlaygroundSession
from bot.services.health import SILENCE, Vitals
from bot.workers import health
from bot.workers.listener import listening
from storage.errors import StorageError
from storage.group import StoredGroup
from tests.databases import PostgresServer
from tests.world import TOKEN, order, world


async def asked(running: Program, path: str) -> tuple[int, str]:
    """What a running program answers over HTTP."""
    async with (
        listening("127.0.0.1:0", running.watch().routes) as url,
        ClientSession() as client,
        client.get(url + path) as answer,
    ):
        return answer.status, await answer.text()


def figures(text: str) -> dict[str, float]:
    """The metrics, by name and label as Prometheus writes them."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_a_bot_that_works_is_ready_and_counts_what_it_does(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna Kanarienvogel", order())
        emre = await w.seller()
        await w.ask(anna)
        assert (await asked(w.running, "/healthz"))[0] == 200
        ready, text = await asked(w.running, "/readyz"), (await asked(w.running, "/metrics"))[1]
        assert ready == (200, '{"ready": true, "wrong": []}')
        found = figures(text)
        assert found["returndesk_ready"] == 1
        assert found['returndesk_returns{status="NEW"}'] == 1
        assert found["returndesk_timers"] == 1
        assert found['returndesk_updates_total{result="done"}'] > 5
        assert found['returndesk_sends_total{outcome="arrived"}'] > 5
        assert found["returndesk_inbox_lag_seconds"] == 0
        # S5: neither token nor name nor number.
        for secret in (TOKEN, "Kanarienvogel", str(anna.id), "1001", "acme"):
            assert secret not in text

        anna.block()
        await w.agree(emre, "Approve")
        found = figures((await asked(w.running, "/metrics"))[1])
        assert found["returndesk_people_unreachable"] == 1


async def test_who_may_not_fire_deadlines_is_not_ready(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path) as w:
        w.running.telegram_clock.hear("Sun, 01 Mar 2026 09:00:00 GMT")
        assert await asked(w.running, "/readyz") == (
            503,
            '{"ready": false, "wrong": ["clocks disagree"]}',
        )
        found = figures((await asked(w.running, "/metrics"))[1])
        assert found["returndesk_ready"] == 0
        assert found["returndesk_clock_disagreement_seconds"] > 3500


async def test_a_look_that_takes_too_long_is_not_torn_and_serves_who_asks_next(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(database_url, tmp_path) as w:
        vitals, looks, answers = w.running.memory.vitals, 0, asyncio.Event()

        async def slow(now: datetime) -> Vitals:
            nonlocal looks
            looks += 1
            await answers.wait()
            return await vitals(now)

        monkeypatch.setattr(w.running.memory, "vitals", slow)
        monkeypatch.setattr(health, "PATIENCE_S", 0.01)
        async with (
            listening("127.0.0.1:0", w.running.watch().routes) as url,
            ClientSession() as client,
        ):
            for _ in range(2):
                async with client.get(f"{url}/readyz") as answer:
                    assert await answer.json() == {
                        "ready": False,
                        "wrong": ["database: TimeoutError"],
                    }
            assert looks == 1
            monkeypatch.setattr(health, "PATIENCE_S", 20)
            answers.set()
            async with client.get(f"{url}/readyz") as answer:
                assert answer.status == 200


async def test_what_could_not_be_written_is_counted_once_it_is(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        before, commit, fails = w.running.processor.results["done"], StoredGroup.commit, [True]

        async def once(self: StoredGroup) -> frozenset[int]:
            if fails:
                fails.clear()
                raise StorageError("the first group cannot be written")
            return await commit(self)

        monkeypatch.setattr(StoredGroup, "commit", once)
        await w.say(anna, "/help")
        assert fails == []
        assert w.running.processor.results["done"] == before + 1


@pytest.fixture
def shared_url(postgres: PostgresServer) -> str:
    return postgres.lend()


@pytest.mark.postgres
async def test_a_process_that_only_helps_knows_what_the_one_that_polls_hears(
    shared_url: str, tmp_path: Path
) -> None:
    async with (
        world(shared_url, tmp_path) as w,
        program(w.running.settings, w.clock, PlaygroundSession(w.telegram)) as helper,
    ):
        stop = asyncio.Event()
        work = asyncio.create_task(helper.run(stop))
        await helper.met.wait()
        w.clock.move(SILENCE)
        await w.say(w.owner, "/help")
        w.clock.move(timedelta(seconds=59))
        await helper._tick()
        assert not helper.leading
        assert await asked(helper, "/readyz") == (200, '{"ready": true, "wrong": []}')
        w.clock.move(SILENCE)
        await helper._tick()
        assert (await asked(helper, "/readyz"))[0] == 503
        stop.set()
        await work
