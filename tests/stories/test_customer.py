"""A customer is never left without an answer, and sees nothing of others."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.cases import Status
from bot.services.links import order_parameter
from tests.stories.anna import approved, lines
from tests.world import START, World, order


async def test_a_customer_sees_nobody_elses_return(stage: World) -> None:
    await approved(stage)
    eve = stage.telegram.add_person("Eve", "en")
    await stage.say(eve, "/start", "/return R-000001")
    mine = eve.screen
    await stage.say(eve, "/return R-000777")
    assert mine == eve.screen == "There is no such return or order among yours."
    eve.forge_press("c:1", eve.last.id)
    eve.forge_press("a:1:1:cancel", eve.last.id)
    eve.forge_press("k:1:1:cancel", eve.last.id)
    await stage.settle()
    assert "R-000001" not in lines(eve)
    assert (await stage.case()).status is Status.APPROVED


async def test_the_language_can_be_changed(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.say(anna, "/language")
    await stage.press(anna, "Русский")
    assert ("orders", "ваши заказы и что можно вернуть") in anna.commands()
    await stage.press(anna, "Мои заказы")
    assert "Ваши заказы" in anna.screen


async def test_an_unknown_language_is_english_until_another_is_chosen(stage: World) -> None:
    await stage.seller()
    anna = await stage.customer("Anna", order(), language="pt-br")
    assert "Order 1001 is yours now" in anna.screen
    await stage.say(anna, "/language")
    assert anna.last.labels == ["English", "Русский"]
    await stage.press(anna, "Русский")
    assert "по-русски" in anna.screen
    await stage.say(anna, "/orders")
    await stage.press(anna, "1001", "Вернуть товары", "Передумал", "Пропустить")
    await stage.show(anna)
    await stage.press(anna, "Готово", "Отправить")
    assert "Возврат R-000001" in anna.screen
    await stage.later(hours=24)
    assert "Одобрен" in anna.screen


async def test_who_has_blocked_the_bot_is_marked_until_they_come_back(stage: World) -> None:
    anna = await stage.customer("Anna", order())

    async def reachable() -> bool:
        async with stage.running.memory.reading(stage.clock()) as unit:
            account = await unit.accounts.get(anna.id)
            assert account is not None
            return account.reachable

    anna.block()
    await stage.settle()
    assert not await reachable()
    anna.unblock()
    await stage.settle()
    assert await reachable()


async def test_a_sticker_or_an_edit_breaks_nothing(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    said = anna.send("Hello")
    await stage.settle()
    assert "I did not understand that." in anna.screen
    seen = len(anna.texts())
    anna.edit(said, "Hello there")
    await stage.settle()
    assert len(anna.texts()) == seen
    assert stage.clock() >= START


async def test_a_card_answers_while_a_form_is_open_and_the_form_stays(stage: World) -> None:
    anna = await approved(stage)
    old = next(message for message in anna.chat.messages if "Cancel the return" in message.labels)
    await stage.know(order("1002"))
    anna.start(order_parameter("1002", stage.running.settings.secret))
    await stage.settle()
    await stage.press(anna, "Open the order", "Return products")
    anna.forge_press("a:1:1:cancel", old.id)
    await stage.settle()
    assert "already decided by the clock on Mon 2 March" in anna.toasts[-1].text
    await stage.press(anna, "I have sent it")
    assert "You are filling in another form." in anna.screen
    assert "Why do you want to return it?" in anna.screen
    await stage.press(anna, "I changed my mind")
    assert "Is there something the seller should know?" in anna.screen


async def test_who_is_only_seen_in_a_group_has_no_account(stage: World) -> None:
    eve = stage.telegram.add_person("Eve", "ru")
    group = stage.telegram.add_group("Shop", stage.owner, eve)
    await stage.settle()
    eve.send("/start", chat=group)
    await stage.settle()
    assert group.messages[-1].from_bot
    async with stage.running.memory.reading(stage.clock()) as unit:
        assert await unit.accounts.get(eve.id) is None


async def test_a_fault_of_ours_is_said_and_stops_nobody_else(
    stage: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stage.customer("Anna", order())

    async def broken(*_: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(stage.running.reading, "orders", broken)
    bob = stage.telegram.add_person("Bob", "en")
    anna.send("/orders")
    bob.start()
    await bob.sees("I do not know your orders yet")
    async with asyncio.timeout(60):
        while "Something went wrong on our side. Nothing was changed" not in anna.screen:
            stage.clock.move(timedelta(seconds=15))
            stage.running.processor.wake()
            await asyncio.sleep(0.05)
    await stage.settle()
    assert "could not be handled three times" in stage.owner.screen
    assert "the disk is on fire" not in stage.owner.screen
    await stage.say(anna, "/help")
    assert "Open an order" in anna.screen


async def test_an_order_made_after_the_phone_was_shared_appears_by_itself(stage: World) -> None:
    anna = stage.telegram.add_person("Anna", "en", phone="+994501234567")
    anna.start()
    await stage.settle()
    anna.share_contact()
    await stage.settle()
    await stage.know(order("2002"))
    await stage.say(anna, "/orders")
    assert "2002" in anna.screen or any("2002" in label for label in anna.buttons())
    await stage.say(anna, "/orders")
    assert "2002" in anna.screen or any("2002" in label for label in anna.buttons())
