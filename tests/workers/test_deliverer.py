"""What is in the outbox is said: once, in order, within the limits, and never given up silently."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiogram.client.telegram import TelegramAPIServer

from bot.playground.faults import (
    BAD_GATEWAY,
    BAD_GATEWAY_AFTER,
    GARBAGE,
    NOT_JSON,
    RESET_AFTER,
    RESET_BEFORE,
    RESTARTING,
    SERVER_ERROR,
    TIMEOUT_AFTER,
    TOO_MANY_BARE,
    TOO_MANY_HTML,
    TRUNCATED,
    UNAUTHORIZED,
    Fault,
    Limits,
    refusal,
    too_many,
)
from bot.screens.screen import Button, Key, Screen, Toast
from bot.services.records import How, OutboxRow
from bot.workers.link import Stopped
from bot.workers.messages import Album, Commands, Document, InReply, Medium, Rendered
from bot.workers.permits import Rates
from storage.database import Database
from storage.tables import EPOCH
from tests.workers.local_bot import Clock, in_process, over_http
from tests.workers.post_office import PostOffice, edit, renew


@pytest.fixture
def office(memory: Database, clock: Clock) -> PostOffice:
    telegram, bot = in_process(clock)
    return PostOffice(memory, clock, telegram, bot)


# ------------------------------------------------------------------ table 1c, row by row

ARRIVES_ONCE = {
    "too many, with a time": too_many(17),
    "too many, without one": TOO_MANY_BARE,
    "too many, in HTML": TOO_MANY_HTML,
    "bad gateway, in HTML": BAD_GATEWAY,
    "server error": SERVER_ERROR,
    "restarting": RESTARTING,
    "reset before": RESET_BEFORE,
}
MAY_ARRIVE_TWICE = {
    "reset after": RESET_AFTER,
    "timeout": TIMEOUT_AFTER,
    "truncated": TRUNCATED,
    "garbage": GARBAGE,
    "no JSON": NOT_JSON,
    "bad gateway after": BAD_GATEWAY_AFTER,
}


@pytest.mark.parametrize("fault", ARRIVES_ONCE.values(), ids=ARRIVES_ONCE)
async def test_what_did_not_arrive_is_said_later(office: PostOffice, fault: Fault) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", fault)
    await office.put(office.screen(anna.id, "one"), office.screen(anna.id, "two"))
    await office.deliver()
    assert anna.texts() == ["one", "two"]
    assert office.alerts == []


@pytest.mark.parametrize("fault", MAY_ARRIVE_TWICE.values(), ids=MAY_ARRIVE_TWICE)
async def test_what_may_have_arrived_is_said_again(office: PostOffice, fault: Fault) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", fault)
    await office.put(office.screen(anna.id, "one"), office.screen(anna.id, "two"))
    await office.deliver()
    assert anna.texts() == ["one", "one", "two"]
    assert office.alerts == []


@pytest.mark.parametrize("fault", MAY_ARRIVE_TWICE.values(), ids=MAY_ARRIVE_TWICE)
async def test_a_pure_reminder_is_never_said_twice(office: PostOffice, fault: Fault) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", fault)
    await office.put(
        office.screen(anna.id, "remember", at_most_once=True), office.screen(anna.id, "two")
    )
    await office.deliver()
    assert anna.texts() == ["remember", "two"]


async def test_a_poison_that_is_delivered_and_never_answered_ends(office: PostOffice) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", GARBAGE, times=50, chat_id=anna.id)
    await office.put(office.screen(anna.id, "one"))
    await office.deliver(hours=48)
    assert anna.texts() == ["one"] * 8
    assert [name for name, _ in office.alerts] == ["dead_letter"]


async def test_the_named_time_is_kept_for_that_chat_only(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    office.telegram.faults.next("sendMessage", too_many(40), chat_id=anna.id)
    begun = office.clock()
    await office.put(office.screen(anna.id, "to Anna"), office.screen(boris.id, "to Boris"))
    await office.deliver()
    [to_anna, to_boris] = anna.last.date - begun, boris.last.date - begun
    assert timedelta(seconds=40) <= to_anna < timedelta(seconds=42)
    assert to_boris < timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    ["message is not modified: specified new message content and …", "MESSAGE_NOT_MODIFIED"],
)
async def test_what_is_shown_already_is_a_success(office: PostOffice, text: str) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "card", slot="card:1"))
    await office.deliver()
    office.telegram.faults.next("editMessageText", refusal(400, f"Bad Request: {text}"))
    await office.put(office.screen(anna.id, "card", **edit("card:1")))
    await office.deliver()
    await office.put(office.screen(anna.id, "new card", **edit("card:1")))
    await office.deliver()
    assert anna.texts() == ["new card"]
    assert office.alerts == []


@pytest.mark.parametrize(
    "text",
    ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"],
)
async def test_what_can_no_longer_be_edited_is_sent_anew(office: PostOffice, text: str) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "old", slot="card:1"))
    await office.deliver()
    office.telegram.faults.next("editMessageText", refusal(400, f"Bad Request: {text}"))
    await office.put(office.screen(anna.id, "new", **edit("card:1")))
    await office.deliver()
    await office.put(office.screen(anna.id, "newest", **edit("card:1")))
    await office.deliver()
    assert anna.texts() == ["old", "newest"]
    assert office.alerts == []


@pytest.mark.parametrize(
    "text", ["query is too old and response timeout expired", "QUERY_ID_INVALID"]
)
async def test_an_answer_that_is_too_late_hurts_nobody(office: PostOffice, text: str) -> None:
    office.telegram.faults.next("answerCallbackQuery", refusal(400, f"Bad Request: {text}"))
    await office.deliverer.answer("1", Toast(text="too late"))
    await office.deliverer.answer("nobody's query")
    assert office.telegram.counts["answerCallbackQuery"] == 2
    assert office.alerts == []


async def test_a_toast_is_shown_whatever_its_length(office: PostOffice) -> None:
    anna = office.person()
    buttons = ((Button(label="Press", data="x"),),)
    await office.put(office.screen(anna.id, Screen(text="menu", rows=buttons)))
    await office.deliver()
    press: Any = anna.press("Press")
    await office.deliverer.answer(press.id, Toast(text="ä" * 300, alert=True))
    assert anna.toasts[0].text == "ä" * 200


async def test_wrong_markup_is_said_once_in_plain_words(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "<b>Tom &amp; <i>Jerry</b> <c3>"))
    await office.deliver()
    assert anna.texts() == ["Tom & Jerry"]
    assert [name for name, _ in office.alerts] == ["markup_refused"]


@pytest.mark.parametrize(
    "fault",
    [
        refusal(400, "Bad Request: message is too long"),
        refusal(413, "Request Entity Too Large"),
        refusal(400, "Bad Request: words that nobody has heard before"),
    ],
)
async def test_what_telegram_never_takes_is_kept_for_the_staff(
    office: PostOffice, fault: Fault
) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", fault)
    await office.put(office.screen(anna.id, "one"), office.screen(anna.id, "two"))
    await office.deliver(hours=48)
    assert anna.texts() == ["two"]
    assert [name for name, _ in office.alerts] == ["dead_letter"]
    assert office.telegram.counts["sendMessage"] == 2


async def test_who_has_blocked_the_bot_is_marked_and_the_staff_told_once(
    office: PostOffice,
) -> None:
    anna, boris = office.person(), office.person("Boris")
    await office.remember(anna)
    anna.block()
    await office.put(
        office.screen(anna.id, "one"), office.screen(anna.id, "two"), office.screen(boris.id, "hi")
    )
    await office.deliver()
    assert not (await office.account(anna)).reachable
    assert office.alerts == [("unreachable", {"account": anna.id})]
    assert boris.texts() == ["hi"]


@pytest.mark.parametrize(
    "fault",
    [
        refusal(400, "Bad Request: chat not found"),
        refusal(403, "Forbidden: user is deactivated"),
        refusal(403, "Forbidden: bot can't initiate conversation with a user"),
        refusal(403, "Forbidden: bot was kicked from the group chat"),
    ],
)
async def test_nobody_is_reached_in_a_dead_chat(office: PostOffice, fault: Fault) -> None:
    anna = office.person()
    await office.remember(anna)
    office.telegram.faults.next("sendMessage", fault)
    await office.put(office.screen(anna.id, "one"))
    await office.deliver(hours=48)
    assert anna.texts() == []
    assert not (await office.account(anna)).reachable


async def test_an_alert_that_reaches_nobody_alerts_nobody(office: PostOffice) -> None:
    anna = office.person()
    anna.block()
    office.said["alert"] = Screen(text="somebody cannot be reached")
    payload = {"says": "alert", "notice": "unreachable"}
    await office.put(office.row(anna.id, "notice", payload))
    await office.deliver()
    assert office.alerts == []


async def test_a_group_that_moved_is_followed(office: PostOffice) -> None:
    anna = office.person()
    group = office.telegram.add_group("Shop", anna, type="group")
    await office.put(office.screen(group.id, "before", slot="card:1"))
    await office.deliver()
    moved = office.telegram.upgrade_group(group)
    await office.put(office.screen(group.id, "after"), office.screen(group.id, "and more"))
    await office.deliver()
    assert anna.texts(moved)[-2:] == ["after", "and more"]
    assert office.alerts == []


@pytest.mark.parametrize("fault", [UNAUTHORIZED, refusal(404, "Not Found")])
async def test_a_token_that_is_not_accepted_stops_the_deliverer(
    office: PostOffice, fault: Fault
) -> None:
    anna = office.person()
    office.telegram.faults.next("sendMessage", fault)
    await office.put(office.screen(anna.id, "one"))
    with pytest.raises(Stopped, match="RETURNDESK_BOT_TOKEN"):
        await office.deliver()
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["one"]


async def test_an_outage_costs_no_message_its_tries(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    office.telegram.faults.dark = True
    await office.put(*(office.screen(anna.id, f"{n}") for n in range(3)))
    await office.put(office.screen(boris.id, "hi"))
    await office.deliver(hours=24)
    office.telegram.faults.dark = False
    back = office.clock()
    await office.deliver()
    assert anna.texts() == ["0", "1", "2"]
    assert boris.texts() == ["hi"]
    assert anna.chat.messages[-3].date - back <= timedelta(seconds=60)
    assert office.alerts == []


async def test_a_server_that_is_down_is_waited_for(memory: Database, clock: Clock) -> None:
    async with over_http(clock) as (telegram, bot, _):
        office = PostOffice(memory, clock, telegram, bot)
        anna = office.person()
        up = bot.session.api
        bot.session.api = TelegramAPIServer.from_base("http://127.0.0.1:9")
        await office.put(office.screen(anna.id, "one", at_most_once=True))
        await office.deliver(hours=24)
        assert anna.texts() == []
        bot.session.api = up
        await office.deliver()
        assert anna.texts() == ["one"]


# ------------------------------------------------------------------ slots and kinds


async def test_a_renewed_card_takes_the_buttons_off_the_old_one(office: PostOffice) -> None:
    anna = office.person()
    buttons = ((Button(label="Approve", data="a"),),)
    await office.put(office.screen(anna.id, Screen(text="old", rows=buttons), slot="card:1"))
    await office.deliver()
    new = Screen(text="new", rows=buttons)
    await office.put(office.screen(anna.id, new, **renew("card:1")))
    await office.deliver()
    old_message, new_message = anna.chat.messages[-2:]
    assert (old_message.rows, len(new_message.rows)) == ((), 1)
    assert not new_message.silent


async def test_the_pressed_message_is_edited(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "first"), office.screen(anna.id, "second"))
    await office.deliver()
    first = anna.chat.messages[-2]
    await office.put(office.screen(anna.id, "pressed", how=How.EDIT, message=first.id))
    await office.deliver()
    assert anna.texts() == ["pressed", "second"]


async def test_of_many_edits_of_a_card_only_the_last_is_made(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "0", slot="card:1"))
    await office.deliver()
    await office.put(*(office.screen(anna.id, str(n), **edit("card:1")) for n in range(1, 20)))
    await office.deliver()
    assert anna.texts() == ["19"]
    assert office.telegram.counts["editMessageText"] == 1


async def test_an_album_goes_out_whole_and_a_card_answers_it(office: PostOffice) -> None:
    anna = office.person()
    photos = [anna.send_photo().photo[-1].id for _ in range(12)]
    paper = anna.send_document(b"receipt", "receipt.txt").document
    assert paper is not None
    media = (
        *(Medium(photo) for photo in photos),
        Medium(paper.id, "document"),
    )
    await office.put(office.says(anna.id, "album", Album(media, "<b>R-1</b>"), slot="album:1"))
    await office.deliver()
    album = anna.chat.messages[-13:]
    assert [bool(message.photo) for message in album] == [True] * 12 + [False]
    assert [message.text for message in album] == ["R-1"] + [""] * 12
    async with office.memory.reading(EPOCH) as unit:
        first = await unit.outbox.message_of(anna.id, "album:1")
    assert first is not None
    assert first == album[0].id
    await office.put(office.says(anna.id, "card", InReply(Screen(text="card"), first)))
    await office.deliver()
    assert anna.last.reply_to is album[0]


async def test_a_command_menu_is_set_for_its_person(office: PostOffice) -> None:
    anna, boris = office.person(), office.person("Boris")
    menu = Commands((("queue", "Open returns"), ("help", "Help")))
    await office.put(office.says(anna.id, "commands", menu))
    await office.deliver()
    assert office.telegram.commands_for(anna) == [("queue", "Open returns"), ("help", "Help")]
    assert office.telegram.commands_for(boris) == []


async def test_keyboards_buttons_and_silence_arrive_as_they_were_meant(office: PostOffice) -> None:
    anna = office.person()
    rows = (
        (Button(label="Yes", data="y", style="success"), Button(label="No", data="n")),
        (Button(label="Copy", copy="R-1"), Button(label="Open", url="https://example.org/")),
    )
    shown = Screen(text='<a href="https://example.org/">link</a>', rows=rows)
    await office.put(office.screen(anna.id, shown, silent=True))
    keys = ((Key("Share my phone number", contact=True),),)
    await office.put(office.screen(anna.id, Screen(text="phone?", keys=keys)))
    await office.deliver()
    assert anna.chat.messages[-2].silent
    sent = [call.params for call in office.telegram.calls if call.method == "sendMessage"]
    assert all('"is_disabled": true' in str(params["link_preview_options"]) for params in sent)
    assert "Share my phone number" in anna.buttons()
    await office.put(office.screen(anna.id, Screen(text="thanks", keys=())))
    await office.deliver()
    assert "Share my phone number" not in anna.buttons()


async def test_what_has_nothing_to_say_any_more_is_dropped(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.says(anna.id, "notice", None), office.screen(anna.id, "two"))
    await office.deliver()
    assert anna.texts() == ["two"]
    assert await office.memory.waiting() == 0


async def test_what_cannot_be_rendered_is_tried_again_and_then_given_up(
    office: PostOffice,
) -> None:
    anna = office.person()
    await office.put(office.row(anna.id, "card", {"says": "nothing known"}))
    await office.deliver(hours=48)
    assert [name for name, _ in office.alerts] == ["dead_letter"]
    await office.put(office.screen(anna.id, "afterwards"))
    await office.deliver()
    assert anna.texts() == ["afterwards"]


async def test_dates_are_switched_off_where_the_server_does_not_know_them(
    office: PostOffice,
) -> None:
    anna = office.person()
    unknown = refusal(400, 'Bad Request: can\'t parse entities: Unsupported start tag "tg-time"')
    office.telegram.faults.next("sendMessage", unknown)
    text = 'by <tg-time unix="1772452800">2 March, 15:00</tg-time> <b>at last</b>'
    await office.put(office.screen(anna.id, text), office.screen(anna.id, text))
    await office.deliver()
    assert anna.texts() == ["by 2 March, 15:00 at last"] * 2
    assert [entity["type"] for entity in anna.last.entities] == ["bold"]
    assert office.telegram.counts["sendMessage"] == 3
    assert office.alerts == []


# ------------------------------------------------------------------ order, limits, kills


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
    await asyncio.sleep(0.05)
    assert not office.deliverer.idle
    office.restarted()
    await office.deliver()
    said = anna.texts() + boris.texts()
    assert len(said) == 7
    assert set(anna.texts()) == set(boris.texts()) == {"0", "1", "2"}


async def test_a_kill_never_repeats_a_pure_reminder(office: PostOffice) -> None:
    anna = office.person()
    await office.put(office.screen(anna.id, "remember", at_most_once=True))
    await office.deliverer.step()
    await asyncio.sleep(0.05)
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["remember"]


async def test_a_stop_waits_for_the_answer_and_repeats_nothing(office: PostOffice) -> None:
    people = [office.person(f"P{n}") for n in range(8)]
    office.telegram.faults.latency = (0.05, 0.05)
    await office.put(*(office.screen(each.id, "hello") for each in people))
    running = asyncio.create_task(office.deliverer.run())
    await asyncio.sleep(0.08)
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
    assert (waiting.kind, waiting.state_before) == ("document", "new")
    office.restarted()
    await office.deliver()
    assert anna.texts() == ["R-1", "after it"]
