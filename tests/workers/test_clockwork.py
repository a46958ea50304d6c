"""The clock acts for people who do not: exactly once, never early, and it says so gently."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.domain.cases import Status, TimerKind
from bot.playground.people import Person
from bot.services.desk import ReturnDesk
from bot.services.records import Outgoing
from bot.services.reminding import Reminding
from tests.world import START, World, order, world

UNWRITABLE = Outgoing(chat=2**70, kind="notice", payload={}, key="unwritable")
"""No database keeps such a number."""


async def test_reminders_of_one_hour_are_one_message(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        emre = await asked_twice(w)
        before = len(emre.chat.messages)
        await w.later(hours=11)  # twelve hours before the first is decided by the clock
        await w.later(minutes=30)  # … and before the second
        new = [m for m in emre.chat.messages[before:] if m.from_bot]
        assert len(new) == 1
        assert "R-000001" in new[0].text
        assert "R-000002" in new[0].text


async def asked_twice(w: World) -> Person:
    """A seller with two requests, half an hour apart: their reminders fall due within an hour."""
    anna = await w.customer("Anna", order("1001"), order("1002"))
    emre = await w.seller()
    for number in ("1001", "1002"):
        await w.ask_for(anna, number)
        await w.later(minutes=30)
    return emre


async def test_a_reminder_at_night_comes_without_a_sound(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path, START.replace(hour=11)) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller()
        await w.ask(anna)
        await w.later(hours=12)  # 02:00 in Istanbul
        assert emre.last.silent
        await w.later(hours=9)  # 11:00 in Istanbul
        assert not emre.last.silent


async def test_nothing_fires_while_the_clock_disagrees_with_telegrams(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.ask(anna)
        w.running.telegram_clock.hear(format_datetime(w.clock(), usegmt=True))
        w.clock.move(timedelta(hours=25))
        w.running.timers_changed.set()
        await w.owner.sees("clock")
        assert (await w.case()).status is Status.NEW
        w.running.telegram_clock.hear(format_datetime(w.clock(), usegmt=True))
        w.running.timers_changed.set()
        await w.settle()
        assert (await w.case()).status is Status.APPROVED


async def test_an_answer_received_in_time_counts_however_late_it_is_handled(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller()
        await w.ask(anna)
        await w.press(emre, "Approve")
        await w.later(hours=23, minutes=59, seconds=59)

        async def busy(limit: int = 0) -> int:
            return 0

        with monkeypatch.context() as patch:
            patch.setattr(w.running.processor, "step", busy)
            emre.press("Yes: Approve")
            while w.telegram.updates.pending:
                await asyncio.sleep(0.001)
            await w.running.jump(lambda: w.clock.move(timedelta(minutes=5)))
            assert await w.running.clockwork.tick() == 0
        await w.settle()
        assert [line.event for line in await w.history()] == ["submit", "approve"]


async def test_an_outage_is_given_back_to_those_whose_time_was_running(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.ask(anna)
        due = (await w.case()).timer(TimerKind.DECISION)
        assert due is not None
    later = START + timedelta(days=3)
    async with world(url, tmp_path, later) as w:
        case = await w.case()
        timer = case.timer(TimerKind.DECISION)
        assert case.status is Status.NEW
        assert timer is not None
        assert timer.due_at - due.due_at == timedelta(days=3)
        await w.later(hours=24)
        assert (await w.case()).status is Status.APPROVED


async def test_a_timer_that_cannot_fire_alarms_and_holds_up_no_other(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        await asked_twice(w)
        fire = w.running.desk.fire

        async def fragile(unit, due):  # type: ignore[no-untyped-def]
            if due.case == 1:
                raise RuntimeError("the first case is cursed")
            await fire(unit, due)

        monkeypatch.setattr(w.running.desk, "fire", fragile)
        await w.later(hours=25)
        assert (await w.case(1)).status is Status.NEW
        assert (await w.case(2)).status is Status.APPROVED
        assert any("R-000001" in text for text in w.owner.texts())
        monkeypatch.setattr(w.running.desk, "fire", fire)
        await w.later(minutes=11)
        assert (await w.case(1)).status is Status.APPROVED
        history = await w.history()
        assert history[-1].at == datetime(2026, 3, 2, 10, tzinfo=UTC)


async def test_an_outage_keeps_the_window_of_an_order_open_as_long(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        await w.know(order())
    async with world(url, tmp_path, START + timedelta(days=3)) as w:
        anna = await w.customer("Anna", order())
        await w.press(anna, "Open the order")
        # Fifteen days from 27 February, and the three in which nobody could reach us.
        assert "Tue 17 March" in anna.screen


async def test_a_case_that_cannot_be_credited_holds_up_no_timer(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        await asked_twice(w)
    credit = ReturnDesk.credit

    async def fragile(self, unit, case, outage):  # type: ignore[no-untyped-def]
        if case.id == 1:
            raise RuntimeError("the first case is cursed")
        await credit(self, unit, case, outage)

    monkeypatch.setattr(ReturnDesk, "credit", fragile)
    async with world(url, tmp_path, START + timedelta(days=3)) as w:
        await w.settle()
        assert ((await w.case(1)).outages, len((await w.case(2)).outages)) == ((), 1)
        assert any("R-000001" in text and "outage" in text for text in w.owner.texts())
        await w.later(hours=25)
        assert (await w.case(2)).status is Status.APPROVED


async def test_a_credit_that_cannot_be_written_is_written_case_by_case(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        await asked_twice(w)
    credit = ReturnDesk.credit

    async def poisoned(self, unit, case, outage):  # type: ignore[no-untyped-def]
        await credit(self, unit, case, outage)
        if case.id == 1:
            unit.outbox.put(UNWRITABLE)

    monkeypatch.setattr(ReturnDesk, "credit", poisoned)
    async with world(url, tmp_path, START + timedelta(days=3)) as w:
        await w.settle()
        assert ((await w.case(1)).outages, len((await w.case(2)).outages)) == ((), 1)


async def test_a_case_that_cannot_be_reminded_of_holds_up_no_other(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        emre = await asked_twice(w)
        open_ = w.running.desk.open

        async def fragile(unit, case):  # type: ignore[no-untyped-def]
            if case == 1:
                raise RuntimeError("the first case is cursed")
            return await open_(unit, case)

        monkeypatch.setattr(w.running.desk, "open", fragile)
        before = len(emre.chat.messages)
        await w.running.jump(lambda: w.clock.move(timedelta(hours=12)))
        await emre.sees("R-000002")
        await w.owner.sees("R-000001")
        said = "".join(m.text for m in emre.chat.messages[before:] if m.from_bot)
        assert "R-000001" not in said
        assert await w.running.clockwork.tick() == 0, "it is tried again in a while"
        monkeypatch.setattr(w.running.desk, "open", open_)
        await w.later(hours=1)
        assert any("R-000001" in m.text for m in emre.chat.messages[before:] if m.from_bot)


async def test_a_part_of_a_tick_that_fails_does_not_stop_the_next(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.press(anna, "Open the order", "Return products")

        async def broken(*given: object) -> int:
            raise RuntimeError("no reminders today")

        monkeypatch.setattr(Reminding, "settle", broken)
        await w.later(days=2)
        async with w.running.memory.reading(w.clock()) as unit:
            assert await unit.drafts.get(anna.id) is None
