"""People who are not there: before the first /start, after blocking the bot, over a restart."""

from __future__ import annotations

from pathlib import Path

from bot.domain.cases import Role, Status
from tests.world import SELLER, World, order, world


async def test_who_blocked_the_bot_misses_nothing_but_the_time(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    anna.block()
    await stage.settle()
    said = len(anna.chat.messages)
    await stage.agree(emre, "Approve")
    assert "A person of return R-000001 has stopped the bot." in stage.owner.screen
    await stage.say(stage.owner, "/health")
    assert "✔ Messages given up: 0" in stage.owner.screen
    await stage.say(stage.owner, "/return R-000001")
    assert "Cannot be reached at present: the customer." in stage.owner.screen
    await stage.later(days=4)
    assert (await stage.case()).status is Status.OVERDUE
    assert len(anna.chat.messages) == said
    anna.unblock()
    await stage.settle()
    missed = [message for message in anna.chat.messages[said:] if message.from_bot]
    assert ["Overdue" in message.text for message in missed] == [True]
    assert "I sent it in time" in anna.buttons()
    await stage.say(stage.owner, "/return R-000001")
    assert "Cannot be reached" not in stage.owner.screen


async def test_a_seller_who_comes_back_by_writing_finds_the_cards_that_wait(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    emre.block()
    await stage.settle()
    await stage.ask(anna)
    assert "Nobody of the seller acme can be reached" in "".join(stage.owner.texts())
    emre.blocked = False
    await stage.say(emre, "/help")
    assert "Approve" in emre.buttons()
    await stage.agree(emre, "Approve")
    assert (await stage.case()).status is Status.APPROVED


async def test_alerts_wait_until_the_owner_opens_the_bot(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path, owner_opens=False) as stage:
        await stage.invite(Role.SELLER, SELLER)
        anna = await stage.customer("Anna", order())
        await stage.ask(anna)
        assert stage.owner.texts() == []
        await stage.later(hours=1)
        stage.owner.start()
        await stage.settle()
        assert "Nobody of the seller acme can be reached" in "".join(stage.owner.texts())
        said = len(stage.owner.texts())
        await stage.say(stage.owner, "/health")
        assert "Waiting for people to open the bot: 0" in stage.owner.screen
        assert len(stage.owner.texts()) == said + 1


async def test_a_restart_inside_a_form_loses_no_answer(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as first:
        anna = await first.customer("Anna", order())
        emre = await first.seller()
        await first.press(anna, "Open the order", "Return products", "It is defective")
        await first.say(anna, "It leaks at the bottom")
        anna.send_photo()
        await first.settle()
    async with world(url, tmp_path, before=first) as stage:
        await stage.show(anna)
        assert "2 photos are here" in anna.screen
        await stage.press(anna, "Done", "Send")
        await stage.press(emre, "Reject", "The product was used")
    async with world(url, tmp_path, before=first) as stage:
        await stage.say(emre, "There are coffee stains inside.")
        await stage.press(emre, "Skip")
    async with world(url, tmp_path, before=first) as stage:
        await stage.press(emre, "Yes: Reject")
        case = await stage.case()
        assert (case.status, case.reason) == (Status.REJECTED, "defective")
        assert "There are coffee stains inside." in anna.screen
