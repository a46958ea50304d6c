"""Every way in which Telegram fails, and what the outbox makes of it (table 1c)."""

from datetime import timedelta
from typing import Any

import pytest
from aiogram.client.telegram import TelegramAPIServer

from bot.playground import faults
from bot.playground.faults import Fault, refusal, too_many
from bot.screens.screen import Button, Screen, Toast
from bot.workers.link import Stopped
from storage.database import Database
from tests.workers.local_bot import Clock, over_http
from tests.workers.post_office import PostOffice, edit

ARRIVES_ONCE = {
    "too many, with a time": too_many(17),
    "too many, without one": faults.TOO_MANY_BARE,
    "too many, in HTML": faults.TOO_MANY_HTML,
    "bad gateway, in HTML": faults.BAD_GATEWAY,
    "server error": faults.SERVER_ERROR,
    "restarting": faults.RESTARTING,
    "reset before": faults.RESET_BEFORE,
}
MAY_ARRIVE_TWICE = {
    "reset after": faults.RESET_AFTER,
    "timeout": faults.TIMEOUT_AFTER,
    "truncated": faults.TRUNCATED,
    "garbage": faults.GARBAGE,
    "no JSON": faults.NOT_JSON,
    "bad gateway after": faults.BAD_GATEWAY_AFTER,
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
    office.telegram.faults.next("sendMessage", faults.GARBAGE, times=50, chat_id=anna.id)
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


@pytest.mark.parametrize("fault", [faults.UNAUTHORIZED, refusal(404, "Not Found")])
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
