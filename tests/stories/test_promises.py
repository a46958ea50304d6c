"""What the program says of itself, of times and of money is what it then does."""

from __future__ import annotations

import pytest

from bot.domain.cases import Role, Status
from bot.services.links import invitation_parameter
from tests.stories.anna import approved, form, lines
from tests.world import SELLER, World, order


async def test_a_sum_without_a_currency_is_read_in_that_of_the_customers_country(
    stage: World,
) -> None:
    anna = await approved(stage, "It is defective")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    assert "I read it in AZN" in anna.screen
    assert "350.50 RUB" in anna.screen
    await stage.say(anna, "12.50", "RR123456785AZ")
    case = await stage.case()
    assert (case.status, str(case.receipt)) == (Status.IN_TRANSIT, "12.50 AZN")


async def test_every_form_takes_as_many_photos_as_the_policy_allows(stage: World) -> None:
    desk = stage.running.desk
    desk.policy = desk.policy.with_overrides({"evidence.max_photos": 3})
    anna = await approved(stage, "It is defective")
    await stage.press(anna, "I have sent it")
    await stage.show(anna, 3)
    assert "Send more" not in anna.screen
    await stage.show(anna)
    assert "3 photos" in anna.screen
    await stage.press(anna, "Done")
    await stage.say(anna, "350 RUB", "RR123456785AZ")
    assert (await stage.case()).status is Status.IN_TRANSIT


async def test_an_invitation_tells_its_end_in_the_sellers_zone(stage: World) -> None:
    emre = stage.telegram.add_person("Emre", "en")
    await stage.say(emre, "/start")
    emre.start(invitation_parameter(await stage.invite(Role.SELLER, SELLER)))
    await stage.settle()
    assert "until Sun 8 March, 13:00 (Istanbul)" in emre.screen


@pytest.mark.parametrize("way", [("Help", "Call support"), ("My orders", "1001", "Support")])
async def test_who_misses_no_order_is_told_nothing_of_missing_ones(
    stage: World, way: tuple[str, ...]
) -> None:
    anna = await stage.customer("Anna", order())
    await stage.press(anna, *way)
    assert "Support was told" in anna.screen
    assert "another phone number" not in anna.screen
    assert "not here" not in stage.owner.screen


async def test_nobody_is_promised_orders_that_come_every_night(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.press(anna, "My orders", "My order is not here")
    assert "another phone number" in anna.screen
    assert "night" not in anna.screen


async def test_an_open_form_goes_on_in_the_new_language(stage: World) -> None:
    anna = await form(stage, "It is defective")
    await stage.say(anna, "/language")
    await stage.press(anna, "Русский")
    assert "Что случилось?" in anna.screen
    await stage.say(anna, "Ручка отломана")
    await stage.show(anna, 2)
    await stage.press(anna, "Готово", "Отправить")
    assert (await stage.case()).status is Status.NEW


async def test_start_shows_the_form_that_is_open(stage: World) -> None:
    anna = await form(stage, "It is defective")
    await stage.say(anna, "/start")
    assert "What happened?" in anna.screen
    assert "Hello! I am Return Desk" in lines(anna)
