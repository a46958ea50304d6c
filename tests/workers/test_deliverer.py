"""What is in the outbox is said: once, in order, within the limits, also after a kill."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.playground.faults import (
    BAD_GATEWAY,
    SERVER_ERROR,
    Limits,
    too_many,
)
from bot.screens.screen import Screen
from bot.services.records import OutboxRow, Taken
from bot.workers.messages import Album, Document, Medium, Rendered
from bot.workers.permits import Rates
from storage.database import Database
from tests.workers.local_bot import Clock, in_process
from tests.workers.post_office import PostOffice, edit


async def test_a_chat_is_written_to_in_order_whatever_fails(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    rates = {BAD_GATEWAY: 0.1, too_many(3): 0.1, SERVER_ERROR: 0.1}
    office.telegram.faults.at_random(seed=5, rates=rates, methods={"sendMessage"})
    await office.put(*(office.screen(anna.id, f"{n}") for n in range(20)))
    await office.put(*(office.screen(boris.id, f"{n}") for n in range(20)))
    await office.deliver(hours=12)
    assert anna.texts() == [f"{n}" for n in range(20)]
    assert boris.texts() == [f"{n}" for n in range(20)]
    assert len(office.telegram.faults.happened) > 5


async def test_a_flood_of_messages_never_meets_the_limits(memory: Database, clock: Clock) -> None:
    limits = Limits(now=clock.steady)
    telegram, bot = in_process(clock, limits)
    office = PostOffice(memory, clock, telegram, bot)
    people = [office.person(f"P{n}") for n in range(60)]
    group = telegram.add_group("Shop", people[0])
    photos = [people[0].send_photo().photo[-1].id for _ in range(10)]
    await office.put(*(office.screen(each.id, f"{n}") for n in range(5) for each in people))
    await office.put(*(office.screen(group.id, f"{n}") for n in range(45)))
    album = Album(tuple(Medium(photo) for photo in photos))
    await office.put(*(office.says(each.id, "album", album) for each in people[:3]))
    begun = clock.seconds
    await office.deliver(hours=1)
    assert await memory.waiting() == 0
    assert limits.refused == 0
    assert [each.texts()[-1] for each in people[5:]] == ["4"] * 55
    assert len(group.messages) >= 45
    assert begun < clock.seconds


async def test_nine_tenths_of_the_permitted_rate_are_used(memory: Database, clock: Clock) -> None:
    limits = Limits(now=clock.steady)
    telegram, bot = in_process(clock, limits)
    office = PostOffice(memory, clock, telegram, bot)
    people = [office.person(f"P{n}") for n in range(300)]
    await office.put(*(office.screen(each.id, "hello") for each in people))
    begun = clock()
    await office.deliver()
    last = max(each.last.date for each in people)
    assert limits.refused == 0
    assert 300 / (last - begun).total_seconds() > 0.9 * 30


async def test_in_a_backlog_no_more_are_under_way_than_the_rate_needs(office: PostOffice) -> None:
    people = [office.person(f"P{n}") for n in range(300)]
    await office.put(*(office.screen(each.id, "hello") for each in people))
    await office.deliver()
    assert [each.texts() for each in people] == [["hello"]] * 300
    # Thirty a second, 60 ms away: two are not answered yet, and one leaves.
    assert office.most_at_once == 3


async def test_nobody_overtakes_an_album_for_ever(memory: Database, clock: Clock) -> None:
    telegram, bot = in_process(clock)
    office = PostOffice(memory, clock, telegram, bot)
    people = [office.person(f"P{n}") for n in range(60)]
    photos = [people[0].send_photo().photo[-1].id for _ in range(10)]
    office.restarted(Rates(at_once=10))
    for each in people[:10]:  # permits that return one by one, never all at once
        await office.put(office.screen(each.id, "hello"))
        await office.deliver(hours=0.06 / 3600)
    album = Album(tuple(Medium(photo) for photo in photos))
    await office.put(office.says(people[10].id, "album", album))
    await office.put(*(office.screen(each.id, "hello") for each in people[11:]))
    await office.deliver()
    after = sum(1 for each in people[11:] if each.last.date > people[10].last.date)
    assert after == 49


async def test_one_new_message_at_a_time_while_the_backlog_is_small(office: PostOffice) -> None:
    people = [office.person(f"P{n}") for n in range(10)]
    await office.put(*(office.screen(each.id, "card", slot="card:1") for each in people[5:]))
    await office.deliver()
    await office.put(*(office.screen(each.id, "hello") for each in people[:5]))
    await office.put(*(office.screen(each.id, "edited", **edit("card:1")) for each in people[5:]))
    most = 0
    while not (office.deliverer.idle and not office.deliverer.under_way):
        office.clock.pass_by(max(await office.deliverer.step(), 0.01))
        new = sum(1 for call in office.deliverer.under_way if call.new)
        most = max(most, new)
        assert new <= 1
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert most == 1
    assert [each.texts()[-1] for each in people] == ["hello"] * 5 + ["edited"] * 5


async def test_a_kill_between_mark_and_call_loses_nothing(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "one"), office.screen(anna.id, "two"))
    taken = (await office.memory.exchange([], office.clock(), 10)).rows
    assert len(taken) == 1
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["one", "two"]


async def test_a_kill_after_the_call_repeats_at_most_one_message(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    for each in (anna, boris):
        await office.put(*(office.screen(each.id, f"{n}") for n in range(3)))
    await office.deliverer.step()
    while office.deliverer.under_way:
        await asyncio.sleep(0)
    assert not office.deliverer.idle
    office.restarted()
    await office.deliver()
    said = anna.texts() + boris.texts()
    assert len(said) == 7
    assert set(anna.texts()) == set(boris.texts()) == {"0", "1", "2"}


async def test_nothing_new_begins_before_what_arrived_during_a_commit_is_on_record(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, boris = office.person(), office.person("Boris")
    office.telegram.faults.latency = (0.05, 0.05)
    await office.put(office.screen(anna.id, "one"), office.screen(boris.id, "two"))
    await office.deliverer.step()
    exchange = office.memory.exchange

    async def slow(*given: Any) -> Taken:
        taken = await exchange(*given)
        while office.deliverer.under_way:
            await asyncio.sleep(0)
        office.clock.pass_by(1)
        return taken

    with monkeypatch.context() as patch:
        patch.setattr(office.memory, "exchange", slow)
        office.deliverer.wake()
        await office.deliverer.step()
    await asyncio.sleep(0.1)
    office.restarted()
    await office.deliver()
    assert len(anna.texts() + boris.texts()) == 3


async def test_a_kill_never_repeats_a_pure_reminder(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "remember", at_most_once=True))
    await office.deliverer.step()
    while office.deliverer.under_way:
        await asyncio.sleep(0)
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["remember"]


async def test_a_stop_waits_for_the_answer_and_repeats_nothing(office: PostOffice) -> None:
    people = [office.person(f"P{n}") for n in range(8)]
    office.telegram.faults.latency = (0.05, 0.05)
    await office.put(*(office.screen(each.id, "hello") for each in people))
    running = asyncio.create_task(office.deliverer.run())
    while not any(each.texts() for each in people):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert 0 < sum(len(each.texts()) for each in people) < 8
    assert await office.memory.recover_sending(office.clock()) == 0
    office.telegram.faults.latency = (0, 0)
    office.restarted()
    await office.deliver()
    assert [each.texts() for each in people] == [["hello"]] * 8


async def test_an_idle_deliverer_sleeps_until_the_next_row_is_due(office: PostOffice) -> None:
    anna = office.person()
    assert await office.deliverer.step() == 60
    later = office.clock() + timedelta(seconds=7)
    await office.put(office.screen(anna.id, "later", not_before=later))
    assert await office.deliverer.step() == pytest.approx(7)
    office.clock.pass_by(7)
    await office.deliver()
    assert anna.texts() == ["later"]


async def test_a_new_row_wakes_the_deliverer_at_once(office: PostOffice) -> None:
    anna = office.person()
    running = asyncio.create_task(office.deliverer.run())
    await asyncio.sleep(0.05)
    await office.put(office.screen(anna.id, "now"))
    await asyncio.wait_for(anna.sees("now"), 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_memory_that_fails_for_a_moment_doubles_nothing(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "one"), office.screen(anna.id, "two"))
    await office.deliverer.step()
    await asyncio.sleep(0.05)
    with monkeypatch.context() as patch:

        async def full(*_: object) -> None:
            raise OSError("disk full")

        patch.setattr(office.memory, "exchange", full)
        with pytest.raises(OSError, match="disk full"):
            await office.deliverer.step()
    await office.deliver()
    assert anna.texts() == ["one", "two"]


async def test_a_file_is_sent_and_one_that_is_refused_is_told_to_the_person(
    office: PostOffice,
) -> None:
    anna = office.person()
    sorry = Screen(text="It could not be sent.")
    paper = Document("R-1.pdf", b"%PDF-1", "<b>R-1</b>", sorry)
    await office.put(
        office.says(anna.id, "document", paper),
        office.says(anna.id, "document", replace(paper, content=b"")),
    )
    await office.deliver()
    sent = anna.chat.messages[-2].document
    assert sent is not None
    assert (sent.name, sent.content) == ("R-1.pdf", b"%PDF-1")
    assert anna.texts() == ["R-1", "It could not be sent."]


async def test_a_file_that_is_being_made_holds_nobody_else_and_a_stop_leaves_it_to_the_next_start(
    office: PostOffice,
) -> None:
    anna, boris = office.person(), office.person("Boris")
    paper = Document("R-1.pdf", b"%PDF-1", "R-1", Screen(text="-"))
    ready = asyncio.Event()
    render = office.deliverer._render

    async def slow(rows: Sequence[OutboxRow]) -> Sequence[Rendered | BaseException]:
        if rows[0].kind == "document":
            await ready.wait()
        return await render(rows)

    office.deliverer._render = slow
    await office.put(
        office.says(anna.id, "document", paper),
        office.screen(anna.id, "after it"),
        office.screen(boris.id, "hi"),
    )
    await office.deliver()
    assert (anna.texts(), boris.texts()) == ([], ["hi"])
    assert not office.deliverer.idle
    await office.deliverer._wind_up()
    (waiting,) = (await office.memory.exchange((), office.clock(), 5)).rows
    assert waiting.kind == "document"
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["R-1", "after it"]
