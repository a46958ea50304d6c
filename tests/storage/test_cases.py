"""A case, its history, clocks and money are written together and read back as they were."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.cases import (
    Action,
    Alarm,
    Event,
    Given,
    Line,
    Party,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.services.chain import ChainLine, content_digest, line_digest, verify_chain
from bot.services.records import DueTimer, Only, Outage, Outgoing, Page, Received, Reminder
from storage import tables
from storage.cases import chain
from storage.database import Database
from storage.errors import Conflict
from storage.tables import EPOCH
from tests.storage.samples import DAY, NOW, SHOES, decided, keep, new_case, opened, sound

RUB = Money(250000, "RUB")
GOODS = LedgerLine(Purse.CUSTOMER, Purse.SELLER, LedgerKind.GOODS, RUB)
PAGE = Page()


async def due(memory: Database, at: Any) -> list[tuple[int, str]]:
    async with memory.group() as group:
        return [(timer.case, timer.kind) for timer in await group.due_timers(at, 64)]


async def test_a_case_comes_back_as_it_was_saved(memory: Database) -> None:
    case = await opened(memory, due=NOW + DAY)
    async with memory.reading(EPOCH) as unit:
        assert await unit.cases.get(1) == case
        assert await unit.cases.get(2) is None


async def test_the_history_tells_who_did_what_and_what_was_given(memory: Database) -> None:
    given = Given(text="Жмёт", photos=("f1", "f2"), amount=RUB, reason="small")
    before = new_case(1)
    await keep(memory, before, decided(before, Status.NEW, twice=True), given=given)
    async with memory.reading(EPOCH) as unit:
        first, second = await unit.cases.history(1)
        archive = await unit.cases.archive(1)
    assert verify_chain(archive.lines) is None
    assert {line.salt for line in archive.lines}.isdisjoint({"", archive.contents[1].salt})
    assert '"Жмёт"' in archive.contents[1].body
    assert content_digest(archive.contents[1].salt, archive.contents[1].body) == (
        archive.lines[0].content
    )
    assert (first.seq, first.event, first.by, first.person) == (1, "step", Role.CUSTOMER, 10)
    assert (first.text, first.photos) == ("Жмёт", ("f1", "f2"))
    assert first.facts == {"amount": [250000, "RUB"], "reason": "small"}
    assert (first.row, first.rule, first.before, first.after) == ("02", "D-01", "DRAFT", "NEW")
    assert (second.seq, second.event, second.by, second.text) == (2, "offer", Role.SYSTEM, None)
    assert second.facts == {}
    assert first.at == NOW


async def lines_of(memory: Database, case: int = 1) -> list[ChainLine]:
    async with memory._transaction() as connection:
        return list(await chain(connection, case))


async def test_the_chain_holds_until_a_line_is_changed_moved_or_taken_out(
    memory: Database,
) -> None:
    case = await opened(memory)
    for status in (Status.CLARIFY, Status.APPROVED, Status.REFUND_DUE):
        decision = decided(case, status)
        await keep(memory, case, decision, given=Given(text=f"to {status}"))
        case = decision.case
    lines = await lines_of(memory)
    assert len(lines) == 4
    assert verify_chain(lines) is None
    forged = [*lines]
    forged[1] = replace(forged[1], after="REJECTED")
    assert verify_chain(forged) == 2
    forged[1] = replace(forged[1], digest=line_digest(forged[0].digest, forged[1]))
    assert verify_chain(forged) == 3
    assert verify_chain([lines[0], lines[2], lines[1], lines[3]]) == 2
    assert verify_chain([lines[0], *lines[2:]]) == 2


async def test_retention_empties_what_was_written_and_the_chain_still_holds(
    memory: Database,
) -> None:
    before = new_case(1)
    await keep(memory, before, decided(before, Status.NEW), given=Given(text="secret"))
    async with memory._transaction() as connection:
        (content,) = (await connection.execute(tables.contents.select())).all()
        assert content_digest(content.salt, content.body) == (await chain(connection, 1))[0].content
        await connection.execute(tables.contents.delete())
    assert verify_chain(await lines_of(memory)) is None
    async with memory.reading(EPOCH) as unit:
        (line,) = await unit.cases.history(1)
    assert line.text is None


async def test_no_two_lines_can_lead_to_the_same_version(memory: Database) -> None:
    case = await opened(memory)
    await keep(memory, case, decided(case, Status.APPROVED))
    # Even if the version of the case were lost, the history does not let it happen again.
    async with memory._transaction() as connection:
        await connection.execute(update(tables.cases).values(version=1))
    with pytest.raises(Conflict):
        await keep(memory, case, decided(case, Status.REJECTED))


async def test_money_is_written_with_the_line_that_moved_it(memory: Database) -> None:
    before = new_case(1)
    shipping = replace(GOODS, kind=LedgerKind.SHIPPING, amount=Money(30000, "RUB"))
    await keep(memory, before, decided(before, Status.REFUND_DUE, ledger=(GOODS, shipping)))
    async with memory.reading(EPOCH) as unit:
        assert (await unit.cases.archive(1)).ledger == ((1, GOODS), (1, shipping))
        assert await unit.cases.ledger(1) == (GOODS, shipping)
        assert await unit.cases.ledger(2) == ()


async def test_the_child_of_a_split_case_has_its_own_history_units_and_money(
    memory: Database,
) -> None:
    case = await opened(memory)
    child = replace(
        new_case(2, parent=1, part=2), version=1, status=Status.REJECTED, lines=(_pairs(1),)
    )
    decision = decided(case, Status.REFUND_DUE, ledger=(GOODS, replace(GOODS, part=2)), child=child)
    decision = replace(decision, case=replace(decision.case, lines=(_pairs(1),)))
    assert not await keep(memory, case, decision)
    async with memory.reading(EPOCH) as unit:
        assert await unit.cases.get(2) == child
        assert await unit.cases.ledger(1) == (GOODS,)
        assert await unit.cases.ledger(2) == (replace(GOODS, part=2),)
        assert [line.seq for line in await unit.cases.history(2)] == [1]
        assert await unit.orders.used_units("O-1") == {("O-1-1", "A-1"): 2}
    assert verify_chain(await lines_of(memory, 2)) is None


def _pairs(count: int) -> Line:
    return replace(SHOES, quantity=count)


async def test_units_of_live_and_refunded_cases_are_used(memory: Database) -> None:
    cases = [await opened(memory, id) for id in (1, 2, 3)]
    await keep(memory, cases[1], decided(cases[1], Status.REFUNDED))
    await keep(memory, cases[2], decided(cases[2], Status.CANCELED_BY_CUSTOMER))
    async with memory.reading(EPOCH) as unit:
        assert await unit.orders.used_units("O-1") == {("O-1-1", "A-1"): 4}
        assert await unit.orders.used_units("O-2") == {}


async def test_timers_fire_in_due_order_and_never_early(memory: Database) -> None:
    assert await memory.next_due() is None
    await opened(memory, 1, due=NOW + 2 * DAY)
    await opened(memory, 2, due=NOW + DAY)
    assert await memory.next_due() == NOW + DAY
    assert await due(memory, NOW + DAY - timedelta(microseconds=1)) == []
    assert await due(memory, NOW + DAY) == [(2, "decision")]
    assert await due(memory, NOW + 2 * DAY) == [(2, "decision"), (1, "decision")]


async def test_a_timer_is_gone_when_it_has_fired(memory: Database) -> None:
    case = await opened(memory, due=NOW + DAY)
    async with memory.group() as group:
        (timer,) = await group.due_timers(NOW + DAY, 64)
        assert timer == DueTimer(1, TimerKind.DECISION, NOW + DAY, 1)
        unit = group.unit(timer.due_at)
        fires = Event(Action.FIRE, Party(Role.CLOCK), timer=TimerKind.DECISION)
        decision = decided(case, Status.APPROVED, due=NOW + 3 * DAY)
        unit.cases.save(case, decision, fires, timer.due_at)
        group.fired(timer, unit)
        assert not await group.commit()
    assert await due(memory, NOW + 2 * DAY) == []
    assert await due(memory, NOW + 3 * DAY) == [(1, "decision")]


async def test_a_timer_that_changes_nothing_is_gone_as_well(memory: Database) -> None:
    await opened(memory, due=NOW + DAY)
    async with memory.group() as group:
        (timer,) = sound(await group.due_timers(NOW + DAY, 64))
        group.fired(timer, group.unit(NOW))
        await group.commit()
    assert await due(memory, NOW + DAY) == []


async def test_firing_an_old_timer_leaves_the_one_that_was_set_since(memory: Database) -> None:
    case = await opened(memory, due=NOW + DAY)
    await keep(memory, case, decided(case, Status.CLARIFY, due=NOW + 2 * DAY))
    async with memory.group() as group:
        old = DueTimer(1, TimerKind.DECISION, NOW + DAY, 1)
        group.fired(old, group.unit(NOW))
        await group.commit()
    assert await memory.next_due() == NOW + 2 * DAY


async def test_an_act_voids_the_timers_of_its_case(memory: Database) -> None:
    case = await opened(memory, due=NOW + DAY)
    await keep(memory, case, decided(case, Status.REJECTED))
    assert await memory.next_due() is None


async def test_a_timer_that_could_not_fire_is_looked_at_later(memory: Database) -> None:
    await opened(memory, due=NOW)
    later = NOW + timedelta(minutes=10)
    async with memory.group() as group:
        (timer,) = await group.due_timers(NOW, 64)
        group.postponed(timer, later)
        await group.commit()
    assert await due(memory, NOW) == []
    assert await memory.next_due() == later
    async with memory.group() as group:
        (timer,) = await group.due_timers(later, 64)
    assert timer.due_at == NOW


async def test_a_reminder_comes_with_the_instant_it_is_about(memory: Database) -> None:
    before = new_case(1)
    reminders = (
        Reminder(NOW + DAY, TimerKind.DECISION, Role.SELLER),
        Reminder(NOW + 2 * DAY, TimerKind.DECISION, Role.SELLER),
    )
    decision = decided(before, Status.NEW, due=NOW + 3 * DAY)
    await keep(memory, before, decision, reminders=reminders)
    assert await memory.next_due() == NOW + DAY
    async with memory.group() as group:
        (reminder,) = sound(await group.due_reminders(NOW + DAY, 64))
        assert (reminder.at, reminder.due_at) == (NOW + DAY, NOW + 3 * DAY)
        assert reminder.owes is Role.SELLER
        unit = group.unit(NOW)
        unit.reminders.done(reminder)
        group.keep(unit)
        await group.commit()
    assert await memory.next_due() == NOW + 2 * DAY
    await keep(memory, decision.case, decided(decision.case, Status.APPROVED))
    assert await memory.next_due() is None


async def test_a_reminder_of_a_clock_that_has_not_begun_comes_and_goes(memory: Database) -> None:
    reminders = (Reminder(NOW + DAY, TimerKind.SHIP, Role.SELLER),)
    await keep(memory, new_case(1), decided(new_case(1), Status.APPROVED), reminders=reminders)
    async with memory.group() as group:
        (reminder,) = sound(await group.due_reminders(NOW + DAY, 64))
        assert (reminder.case, reminder.at, reminder.owes) == (1, NOW + DAY, Role.SELLER)
        unit = group.unit(NOW)
        unit.reminders.done(reminder)
        group.keep(unit)
        await group.commit()
    assert await memory.next_due() is None


async def test_an_outage_is_credited_some_cases_at_a_time(memory: Database) -> None:
    for id in (1, 2, 3):
        await opened(memory, id, due=NOW + DAY if id != 2 else None)
    outage = (NOW, NOW + timedelta(hours=2))
    await memory.receive([], outage[1], outage)
    credited = []
    while True:
        async with memory.group() as group:
            found = await group.outage()
            if found is None:
                break
            cases = await group.open_cases(found.credited, 1)
            for id in cases:
                unit = group.unit(found.until)
                case = await unit.cases.get(id)
                assert case
                unit.cases.amend(case, _moved(case, found), ())
                group.keep(unit)
                credited.append(id)
            group.credited(found, cases[-1] if cases else None)
            await group.commit()
    assert credited == [1, 3]
    assert await memory.next_due() == NOW + DAY + timedelta(hours=2)
    async with memory.reading(EPOCH) as reading:
        assert (await reading.cases.history(1))[-1].rule == "X-58"


def _moved(case: ReturnCase, outage: Outage) -> ReturnCase:
    timers = tuple(
        replace(timer, due_at=timer.due_at + (outage.until - outage.since)) for timer in case.timers
    )
    return replace(case, version=case.version + 1, timers=timers)


async def test_the_credit_of_a_case_that_changed_meanwhile_is_not_forgotten(
    memory: Database,
) -> None:
    case = await opened(memory, due=NOW + DAY)
    await memory.receive([], NOW, (NOW - DAY, NOW))
    async with memory.group() as group:
        outage = await group.outage()
        assert outage is not None
        unit = group.unit(NOW)
        unit.cases.amend(replace(case, version=5), replace(case, version=6), ())
        group.keep(unit)
        group.credited(outage, case.id)
        assert await group.commit() == {id(unit)}
    async with memory.group() as group:
        assert await group.outage() == outage


async def test_lists_are_sorted_by_the_nearest_deadline(memory: Database) -> None:
    await opened(memory, 1, due=NOW + 2 * DAY)
    await opened(memory, 2, due=NOW + DAY)
    await opened(memory, 3)
    await opened(memory, 4, seller="other", due=NOW)
    closed = await opened(memory, 5)
    await keep(memory, closed, decided(closed, Status.OVERDUE))
    async with memory.reading(EPOCH) as unit:
        queue = await unit.cases.queue_of_sellers(["acme"], PAGE)
        assert [case.id for case in queue] == [2, 1, 3]
        queue = await unit.cases.queue_of_sellers(["acme", "other"], Page(limit=2, offset=1))
        assert [case.id for case in queue] == [2, 1]
        assert await unit.cases.queue_of_sellers([], PAGE) == ()
        customers = await unit.cases.of_customer(10, Page(limit=3, offset=1))
        assert [case.id for case in customers] == [4, 3, 2]
        assert await unit.cases.of_customer(11, PAGE) == ()


async def test_staff_see_what_a_moderator_owes_and_what_is_alarmed(memory: Database) -> None:
    first, second, third = [await opened(memory, id) for id in (1, 2, 3)]
    await keep(memory, first, decided(first, Status.DISPUTE, owes=Role.MODERATOR))
    alarmed = decided(second, Status.APPROVED, alarms=(Alarm.NO_ADDRESS,))
    await keep(memory, second, alarmed)
    await keep(memory, third, decided(third, Status.APPROVED))
    assert await _queue(memory) == [1, 2]
    # An alarm lasts as long as the status it came with.
    still = decided(alarmed.case, Status.APPROVED)
    await keep(memory, alarmed.case, still)
    assert await _queue(memory) == [1, 2]
    await keep(memory, still.case, decided(still.case, Status.IN_TRANSIT))
    assert await _queue(memory) == [1]


async def test_a_dispute_is_in_the_staffs_queue_at_once_by_its_deadline(memory: Database) -> None:
    first, second, third = [await opened(memory, id) for id in (1, 2, 3)]
    later = decided(second, Status.DISPUTE, owes=Role.MODERATOR, due=NOW + 2 * DAY)
    await keep(memory, second, later)
    sooner = decided(third, Status.DISPUTE, owes=Role.SELLER, due=NOW + DAY)
    await keep(memory, third, sooner)
    assert await _queue(memory) == await _queue(memory, Only.DISPUTE) == [3, 2]
    async with memory.reading(EPOCH) as unit:
        assert await unit.cases.customers_record(first.customer) == {"NEW": 1, "DISPUTE": 2}


async def _queue(memory: Database, only: str = "") -> list[int]:
    async with memory.reading(EPOCH) as unit:
        return [case.id for case in await unit.cases.queue_of_staff(PAGE, only)]


async def test_refunds_are_listed_oldest_first_and_counted(memory: Database) -> None:
    for id, status in enumerate((Status.REFUND_DUE, Status.COMP_ACCEPTED, Status.REFUNDED), 1):
        case = await opened(memory, id)
        decision = decided(case, status)
        since = NOW - id * DAY
        await keep(memory, case, replace(decision, case=replace(decision.case, since=since)))
    async with memory.reading(EPOCH) as unit:
        assert [case.id for case in await unit.cases.refunds(PAGE)] == [2, 1]
        record = {"REFUND_DUE": 1, "COMP_ACCEPTED": 1, "REFUNDED": 1}
        assert await unit.cases.customers_record(10) == record
        counts = await unit.cases.counts()
        assert {name for name, count in counts.items() if count} == {"REFUND_DUE", "COMP_ACCEPTED"}


async def test_what_waits_is_counted_by_what_it_waits_for(memory: Database) -> None:
    await opened(memory, 1, due=NOW + DAY)
    first = Received(update_id=1, chat=7, kind="message", raw="{}", received_at=NOW)
    await memory.receive([first, replace(first, update_id=2)], NOW)
    async with memory.group() as group:
        unit = group.unit(NOW)
        for key, wait in (("now", None), ("unopened", NOW + 400 * DAY)):
            unit.outbox.put(Outgoing(chat=7, kind="notice", payload={}, key=key, not_before=wait))
        group.keep(unit)
        group.failed(first, "ValueError", retry_at=None)
        await group.commit()

    async def counted(at: datetime) -> Mapping[str, int]:
        async with memory.reading(at) as unit:
            return await unit.cases.counts()

    waits = {"inbox": 1, "quarantine": 1, "outbox": 1, "unopened": 1, "timers": 1, "late": 0}
    assert (await counted(NOW)).items() >= waits.items()
    minute = timedelta(minutes=1)
    assert (await counted(NOW + DAY + minute))["late"] == 0
    assert (await counted(NOW + DAY + minute * 1.1))["late"] == 1


async def test_cases_that_wait_for_an_address_are_found(memory: Database) -> None:
    await opened(memory, 1, address_known=False)
    await opened(memory, 2)
    await opened(memory, 3, address_known=False, seller="other")
    async with memory.reading(EPOCH) as unit:
        assert [case.id for case in await unit.cases.awaiting_address("acme")] == [1]


async def test_evidence_is_found_in_other_cases(memory: Database) -> None:
    for id, photo in ((1, "f1"), (2, "f2")):
        before = new_case(id)
        await keep(memory, before, decided(before, Status.NEW), given=Given(photos=(photo,)))
    async with memory.reading(EPOCH) as unit:
        assert await unit.files.used_elsewhere(["f1", "f3"], 1) == ()
        assert await unit.files.used_elsewhere(["f1"], 3) == (1,)
        assert await unit.files.used_elsewhere([], 3) == ()
