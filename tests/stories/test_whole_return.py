"""One return from the first tap to the money, in both languages, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.cases import Status
from bot.domain.money import LedgerKind
from tests.world import order, world


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_mug_goes_back_and_the_money_comes(
    database_url: str, tmp_path: Path, language: str
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order(), language=language)
        emre = await w.seller(language=language)
        t = w.words(anna)
        await w.press(anna, t("Open the order"), t("Return products"), t("It is defective"))
        await w.say(anna, "The handle came off / Отвалилась ручка")
        await w.show(anna, photos=3)
        await w.press(anna, t("Done"), t("Send"))
        assert (await w.case()).status is Status.NEW
        assert t("Approve") in emre.buttons()

        await w.agree(emre, "Approve")
        assert "Acme, İzmir 35220" in anna.screen

        await w.later(days=1)
        await w.press(anna, t("I have sent it"))
        await w.show(anna)
        await w.press(anna, t("Done"))
        await w.say(anna, "700 RUB", "RR123456785AZ")
        assert (await w.case()).status is Status.IN_TRANSIT

        await w.later(days=5)
        await w.agree(emre, "Return received")
        await w.press(emre, t("Refund"))
        await w.press(emre, t("All of it: {most}", most="").strip())
        await w.press(emre, t("Yes: {what}", what=t("Refund")))
        case = await w.case()
        assert case.status is Status.REFUND_DUE
        lines = await w.ledger()
        assert {(line.kind, line.amount.minor) for line in lines} == {
            (LedgerKind.GOODS, 250000),
            (LedgerKind.SHIPPING, 70000),
        }

        await w.press(w.owner, "Mark as paid")
        await w.say(w.owner, "BANK-1")
        await w.press(w.owner, "Yes: Mark as paid")
        assert (await w.case()).status is Status.REFUNDED
        assert t("Refunded") in anna.screen


async def test_a_silent_seller_agrees(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.seller()
        await w.ask(anna)
        assert "approved by itself" in anna.screen
        await w.later(hours=23, minutes=59, seconds=59)
        assert (await w.case()).status is Status.NEW
        await w.later(seconds=1)
        assert (await w.case()).status is Status.APPROVED
        assert "Approved" in anna.screen
        await w.later(days=4)
        assert (await w.case()).status is Status.OVERDUE
        assert "Overdue" in anna.screen
        assert w.telegram.updates.advances > 0


async def test_a_doubled_tap_and_an_old_button_decide_nothing_twice(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller()
        await w.ask(anna)
        card = emre.last
        await w.press(emre, "Approve")
        yes = emre.last
        messages = len(emre.chat.messages)
        emre.press_on(yes, "Yes: Approve")
        emre.press_on(yes, "Yes: Approve")
        await w.settle()
        assert "You have already decided this" in emre.toasts[-1].text
        assert not emre.toasts[-1].alert, "nothing is lost, and nobody needs to stop for it"
        assert len(emre.chat.messages) == messages, "it says nothing twice"
        case = await w.case()
        assert case.status is Status.APPROVED
        assert [line.event for line in await w.history()] == ["submit", "approve"]

        data = next(button for row in card.versions[0].rows for button in row)
        emre.forge_press(data.data or "", card.id)
        await w.settle()
        assert (await w.case()).version == case.version
        assert emre.toasts
