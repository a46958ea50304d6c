"""A group with the bot in it: nothing is decided there, and nobody is anybody there."""

from __future__ import annotations

from bot.domain.cases import Status
from bot.playground.people import Person
from tests.world import World, order

ANONYMOUS = 1_087_968_824
"""Telegram's id for whoever administers a group without a name."""


async def new_case(stage: World) -> Person:
    """The seller of a return that has just been asked for."""
    emre = await stage.seller()
    await stage.ask(await stage.customer("Anna", order()))
    return emre


async def test_a_group_hears_only_where_to_talk(stage: World) -> None:
    emre = await new_case(stage)
    group = stage.telegram.add_group("Acme", emre, stage.owner)
    await stage.settle()
    assert [message for message in group.messages if message.from_bot] == []
    for words in ("Hello", "RR123456785AZ", "Open cases"):
        emre.send(words, chat=group)
    await stage.settle()
    assert [message for message in group.messages if message.from_bot] == []
    emre.send("/return R-000001", chat=group)
    await stage.settle()
    answer = group.messages[-1]
    assert "only in private" in answer.text
    assert "R-000001" not in answer.text
    assert [button.data for button in answer.buttons] == ["https://t.me/return_desk_bot"]


async def test_no_press_in_a_group_moves_money_or_opens_a_form(stage: World) -> None:
    emre = await new_case(stage)
    await stage.press(emre, "Approve")
    group = stage.telegram.add_group("Acme", emre, stage.owner)
    pressed = ("a:1:1:approve", "k:1:1:approve", "c:1", "m:queue", "v:admin:-", "q:offer.amount:9")
    for data in pressed:
        emre.forge_press(data, 1, chat=group)
        stage.owner.forge_press(data, 1, chat=group)
        await stage.settle()
        for person in (emre, stage.owner):
            assert "Decisions are made in your private chat" in person.toasts[-1].text, data
    assert (await stage.case()).status is Status.NEW
    assert [message for message in group.messages if message.from_bot] == []


async def test_an_anonymous_administrator_is_nobody_in_a_group(stage: World) -> None:
    emre = await new_case(stage)
    ghost = stage.telegram.add_person("Group", "en", id=ANONYMOUS)
    group = stage.telegram.add_group("Acme", emre, ghost)
    ghost.send("/return R-000001", chat=group)
    ghost.forge_press("k:1:1:approve", 1, chat=group)
    await stage.settle()
    assert [message for message in group.messages if message.from_bot] == []
    assert (await stage.case()).status is Status.NEW
    async with stage.running.memory.reading(stage.clock()) as unit:
        assert await unit.accounts.get(ANONYMOUS) is None
