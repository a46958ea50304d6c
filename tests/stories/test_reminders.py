"""Reminders: of the windows of opened orders, and at most one message an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.orders import Order
from bot.playground.people import Person
from tests.world import START, World, order, world


def reminders(person: Person) -> list[str]:
    """The reminders that a person can see."""
    return [text for text in person.texts() if "⏰" in text]


def ends_at(hours: float, **changes: object) -> Order:
    """An order whose window (15 days in Baku) closes on 3 March, 20:00 UTC, some days later."""
    return order(delivered=START - timedelta(days=14) + timedelta(hours=hours), **changes)  # type: ignore[arg-type]


# The window of an order delivered on 15 February ends with 2 March in Baku: 2 March, 20:00 UTC.
DAY_BEFORE = {"hours": 10}


async def test_a_window_reminds_a_day_before_it_closes(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(0))
        await w.press(anna, "Open the order")
        await w.later(hours=9, minutes=59)
        assert reminders(anna) == []
        await w.later(minutes=1)
        (said,) = reminders(anna)
        assert "Order 1001: Coffee mug can be returned until Tue 3 March, 00:00 (Baku)" in said
        assert "1 day left" in said
        assert said.endswith("After that it can no longer be returned.")
        assert anna.last.silent  # midnight in Baku
        await w.press(anna, "Order 1001")
        assert "You can return it until Mon 2 March" in anna.screen
        await w.later(hours=30)
        assert len(reminders(anna)) <= 1


async def test_a_reminder_says_in_russian_what_remains_possible(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        phone = ends_at(0, category="technically_complex", title="Телефон")
        anna = await w.customer("Анна", phone, language="ru")
        await w.press(anna, w.words(anna)("Open the order"))
        await w.later(hours=10)
        (said,) = reminders(anna)
        assert "Заказ 1001: Телефон\xa0— вернуть можно до 3 марта (вт), 00:00 (Баку)" in said
        assert "После этого можно только обратиться с дефектом по гарантии, до " in said


async def test_an_order_that_nobody_opened_does_not_remind(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(0))
        await w.later(hours=20)
        assert reminders(anna) == []


async def test_what_is_in_a_return_does_not_remind(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(0))
        await w.seller()
        await w.ask(anna)
        await w.later(hours=10)
        assert reminders(anna) == []


async def test_a_blocked_customer_is_not_reminded(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(0))
        await w.press(anna, "Open the order")
        async with w.running.memory.group() as group:
            unit = group.unit(w.clock())
            account = await unit.accounts.get(anna.id)
            assert account is not None
            unit.accounts.save(replace(account, blocked=True))
            group.keep(unit)
            await group.commit()
        await w.later(hours=10)
        assert reminders(anna) == []


async def told(w: World, *orders: Order) -> None:
    """A later file tells of these orders, and the clock is looked at."""
    await w.know(*orders)
    w.running.timers_changed.set()
    await w.settle()


async def test_a_reminder_follows_the_dates_of_a_later_file(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(0))
        await w.press(anna, "Open the order")
        await told(w, ends_at(24))
        await w.later(hours=12)
        assert reminders(anna) == []
        await told(w, ends_at(0))  # after all, and the day before has begun
        (said,) = reminders(anna)
        assert "Tue 3 March, 00:00 (Baku), 22\xa0h left" in said
        await told(w, ends_at(0, title="Big coffee mug"))
        assert len(reminders(anna)) == 1


async def test_an_order_opened_before_its_delivery_reminds_too(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order(delivered=None))
        await w.press(anna, "Open the order")
        await told(w, ends_at(0))
        await w.later(hours=10)
        assert len(reminders(anna)) == 1


async def test_a_reminder_follows_a_credited_outage(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", ends_at(48))
        await w.press(anna, "Open the order")
    async with world(url, tmp_path, START + timedelta(days=2)) as w:
        await w.later(hours=11)
        async with w.running.memory.group() as group:
            (opened,) = await group.due_orders(START + timedelta(days=9), 9)
        # The window closed on 4 March, 20:00 UTC, and closes two days later now.
        assert opened.look_at == START + timedelta(days=4, hours=10)
        await w.later(days=1, hours=22)
        async with w.running.memory.reading(w.clock()) as unit:
            assert await unit.reminders.last(anna.id) is None
        await w.later(hours=1)
        async with w.running.memory.reading(w.clock()) as unit:
            last = await unit.reminders.last(anna.id)
        assert last is not None
        assert last.items[0]["due_at"] == (START + timedelta(days=5, hours=10)).isoformat()


# ------------------------------------------------------------------------------- the hour


def shorten(w: World, minutes: int, *before: int) -> None:
    """Let sellers decide within so many minutes, reminded so many minutes before."""
    reminders_ = [f"{each}m" for each in before]
    w.running.desk.policy = w.running.desk.policy.with_overrides(
        {"decision.minutes": minutes, "decision.reminders": reminders_}
    )


async def reminded(w: World) -> tuple[Person, Person]:
    """A customer of two orders, and the seller, who has just been reminded of her first return."""
    anna = await w.customer("Anna", order("1001"), order("1002"))
    emre = await w.seller()
    shorten(w, 300, 240)
    await w.ask_for(anna, "1001")
    await w.later(minutes=60)
    assert len(reminders(emre)) == 1
    return anna, emre


async def test_a_reminder_within_the_hour_of_another_waits(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna, emre = await reminded(w)
        shorten(w, 270, 260)  # its reminder falls due ten minutes after it begins
        await w.ask_for(anna, "1002")
        await w.later(minutes=10)
        assert len(reminders(emre)) == 1
        await w.later(minutes=49)
        assert len(reminders(emre)) == 1
        await w.later(minutes=1)
        assert len(reminders(emre)) == 2
        assert "R-000002" in reminders(emre)[-1]
        assert "R-000001" not in reminders(emre)[-1]


async def test_a_reminder_that_cannot_wait_takes_the_place_of_the_last_message(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        anna, emre = await reminded(w)
        first = emre.last
        shorten(w, 40, 30)
        await w.ask_for(anna, "1002")
        await w.later(minutes=10)
        (said,) = reminders(emre)
        assert "R-000001" in said
        assert "R-000002" in said
        assert first.deleted
        assert not emre.last.silent


async def test_of_a_team_only_those_wait_who_were_reminded(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna, emre = await reminded(w)
        elif_ = await w.seller("Elif")
        shorten(w, 270, 260)
        await w.ask_for(anna, "1002")
        await w.later(minutes=10)
        assert len(reminders(emre)) == 1
        assert "R-000002" in reminders(elif_)[-1]
        await w.later(minutes=50)
        assert len(reminders(emre)) == 2
        assert len(reminders(elif_)) == 1


async def test_a_reminder_that_waits_is_forgotten_with_its_reason(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna, emre = await reminded(w)
        shorten(w, 270, 260)
        await w.ask_for(anna, "1002")
        await w.later(minutes=10)
        await w.agree(emre, "Approve")
        await w.later(minutes=50)
        assert len(reminders(emre)) == 1
