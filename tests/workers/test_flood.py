"""One who sends without end is left out and told so; decisions and everybody else are not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from bot.domain.cases import Status
from bot.services.memory import Group
from bot.services.records import Received
from bot.workers.flood import BURST, Flood
from tests.world import START, World, order, world


async def shed(w: World) -> int:
    async with w.running.memory.reading(w.clock()) as unit:
        return (await unit.cases.counts())["shed"]


async def test_a_flood_is_shed_with_one_notice_a_minute_and_its_decision_is_kept(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller(language="ru")
        await w.ask(anna)
        await w.press(emre, w.words(emre)("Approve"))
        for n in range(2 * BURST):
            emre.send(f"{n}")
        emre.press("Да: Одобрить")
        anna.send("/orders")
        await w.settle()
        assert BURST < await shed(w) < 2 * BURST
        assert (await w.case()).status is Status.APPROVED
        assert any("Your orders" in text for text in anna.texts())
        assert sum("помедленнее" in text for text in emre.texts()) == 1
        for n in range(BURST):
            emre.send(f"{n}")
        await w.settle()
        assert sum("помедленнее" in text for text in emre.texts()) == 1
        await w.later(minutes=1)
        for n in range(BURST):
            emre.send(f"{n}")
        await w.settle()
        assert sum("помедленнее" in text for text in emre.texts()) == 2
        await w.say(w.owner, "/health")
        assert f"Left out, because one sent too much: {await shed(w)}" in w.owner.screen


async def test_albums_and_quick_taps_are_not_shed(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.press(anna, "Open the order", "Return products", "It is defective")
        await w.say(anna, "A long crack runs down from the rim.")
        anna.send_album(10)
        for _ in range(40):
            anna.send("/orders")
        await w.settle()
        assert await shed(w) == 0


async def test_what_is_shed_leaves_no_content_and_is_pruned(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna")
        for n in range(2 * BURST):
            anna.send(f"secret {n}")
        await w.settle()
        assert await shed(w) > 0
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as stored:
        kept = stored.execute("SELECT DISTINCT raw FROM inbox WHERE state = 'shed'")
        assert kept.fetchall() == [("",)]
    async with world(url, tmp_path) as w:
        await w.running.memory.prune(w.clock() + timedelta(seconds=1))
        assert await shed(w) == 0


async def test_only_those_are_remembered_who_may_be_sending_too_much() -> None:
    flood = Flood()

    async def hear(chat: int, second: float, ids: Iterable[int] = (1,)) -> set[int]:
        at = START + timedelta(seconds=second)
        row = Received(update_id=1, chat=chat, kind="message", raw="", received_at=at)
        await flood.let_in(cast(Group, None), [replace(row, update_id=id) for id in ids])
        return set(flood._buckets)

    assert [await hear(chat, chat) for chat in range(100)][-1] == {99}
    await hear(100, 200, range(1, BURST + 1))
    assert await hear(101, 200 + BURST - 1) == {100, 101}
    assert await hear(102, 200 + BURST) == {102}
