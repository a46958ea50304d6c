"""Photos reach whoever decides by them: once, right before the card, and again when asked for.

Each is a fault of its own: what was sent with a dispute, an answer or a receipt was counted
on the cards, and nobody ever saw it.
"""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import ANY

from bot.domain.cases import Role, Status
from bot.playground.people import Person
from bot.workers.looking import Looking
from storage.retention import START
from tests.world import World, order


def seen(person: Person, since: int = 0) -> list[str]:
    """The captions of the albums that the bot has sent, and the heads of the cards below them."""
    return [
        message.text.partition("\n")[0].rpartition(" · ")[0 if message.has_media else 2]
        for message in person.chat.messages[since:]
        if message.from_bot and message.text and (message.has_media or message.labels)
    ]


def photos(person: Person, since: int = 0) -> int:
    """How many photos the bot has sent."""
    return sum(m.from_bot and m.has_media for m in person.chat.messages[since:])


def told(person: Person) -> int:
    """Where the next message comes."""
    return len(person.chat.messages)


async def test_each_party_sees_what_the_other_shows_and_the_moderator_sees_all(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    emre, olga = await stage.seller(), await stage.moderator()
    await stage.ask(anna, photos=2)
    assert seen(emre)[-2:] == ["The customer's photos · return R-000001", "New request"]

    await stage.press(emre, "Ask a question")
    await stage.say(emre, "Is it this mark?")
    await stage.show(emre)
    await stage.press(emre, "Done")
    assert seen(anna)[-2:] == ["The seller's photos · return R-000001", "Being clarified"]

    before = told(emre)
    await stage.press(anna, "Answer")
    await stage.say(anna, "No, this one.")
    await stage.show(anna, 3)
    await stage.press(anna, "Done")
    assert photos(emre, before) == 3, "those of the request are not sent twice"
    (card,) = [m for m in emre.chat.messages[before:] if "Approve" in m.labels]
    assert card.reply_to is not None
    assert (card.reply_to.has_media, card.reply_to.silent, card.silent) == (True, True, False)

    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.press(emre, "Skip", "Yes: Reject")
    await stage.press(anna, "Open a dispute", "The seller's reason is not true")
    await stage.say(anna, "These stains are the defect.")
    await stage.show(anna)
    await stage.press(anna, "Done")
    assert photos(emre) == 2 + 3 + 1
    assert photos(olga) == 0
    await stage.press(emre, "Reply to the dispute")
    await stage.say(emre, "It was sold without them.")
    await stage.show(emre)
    await stage.press(emre, "Done")
    assert photos(olga) == photos(stage.owner) == 2 + 1 + 3 + 1 + 1
    assert seen(olga)[-6:] == [
        "The customer's photos · return R-000001",
        "The seller's photos · return R-000001",
        "The customer's photos · return R-000001",
        "The customer's photos · return R-000001",
        "The seller's photos · return R-000001",
        "Dispute opened",
    ]

    before = told(olga)
    await stage.later(minutes=1)
    await stage.press(olga, "Photos")
    assert photos(olga, before) == 8
    assert "Decide the dispute" in olga.last.labels
    await stage.press(olga, "Decide the dispute", "For the customer")
    await stage.say(olga, "The mark is from the kiln.")
    await stage.press(olga, "Yes: Decide the dispute")
    assert photos(anna) == 1 + 1, "the seller's question and reply, not her own"


async def test_a_seller_sees_the_receipt_before_he_refunds_by_it(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna, "It is defective", photos=2)
    await stage.agree(emre, "Approve")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "350.50 RUB", "RR123456785AZ")
    assert photos(emre) == 2, "nothing is asked of him yet"
    deniz = await stage.seller("Deniz")
    await stage.agree(emre, "Return received")
    assert photos(emre) == 2 + 1
    receipt = "The receipt of the parcel · return R-000001"
    assert seen(emre)[-2:] == [receipt, "Received by the seller"]
    assert photos(deniz) == 2 + 1, "who has joined since sees it all"

    before = told(anna)
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.show(emre)
    await stage.press(emre, "Done", "Yes: Reject")
    assert photos(anna, before) == photos(deniz) - 3 + 1 == 1
    before = told(anna)
    await stage.later(minutes=1)
    await stage.press(anna, "Photos")
    assert photos(anna, before) == 2 + 1 + 1


async def test_staff_see_a_late_receipt_before_they_decide_on_it(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.agree(emre, "Approve")
    await stage.later(days=4)
    await stage.press(anna, "I sent it in time")
    await stage.say(anna, "2026-03-04")
    await stage.show(anna)
    await stage.press(anna, "Done", "Skip")
    assert photos(stage.owner) == 2
    assert seen(stage.owner)[-2:] == ["The receipt of the parcel · return R-000001", "Overdue"]


async def test_a_photo_that_was_used_before_is_seen_by_whoever_is_told_of_it(stage: World) -> None:
    anna = await stage.customer("Anna", order("1001"), order("1002"))
    await stage.seller()
    picture = None
    for number in ("1001", "1002"):
        await stage.say(anna, "/orders")
        await stage.press(anna, number, "Return products", "I changed my mind", "Skip")
        picture = anna.send_photo(picture)
        await stage.settle()
        await stage.press(anna, "Done", "Send")
    assert (await stage.case(2)).photo_reused
    before = told(stage.owner)
    assert photos(stage.owner) == 2, "both, beside one another"
    album, alarm = stage.owner.chat.messages[-3], stage.owner.last
    assert album.text == (
        "Photos beside others that they look like\n1 and 2: the same photo, sent again · "
        "a photo of return R-000002, a photo of return R-000001"
    )
    assert "was already used in R-000001" in alarm.text
    async with Looking() as looking:
        await stage.running.evidence.work(looking)
    await stage.later(hours=24)
    assert (await stage.case(2)).status is Status.PREMOD
    assert photos(stage.owner, before) == 1, "nobody is told twice, and who decides sees the case"


async def test_a_photo_beside_the_code_of_the_case_is_proof(embedded: World) -> None:
    stage, desk = embedded, embedded.running.desk
    desk.policy = desk.policy.with_overrides({"capsule.mode": "on"})
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.agree(emre, "Approve")
    await stage.press(anna, "Get a photo code")
    (given,) = (await stage.case()).capsules
    assert f"Your photo code: {given.code}, until Sun 1 March, 15:00" in anna.screen
    assert given.code not in emre.screen
    await stage.press(anna, "Send the photo with the code")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "KKKK")
    assert "This code does not count here" in anna.screen
    await stage.later(minutes=61)
    await stage.say(anna, given.code)
    assert "The time of this code is over" in anna.screen
    await stage.press(anna, "Cancel", "Get a photo code", "Send the photo with the code")
    await stage.show(anna)
    await stage.press(anna, "Done")
    (given,) = (await stage.case()).capsules
    await stage.say(anna, given.code.lower())
    assert f"Your photo with the code {given.code} came on Sun 1 March" in "".join(anna.texts())
    (card,) = [text for text in emre.texts() if f"was given the code {given.code}" in text]
    assert "Compare the code on the paper." in card
    assert "Beside the code on paper · return R-000001" in seen(emre)
    said = [line.text for line in await stage.history() if line.event in ("get_code", "prove")]
    assert said == [ANY, given.code, given.code.lower()]
    await stage.later(minutes=61)
    await stage.press(anna, "Get a photo code")
    for reader in (anna, emre):
        card = [text for text in reader.texts() if text.startswith("Return R-000001")][-1]
        assert f"the code {given.code}" in card, "what was proved stays"
    await stage.press(anna, "I have sent it")
    await stage.say(anna, "RR123456785AZ")
    await stage.press(anna, "Skip")
    await stage.agree(emre, "Return received")
    await stage.press(emre, "Get a photo code", "Send the photo with the code")
    await stage.show(emre)
    await stage.press(emre, "Done")
    await stage.say(emre, (await stage.case()).capsules[-1].code)
    assert (await stage.history())[-1].event == "prove"


async def test_photos_that_are_forgotten_have_no_button(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.seller()
    await stage.ask(anna)
    await stage.agree(anna, "Cancel the return")
    await stage.say(stage.owner, "/return R-000001")
    card = stage.owner.last
    assert "Photos" in card.labels
    place = START
    while place := await stage.running.memory.forget(stage.clock() + timedelta(days=1), place):  # type: ignore[assignment]
        pass
    before = told(stage.owner)
    await stage.later(minutes=1)
    await stage.press(stage.owner, "Photos")
    assert photos(stage.owner, before) == 0
    assert "Photos" not in stage.owner.last.labels


async def test_nobody_else_sees_the_photos_of_a_return(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.ask(anna)
    eve = stage.telegram.add_person("Eve", "en")
    await stage.say(eve, "/start")
    eve.forge_press("g:1", eve.last.id)
    await stage.settle()
    assert photos(eve) == 0
    assert (await stage.case()).shown[0].by.role is Role.CUSTOMER
