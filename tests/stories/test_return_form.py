"""The return form: it goes back, is changed, left, sent once, and dies."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.domain.cases import Status
from storage import tables
from tests.stories.anna import form, lines
from tests.world import World, order


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


async def test_what_an_album_holds_too_many_is_said_once_and_a_photo_twice_is_named(
    stage: World,
) -> None:
    anna = await form(stage, "I changed my mind", "Skip")
    await stage.show(anna)
    (photo,) = [each for each in anna.chat.messages if each.photo]
    anna.send_photo(photo)
    await stage.settle()
    assert "This photo or video is here already" in anna.screen
    assert "1 photo is here" in anna.screen
    await stage.show(anna, 9)
    before = len(anna.chat.messages)
    await stage.show(anna, 5)
    assert len(anna.chat.messages) == before + 5 + 1
    assert "No more than 10 photos, please." in anna.screen


async def test_an_album_that_nobody_has_asked_for_is_answered_once(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    before = len(anna.chat.messages)
    await stage.show(anna, 4)
    assert len(anna.chat.messages) == before + 4 + 1
    assert "I did not understand that." in anna.screen


async def test_albums_that_nobody_has_asked_for_leave_one_place_and_not_one_each(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    for _ in range(3):
        await stage.show(anna, 2)
    assert sum("I did not understand" in each.text for each in anna.chat.messages) == 3
    places = select(func.count()).where(tables.slots.c.slot.startswith("parts"))
    async with stage.running.memory._transaction() as line:
        assert (await line.execute(places)).scalar_one() == 1, "nothing ever deletes them"


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
