"""Several processes on one PostgreSQL: whoever comes second decides again, from fresh reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Action, Event, Party, Role, Status
from bot.domain.orders import OrderLine
from bot.services.again import Overtaken
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow, Received, Seller
from storage.database import Database, open_database
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


async def test_timers_are_shared_out(memory: Database, other: Database) -> None:
    for id in (1, 2, 3):
        await opened(memory, id, due=NOW + id * SECOND)
    async with memory.group() as group, other.group() as beside:
        mine = await group.due_timers(NOW + DAY, 2)
        theirs = await beside.due_timers(NOW + DAY, 2)
        assert [timer.case for timer in (*mine, *theirs)] == [1, 2, 3]
