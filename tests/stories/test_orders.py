"""A customer finds the orders, whichever way they came, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.orders import OrderStatus
from bot.screens.buttons import AskSupport
from tests.stories.anna import lines
from tests.world import World, order


async def test_the_first_opener_of_a_link_owns_the_order(stage: World) -> None:
    await stage.customer("Anna", order())
    bob = await stage.customer("Bob", order())
    assert "already belongs to another account" in bob.screen
    assert "write to the shop where you bought it" in bob.screen
    await stage.press(bob, "My orders")
    assert "There are no orders here yet" in bob.screen


async def test_a_forged_link_opens_nothing(stage: World) -> None:
    await stage.know(order())
    bob = stage.telegram.add_person("Bob", "en")
    bob.start("oMTAwMQ" + "A" * 22)
    await stage.settle()
    assert "This link is not valid. Open the one in the message about your order" in bob.screen


async def test_a_shared_phone_number_finds_its_orders_in_any_form(stage: World) -> None:
    await stage.know(order(phone="+79161234567"))
    anna = stage.telegram.add_person("Anna", "en", phone="79161234567")
    await stage.say(anna, "/start")
    await stage.press(anna, "Share my phone number", "Share my phone number")
    assert "I have found 1 order of yours" in anna.screen
    await stage.press(anna, "My orders", "1001")
    assert "Coffee mug" in anna.screen


async def test_somebody_elses_contact_finds_nothing(stage: World) -> None:
    await stage.know(order(phone="+79161234567"))
    eve = stage.telegram.add_person("Eve", "en")
    await stage.say(eve, "/start")
    eve.share_contact(own=False, phone="+79161234567")
    await stage.settle()
    assert "This is not your own contact" in eve.screen
    await stage.press(eve, "Back to the menu")
    await stage.say(eve, "/orders")
    assert "There are no orders here yet" in eve.screen


async def test_an_order_number_and_its_code_open_the_order(stage: World) -> None:
    await stage.know(order(code="48 31-b"))
    anna = stage.telegram.add_person("Anna", "en")
    await stage.say(anna, "/start")
    await stage.press(anna, "Type the order number")
    await stage.say(anna, "1001")
    assert "Type the code" in anna.screen
    await stage.say(anna, "0000")
    assert "There is no order with this number and code." in anna.screen
    await stage.say(anna, "4831B")
    assert "Order 1001 is yours now" in anna.screen


async def test_five_wrong_codes_end_guessing_for_an_hour(stage: World) -> None:
    await stage.know(order(code="4831"))
    eve = stage.telegram.add_person("Eve", "en")
    await stage.say(eve, "/start")
    await stage.press(eve, "Type the order number")
    await stage.say(eve, "1001", "0001", "0002", "0003", "0004", "0005")
    await stage.say(eve, "4831")
    assert "Too many wrong tries. You can try again from Sun 1 March, 11:00 (UTC) on." in eve.screen
    assert "Type the code" in eve.screen
    await stage.later(minutes=59)
    await stage.say(eve, "4831")
    assert "Too many wrong tries" in eve.screen
    await stage.later(minutes=1)
    await stage.say(eve, "4831")
    assert "Order 1001 is yours now" in eve.screen


async def test_an_order_that_waits_for_passport_data_says_until_when(stage: World) -> None:
    waiting = order(delivered=None)
    (parcel,) = waiting.postings
    waiting = replace(
        waiting,
        created_at=stage.clock() - timedelta(hours=20),
        postings=(replace(parcel, status=OrderStatus.PASSPORT_PENDING),),
    )
    anna = await stage.customer("Anna", waiting)
    await stage.press(anna, "Open the order")
    assert "passport data until Sun 1 March, 18:00 (Baku)" in anna.screen
    await stage.later(hours=4)
    await stage.press(anna, "My orders", "1001")
    assert "passport data until" not in anna.screen


async def test_an_order_that_is_not_here_leads_to_support(stage: World) -> None:
    anna = stage.telegram.add_person("Anna", "en")
    await stage.say(anna, "/start")
    await stage.press(anna, "My order is not here")
    assert "Your order may be on another phone number" in lines(anna)
    assert "Anna asks for help with an order that is not here" in stage.owner.screen


async def test_two_who_call_support_at_one_instant_are_both_heard(stage: World) -> None:
    people = [stage.telegram.add_person(name, "en") for name in ("Anna", "Anna")]
    for person in people:
        await stage.say(person, "/start")
    told = len(stage.owner.texts())
    for person in people:
        person.press("My order is not here")
    await stage.settle()
    assert len(stage.owner.texts()) == told + 2


async def test_support_is_not_called_about_an_order_of_somebody_else(stage: World) -> None:
    await stage.customer("Anna", order())
    eve = await stage.customer("Eve", order("1002"))
    pages = len(stage.owner.texts())
    eve.forge_press(AskSupport(order="1001").pack(), eve.last.id)
    await stage.settle()
    assert "Support was told" not in eve.screen
    assert len(stage.owner.texts()) == pages


async def test_support_is_paged_once_a_day_for_a_person_who_reads_since_when(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    pages = len(stage.owner.texts())
    await stage.press(anna, "Open the order", "Support")
    assert "Support was told on Sun 1 March, 14:00 (Baku)" in anna.screen
    assert "again from Mon 2 March, 14:00 (Baku) on" in anna.screen
    assert "Anna asks for help with order 1001." in stage.owner.screen
    await stage.later(hours=23)
    await stage.press(anna, "My orders", "My order is not here")
    assert "Support was told on Sun 1 March, 14:00 (Baku)" in anna.screen
    assert len(stage.owner.texts()) == pages + 1
    await stage.later(hours=1)
    await stage.press(anna, "Help", "Call support")
    assert "Support was told on Mon 2 March, 14:00 (Baku)" in anna.screen
    assert len(stage.owner.texts()) == pages + 2
