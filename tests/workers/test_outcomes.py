"""Every row of table 1c of the fault matrix: what Telegram does, and what it means."""

from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import Message

from bot.playground import faults
from bot.playground.faults import Fault, refusal, too_many
from bot.services.records import OutboxRow
from bot.workers.link import Plain
from bot.workers.messages import Call, message_ids
from bot.workers.outcomes import PAUSES, TRIES, Fate, Verdict, conclude, verdict
from tests.workers.local_bot import NOON, TOKEN, Clock, in_process, over_http

TABLE: list[tuple[Fault, Fate]] = [
    (too_many(17), Fate.WAIT),
    (faults.TOO_MANY_BARE, Fate.WAIT),
    (faults.TOO_MANY_HTML, Fate.UNKNOWN),
    (faults.BAD_GATEWAY, Fate.UNKNOWN),
    (faults.SERVER_ERROR, Fate.UNKNOWN),
    (faults.RESTARTING, Fate.UNKNOWN),
    (faults.RESET_BEFORE, Fate.UNKNOWN),
    (faults.RESET_AFTER, Fate.UNKNOWN),
    (faults.TIMEOUT_AFTER, Fate.UNKNOWN),
    (faults.TRUNCATED, Fate.UNKNOWN),
    (faults.GARBAGE, Fate.UNKNOWN),
    (faults.NOT_JSON, Fate.UNKNOWN),
    (refusal(413, "Request Entity Too Large"), Fate.BUG),
    (faults.UNAUTHORIZED, Fate.STOP),
    (refusal(404, "Not Found"), Fate.STOP),
    (refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100), Fate.MIGRATE),
    *(
        (refusal(400, f"Bad Request: {text}"), fate)
        for fate, texts in {
            Fate.SUCCESS: (
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
                "MESSAGE_NOT_MODIFIED",
            ),
            Fate.DROP: (
                "query is too old and response timeout expired or query ID is invalid",
                "QUERY_ID_INVALID",
            ),
            Fate.REPLACE: (
                "message to edit not found",
                "message can't be edited",
                "MESSAGE_ID_INVALID",
                "there is no text in the message to edit",
            ),
            Fate.PLAIN: (
                'can\'t parse entities: Unsupported start tag "x" at byte offset 5',
                'Can\'t find end tag corresponding to start tag "b"',
                "ENTITY_BOUNDS_INVALID",
            ),
            Fate.BUG: (
                "message is too long",
                "MEDIA_CAPTION_TOO_LONG",
                "BUTTON_DATA_INVALID",
                "wrong file identifier/HTTP URL specified",
                "a sentence that nobody has heard before",
            ),
            Fate.DEAD: ("chat not found", "PEER_ID_INVALID", "USER_IS_BLOCKED"),
        }.items()
        for text in texts
    ),
    *(
        (refusal(403, f"Forbidden: {text}"), Fate.DEAD)
        for text in (
            "bot was blocked by the user",
            "user is deactivated",
            "bot can't initiate conversation with a user",
            "bot was kicked from the supergroup chat",
            "something new",
        )
    ),
]


async def _send(bot: Bot, chat: int) -> Message | Exception:
    try:
        return await bot.send_message(chat, "Hello", request_timeout=1)
    except Exception as error:
        return error


@pytest.mark.parametrize(("fault", "fate"), TABLE, ids=[fault.name for fault, _ in TABLE])
async def test_a_failure_over_http_has_its_fate(fault: Fault, fate: Fate) -> None:
    async with over_http(Clock()) as (telegram, bot, _):
        anna = telegram.add_person("Anna")
        anna.start()
        telegram.faults.timeout = 5
        telegram.faults.next("sendMessage", fault)
        error = await _send(bot, anna.id)
    assert isinstance(error, Exception)
    assert verdict(error).fate is fate
    assert TOKEN not in verdict(error).reason


@pytest.mark.parametrize(("fault", "fate"), TABLE, ids=[fault.name for fault, _ in TABLE])
async def test_a_failed_plain_call_over_http_has_the_same_fate(fault: Fault, fate: Fate) -> None:
    async with over_http(Clock()) as (telegram, bot, _):
        anna = telegram.add_person("Anna")
        anna.start()
        telegram.faults.timeout = 5
        telegram.faults.next("sendMessage", fault)
        call = Call(Plain("sendMessage", chat_id=anna.id, text="Hello"), new=1)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - what it is, is looked at
            message_ids(call, await call.method.emit(bot, 1))
    assert isinstance(caught.value, Exception)
    assert verdict(caught.value).fate is fate
    assert TOKEN not in verdict(caught.value).reason


async def test_a_plain_call_says_what_a_model_says() -> None:
    async with over_http(Clock()) as (telegram, bot, _):
        anna = telegram.add_person("Anna")
        anna.start()
        rows = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
        said = {"chat_id": anna.id, "text": "<b>Hé</b>", "parse_mode": "HTML"}
        sent = await Plain("sendMessage", **said, reply_markup=rows).emit(bot, 1)
        assert sent["message_id"] == anna.last.id
        assert (anna.screen, anna.buttons()) == ("Hé", ["Yes"])


@pytest.mark.parametrize(("fault", "fate"), TABLE, ids=[fault.name for fault, _ in TABLE])
async def test_a_failure_in_process_has_the_same_fate(fault: Fault, fate: Fate) -> None:
    telegram, bot = in_process(Clock())
    anna = telegram.add_person("Anna")
    anna.start()
    telegram.faults.next("sendMessage", fault)
    error = await _send(bot, anna.id)
    assert isinstance(error, Exception)
    assert verdict(error).fate is fate


@pytest.mark.parametrize("host", ["127.0.0.1:9", "nowhere.invalid"])
async def test_a_connection_that_was_never_made_is_safe(host: str) -> None:
    async with over_http(Clock()) as (_, bot, _):
        bot.session.api = type(bot.session.api).from_base(f"http://{host}")
        error = await _send(bot, 1)
    assert isinstance(error, TelegramNetworkError)
    assert verdict(error).fate is Fate.SAFE


async def test_the_times_that_telegram_names_are_kept() -> None:
    telegram, bot = in_process(Clock())
    waits = []
    for fault in (
        too_many(17),
        faults.TOO_MANY_BARE,
        refusal(429, "Too Many Requests: retry after 9"),
    ):
        telegram.faults.next("sendMessage", fault)
        error = await _send(bot, 1)
        assert isinstance(error, Exception)
        waits.append(verdict(error).wait_s)
    assert waits == [17, 5, 9]


def test_what_nobody_foresaw_is_unknown() -> None:
    assert verdict(ValueError("?")).fate is Fate.UNKNOWN


def _row(**facts: object) -> OutboxRow:
    given = {"id": 1, "chat": 7, "kind": "screen", "payload": {}, "created_at": NOON} | facts
    return OutboxRow(**given)  # type: ignore[arg-type]


def test_an_unknown_outcome_is_tried_eight_times_within_a_day() -> None:
    unknown, now, results = Verdict(Fate.UNKNOWN, "reset"), NOON, []
    for tries in range(TRIES):
        conclusion = conclude(_row(tries=tries), unknown, now, new=True)
        results.append(conclusion.outcome.result)
        now = conclusion.outcome.retry_at or now
    assert results == ["unknown"] * 7 + ["dead"]
    assert conclusion.alert == "dead_letter"
    assert len(PAUSES) == TRIES - 1
    assert now - NOON < timedelta(hours=24)


def test_waiting_and_missed_connections_cost_no_try() -> None:
    for fate in (Fate.SAFE, Fate.WAIT):
        outcome = conclude(_row(tries=7), Verdict(fate, "", 3), NOON, new=True).outcome
        assert (outcome.result, outcome.counts) == ("wait", False)


def test_a_new_message_is_never_replaced_by_itself() -> None:
    gone = Verdict(Fate.REPLACE, "message not found")
    assert conclude(_row(message=4), gone, NOON, new=False).outcome.result == "replace"
    assert conclude(_row(), gone, NOON, new=True).outcome.result == "dead"
    assert conclude(_row(kind="strip", message=4), gone, NOON, new=False).outcome.result == "drop"
