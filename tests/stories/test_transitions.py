"""The transitions that no other story makes, and the count of all: each is made by somebody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.domain.cases import Role, Status
from bot.domain.transitions import TABLE
from bot.playground.people import Person
from tests.stories.rows import MADE_BY, OF_SERVICES
from tests.world import SELLER, World, order

COMMENT = "There are coffee stains inside."


async def requests(stage: World, many: int, *, premoderated: bool = False) -> tuple[Person, Person]:
    """Anna, who has asked to return so many mugs of as many orders, and Emre, who sells them."""
    emre = await stage.seller(seller=replace(SELLER, premoderated=premoderated))
    numbers = [str(1001 + at) for at in range(many)]
    anna = await stage.customer("Anna", *(order(number) for number in numbers))
    for number in numbers:
        await stage.ask_for(anna, number)
    return anna, emre


async def card(stage: World, person: Person, id: int, *labels: str) -> None:
    """Open a return, once all other cards have come, and press what its card offers."""
    await stage.later(minutes=1)
    await stage.say(person, f"/return {id}")
    await stage.press(person, *labels)


async def question(stage: World, emre: Person, id: int) -> None:
    await card(stage, emre, id, "Ask a question")
    await stage.say(emre, "Which mug is it?")
    await stage.press(emre, "Skip")


async def answer(stage: World, anna: Person, id: int) -> None:
    await card(stage, anna, id, "Answer")
    await stage.say(anna, "The blue one.")
    await stage.press(anna, "Skip")


async def reject(stage: World, emre: Person, id: int) -> None:
    await card(stage, emre, id, "Reject", "The product was used")
    await stage.say(emre, COMMENT)
    if "Skip" in emre.last.labels:
        await stage.press(emre, "Skip")
    else:
        await stage.show(emre)
        await stage.press(emre, "Done")
    await stage.press(emre, "Yes: Reject")


async def send(stage: World, anna: Person, id: int) -> None:
    await card(stage, anna, id, "I have sent it")
    await stage.say(anna, "RR123456785AZ")
    await stage.press(anna, "Skip")


async def statuses(stage: World, many: int) -> list[Status]:
    return [(await stage.case(id)).status for id in range(1, many + 1)]


async def test_questions_end_in_an_offer_in_money_or_in_what_silence_does(
    embedded: World,
) -> None:
    anna, emre = await requests(embedded, 5)
    for id in (1, 2, 3, 4):
        await question(embedded, emre, id)
    for id in (2, 3, 4):
        await answer(embedded, anna, id)
    await question(embedded, emre, 2)
    await answer(embedded, anna, 2)
    await card(embedded, emre, 2, "Offer part", "30 %", "Skip", "Yes, offer")
    await card(embedded, anna, 2, "Decline", "Yes: Decline")
    await reject(embedded, emre, 2)
    await card(embedded, emre, 3, "Refund without return", "Yes: Refund without return")
    await card(embedded, emre, 5, "Offer part", "30 %", "Skip", "Yes, offer")
    await embedded.later(days=3)
    assert await statuses(embedded, 5) == [
        Status.CANCELED_INACTION, Status.REJECTED, Status.REFUND_DUE, Status.APPROVED,
        Status.COUNTER,
    ]  # fmt: skip
    await embedded.later(days=3)
    assert (await embedded.case(5)).status is Status.APPROVED
    assert (await embedded.case(2)).status is Status.REJECTED_FINAL


async def test_a_moderator_offers_a_part_and_his_silence_approves_the_second_time(
    embedded: World,
) -> None:
    anna, emre = await requests(embedded, 2, premoderated=True)
    await card(embedded, embedded.owner, 1, "Offer part", "30 %", "Skip", "Yes, offer")
    await card(embedded, anna, 1, "Decline", "Yes: Decline")
    await card(embedded, emre, 1, "Approve", "Yes: Approve")
    await embedded.later(days=1)
    assert await statuses(embedded, 2) == [Status.APPROVED, Status.PREMOD]
    assert not any("R-000002" in text for text in emre.texts())
    await embedded.later(days=1)
    assert (await embedded.case(2)).status is Status.APPROVED
    assert "R-000002" in emre.screen


async def test_late_proofs_are_confirmed_denied_or_come_too_late(embedded: World) -> None:
    anna, emre = await requests(embedded, 3)
    for id in (1, 2, 3):
        await card(embedded, emre, id, "Approve", "Yes: Approve")
    await embedded.later(days=4)
    for id in (1, 2):
        await card(embedded, anna, id, "I sent it in time")
        await embedded.say(anna, "2026-03-04")
        await embedded.show(anna)
        await embedded.press(anna, "Done", "Skip")
    await embedded.later(days=3)
    assert await statuses(embedded, 3) == [Status.OVERDUE] * 3
    assert [(await embedded.case(id)).owes for id in (1, 3)] == [Role.MODERATOR, None]
    await card(embedded, embedded.owner, 1, "Approve", "Yes: Approve")
    await card(embedded, embedded.owner, 2, "Reject")
    await embedded.say(embedded.owner, "The date on the receipt is another.")
    await embedded.press(embedded.owner, "Yes: Reject")
    assert await statuses(embedded, 3) == [Status.IN_TRANSIT, Status.OVERDUE, Status.OVERDUE]


async def test_whoever_is_silent_in_a_dispute_has_decided_it(embedded: World) -> None:
    anna, emre = await requests(embedded, 5)
    for id in range(1, 6):
        await card(embedded, emre, id, "Approve", "Yes: Approve")
        await send(embedded, anna, id)
    for id in (1, 2, 3):
        await card(embedded, emre, id, "Return received", "Yes: Return received")
        await reject(embedded, emre, id)
    for id in (2, 3):
        await card(embedded, anna, id, "Open a dispute", "Something else")
        await embedded.say(anna, "I have never used it.")
        await embedded.press(anna, "Skip")
    await card(embedded, emre, 3, "Reply to the dispute")
    await embedded.say(emre, "The photos show the stains.")
    await embedded.press(emre, "Skip")
    await embedded.later(days=14, minutes=1)
    assert await statuses(embedded, 3) == [
        Status.REJECTED_MUTUAL, Status.REFUND_DUE, Status.DISPUTE
    ]  # fmt: skip
    for id in (4, 5):
        await card(embedded, anna, id, "Where is my refund?", "Something else")
        await embedded.say(anna, "It was posted two weeks ago.")
        await embedded.press(anna, "Skip")
    await card(embedded, emre, 4, "Return received", "Yes: Return received")
    assert (await embedded.case(4)).status is Status.DISPUTE
    await embedded.later(days=2)
    await card(embedded, emre, 5, "Return received", "Yes: Return received")
    assert [(await embedded.case(id)).status for id in (4, 5)] == [Status.REFUND_DUE] * 2


def test_every_transition_is_made_in_a_story() -> None:
    made = {row for rows in (*MADE_BY.values(), OF_SERVICES) for row in rows.split(", ")}
    assert made == {f"{row.row} {row.event}" for row in TABLE}
    stories = "".join(each.read_text() for each in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in MADE_BY if f"def {name}(" not in stories] == []
