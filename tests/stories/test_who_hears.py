"""Who hears what, and when: whoever must act hears it, and time nobody had is given back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Role, Status, TimerKind
from bot.playground.people import Person
from bot.workers.receiver import alone
from tests.world import SELLER, START, World, order, world


async def overdue(stage: World) -> tuple[Person, Person]:
    """Anna and her seller: he has approved, she has not reported the parcel in time."""
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.agree(emre, "Approve")
    await stage.later(days=4)
    assert (await stage.case()).status is Status.OVERDUE
    return anna, emre


async def test_a_late_proof_calls_the_staff_who_revive_the_return(stage: World) -> None:
    anna, _ = await overdue(stage)
    await stage.press(anna, "I sent it in time")
    await stage.say(anna, "2026-02-28")
    assert "dated from Sun 1 March to Thu 5 March.\n\nWhen was the parcel sent?" in anna.screen
    await stage.say(anna, "2026-03-04")
    assert "Skip" not in anna.last.labels, "the receipt is what the staff check"
    await stage.show(anna)
    await stage.press(anna, "Done", "Skip")
    case = await stage.case()
    assert (case.status, case.owes) == (Status.OVERDUE, Role.MODERATOR)
    assert "R-000001" in stage.owner.screen
    assert not stage.owner.last.silent
    await stage.say(stage.owner, "/queue")
    assert "R-000001" in "".join(stage.owner.last.labels) + stage.owner.screen


async def test_a_seller_without_an_address_is_reminded_every_day_and_the_staff_paged_at_once(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller(seller=replace(SELLER, address=None))
    await stage.ask(anna)
    await stage.later(hours=24)
    assert (await stage.case()).status is Status.APPROVED
    assert "no return address" in "".join(stage.owner.texts())
    for day in (1, 2):
        before = len(emre.chat.messages)
        await stage.later(hours=24)
        (reminder,) = [m for m in emre.chat.messages[before:] if m.from_bot]
        assert "set your return address" in reminder.text, day
    await stage.say(emre, "/address", "Acme, İzmir 35220")
    before = len(emre.chat.messages)
    await stage.later(hours=24)
    assert not [m for m in emre.chat.messages[before:] if m.from_bot]


async def test_an_address_that_came_after_the_end_counts_when_the_return_is_reopened(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller(seller=replace(SELLER, address=None))
    await stage.ask(anna)
    await stage.agree(anna, "Cancel the return")
    await stage.say(emre, "/address", "Acme, İzmir 35220")
    await stage.later(minutes=1)
    await stage.say(stage.owner, "/return R-000001")
    await stage.press(stage.owner, "Open again", "The seller decides")
    await stage.say(stage.owner, "She has changed her mind.")
    await stage.press(stage.owner, "Yes: Open again")
    await stage.agree(emre, "Approve")
    case = await stage.case()
    assert (case.status, case.owes) == (Status.APPROVED, Role.CUSTOMER)


async def test_a_seller_whom_nobody_is_pages_the_staff_though_nothing_is_asked_of_him_yet(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order(price="900.00"))
    await stage.ask(anna)
    assert (await stage.case()).status is Status.OFFERED
    assert "Nobody of the seller" in "".join(stage.owner.texts())


async def test_whoever_declines_the_automatic_offer_gets_the_card_to_send_by_and_the_seller_hears(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order(price="900.00"))
    emre = await stage.seller()
    await stage.ask(anna)
    *_, card = emre.chat.messages
    assert not card.silent, "the seller hears of the offer when it is made"
    assert "The customer is offered 450.00\xa0RUB for keeping the product" in card.text
    assert "If they accept, you pay 450.00\xa0RUB. If they decline, the return is approved" in (
        card.text
    )
    assert "you refund up to 900.00\xa0RUB." in card.text
    before = len(anna.chat.messages), len(emre.chat.messages)
    await stage.agree(anna, "Decline")
    for person, known in zip((anna, emre), before, strict=True):
        *_, card = person.chat.messages
        assert len(person.chat.messages) > known
        assert "Return R-000001 · Approved" in card.text, person.name
    assert "I have sent it" in anna.chat.messages[-1].labels


async def test_a_customer_hears_of_a_late_refund_at_once_and_then_once_a_week(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.agree(emre, "Refund without return")
    await stage.later(days=9, hours=23, minutes=59)
    before = len(anna.chat.messages)
    for hours, told in ((1, 1), (6 * 24, 0), (24, 1)):
        called = sum("is late" in text for text in stage.owner.texts())
        await stage.later(hours=hours)
        new = [m for m in anna.chat.messages[before:] if m.from_bot]
        assert ["has not been paid in time" in each.text for each in new] == [True] * told
        assert sum("is late" in text for text in stage.owner.texts()) > called, "every day"
        before = len(anna.chat.messages)


async def test_an_override_that_waits_for_its_second_person_tells_no_party(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.press(emre, "Ask a question")
    await stage.say(emre, "Which mug is it?")
    await stage.press(emre, "Skip")
    before = len(anna.chat.messages), len(emre.chat.messages)
    await stage.say(stage.owner, "/override R-000001")
    await stage.press(stage.owner, "Partial compensation approved")
    await stage.say(stage.owner, "She has threatened us.", "1000")
    await stage.press(stage.owner, "Yes: Set another status")
    assert (await stage.case()).override is not None
    assert (len(anna.chat.messages), len(emre.chat.messages)) == before
    for person in (anna, emre):
        assert "threatened" not in "".join(person.texts()), "what the staff write for each other"


async def test_a_form_that_nobody_sends_reminds_once_before_it_is_forgotten(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.press(anna, "Open the order", "Return products")
    before = len(anna.chat.messages)
    await stage.later(hours=21, minutes=59)
    assert len(anna.chat.messages) == before
    await stage.later(minutes=1)
    (reminder,) = [m for m in anna.chat.messages[before:] if m.from_bot]
    assert "Your return form is not sent yet" in reminder.text
    assert "2\xa0h left" in reminder.text
    await stage.later(hours=1, minutes=59)
    assert len(anna.chat.messages) == before + 1
    await stage.later(minutes=1)
    assert "not finished within its time" in "".join(anna.texts())


async def test_an_answer_late_in_the_day_of_a_form_brings_no_second_reminder(
    stage: World,
) -> None:
    anna = await stage.customer("Anna", order())
    await stage.press(anna, "Open the order", "Return products")
    await stage.later(hours=22)
    before = len(anna.chat.messages)
    await stage.press(anna, "I changed my mind")
    await stage.later(hours=1, minutes=59)
    assert not [m for m in anna.chat.messages[before:] if "not sent yet" in m.text]


# ------------------------------------------------------------------------------ after an outage


async def test_what_was_pressed_in_an_outage_counts_before_its_deadlines_are_moved(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller()
        await w.ask(anna)
        await w.press(emre, "Approve")

        async def busy(limit: int = 0) -> int:
            return 0

        with monkeypatch.context() as patch:
            patch.setattr(w.running.processor, "step", busy)
            patch.setattr(w.running.receiver, "_receive", alone(w.running.memory, lambda: None))
            emre.press("Yes: Approve")
            while w.telegram.updates.pending:
                await asyncio.sleep(0.001)
            dark = w.clock() - timedelta(hours=1), w.clock() + timedelta(hours=9)
            w.clock.move_to(dark[1])
            await w.running.memory.receive([], dark[1], dark)
            assert await w.running.clockwork.tick() == 0
            assert (await w.case()).outages == ()
        await w.settle()
        await w.running.clockwork.tick()
        case = await w.case()
        ship = case.timer(TimerKind.SHIP)
        assert (case.status, case.outages) == (Status.APPROVED, (dark,))
        assert ship is not None
        assert ship.due_at == dark[1] + timedelta(days=4)
        said = "Deadlines were moved, because we could not be reached: under rule X-58."
        assert said in "\n".join(anna.texts())


async def test_a_form_that_was_open_in_an_outage_stays_open_as_much_longer(
    url: str, tmp_path: Path
) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        await w.press(anna, "Open the order", "Return products")
        async with w.running.memory.reading(w.clock()) as unit:
            begun = await unit.drafts.get(anna.id)
        assert begun is not None
        assert begun.due_at == START + timedelta(hours=24)
    async with (
        world(url, tmp_path, START + timedelta(days=3)) as w,
        w.running.memory.reading(w.clock()) as unit,
    ):
        kept = await unit.drafts.get(anna.id)
        assert kept is not None
        assert kept.due_at == begun.due_at + timedelta(days=3)


async def test_a_form_gains_no_more_than_it_lost_in_an_outage(url: str, tmp_path: Path) -> None:
    async with world(url, tmp_path) as w:
        anna = await w.customer("Anna", order("1001"))
        bella = await w.customer("Bella", order("1002"))
        await w.press(anna, "Open the order", "Return products")
        dark = w.clock() + timedelta(hours=1), w.clock() + timedelta(hours=6)
        async with w.running.clockwork.held():
            w.clock.move(timedelta(hours=7))
            # Touched after the outage and before it is credited; and one begun only then.
            await w.running.memory.receive([], dark[1], dark)
            anna.press("I changed my mind")
            bella.press("Open the order")
            await bella.sees("Return products")
            bella.press("Return products")
            await anna.sees("skip this")
            await bella.sees("I changed my mind")
        await w.settle()
        await w.running.clockwork.tick()
        async with w.running.memory.reading(w.clock()) as unit:
            of_anna, of_bella = await unit.drafts.get(anna.id), await unit.drafts.get(bella.id)
        assert of_anna
        assert of_bella
        assert of_anna.due_at == START + timedelta(hours=24 + 5)
        assert of_bella.due_at == START + timedelta(hours=7 + 24)
