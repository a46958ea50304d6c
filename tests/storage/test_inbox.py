"""What Telegram has been told that we received is in the inbox, in order, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.services.records import Account, Received
from storage.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def update(id: int, chat: int = 1, at: datetime = NOW) -> Received:
    return Received(update_id=id, chat=chat, kind="message", raw='{"text": "й"}', received_at=at)


async def taken(memory: Database, now: datetime = NOW, limit: int = 64) -> list[int]:
    async with memory.group() as group:
        return [each.update_id for each in await group.pending(limit, now)]


async def finish(memory: Database, *updates: Received) -> frozenset[int]:
    async with memory.group() as group:
        for each in updates:
            group.done(each, group.unit(each.received_at))
        return await group.commit()


async def test_an_update_comes_back_as_it_was_received(memory: Database) -> None:
    received = update(7, at=NOW + timedelta(microseconds=1))
    assert await memory.receive([received], NOW) == 1
    async with memory.group() as group:
        assert await group.pending(64, NOW) == (received,)


async def test_a_redelivered_update_is_kept_once(memory: Database) -> None:
    assert await memory.receive([update(1), update(2), update(1)], NOW) == 2
    assert await memory.receive([update(2), update(3)], NOW) == 1
    await finish(memory, update(1))
    assert await memory.receive([update(1)], NOW) == 0
    assert await taken(memory) == [2]


async def test_each_chat_has_its_lowest_update_first(memory: Database) -> None:
    await memory.receive([update(4, 1), update(2, 1), update(3, 2), update(5, 2)], NOW)
    assert await taken(memory) == [2, 3]
    assert await taken(memory, limit=1) == [2]
    await finish(memory, update(2))
    assert await taken(memory) == [3, 4]


async def test_an_update_that_waits_for_its_next_try_holds_its_chat_back(memory: Database) -> None:
    await memory.receive([update(1, 1), update(2, 1), update(3, 2)], NOW)
    async with memory.group() as group:
        (first, _) = await group.pending(64, NOW)
        group.failed(first, "KeyError in desk", retry_at=NOW + 5 * SECOND)
        await group.commit()
    assert await taken(memory, NOW + 4 * SECOND) == [3]
    async with memory.group() as group:
        (first, _) = await group.pending(64, NOW + 5 * SECOND)
        assert (first.update_id, first.tries) == (1, 1)
        group.failed(first, "KeyError in desk", retry_at=None)
        await group.commit()
    assert await taken(memory, NOW + 5 * SECOND) == [2, 3]
    assert await memory.oldest_undone() == NOW


async def test_a_group_that_is_not_committed_leaves_everything_as_it_was(memory: Database) -> None:
    await memory.receive([update(1)], NOW)
    async with memory.group() as group:
        (only,) = await group.pending(64, NOW)
        group.done(only, group.unit(NOW))
    assert await taken(memory) == [1]


async def test_the_offset_follows_the_newest_update_even_if_ids_restart(memory: Database) -> None:
    assert await memory.last_update_id() == 0
    await memory.receive([update(900), update(901)], NOW)
    assert await memory.last_update_id() == 901
    await memory.receive([update(12, at=NOW + timedelta(days=8))], NOW)
    assert await memory.last_update_id() == 12


async def test_the_oldest_undone_update_is_neither_done_nor_in_quarantine(memory: Database) -> None:
    assert await memory.oldest_undone() is None
    await memory.receive([update(1, 1, NOW), update(2, 2, NOW + SECOND)], NOW)
    assert await memory.oldest_undone() == NOW
    await finish(memory, update(1))
    assert await memory.oldest_undone() == NOW + SECOND


async def test_the_heart_beats_once_a_minute_and_at_the_end_of_an_outage(memory: Database) -> None:
    assert await memory.heartbeat() is None
    await memory.receive([], NOW)
    await memory.receive([update(1)], NOW + 59 * SECOND)
    assert await memory.heartbeat() == NOW
    await memory.receive([], NOW + 60 * SECOND)
    assert await memory.heartbeat() == NOW + 60 * SECOND
    end = NOW + 70 * SECOND
    await memory.receive([], end, (NOW + 60 * SECOND, end))
    assert await memory.heartbeat() == end
    async with memory.group() as group:
        outage = await group.outage()
    assert outage is not None
    assert (outage.since, outage.until) == (NOW + 60 * SECOND, end)


async def test_old_updates_that_are_done_are_pruned(memory: Database) -> None:
    await memory.receive([update(1, 1), update(2, 2)], NOW)
    await finish(memory, update(1))
    await memory.prune(NOW + SECOND)
    assert await memory.receive([update(1), update(2)], NOW) == 1


async def test_of_what_is_done_no_word_is_kept(memory: Database) -> None:
    """S3: it may have been the token of an invitation."""
    token = "iAAAAAAAAAAAAAAAAAAAAAA"
    sent = replace(update(1), raw=f'{{"text": "/start {token}"}}')
    await memory.receive([sent], NOW)
    assert await finish(memory, sent) == frozenset()
    async with memory._transaction() as line:
        rows = await line.connection.exec_driver_sql("SELECT raw, state FROM inbox")
        assert rows.one() == ("", "done")
    assert await memory.receive([sent], NOW) == 0


async def test_what_comes_in_with_a_group_is_stored_with_what_became_of_it(
    memory: Database,
) -> None:
    await memory.receive([update(7)], NOW)
    await finish(memory, update(7))
    async with memory.group(receives=True) as group:
        # A redelivered one and a double are not new.
        came = [update(7), update(8), update(11, 2), update(9), update(8), update(10, 3)]
        assert await group.intake.keep(came, NOW) == 4
        waiting = await group.pending(2, NOW)
        assert waiting == (update(8), update(10, 3))
        assert await group.waiting_of(1, 500) == (update(8), update(9))
        done, failed = waiting
        group.done(done, group.unit(NOW))
        group.shed(update(11, 2), group.unit(NOW))
        group.failed(failed, "KeyError in desk", retry_at=NOW + SECOND)
        await group.commit()
    assert await taken(memory) == [9]
    async with memory.group() as group:
        later, again = await group.pending(64, NOW + SECOND)
        assert later == update(9)
        assert again == replace(update(10, 3), tries=1)
    async with memory._transaction() as line:
        rows = await line.connection.exec_driver_sql(
            "SELECT update_id, state FROM inbox WHERE raw = '' ORDER BY update_id"
        )
        assert [tuple(row) for row in rows] == [(7, "done"), (8, "done"), (11, "shed")]


async def test_what_comes_in_while_others_wait_takes_its_turn(memory: Database) -> None:
    await memory.receive([update(5, 1)], NOW)
    async with memory.group(receives=True) as group:
        assert await group.intake.keep([update(6, 1), update(4, 2)], NOW) == 2
        assert await group.pending(64, NOW) == (update(4, 2), update(5, 1))
        assert await group.waiting_of(1, 500) == (update(5, 1), update(6, 1))
        group.done(update(5, 1), group.unit(NOW))
        await group.commit()
    assert await taken(memory) == [4, 6]


async def test_what_comes_in_with_a_unit_that_is_left_out_stays(memory: Database) -> None:
    async with memory.group(receives=True) as group:
        await group.intake.keep([update(1, 1), update(2, 2)], NOW)
        units = [group.unit(NOW), group.unit(NOW)]
        for each, unit in zip([update(1, 1), update(2, 2)], units, strict=True):
            unit.accounts.save(Account(id=1, name=f"said by {each.update_id}"))
            group.done(each, unit)
        assert await group.commit() == {id(units[1])}
    assert await taken(memory) == [2]
