"""What people must hear goes out in order, is merged per slot, and is accounted for."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from bot.services.records import Account, How, OutboxRow, Outcome, Outgoing
from storage.beside import reading
from storage.database import Database
from storage.tables import EPOCH, outbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_keys = count()


def said(text: str, chat: int = 1, **more: Any) -> Outgoing:
    values: dict[str, Any] = {"kind": "screen", "key": f"k{next(_keys)}", **more}
    return Outgoing(chat=chat, payload={"text": text}, **values)


async def put(memory: Database, *messages: Outgoing, at: datetime = NOW) -> None:
    async with memory.group() as group:
        unit = group.unit(at)
        for message in messages:
            unit.outbox.put(message)
        group.keep(unit)
        await group.commit()


async def take(memory: Database, at: datetime = NOW) -> list[OutboxRow]:
    return list((await memory.exchange([], at, 64)).rows)


async def texts(memory: Database, at: datetime = NOW) -> list[str]:
    return [row.payload["text"] for row in await take(memory, at)]


async def sent(memory: Database, row: OutboxRow, *messages: int, at: datetime = NOW) -> None:
    await memory.exchange([Outcome(row=row.id, result="sent", message_ids=messages)], at, 0)


async def deliver(memory: Database, message: int, at: datetime = NOW) -> OutboxRow:
    (row,) = await take(memory, at)
    await sent(memory, row, message, at=at)
    return row


async def shown(memory: Database, slot: str, chat: int = 1) -> int | None:
    async with memory.reading(EPOCH) as unit:
        return await unit.outbox.message_of(chat, slot)


async def test_a_chat_hears_one_thing_at_a_time_in_the_order_it_was_said(memory: Database) -> None:
    await put(memory, said("1"), said("2"), said("for another", chat=2))
    first, other = await take(memory)
    assert [first.payload["text"], other.payload["text"]] == ["1", "for another"]
    assert await take(memory) == []
    await sent(memory, first, 10)
    assert await texts(memory) == ["2"]


async def test_the_same_effect_written_twice_is_one_row(memory: Database) -> None:
    await put(memory, said("once", key="n:1:2:3"), said("once", key="n:1:2:3"))
    await put(memory, said("once", key="n:1:2:3"))
    assert await memory.waiting() == 1
    await deliver(memory, 10)
    await put(memory, said("once", key="n:1:2:3"))
    assert await memory.waiting() == 0


async def test_a_row_that_waits_for_its_next_attempt_holds_its_chat_back(memory: Database) -> None:
    await put(memory, said("1"), said("2"))
    (row,) = await take(memory)
    later = NOW + 5 * SECOND
    await memory.exchange(
        [Outcome(row=row.id, result="wait", retry_at=later, counts=False)], NOW, 0
    )
    assert await take(memory) == []
    assert await memory.next_outgoing_at(NOW) == later
    (again,) = await take(memory, later)
    assert (again.payload["text"], again.tries) == ("1", 0)


async def test_what_is_put_off_stands_outside_the_order(memory: Database) -> None:
    await put(memory, said("later", not_before=NOW + SECOND), said("now"))
    await deliver(memory, 1)
    assert await memory.next_outgoing_at(NOW) == NOW + SECOND
    assert await texts(memory, NOW + SECOND) == ["later"]


async def test_two_rows_of_a_chat_are_never_under_way_together(memory: Database) -> None:
    await put(memory, said("later", not_before=NOW + SECOND), said("now"))
    (row,) = await take(memory)
    assert await take(memory, NOW + SECOND) == []
    await sent(memory, row, 1)
    assert await texts(memory, NOW + SECOND) == ["later"]


async def test_of_several_edits_of_a_slot_only_the_newest_remains(memory: Database) -> None:
    edit: Any = {"slot": "card:1", "how": How.EDIT}
    await put(memory, said("first", **edit))
    await deliver(memory, 50)
    await put(memory, said("a", **edit), said("between"), said("b", **edit), said("c", **edit))
    (row,) = await take(memory)
    assert (row.payload["text"], row.how, row.message) == ("c", How.EDIT, 50)
    await sent(memory, row, 50)
    assert await texts(memory) == ["between"]
    assert await memory.waiting() == 1


async def test_what_ends_while_the_transaction_is_waited_for_is_written_with_it(
    memory: Database,
) -> None:
    await put(memory, said("one"))
    (row,) = await take(memory)
    ended: list[Outcome] = []
    async with memory.receiving():
        exchanging = asyncio.create_task(memory.exchange(ended, NOW, 64))
        await asyncio.sleep(0)
        ended.append(Outcome(row=row.id, result="wait", counts=False))
    taken = await exchanging
    assert taken.reported == 1
    assert [each.id for each in taken.rows] == [row.id]


async def test_a_loud_card_takes_over_what_later_edits_say(memory: Database) -> None:
    await put(
        memory,
        said("loud", slot="card:1", how=How.RENEW),
        said("quiet", slot="card:1", how=How.EDIT),
    )
    (row,) = await take(memory)
    assert (row.payload["text"], row.how, row.message) == ("quiet", How.RENEW, None)
    await sent(memory, row, 7)
    assert await memory.waiting() == 0


async def test_a_card_that_is_sent_anew_comes_behind_what_was_said_before_it(
    memory: Database,
) -> None:
    card: Any = {"slot": "card:1", "silent": True}
    await put(memory, said("old", how=How.RENEW, slot="card:1"))
    await deliver(memory, 50)
    await put(
        memory,
        said("edited", how=How.EDIT, **card),
        said("loud", how=How.RENEW, slot="card:1"),
        said("This has changed meanwhile."),
        said("anew", how=How.RENEW, **card),
        said("and edited", how=How.EDIT, **card),
    )
    assert (await deliver(memory, 51)).payload["text"] == "This has changed meanwhile."
    row = await deliver(memory, 52)
    assert (row.payload["text"], row.how, row.silent) == ("and edited", How.RENEW, False)
    strip = await deliver(memory, 50)
    assert (strip.kind, strip.message) == ("strip", 50)
    assert await memory.waiting() == 0


async def test_a_card_that_has_perhaps_arrived_is_sent_again_with_what_is_to_be_shown_now(
    memory: Database,
) -> None:
    await put(memory, said("perhaps", slot="card:1", how=How.RENEW))
    (first,) = await take(memory)
    await memory.recover_sending(NOW)
    await put(memory, said("anew", slot="card:1", how=How.RENEW))
    (again,) = await take(memory)
    assert (again.id, again.payload["text"], again.how) == (first.id, "anew", How.RENEW)


async def test_a_loud_card_is_loud_in_the_place_of_an_edit_that_has_perhaps_arrived(
    memory: Database,
) -> None:
    await put(memory, said("old", how=How.RENEW, slot="card:1"))
    await deliver(memory, 50)
    await put(memory, said("perhaps", how=How.EDIT, slot="card:1", silent=True))
    (first,) = await take(memory)
    await memory.recover_sending(NOW)
    await put(memory, said("loud", how=How.RENEW, slot="card:1"))
    (again,) = await take(memory)
    assert (again.id, again.how, again.silent) == (first.id, How.RENEW, False)


async def test_an_edit_of_another_message_is_not_merged(memory: Database) -> None:
    await put(memory, said("first", slot="menu"))
    await deliver(memory, 50)
    await put(
        memory,
        said("in place", slot="menu", how=How.EDIT),
        said("the old list", slot="menu", how=How.EDIT, message=40),
    )
    row = await deliver(memory, 50)
    assert (row.payload["text"], row.message) == ("in place", 50)
    row = await deliver(memory, 40)
    assert (row.payload["text"], row.message) == ("the old list", 40)
    assert await shown(memory, "menu") == 40


async def test_edits_before_and_after_a_new_message_are_not_merged(memory: Database) -> None:
    await put(memory, said("list", slot="menu"))
    await deliver(memory, 50)
    await put(
        memory,
        said("old", slot="menu", how=How.EDIT),
        said("new message", slot="menu"),
        said("its edit", slot="menu", how=How.EDIT),
    )
    told = [await deliver(memory, message) for message in (50, 51, 51)]
    assert [(row.payload["text"], row.message) for row in told] == [
        ("old", 50),
        ("new message", None),
        ("its edit", 51),
    ]


async def test_parts_of_an_album_bring_one_question_a_second_after_the_last(
    memory: Database,
) -> None:
    for part in range(3):
        at = NOW + part * SECOND / 2
        later = at + SECOND
        question = said(f"{part + 1} photos", slot="draft", how=How.RENEW, not_before=later)
        await put(memory, question, at=at)
    assert await take(memory, NOW + SECOND) == []
    assert await memory.next_outgoing_at(NOW + SECOND) == NOW + 2 * SECOND
    assert await texts(memory, NOW + 2 * SECOND) == ["3 photos"]


async def test_an_answer_overtakes_the_question_that_was_put_off(memory: Database) -> None:
    await put(memory, said("How many?", slot="draft"))
    await deliver(memory, 50)
    await put(
        memory,
        said("1 photo", slot="draft", how=How.RENEW, not_before=NOW + SECOND),
        said("Which way back?", slot="draft", how=How.EDIT, message=50),
    )
    row = await deliver(memory, 51)
    assert (row.payload["text"], row.how) == ("Which way back?", How.RENEW)
    strip = await deliver(memory, 50)
    assert (strip.kind, strip.message) == ("strip", 50)
    assert await take(memory, NOW + SECOND) == []


async def test_a_new_card_takes_the_buttons_off_the_old_one(memory: Database) -> None:
    for message in (50, 51):
        await put(memory, said("card", slot="card:1", how=How.RENEW))
        await deliver(memory, message)
    assert await shown(memory, "card:1") == 51
    strip = await deliver(memory, 50)
    assert (strip.kind, strip.message, strip.payload) == ("strip", 50, {})
    assert await shown(memory, "card:1") == 51
    assert await memory.waiting() == 0


async def test_a_message_that_is_gone_is_said_anew(memory: Database) -> None:
    await put(memory, said("card", slot="card:1"))
    await deliver(memory, 50)
    await put(memory, said("changed", slot="card:1", how=How.EDIT))
    (row,) = await take(memory)
    await memory.exchange([Outcome(row=row.id, result="replace")], NOW, 0)
    assert await shown(memory, "card:1") is None
    row = await deliver(memory, 60)
    assert (row.payload["text"], row.how, row.message) == ("changed", How.SEND, None)
    assert await shown(memory, "card:1") == 60


async def test_what_may_have_been_delivered_is_said_again_unless_it_only_reminds(
    memory: Database,
) -> None:
    await put(memory, said("decide"), said("remember", chat=2, at_most_once=True))
    later = NOW + SECOND
    rows = await take(memory)
    outcomes = [Outcome(row=row.id, result="unknown", retry_at=later) for row in rows]
    await memory.exchange(outcomes, NOW, 0)
    (row,) = await take(memory, later)
    assert (row.payload["text"], row.tries) == ("decide", 1)


async def test_what_was_on_its_way_at_a_kill_may_have_been_delivered(memory: Database) -> None:
    await put(memory, said("decide"), said("remember", chat=2, at_most_once=True))
    assert len(await take(memory)) == 2
    assert await memory.recover_sending(NOW + SECOND) == 2
    (row,) = await take(memory, NOW + SECOND)
    assert row.payload["text"] == "decide"


async def test_what_is_dropped_at_a_kill_keeps_none_of_its_words(
    memory: Database, database_url: str
) -> None:
    await put(memory, said("decide"), said("remember", chat=2, at_most_once=True))
    await take(memory)
    await memory.recover_sending(NOW)
    async with reading(database_url) as connection:
        rows = await connection.execute(select(outbox.c.state, outbox.c.payload))
        found = {row.state: row.payload for row in rows}
    assert found["dropped"] == "{}"
    assert "decide" in found["unknown"]


@pytest.mark.parametrize("late", ["sent", "wait", "stop"])
async def test_who_was_deposed_reports_nothing_of_what_the_next_has_dealt_with(
    memory: Database, late: Any
) -> None:
    await put(memory, said("decide"))
    (row,) = await take(memory)
    # Another process leads: it finds the row, sends it again and is told to wait.
    await memory.recover_sending(NOW)
    (again,) = await take(memory)
    waits = Outcome(row=again.id, result="wait", retry_at=NOW + 10 * SECOND)
    await memory.exchange([waits], NOW, 0)
    await memory.exchange([Outcome(row=row.id, result=late)], NOW, 0)
    assert await texts(memory, NOW + SECOND) == []
    (later,) = await take(memory, NOW + 10 * SECOND)
    assert (later.id, later.tries) == (row.id, 1)


@pytest.mark.parametrize("result", ["drop", "dead"])
async def test_what_is_given_up_frees_the_chat(memory: Database, result: Any) -> None:
    await put(memory, said("1"), said("2"))
    (row,) = await take(memory)
    await memory.exchange([Outcome(row=row.id, result=result, error="400")], NOW, 0)
    assert await texts(memory) == ["2"]


async def test_a_sender_that_stops_leaves_the_row_new(memory: Database) -> None:
    await put(memory, said("1"))
    (row,) = await take(memory)
    await memory.exchange([Outcome(row=row.id, result="stop")], NOW, 0)
    (row,) = await take(memory)
    assert row.tries == 0


async def test_who_blocked_the_bot_is_unreachable(memory: Database) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.accounts.save(Account(id=1))
        unit.outbox.put(said("hello"))
        group.keep(unit)
        await group.commit()
    (row,) = await take(memory)
    await memory.exchange([Outcome(row=row.id, result="dead", unreachable=True)], NOW, 0)
    async with memory.reading(EPOCH) as reading:
        account = await reading.accounts.get(1)
    assert account is not None
    assert not account.reachable


async def test_a_group_that_moved_hears_everything_in_its_new_chat(memory: Database) -> None:
    await put(memory, said("topic", chat=-5, slot="card:1"))
    await deliver(memory, 50)
    await put(memory, said("1", chat=-5), said("2", chat=-5))
    (row,) = await take(memory)
    await memory.exchange([Outcome(row=row.id, result="wait", migrate_to=-100)], NOW, 0)
    assert [(row.chat, row.payload["text"]) for row in await take(memory)] == [(-100, "1")]
    assert await shown(memory, "card:1", -100) == 50
    async with memory.reading(EPOCH) as unit:
        assert await unit.outbox.holders("card:1") == (-100,)


async def test_an_alert_waits_until_its_reader_opens_the_bot(memory: Database) -> None:
    await put(memory, said("alert", not_before=NOW + timedelta(days=36500)), said("x", chat=2))
    await deliver(memory, 1)
    async with memory.group() as group:
        unit = group.unit(NOW + SECOND)
        unit.outbox.release(1)
        unit.outbox.put(said("welcome"))
        group.keep(unit)
        await group.commit()
    assert await texts(memory, NOW + SECOND) == ["alert"]
