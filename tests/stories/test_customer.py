"""A customer finds the orders, fills in the return form, and is never left without an answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Status
from bot.domain.orders import OrderStatus
from bot.playground.people import Person
from bot.screens.buttons import AskSupport
from bot.services.links import order_parameter
from tests.world import SELLER, START, World, order


def lines(person: Person) -> str:
    """All that the bot has said, newest last."""
    return "\n\n".join(person.texts())


async def form(stage: World, *until: str) -> Person:
    """Anna with an open return form of one mug, answered up to `until`."""
    anna = await stage.customer("Anna", order())
    await stage.press(anna, "Open the order", "Return products", *until)
    return anna


# ------------------------------------------------------------------------ finding the orders


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


# --------------------------------------------------------------------------- the return form


async def test_a_return_is_asked_for_and_its_card_says_what_happens_next(stage: World) -> None:
    emre = await stage.seller()
    anna = await form(stage, "It is defective")
    await stage.say(anna, "It leaks at the bottom")
    await stage.show(anna, 3)
    assert "3 photos are here" in anna.screen
    await stage.press(anna, "Done")
    assert "please check" in anna.screen
    await stage.press(anna, "Send")
    assert "Return R-000001 · New request" in anna.screen
    assert "the return is approved by itself" in anna.screen
    assert "It leaks at the bottom" in emre.screen
    case = await stage.case()
    assert (case.status, case.reason, case.customer) == (Status.NEW, "defective", anna.id)


async def test_an_album_is_one_answer_and_one_question(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    asked = sum("photo or video" in text for text in anna.texts())
    await stage.show(anna, 4)
    assert "4 photos are here" in anna.screen
    assert sum("photo or video" in text for text in anna.texts()) == asked + 1


async def test_writing_where_a_photo_is_expected_says_so_and_asks_again(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    await stage.say(anna, "here it is")
    assert "Please send a photo or a video." in anna.screen
    assert "Send at least 1 photo" in anna.screen


async def test_a_photo_sent_as_a_file_is_asked_for_as_a_photo(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    anna.send_document(name="mug.jpg", mime="image/jpeg")
    await stage.settle()
    assert "Please send it as a photo, not as a file." in anna.screen
    await stage.show(anna)
    assert "1 photo is here" in anna.screen


async def test_a_photo_where_a_button_is_expected_says_so(stage: World) -> None:
    anna = await form(stage)
    await stage.show(anna)
    assert "Please choose with a button." in anna.screen
    assert "Why do you want to return it?" in anna.screen


async def test_a_button_of_an_earlier_question_answers_nothing(stage: World) -> None:
    anna = await form(stage)
    reasons = anna.last
    await stage.press(anna, "I changed my mind")
    messages = len(anna.chat.messages)
    anna.forge_press("q:reason:defective", reasons.id)
    await stage.settle()
    assert "That was the button of an earlier question." in anna.toasts[-1].text
    assert not anna.toasts[-1].alert, "nothing is lost, and nobody needs to stop for it"
    assert len(anna.chat.messages) == messages, "what was doubled shows the next question already"
    assert "Is there something the seller should know?" in anna.screen
    await stage.press(anna, "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done", "Send")
    assert (await stage.case()).reason == "changed_mind"


async def test_back_forgets_the_last_answer(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip", "← Back", "← Back")
    assert "Why do you want to return it?" in anna.screen
    await stage.press(anna, "It does not fit", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done", "Send")
    assert (await stage.case()).reason == "does_not_fit"


async def test_an_answer_can_be_changed_from_the_summary(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done", "Change the text")
    await stage.say(anna, "Never used")
    assert "please check" in anna.screen
    assert "Never used" in anna.screen


async def test_cancel_leaves_the_form_and_sends_nothing(stage: World) -> None:
    anna = await form(stage, "I changed my mind")
    await stage.say(anna, "/cancel")
    assert "The form is closed, and nothing was sent." in anna.screen
    await stage.say(anna, "hello?")
    assert "I did not understand that." in anna.screen


async def test_a_command_passes_an_open_form_by(stage: World) -> None:
    anna = await form(stage, "It is defective")
    await stage.press(anna, "My orders")
    assert "Your orders, newest first" in anna.screen
    await stage.say(anna, "It leaks at the bottom")
    assert "Send at least" in anna.screen


async def test_an_unknown_command_is_no_answer(stage: World) -> None:
    anna = await form(stage, "It is defective")
    await stage.say(anna, "/refund")
    assert "I do not know this command." in anna.screen
    assert "What happened?" in anna.screen


async def test_the_send_button_sends_once(stage: World) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done")
    summary = anna.last
    send = next(button for button in summary.buttons if button.text == "Send")
    anna.press_button(summary, send)
    anna.press_button(summary, send)
    await stage.settle()
    assert "it was sent once" in anna.toasts[-1].text
    assert not anna.toasts[-1].alert
    assert lines(anna).count("it was sent once") == 0
    await stage.press(anna, "My returns")
    assert lines(anna).count("R-000002") == 0


async def test_a_restart_of_the_form_goes_on_where_it_was(stage: World) -> None:
    anna = await form(stage, "I changed my mind")
    await stage.press(anna, "Return products")
    assert "Is there something the seller should know?" in anna.screen


async def test_the_form_dies_after_a_day(stage: World) -> None:
    anna = await form(stage, "I changed my mind")
    await stage.later(hours=25)
    assert "The form was not finished within its time" in lines(anna)
    await stage.say(anna, "Never used")
    assert "I did not understand that." in anna.screen


# ---------------------------------------------------------------------------------- shipping


async def approved(stage: World, reason: str = "I changed my mind") -> Person:
    """Anna, whose return has been approved by a silent seller."""
    await stage.seller()
    anna = await form(stage, reason)
    await stage.say(anna, "It is as it came")
    await stage.show(anna, 2)
    await stage.press(anna, "Done", "Send")
    await stage.later(hours=24)
    assert "Approved" in anna.screen
    return anna


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


# ------------------------------------------------------------------------------------- the rest


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
    async with asyncio.timeout(30):
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
