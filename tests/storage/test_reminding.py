"""What people are reminded of is kept on both databases: held back, heard, and looked at again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.domain.cases import Role, Status, TimerKind
from bot.services.records import DueReminder, OpenedOrder, Received, Reminded
from storage.database import Database
from tests.storage.samples import decided, keep, new_case, sound
from tests.world import order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_reminder_is_held_for_one_person_and_done_alone(memory: Database) -> None:
    await keep(memory, new_case(1), decided(new_case(1), Status.NEW))
    due = DueReminder(1, TimerKind.DECISION, NOW, NOW + 9 * HOUR, Role.SELLER)
    async with memory.group() as group:
        unit = group.unit(NOW)
        for person in (7, 8):
            unit.reminders.hold(due, person, NOW + HOUR)
        unit.reminders.hold(due, 8, NOW + 2 * HOUR)
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        (held,) = sound(await group.due_reminders(NOW + HOUR, 64))
        assert (held.person, held.at, held.up_at) == (7, NOW, NOW + HOUR)
        unit = group.unit(NOW)
        unit.reminders.done(held)
        group.keep(unit)
        await group.commit()
    assert await memory.next_due() == NOW + 2 * HOUR


async def test_the_last_reminder_of_a_person_is_remembered(memory: Database) -> None:
    for at in (NOW, NOW + HOUR):
        async with memory.group() as group:
            unit = group.unit(at)
            assert await unit.reminders.last(8) is None
            unit.reminders.said(Reminded(7, at, [{"case": 1, "of": "й"}]))
            group.keep(unit)
            await group.commit()
    async with memory.reading(NOW) as unit:
        assert await unit.reminders.last(7) == Reminded(7, NOW + HOUR, [{"case": 1, "of": "й"}])


async def test_an_opened_order_is_looked_at_again_when_the_marketplace_tells_of_it(
    memory: Database,
) -> None:
    opened = OpenedOrder("1001", 7, NOW + HOUR, frozenset({NOW, NOW - HOUR}))
    for told in (order("1001"), order("1001"), order("1001", title="Big mug")):
        async with memory.group() as group:
            unit = group.unit(NOW)
            unit.orders.save_all([told])
            group.keep(unit)
            await group.commit()
        async with memory.group() as group:
            again = await group.due_orders(NOW, 64)
            assert bool(again) is (told.postings[0].lines[0].title == "Big mug")
            unit = group.unit(NOW)
            unit.reminders.watch(opened)
            group.keep(unit)
            await group.commit()
        async with memory.group() as group:
            assert await group.due_orders(NOW + HOUR, 64) == (opened,)


@pytest.mark.parametrize("told", ["", "7", '["a"]', "[1e300]"])
async def test_an_opened_order_whose_past_cannot_be_read_holds_up_no_other(
    memory: Database, told: str
) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        for number in ("1001", "1002"):
            unit.reminders.watch(OpenedOrder(number, 7, NOW, frozenset({NOW})))
        group.keep(unit)
        await group.commit()
    async with memory._engine.begin() as connection:
        spoil = text("UPDATE opened_orders SET told = :told WHERE number = '1001'")
        await connection.execute(spoil, {"told": told})
    async with memory.group() as group:
        due = await group.due_orders(NOW, 64)
    assert {each.number: each.told for each in due} == {"1001": frozenset(), "1002": {NOW}}


async def test_a_shed_update_is_neither_pending_nor_waited_for(memory: Database) -> None:
    update = Received(update_id=1, chat=7, kind="message", raw="{}", received_at=NOW)
    await memory.receive([update], NOW)
    async with memory.group() as group:
        assert await group.waiting_of(7, 9) == (update,)
        group.shed(update, group.unit(NOW))
        await group.commit()
    assert await memory.oldest_undone() is None
    async with memory.reading(NOW) as unit:
        assert (await unit.cases.counts())["shed"] == 1
