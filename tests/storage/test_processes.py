"""Several processes on one PostgreSQL: whoever comes second decides again, from fresh reads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bot.domain.cases import Action, Event, Party, Role, Status
from bot.domain.orders import OrderLine
from bot.services.again import Away, Overtaken
from bot.services.ports import Unit
from bot.services.rating import rate
from bot.services.records import Account, DraftKind, DraftRow, Outgoing, Received, Seller
from storage import books
from storage.database import Database, open_database
from storage.errors import clear_errors
from tests.cutting import cutting
from tests.storage.samples import DAY, NOW, decided, keep, new_case, opened, order

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
SECOND = timedelta(seconds=1)
PRESS = Event(Action.SUBMIT, Party(Role.CUSTOMER, 10))


@pytest.fixture
async def other(database_url: str, memory: Database) -> AsyncIterator[Database]:
    """The database as another process has it open."""
    async with await open_database(database_url) as database:
        yield database


@asynccontextmanager
async def kept(memory: Database) -> AsyncIterator[Unit]:
    """A unit of its own, committed at the end."""
    async with memory.group() as group:
        unit = group.unit(NOW)
        yield unit
        group.keep(unit)
        assert await group.commit() == frozenset()


@asynccontextmanager
async def too_late(memory: Database) -> AsyncIterator[Unit]:
    """A unit whose ground has moved by the time of its commit."""
    async with memory.group() as group:
        unit = group.unit(NOW)
        yield unit
        group.keep(unit)
        with pytest.raises(Overtaken):
            await group.commit()


def update(id: int, chat: int = 1) -> Received:
    return Received(update_id=id, chat=chat, kind="message", raw="{}", received_at=NOW)


async def test_two_processes_cannot_take_the_same_free_unit(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order()])
    async with too_late(other) as second:
        assert await second.orders.used_units("O-1") == {}
        async with kept(memory) as first:
            assert await first.orders.used_units("O-1") == {}
            case = new_case(await first.cases.next_id())
            first.cases.save(case, decided(case, Status.NEW), PRESS, NOW)
        case = new_case(await second.cases.next_id())
        second.cases.save(case, decided(case, Status.NEW), PRESS, NOW)
    async with other.reading(NOW) as unit:
        assert await unit.orders.used_units("O-1") == {("O-1-1", "A-1"): 2}


async def test_a_reopened_case_and_a_new_one_cannot_take_the_same_unit(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order()])
    case = await opened(memory)
    canceled = decided(case, Status.CANCELED_BY_CUSTOMER)
    await keep(memory, case, canceled)
    old = canceled.case
    async with too_late(other) as second:
        assert await second.orders.used_units("O-1") == {}
        async with kept(memory) as first:
            first.cases.save(old, decided(old, Status.NEW), PRESS, NOW)
        case = new_case(await second.cases.next_id())
        second.cases.save(case, decided(case, Status.NEW), PRESS, NOW)


async def test_an_import_cannot_change_a_line_that_is_just_going_under_a_return(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order()])
    told = order()
    (posting,) = told.postings
    line: OrderLine = replace(posting.lines[0], quantity=1)
    told = replace(told, postings=(replace(posting, lines=(line,)),))
    async with too_late(other) as sending:
        assert await sending.orders.get("O-1") == order()
        async with kept(memory) as importing:
            importing.orders.save_all([told])
        case = new_case(await sending.cases.next_id())
        sending.cases.save(case, decided(case, Status.NEW), PRESS, NOW)


async def test_an_address_and_a_case_without_one_cannot_miss_each_other(
    memory: Database, other: Database
) -> None:
    acme = Seller(code="acme")
    async with kept(memory) as unit:
        unit.accounts.save_seller(acme)
    async with too_late(other) as second:
        assert await second.accounts.seller("acme") == acme
        async with kept(memory) as first:
            assert await first.cases.awaiting_address("acme") == ()
            first.accounts.save_seller(replace(acme, address="İzmir"))
        case = new_case(await second.cases.next_id(), address_known=False)
        second.cases.save(case, decided(case, Status.NEW), PRESS, NOW)


async def test_two_ratings_cannot_miss_that_one_of_them_is_the_fifth(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.accounts.save_seller(Seller(code="acme"))
    first, second = [await opened(memory, n, order=f"O-{n}") for n in (1, 2)]
    for case in (first, second):
        await keep(memory, case, decided(case, Status.REFUNDED))
    async with too_late(other) as late:
        assert await late.ratings.untold("acme") == 0
        async with kept(memory) as unit:
            await rate(unit, Account(id=10), first.id, stars=5)
        await rate(late, Account(id=10), second.id, stars=5)


async def test_nobody_overwrites_what_another_process_has_written_meanwhile(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.accounts.save(Account(id=1, name="Anna"))
        unit.drafts.put(DraftRow(account=1, kind=DraftKind.RETURN, body="{}", due_at=NOW))
    async with too_late(other) as second:
        known = await second.accounts.get(1)
        assert known is not None
        async with kept(memory) as first:
            first.accounts.save(replace(known, blocked=True))
        second.accounts.save(replace(known, language="ru"))
    async with too_late(other) as second:
        draft = await second.drafts.get(1)
        assert draft is not None
        async with kept(memory) as first:
            first.drafts.put(replace(draft, body="1"))
        second.drafts.drop(1)
    async with other.reading(NOW) as unit:
        account, draft = await unit.accounts.get(1), await unit.drafts.get(1)
        assert account is not None
        assert draft is not None
        assert (account.blocked, account.language, draft.body) == (True, "en", "1")


async def test_the_books_are_looked_at_as_of_one_instant(
    memory: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await opened(memory)
    read = books._by_case

    async def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        decision = decided(case, Status.APPROVED)
        async with kept(other) as unit:
            unit.cases.save(case, decision, PRESS, NOW)
        return await read(*given)

    monkeypatch.setattr(books, "_by_case", meanwhile)
    assert await memory.examine_returns(0) == ([], 1)
    assert await memory.examine_returns(0) == ([], 1)


async def test_cases_of_different_orders_are_opened_side_by_side(
    memory: Database, other: Database
) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order("O-1"), order("O-2")])
    async with kept(memory) as first, kept(other) as second:
        for unit, number in ((first, "O-1"), (second, "O-2")):
            case = new_case(await unit.cases.next_id(), order=number)
            unit.cases.save(case, decided(case, Status.NEW), PRESS, NOW)


async def test_a_chat_that_another_process_works_on_is_left_to_it(
    memory: Database, other: Database
) -> None:
    await memory.receive([update(1, 1), update(2, 1), update(3, 2)], NOW)
    async with memory.group() as group:
        (first,) = await group.pending(1, NOW)
        async with other.group() as beside:
            assert [each.update_id for each in await beside.pending(64, NOW)] == [3]
        group.done(first, group.unit(NOW))
        await group.commit()
    async with other.group() as beside:
        assert [each.update_id for each in await beside.pending(64, NOW)] == [2, 3]


async def test_what_comes_in_waits_for_what_its_chat_said_before_in_another_transaction(
    memory: Database, other: Database
) -> None:
    await memory.receive([update(1, 1)], NOW)
    async with memory.group() as group:
        assert len(await group.pending(64, NOW)) == 1
        async with other.group(receives=True) as beside:
            intake = beside.intake
            await intake.keep([update(2, 1), update(3, 2)], NOW)
            assert [each.update_id for each in await beside.pending(64, NOW)] == [3]


async def test_timers_are_shared_out(memory: Database, other: Database) -> None:
    for id in (1, 2, 3):
        await opened(memory, id, due=NOW + id * SECOND)
    async with memory.group() as group, other.group() as beside:
        mine = await group.due_timers(NOW + DAY, 2)
        theirs = await beside.due_timers(NOW + DAY, 2)
        assert [timer.case for timer in (*mine, *theirs)] == [1, 2, 3]


async def test_timers_wait_for_what_another_process_works_on(
    memory: Database, other: Database
) -> None:
    await memory.receive([update(1)], NOW)
    async with memory.group() as group:
        assert len(await group.pending(1, NOW)) == 1
        assert await other.horizon(lambda: NOW + DAY) == NOW


async def test_timers_wait_for_what_another_process_is_just_receiving(
    memory: Database, other: Database
) -> None:
    async with memory.receiving() as intake:
        # The clock has been read: an hour later the timers of this hour must not have fired.
        looking = asyncio.create_task(other.horizon(lambda: NOW + DAY))
        await asyncio.wait([looking], timeout=0.2)
        assert not looking.done()
        await intake.keep([update(1)], NOW)
    assert await looking == NOW


async def test_timers_wait_for_what_another_process_takes_in_and_handles_at_once(
    memory: Database, other: Database
) -> None:
    async with memory.group(receives=True) as group:
        looking = asyncio.create_task(other.horizon(lambda: NOW + DAY))
        await asyncio.wait([looking], timeout=0.2)
        assert not looking.done()
        await group.intake.keep([update(1)], NOW)
        await group.commit()
    assert await looking == NOW


class Duties:
    """What only one process may do, as a test sees it."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.heard: list[str] = []

    @property
    def leads(self) -> bool:
        return self.begun > self.ended

    async def do(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    @asynccontextmanager
    async def at(self, memory: Database) -> AsyncIterator[None]:
        work = asyncio.create_task(memory.lead(self.do, self.heard.append))
        try:
            yield
        finally:
            work.cancel()
            await asyncio.wait([work])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def test_one_leads_and_another_follows_within_seconds(
    database_url: str, memory: Database, other: Database
) -> None:
    first, second = Duties(), Duties()
    async with second.at(other):
        async with first.at(memory):
            await until(lambda: first.leads or second.leads)
            assert first.leads != second.leads
            leader = first if first.leads else second
            connection = await asyncpg.connect(database_url)
            # What the server sees of a leader that was killed.
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND objid = 1"
            )
            await connection.close()
            await until(lambda: leader.ended == 1 and first.leads != second.leads)
        await until(lambda: second.leads)
        assert first.begun == first.ended
    assert second.begun == second.ended


async def test_a_leader_sees_whether_others_could_handle_what_comes_in(
    memory: Database, other: Database
) -> None:
    first, second = Duties(), Duties()
    assert not memory.alone
    async with first.at(memory):
        await until(lambda: memory.alone)
        async with second.at(other):
            await until(lambda: not memory.alone)
            assert not other.alone
        await until(lambda: memory.alone)
    assert not memory.alone


async def test_a_connection_torn_in_the_middle_of_an_answer_ends_no_program(
    memory: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn, fetchval, duties = False, asyncpg.Connection.fetchval, Duties()

    async def tear(self: Any, query: str, *values: Any, **options: Any) -> Any:
        nonlocal torn
        if "pg_locks" in query and not torn:
            torn = True
            raise asyncpg.InternalClientError("cannot switch to state 12")
        return await fetchval(self, query, *values, **options)

    monkeypatch.setattr(asyncpg.Connection, "fetchval", tear)
    async with duties.at(memory):
        await until(lambda: duties.begun == 2 and duties.leads)
    assert torn
    with pytest.raises(Away), clear_errors():
        raise asyncpg.InternalClientError("cannot switch to state 12")


async def test_what_one_process_tells_all_hear(memory: Database, other: Database) -> None:
    first, second = Duties(), Duties()
    async with first.at(memory), second.at(other):
        await until(lambda: first.leads or second.leads)
        while not (first.heard and second.heard):
            other.tell("said")
            await asyncio.sleep(0.05)
    assert {*first.heard, *second.heard} == {"said"}


async def test_a_commit_whose_answer_is_lost_is_decided_again_from_fresh_reads(
    database_url: str, memory: Database
) -> None:
    await memory.receive([update(1), update(2)], NOW)
    async with cutting(database_url) as wire, await open_database(wire.url) as far:
        wire.cuts = 1
        with pytest.raises(Away):
            await decide(far)
        assert wire.cuts == 0
        # It did happen: what is decided again is the next update, not the same.
        assert await decide(far) == 2
        assert await decide(far) is None
    assert await memory.oldest_undone() is None
    assert await memory.waiting() == 2


async def decide(memory: Database) -> int | None:
    """Handle one update, with something to say."""
    async with memory.group() as group:
        for received in await group.pending(1, NOW):
            unit = group.unit(NOW)
            key = f"u:{received.update_id}"
            unit.outbox.put(Outgoing(chat=1, kind="screen", payload={}, key=key))
            group.done(received, unit)
            await group.commit()
            return received.update_id
    return None
