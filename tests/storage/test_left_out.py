"""What cannot be read or kept is left out alone, and the staff are told: on both databases.

On a server a statement that fails takes its whole transaction with it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.cases import ReturnCase, Role, Status, TimerKind
from bot.services.ports import Unit
from bot.services.records import DueReminder
from storage.beside import reading
from storage.checking import examine
from storage.database import Database, open_database
from storage.errors import StorageError
from tests.storage.samples import NOW, opened
from tests.workers.test_clockwork import asked_twice
from tests.world import START, order, world


def poison(unit: Unit) -> None:
    """No database keeps this unit: there is no such return."""
    unit.reminders.hold(
        DueReminder(999, TimerKind.DECISION, unit.now, unit.now, Role.SELLER), 7, unit.now
    )


async def fail(unit: Unit) -> None:
    """A statement that fails on a server, where it ends the transaction, too."""
    with suppress(StorageError):
        await unit.outbox.message_of(7, "\0")
    raise RuntimeError("the first case is cursed")


async def alter(memory: Any, sql: str) -> None:
    """Change rows behind the program's back."""
    async with memory._transaction() as line:
        await line.connection.execute(text(sql))


async def rewrite(memory: Any, body: str) -> str:
    """Store something else for the first case. Answers what was there."""
    async with memory._transaction() as line:
        found = await line.connection.execute(text("SELECT body FROM cases WHERE id = 1"))
        before: str = found.scalar_one()
        await line.connection.execute(
            text("UPDATE cases SET body = :body WHERE id = 1"), {"body": body}
        )
    return before


async def test_a_timer_that_cannot_be_written_holds_up_no_other(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(database_url, tmp_path) as w:
        await asked_twice(w)
        fire = w.running.desk.fire

        async def poisoned(unit: Any, due: Any) -> None:
            await fire(unit, due)
            if due.case == 1:
                poison(unit)

        monkeypatch.setattr(w.running.desk, "fire", poisoned)
        await w.later(hours=25)
        assert (await w.case(1)).status is Status.NEW
        assert (await w.case(2)).status is Status.APPROVED
        assert any("R-000001" in told for told in w.owner.texts())


@pytest.mark.parametrize("written", [False, True])
async def test_a_statement_that_fails_for_one_reminder_holds_up_no_other(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    async with world(database_url, tmp_path) as w:
        emre = await asked_twice(w)
        open_ = w.running.desk.open

        async def fragile(unit: Any, case: int) -> Any:
            if case == 1 and written:
                poison(unit)
            elif case == 1:
                await fail(unit)
            return await open_(unit, case)

        monkeypatch.setattr(w.running.desk, "open", fragile)
        before = len(emre.chat.messages)
        await w.running.jump(lambda: w.clock.move(timedelta(hours=12)))
        await emre.sees("R-000002")
        await w.owner.sees("R-000001")
        said = "".join(m.text for m in emre.chat.messages[before:] if m.from_bot)
        assert "R-000001" not in said
        monkeypatch.setattr(w.running.desk, "open", open_)
        await w.later(hours=1)
        assert any("R-000001" in m.text for m in emre.chat.messages[before:] if m.from_bot)


async def test_a_stored_case_that_cannot_be_read_stops_neither_credit_nor_timers(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        await asked_twice(w)
    async with await open_database(database_url) as memory:
        body = await rewrite(memory, "no case")
    # Before the first reminder, which would be put off again and again.
    async with world(database_url, tmp_path, START + timedelta(hours=8)) as w:
        assert len((await w.case(2)).outages) == 1
        assert any("R-000001" in told and "outage" in told for told in w.owner.texts())
        await w.running.jump(lambda: w.clock.move(timedelta(hours=25)))
        await w.owner.sees("A deadline of return R-000001")
        while (await w.case(2)).status is not Status.APPROVED:
            await asyncio.sleep(0.01)
        await rewrite(w.running.memory, body)
        await w.later(minutes=20)
        assert (await w.case(1)).status is Status.APPROVED


async def test_what_is_due_of_a_kind_that_nobody_knows_holds_up_nothing_else(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        emre = await asked_twice(w)
        boris = await w.customer("Boris", order("1003"))
        carla = await w.customer("Carla", order("1004"))
        for person in (boris, carla):
            await w.press(person, "Open the order", "Return products")
        await alter(w.running.memory, "UPDATE reminders SET kind = 'new' WHERE case_id = 1")
        await w.running.jump(lambda: w.clock.move(timedelta(hours=12)))
        await emre.sees("R-000002")
        await w.owner.sees("R-000001")
        await alter(w.running.memory, "UPDATE timers SET kind = 'new' WHERE case_id = 1")
        await alter(w.running.memory, f"UPDATE drafts SET kind = 'new' WHERE account = {boris.id}")
        told = len(w.owner.texts())
        await w.running.jump(lambda: w.clock.move(timedelta(hours=48)))
        await carla.sees("was not finished within its time")
        await w.owner.sees("draft_failed")
        assert any("R-000001" in each for each in w.owner.texts()[told:])
        assert (await w.case(1)).status is Status.NEW
        assert (await w.case(2)).status is Status.APPROVED
        await alter(w.running.memory, "UPDATE timers SET kind = 'decision' WHERE case_id = 1")


async def test_a_form_that_cannot_be_forgotten_keeps_no_other(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order("1001"))
        boris = await w.customer("Boris", order("1002"))
        for person in (anna, boris):
            await w.press(person, "Open the order", "Return products")
        forget_draft = w.running.desk.forget_draft

        async def poisoned(unit: Any, draft: Any) -> None:
            await forget_draft(unit, draft)
            if draft.account == anna.id:
                poison(unit)

        monkeypatch.setattr(w.running.desk, "forget_draft", poisoned)
        await w.running.jump(lambda: w.clock.move(timedelta(days=2)))
        await w.owner.sees("draft_failed")
        await boris.sees("was not finished within its time")
        async with w.running.memory.reading(w.clock()) as unit:
            assert await unit.drafts.get(anna.id)
            assert await unit.drafts.get(boris.id) is None
        monkeypatch.setattr(w.running.desk, "forget_draft", forget_draft)
        await w.later(minutes=20)
        async with w.running.memory.reading(w.clock()) as unit:
            assert await unit.drafts.get(anna.id) is None


async def test_who_asks_for_what_can_be_read_gets_it_beside_what_cannot(
    database_url: str, memory: Database
) -> None:
    for id in (1, 2):
        await opened(memory, id)
    await rewrite(memory, "no case")
    async with memory.reading(NOW) as unit:
        damaged, whole = await asyncio.gather(
            unit.cases.get(1), unit.cases.get(2), return_exceptions=True
        )
    assert isinstance(whole, ReturnCase)
    assert isinstance(damaged, StorageError)
    assert "R-000001 cannot be read" in str(damaged)
    async with reading(database_url) as connection:
        wrong = [fault async for looked in examine(connection) for fault in looked.wrong]
    assert any("R-000001 cannot be read" in fault for fault in wrong)
