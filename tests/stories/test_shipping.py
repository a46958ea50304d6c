"""The parcel, its track number and its receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Action, Given, Status, TimerKind
from bot.services.links import order_parameter
from bot.services.records import DueTimer
from tests.stories.anna import approved, form, lines
from tests.stories.test_support import on_its_way
from tests.world import SELLER, World, order


async def test_a_track_number_typed_into_the_chat_is_recognised(stage: World) -> None:
    anna = await approved(stage)
    await stage.say(anna, "Sent it today: rr 123 456 785 az!")
    assert "Use RR123456785AZ as your track number?" in anna.screen
    await stage.press(anna, "Yes, for return R-000001")
    await stage.press(anna, "Skip")
    case = await stage.case()
    assert (case.status, case.track) == (Status.IN_TRANSIT, "RR123456785AZ")
    assert "On the way back" in anna.screen


async def test_a_track_number_typed_into_the_chat_is_recognised_where_a_receipt_is_asked_first(
    stage: World,
) -> None:
    """It was taken for the receipt, and nothing was left of it."""
    anna = await approved(stage, "It is defective")
    await stage.say(anna, "RR123456785AZ")
    await stage.press(anna, "Yes, for return R-000001")
    assert "Send a photo of the receipt" in anna.screen
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "350.50 RUB")
    case = await stage.case()
    assert (case.status, case.track) == (Status.IN_TRANSIT, "RR123456785AZ")
    assert str(case.receipt) == "350.50 RUB"


async def test_a_track_number_that_is_meant_throws_no_open_form_away(stage: World) -> None:
    await stage.know(order("1002", title="Cup"))
    anna = await approved(stage)
    await stage.say(anna, "RR123456785AZ")
    yes = anna.last
    anna.start(order_parameter("1002", stage.running.settings.secret))
    await stage.settle()
    await stage.press(anna, "Open the order", "Return products", "I changed my mind")
    anna.forge_press("t:1:RR123456785AZ", yes.id)
    await stage.settle()
    assert "You are filling in another form." in anna.toasts[-1].text
    await stage.press(anna, "Skip")
    assert "photo" in anna.screen


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_track_number_typed_too_early_is_told_what_comes_first(
    stage: World, language: str
) -> None:
    anna = await stage.customer("Anna", order(), language=language)
    emre = await stage.seller(seller=replace(SELLER, address=None), language=language)
    await stage.ask(anna)
    told = {"en": ("not approved yet", "not given an address"), "ru": ("не одобрен", "не указал")}
    early, homeless = told[language]
    await stage.say(anna, "RR123456785AZ")
    assert early in anna.screen
    await stage.later(hours=24)
    await stage.say(anna, "RR123456785AZ")
    assert homeless in anna.screen
    await stage.say(emre, "/address", "Acme, İzmir 35220")
    await stage.say(anna, "RR123456785AZ")
    t = stage.words(anna)
    await stage.press(anna, t("Yes, for return {number}", number="R-000001"), t("Skip"))
    assert (await stage.case()).track == "RR123456785AZ"
    await stage.say(anna, "RR987654324AZ")
    assert "RR123456785AZ" in anna.screen, "the one that is kept"


async def test_a_track_number_with_a_typing_error_is_asked_about(stage: World) -> None:
    anna = await approved(stage)
    await stage.press(anna, "I have sent it")
    await stage.say(anna, "RR123456784AZ")
    assert "does not look like a track number that I know" in anna.screen
    await stage.press(anna, "Use it as it is", "Skip")
    assert (await stage.case()).track == "RR123456784AZ"


async def test_postage_that_is_refunded_is_asked_for_with_its_receipt(stage: World) -> None:
    anna = await approved(stage, "It is defective")
    await stage.press(anna, "I have sent it")
    assert "Send a photo of the receipt" in anna.screen
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "a lot")
    assert "Please write a sum" in anna.screen
    await stage.say(anna, "350.50 RUB", "RR123456785AZ")
    case = await stage.case()
    assert case.status is Status.IN_TRANSIT
    assert str(case.receipt) == "350.50 RUB"


async def test_a_receipt_that_is_shown_is_read_too_or_its_postage_would_be_lost(
    stage: World,
) -> None:
    """The sum could be skipped, and then nobody could refund a kopeck of it."""
    anna = await approved(stage, "It is defective")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    assert "Skip" not in anna.last.labels
    await stage.press(anna, "← Back")
    assert "Without a receipt packaging and postage are not refunded." in anna.screen
    await stage.press(anna, "I have no receipt")
    assert "What is the track number?" in anna.screen, "no sum is asked without a photo"
    await stage.say(anna, "RR123456785AZ")
    assert str((await stage.case()).receipt) == "0.00 RUB"


async def test_a_sum_beyond_all_postage_is_asked_about_before_it_counts(stage: World) -> None:
    anna = await approved(stage, "It is defective")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "90000 RUB")
    assert "Really 90,000.00" in anna.screen
    assert "At most 5,000.00" in anna.screen
    await stage.say(anna, "900 RUB")
    assert "What is the track number?" in anna.screen
    await stage.press(anna, "← Back")
    await stage.say(anna, "90 000,50 RUB")
    await stage.press(anna, "Use it as it is")
    await stage.say(anna, "RR123456785AZ")
    assert str((await stage.case()).receipt) == "90000.50 RUB"


async def test_the_cancel_button_of_a_form_that_was_sent_takes_nothing_back(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done")
    summary = anna.last
    await stage.press(anna, "Send")
    anna.forge_press("x:return", summary.id)
    await stage.settle()
    assert "nothing was sent" not in lines(anna)
    assert "This form" in anna.toasts[-1].text
    assert (await stage.case()).status is Status.NEW


async def test_cancelling_is_asked_about_before_it_is_done(stage: World) -> None:
    anna = await approved(stage)
    await stage.press(anna, "Cancel the return")
    assert "The return ends and nothing is refunded." in anna.screen
    await stage.press(anna, "Cancel")
    assert (await stage.case()).status is Status.APPROVED
    await stage.press(anna, "Cancel the return", "Yes: Cancel the return")
    assert (await stage.case()).status is Status.CANCELED_BY_CUSTOMER


async def test_the_books_were_called_wrong_when_a_step_was_older_than_what_came_just_before_it(
    embedded: World,
) -> None:
    """A clock's step bears its own instant, and what is received that of its receipt."""
    emre, memory, desk = await embedded.seller(), embedded.running.memory, embedded.running.desk
    await on_its_way(embedded, emre)
    case = await embedded.case()
    unlocks = case.timer(TimerKind.TRANSIT_UNLOCK)
    assert unlocks
    assert case.since
    async with memory.group() as group:
        unit = group.unit(unlocks.due_at + timedelta(seconds=1))
        account = await unit.accounts.get(emre.id)
        assert account
        await desk.act(unit, account, 1, None, Action.TRACK, Given(place="Podolsk"))
        group.keep(unit)
        await group.commit()
    async with memory.group() as group:
        unit = group.unit(unlocks.due_at)
        await desk.fire(unit, DueTimer(1, TimerKind.TRANSIT_UNLOCK, unlocks.due_at, 0))
        group.keep(unit)
        await group.commit()
    fired = await embedded.case()
    async with memory.group() as group:
        unit = group.unit(case.since - timedelta(seconds=1))
        unit.cases.amend(fired, replace(fired, version=fired.version + 1), ())
        group.keep(unit)
        await group.commit()
    assert (await memory.examine_returns(0))[0] == []
