"""Faults: what breaks, what was delivered all the same, and what aiogram makes of it."""

import asyncio
from collections.abc import Callable

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

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
    TIMEOUT_BEFORE,
    TOO_MANY_BARE,
    TOO_MANY_HTML,
    TRUNCATED,
    UNAUTHORIZED,
    Fault,
    refusal,
    too_many,
)
from bot.playground.telegram import Telegram
from tests.playground.local_telegram import keyboard, local_telegram, over_http

OUTCOMES: list[tuple[Fault, type[Exception], bool]] = [
    (RESET_BEFORE, TelegramNetworkError, False),
    (RESET_AFTER, TelegramNetworkError, True),
    (TIMEOUT_BEFORE, TelegramNetworkError, False),
    (TIMEOUT_AFTER, TelegramNetworkError, True),
    (TRUNCATED, TelegramNetworkError, True),
    (GARBAGE, ClientDecodeError, True),
    (NOT_JSON, ClientDecodeError, True),
    (too_many(3), TelegramRetryAfter, False),
    (TOO_MANY_BARE, TelegramAPIError, False),
    (TOO_MANY_HTML, ClientDecodeError, False),
    (BAD_GATEWAY, ClientDecodeError, False),
    (BAD_GATEWAY_AFTER, ClientDecodeError, True),
    (SERVER_ERROR, TelegramServerError, False),
    (RESTARTING, RestartingTelegram, False),
    (UNAUTHORIZED, TelegramUnauthorizedError, False),
    (refusal(400, "Bad Request: something new"), TelegramBadRequest, False),
]


async def goes_through(telegram: Telegram, bot: Bot) -> None:
    anna = telegram.add_person("Anna")
    anna.start()
    telegram.faults.timeout = 0.1
    for fault, error, delivered in OUTCOMES:
        before = len(anna.texts())
        telegram.faults.next("sendMessage", fault)
        with pytest.raises(Exception) as raised:  # noqa: PT011 (its exact type is compared)
            await bot.send_message(anna.id, fault.name)
        assert type(raised.value) is error, fault.name
        assert len(anna.texts()) - before == delivered, fault.name
        assert telegram.calls[-1].method == "sendMessage"
    await bot.send_message(anna.id, "fine")
    assert anna.screen == "fine"
    assert [name for _, name in telegram.faults.happened] == [f.name for f, _, _ in OUTCOMES]


async def test_every_fault_in_process() -> None:
    telegram, bot, _ = local_telegram()
    await goes_through(telegram, bot)


async def test_every_fault_over_http() -> None:
    async with over_http() as (telegram, bot, _, _url):
        bot.session.timeout = 5
        await goes_through(telegram, bot)


async def test_a_lost_answer_of_get_updates_brings_the_batch_again() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.send("one")
    [first] = await bot.get_updates()
    anna.send("two")
    telegram.faults.next("getUpdates", RESET_AFTER)
    with pytest.raises(TelegramNetworkError):
        await bot.get_updates(offset=first.update_id + 1)
    assert telegram.updates.confirmed == 1
    [second] = await bot.get_updates(offset=first.update_id + 1)
    assert second.update_id == first.update_id + 1


async def test_confirmed_updates_can_come_once_more() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.send("one")
    [first] = await bot.get_updates()
    anna.send("two")
    telegram.faults.redeliver = 1
    both = await bot.get_updates(offset=first.update_id + 1)
    assert [u.update_id for u in both] == [first.update_id, first.update_id + 1]
    assert len(await bot.get_updates(offset=first.update_id + 1)) == 1


async def test_taps_can_be_doubled() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    anna.start()
    await bot.send_message(anna.id, "x", reply_markup=keyboard("Go"))
    telegram.faults.double_taps = 1
    anna.press("Go")
    anna.press("Go")
    queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
    assert len({query.id for query in queries}) == 3


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_faults_follow_their_seed(seed: int) -> None:
    async def trace(chosen: int) -> list[tuple[str, str]]:
        telegram, bot, _ = local_telegram()
        anna = telegram.add_person("Anna")
        anna.start()
        telegram.faults.at_random(
            seed=chosen, rates={BAD_GATEWAY: 0.2, RESET_AFTER: 0.2}, methods=["sendMessage"]
        )
        for number in range(50):
            try:
                await bot.send_message(anna.id, f"x{number}")
            except (TelegramNetworkError, ClientDecodeError) as error:
                telegram.faults.happened.append((str(number), type(error).__name__))
            await bot.get_me()
        return telegram.faults.happened

    first = await trace(seed)
    assert first == await trace(seed)
    assert first != await trace(seed + 10)
    assert 10 < len(first) < 70
    assert {name for name, _ in first if name.isalpha()} == {"sendMessage"}


async def test_a_fault_may_meet_one_chat_only_and_the_dark_everybody() -> None:
    telegram, bot, _ = local_telegram()
    anna, boris = telegram.add_person("Anna"), telegram.add_person("Boris")
    anna.start()
    boris.start()
    telegram.faults.next("*", too_many(9), chat_id=boris.id, times=2)
    await bot.send_message(anna.id, "x")
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(boris.id, "x")
    await bot.send_message(boris.id, "x")
    telegram.faults.dark = True
    calls: list[Callable[[], object]] = [bot.get_me, bot.get_updates]
    for call in calls:
        with pytest.raises(TelegramNetworkError):
            await call()  # type: ignore[misc]
    telegram.faults.clear()
    assert (await bot.get_me()).id == bot.id


async def test_latency_is_slept_before_the_call() -> None:
    telegram, bot, _ = local_telegram()
    telegram.faults.latency = (0.05, 0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await bot.get_me()
    assert loop.time() - began >= 0.05
