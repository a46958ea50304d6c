"""getUpdates: offsets confirm, long polls wait, one poller at a time."""

import asyncio
import time

import pytest
from aiogram.exceptions import TelegramConflictError

from bot.playground.wire import Json
from tests.playground.local_telegram import local_telegram, over_http


async def test_an_offset_confirms_everything_below_it_and_nothing_else() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    confirmed: list[int] = []
    telegram.on_confirm = confirmed.extend
    for number in range(5):
        anna.send(f"text {number}")
    first = await bot.get_updates(limit=2)
    assert [u.message.text for u in first if u.message] == ["text 0", "text 1"]
    again = await bot.get_updates(limit=2)
    assert [u.update_id for u in again] == [u.update_id for u in first]
    assert confirmed == []
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [u.message.text for u in rest if u.message] == ["text 2", "text 3", "text 4"]
    assert confirmed == [u.update_id for u in first]
    assert telegram.updates.advances == 1
    assert telegram.updates.confirmed == 2


async def test_the_confirming_hook_may_wait_and_its_failure_is_kept() -> None:
    telegram, bot, _ = local_telegram()

    async def nothing_is_committed(ids: list[int]) -> None:
        await asyncio.sleep(0)
        raise AssertionError(f"{ids} are not in the inbox")

    telegram.on_confirm = nothing_is_committed
    telegram.add_person("Anna").send("hello")
    [update] = await bot.get_updates()
    assert telegram.violations == []
    await bot.get_updates(offset=update.update_id + 1)
    [violation] = telegram.violations
    assert str(update.update_id) in str(violation)


async def test_a_negative_offset_keeps_only_the_newest() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    for number in range(4):
        anna.send(f"text {number}")
    kept = await bot.get_updates(offset=-2)
    assert [u.message.text for u in kept if u.message] == ["text 2", "text 3"]
    assert telegram.updates.confirmed == 2


async def test_an_offset_from_the_future_confirms_nothing() -> None:
    telegram, bot, _ = local_telegram()
    telegram.add_person("Anna").send("hello")
    [update] = await bot.get_updates(offset=2_000_000_000)
    assert telegram.updates.confirmed == 0
    assert update.message is not None


async def test_a_long_poll_ends_with_the_first_update() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.01)
    assert not poll.done()
    anna.send("hello")
    [update] = await poll
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_long_poll_without_updates_ends_empty_in_its_time() -> None:
    _, bot, _ = local_telegram()
    began = time.monotonic()
    assert await bot.get_updates(timeout=1) == []
    assert time.monotonic() - began > 0.9


async def test_a_second_poll_ends_the_first_with_409() -> None:
    async with over_http() as (telegram, bot, _, _url):
        first = asyncio.create_task(bot.get_updates(timeout=20))
        while telegram.updates._waiter is None:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(bot.get_updates(timeout=20))
        with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
            await first
        telegram.add_person("Anna").send("hello")
        assert len(await second) == 1


async def test_a_webhook_and_polling_exclude_each_other() -> None:
    _, bot, _ = local_telegram()
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    await bot.set_webhook("https://example.org/hook", secret_token="s-1")
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await poll
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_only_allowed_kinds_are_queued_until_the_next_word() -> None:
    telegram, bot, _ = local_telegram()
    anna = telegram.add_person("Anna")
    await bot.get_updates(allowed_updates=["callback_query"])
    anna.send("unheard")
    await bot.get_updates()
    anna.send("unheard too")
    assert await bot.get_updates(allowed_updates=[]) == []
    anna.send("heard")
    assert len(await bot.get_updates()) == 1


async def test_a_dropped_webhook_may_drop_what_waits() -> None:
    telegram, bot, _ = local_telegram()
    telegram.on_confirm = lambda ids: pytest.fail(f"{ids} were not confirmed")
    telegram.add_person("Anna").send("hello")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_any_body_can_be_queued_and_is_told_raw() -> None:
    telegram, _, _ = local_telegram()
    poison: Json = {"message": {"message_id": "what"}}
    update_id = telegram.updates.put_raw(poison)
    assert await telegram.get_updates() == [{"update_id": update_id} | poison]
