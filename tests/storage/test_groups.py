"""A group reads together, writes together, and leaves out who came too late."""

import asyncio
import gc
import logging
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import NOTHING, Action, Event, Party, Role, Status
from bot.services.records import (
    Account,
    DraftKind,
    DraftRow,
    File,
    Outcome,
    Outgoing,
    Received,
    Seller,
)
from storage.changes import TIMERS
from storage.database import Database, open_database
from storage.errors import Conflict
from storage.tables import EPOCH
from tests.databases import SqliteFiles
from tests.storage.samples import NOW, decided, keep, new_case, opened, order
from tests.storage.test_inbox import update

SECOND = timedelta(seconds=1)
SUBMITTED = Event(Action.SUBMIT, Party(Role.CUSTOMER, 10), NOTHING)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []
    log, handler = logging.getLogger("storage.line"), logging.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.DEBUG)
    try:
        yield seen
    finally:
        log.setLevel(level)
        log.removeHandler(handler)


def draft(account: int, body: str = "{}") -> DraftRow:
    return DraftRow(account=account, kind=DraftKind.RETURN, body=body, due_at=NOW)


async def test_what_many_units_ask_for_at_once_is_one_statement(memory: Database) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        for id in range(64):
            unit.accounts.save(Account(id=id, name=f"person {id}"))
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        units = [group.unit(NOW) for _ in range(64)]
        with statements() as seen:
            people = await asyncio.gather(*(unit.accounts.get(id) for id, unit in enumerate(units)))
            drafts = await asyncio.gather(*(unit.drafts.get(id) for id, unit in enumerate(units)))
        assert [person.name for person in people if person] == [f"person {i}" for i in range(64)]
        assert drafts == [None] * 64
    assert len(seen) == 2


async def test_what_one_unit_asks_for_at_once_is_one_statement(memory: Database) -> None:
    keys = ["a", "b", "c"]
    async with memory.group() as group:
        unit = group.unit(NOW)
        for key in keys:
            unit.files.keep(File(key=key, file_id=key, kind="photo", sent_by=1, sent_at=NOW))
        group.keep(unit)
        await group.commit()
    async with memory.reading(NOW) as unit:
        with statements() as seen:
            files = await unit.files.get([*keys, "d", "a"])
        assert [file.key for file in files] == [*keys, "a"]
    assert len(seen) == 1


async def test_on_sqlite_what_is_delivered_is_found_without_reading_whole_tables(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    url = sqlite_files.make(tmp_path)
    async with await open_database(url) as memory:
        with statements() as seen:
            async with memory.group() as group:
                unit = group.unit(NOW)
                for chat in (1, 2):
                    unit.outbox.put(
                        Outgoing(chat=chat, kind="card", payload={}, key=f"{chat}", slot="c:1")
                    )
                group.keep(unit)
                await group.commit()
            rows = (await memory.exchange([], NOW, 64)).rows
            sent = [Outcome(row=row.id, result="sent", message_ids=(7,)) for row in rows]
            await memory.exchange(sent, NOW, 64)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        plans = {
            (sql, step)
            for sql in seen
            for *_, step in file.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
        }
    assert any("SEARCH slots" in step for _, step in plans)
    # An index that is read whole is one of what is undone.
    assert not {each for each in plans if each[1] in ("SCAN slots", "SCAN outbox", "SCAN head")}


async def test_what_every_update_asks_for_is_read_before_it_is_asked(memory: Database) -> None:
    updates = [
        Received(update_id=id, chat=id, kind="message", raw="{}", received_at=NOW)
        for id in range(1, 9)
    ]
    await memory.receive(updates, NOW)
    async with memory.group() as group:
        with statements() as seen:
            waiting = await group.pending(64, NOW)
            unit = group.unit(NOW)
            await unit.cases.outages(NOW)
        assert len(seen) == 4
        with statements() as seen:
            for each in waiting:
                assert await unit.accounts.get(each.chat) is None
                assert await unit.drafts.get(each.chat) is None
        assert not seen


async def test_what_is_inserted_with_other_things_keeps_its_order_and_its_words(
    memory: Database,
) -> None:
    said = [None, "", "a'b\"c\\d", "{1,NULL}", "й\n\t😀"]
    async with memory.group() as group:
        unit = group.unit(NOW)
        for number in (3, 1, 2):
            unit.drafts.put(draft(number))
        for number, slot in enumerate(said):
            payload = {"said": slot}
            unit.outbox.put(
                Outgoing(chat=number, kind="screen", payload=payload, key=f"{number}", slot=slot)
            )
        group.keep(unit)
        await group.commit()
    rows = (await memory.exchange([], NOW, 64)).rows
    assert [row.slot for row in rows] == said
    assert [row.payload["said"] for row in rows] == said
    async with memory.reading(NOW) as reading:
        assert await reading.drafts.get(1) == draft(1)


async def test_the_effects_of_many_units_are_one_statement_a_table(memory: Database) -> None:
    updates = [
        Received(update_id=id, chat=id, kind="message", raw="{}", received_at=NOW)
        for id in range(1, 65)
    ]
    await memory.receive(updates, NOW)
    async with memory.group() as group:
        for each in await group.pending(64, NOW):
            unit = group.unit(NOW)
            unit.drafts.put(draft(each.chat))
            unit.outbox.put(Outgoing(chat=each.chat, kind="screen", payload={}, key=f"{each.chat}"))
            group.done(each, unit)
        await unit.cases.outages(NOW)
        with statements() as seen:
            await group.commit()
    # PostgreSQL writes into all tables at once.
    assert len(seen) == (3 if memory.dialect == "sqlite" else 1)
    assert await memory.waiting() == 64
    assert await memory.oldest_undone() is None


async def test_what_goes_is_claimed_and_leaned_on_is_written_with_what_comes(
    memory: Database,
) -> None:
    before = new_case(1, order="O-2")
    await memory.receive([update(1, 1)], NOW)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.save_all([order("O-1"), order("O-2")])
        unit.accounts.save_seller(Seller(code="acme"))
        unit.drafts.put(draft(1))
        unit.drafts.put(draft(2))
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        (waiting,) = await group.pending(64, NOW)
        one, other = group.unit(NOW), group.unit(NOW)
        assert await one.orders.owner("O-1") is None
        one.orders.claim("O-1", 1)
        one.drafts.drop(1)
        group.done(waiting, one)
        other.drafts.put(draft(2, "[]"))
        # It leans on its seller, too, whose address is not known, and writes that one itself.
        other.cases.save(before, decided(before, Status.NEW), SUBMITTED, NOW)
        other.accounts.save_seller(Seller(code="acme", name="Acme"))
        group.keep(other)
        with statements() as seen:
            assert await group.commit() == frozenset()
    if memory.dialect == "postgresql":
        assert len(seen) == 1
    assert await memory.oldest_undone() is None
    async with memory.reading(NOW) as reading:
        assert await reading.drafts.get(1) is None
        assert await reading.drafts.get(2) == draft(2, "[]")
        assert [await reading.orders.owner(each) for each in ("O-1", "O-2")] == [1, None]
        assert await reading.accounts.seller("acme") == Seller(code="acme", name="Acme")
        assert await reading.cases.get(1) == decided(before, Status.NEW).case


async def test_of_two_who_claim_an_order_and_use_its_units_one_is_decided_again(
    memory: Database,
) -> None:
    before = new_case(1, order="O-1")
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.save_all([order("O-1")])
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        one, other = group.unit(NOW), group.unit(NOW)
        one.orders.claim("O-1", 1)
        other.cases.save(before, decided(before, Status.NEW), SUBMITTED, NOW)
        group.keep(one)
        group.keep(other)
        assert await group.commit() == {id(other)}
    async with memory.reading(NOW) as reading:
        assert await reading.orders.owner("O-1") == 1


async def test_a_unit_reads_what_it_has_written(memory: Database) -> None:
    case = await opened(memory)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.accounts.save(Account(id=1, name="Анна"))
        unit.accounts.join(1, Role.SELLER, "acme")
        unit.accounts.join(1, Role.MODERATOR)
        unit.drafts.put(draft(1))
        decision = decided(case, Status.APPROVED)
        unit.cases.save(case, decision, Event(Action.APPROVE, Party(Role.SELLER, 1), NOTHING), NOW)
        account = await unit.accounts.get(1)
        assert account is not None
        assert (account.name, account.sellers, account.staff) == ("Анна", ("acme",), Role.MODERATOR)
        assert await unit.drafts.get(1) == draft(1)
        assert await unit.cases.get(1) == decision.case
        unit.accounts.leave(1, Role.SELLER, "acme")
        unit.drafts.drop(1)
        account = await unit.accounts.get(1)
        assert account is not None
        assert account.sellers == ()
        assert await unit.drafts.get(1) is None


async def test_a_discarded_unit_leaves_nothing_but_what_came_after(memory: Database) -> None:
    released: list[str] = []
    case = await opened(memory)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.drafts.put(draft(1))
        unit.accounts.save(Account(id=1))
        decision = decided(case, Status.APPROVED)
        unit.cases.save(case, decision, Event(Action.APPROVE, Party(Role.SELLER, 1), NOTHING), NOW)
        unit.after_commit(lambda: released.append("forgotten"))
        unit.discard()
        assert await unit.drafts.get(1) is None
        assert await unit.cases.get(1) == case
        unit.outbox.put(Outgoing(chat=1, kind="screen", payload={}, key="sorry"))
        unit.after_commit(lambda: released.append("sorry"))
        group.keep(unit)
        await group.commit()
    async with memory.reading(EPOCH) as reading:
        assert await reading.accounts.get(1) is None
        assert await reading.cases.get(1) == case
    assert await memory.waiting() == 1
    assert released == ["sorry"]


async def test_of_two_units_that_touch_the_same_thing_the_later_is_left_out(
    memory: Database,
) -> None:
    async with memory.group() as group:
        first, second, other = group.unit(NOW), group.unit(NOW), group.unit(NOW)
        first.drafts.put(draft(1, '"first"'))
        second.drafts.put(draft(1, '"second"'))
        second.outbox.put(Outgoing(chat=1, kind="screen", payload={}, key="second"))
        other.drafts.put(draft(2))
        for unit in (first, second, other):
            group.keep(unit)
        assert await group.commit() == {id(second)}
    async with memory.reading(EPOCH) as reading:
        kept = await reading.drafts.get(1)
        assert kept is not None
        assert kept.body == '"first"'
        assert await reading.drafts.get(2) is not None
    assert await memory.waiting() == 0


async def test_of_two_units_that_take_units_of_one_order_the_later_is_left_out(
    memory: Database,
) -> None:
    """A new return and a reopened one: each has seen the units free (X-41)."""
    case = await opened(memory)
    canceled = decided(case, Status.CANCELED_BY_CUSTOMER)
    await keep(memory, case, canceled)
    async with memory.group() as group:
        first, second, other = group.unit(NOW), group.unit(NOW), group.unit(NOW)
        press = Event(Action.REOPEN, Party(Role.CUSTOMER, 10), NOTHING)
        first.cases.save(canceled.case, decided(canceled.case, Status.NEW), press, NOW)
        for unit, number in ((second, "O-1"), (other, "O-2")):
            new = new_case(await unit.cases.next_id(), order=number)
            unit.cases.save(new, decided(new, Status.NEW), press, NOW)
        for unit in (first, second, other):
            group.keep(unit)
        assert await group.commit() == {id(second)}


async def test_an_update_that_came_too_late_is_handled_again(memory: Database) -> None:
    case = await opened(memory)
    await memory.receive(
        [Received(update_id=id, chat=id, kind="press", raw="{}", received_at=NOW) for id in (1, 2)],
        NOW,
    )
    async with memory.group() as group:
        updates = await group.pending(64, NOW)
        for update, status in zip(updates, (Status.APPROVED, Status.REJECTED), strict=True):
            unit = group.unit(NOW)
            press = Event(Action.APPROVE, Party(Role.SELLER, update.chat), NOTHING)
            unit.cases.save(case, decided(case, status), press, NOW)
            group.done(update, unit)
        assert len(await group.commit()) == 1
    async with memory.group() as group:
        assert [update.update_id for update in await group.pending(64, NOW)] == [2]
        stored = await group.unit(NOW).cases.get(1)
        assert stored is not None
        assert (stored.status, stored.version) == (Status.APPROVED, 2)


async def test_a_decision_on_an_old_version_is_left_out(memory: Database) -> None:
    case = await opened(memory)
    assert not await keep(memory, case, decided(case, Status.APPROVED))
    assert len(await keep(memory, case, decided(case, Status.REJECTED))) == 1
    async with memory.reading(EPOCH) as unit:
        stored = await unit.cases.get(1)
        assert stored is not None
        assert stored.status is Status.APPROVED
        assert len(await unit.cases.history(1)) == 2


async def test_a_fault_while_writing_keeps_nothing_of_the_group(memory: Database) -> None:
    update = Received(update_id=1, chat=1, kind="message", raw="{}", received_at=NOW)
    await memory.receive([update], NOW)
    async with memory.group() as group:
        fine, broken = group.unit(NOW), group.unit(NOW)
        fine.drafts.put(draft(1))
        # A timer of a case that does not exist breaks the foreign key.
        row = {"case_id": 99, "kind": "decision", "due_at": NOW, "look_at": NOW, "version": 1}
        broken.effects.add(TIMERS, row)
        group.done(update, fine)
        group.keep(broken)
        with pytest.raises(Conflict):
            await group.commit()
    async with memory.reading(EPOCH) as unit:
        assert await unit.drafts.get(1) is None
    async with memory.group() as group:
        assert await group.pending(64, NOW) == (update,)


async def test_what_waits_for_the_commit_runs_after_it_and_cannot_undo_it(
    memory: Database,
) -> None:
    seen: list[int] = []

    async def count() -> None:
        seen.append(await memory.waiting())

    def break_down() -> None:
        raise RuntimeError("the connection is gone")

    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.outbox.put(Outgoing(chat=1, kind="screen", payload={}, key="1"))
        unit.after_commit(break_down)
        unit.after_commit(count)
        group.keep(unit)
        await group.commit()
    assert seen == [1]


async def test_a_unit_that_only_reads_collects_nothing(memory: Database) -> None:
    async with memory.reading(EPOCH) as unit:
        with pytest.raises(RuntimeError, match="only reads"):
            unit.drafts.put(draft(1))
        with pytest.raises(RuntimeError, match="only reads"):
            unit.outbox.put(Outgoing(chat=1, kind="screen", payload={}, key="1"))
        with pytest.raises(RuntimeError, match="only reads"):
            unit.orders.claim("O-1", 1)


async def test_errors_of_the_body_stay_what_they_are(memory: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with memory.reading(EPOCH):
            raise FileNotFoundError("a photo")
    with pytest.raises(ConnectionResetError):
        async with memory.group():
            raise ConnectionResetError("Telegram")
    assert await memory.waiting() == 0


async def test_groups_take_turns(memory: Database) -> None:
    """Sixteen tasks add one to the same number: none reads what another is about to change."""

    async def add_one() -> None:
        async with memory.group() as group:
            unit = group.unit(NOW)
            await unit.cases.next_id()
            await asyncio.sleep(0)
            group.keep(unit)
            await group.commit()

    await asyncio.gather(*(add_one() for _ in range(16)))
    async with memory.group() as group:
        units = [group.unit(NOW) for _ in range(3)]
        numbers = await asyncio.gather(*(unit.cases.next_id() for unit in units))
    assert sorted(numbers) == [17, 18, 19]


async def test_a_group_that_has_ended_leaves_nothing_to_the_garbage_collector(
    memory: Database,
) -> None:
    gc.disable()
    try:
        async with memory.group(receives=True) as group:
            await group.intake.keep([update(1)], NOW)
            (waiting,) = await group.pending(64, NOW)
            unit = group.unit(NOW)
            unit.accounts.save(Account(id=waiting.chat))
            group.done(waiting, unit)
            await group.commit()
        left = weakref.ref(group), weakref.ref(unit)
        del group, unit
        assert [each() for each in left] == [None, None]
    finally:
        gc.enable()
