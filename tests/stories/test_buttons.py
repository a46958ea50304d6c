"""Every button that anybody sees leads somewhere, and an old one says how things stand now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any

import pytest

from bot.domain.cases import TERMINAL, Decision, Event, ReturnCase, Status
from bot.playground.chats import Message
from bot.playground.keyboards import Button
from bot.playground.people import Person
from bot.services.again import until_kept
from bot.services.records import File
from tests.domain import life
from tests.screens.scenes import SCENES
from tests.world import LOOKS, SELLER, World, order

Step = tuple[ReturnCase, Event, datetime, Decision]


async def staged(stage: World, name: str, anna: Person) -> ReturnCase:
    """A scene of the screens as it would be stored, of an order of Anna's."""
    number = f"20{[*SCENES].index(name):02}"
    await stage.know(order(number))
    steps: list[Step] = []

    def recorded(self: life.Life, at: datetime, event: Event, decision: Decision) -> life.Life:
        steps.append((self.case, event, at, decision))
        return kept(self, at, event, decision)

    kept = life.Life._keep
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life.Life, "_keep", recorded)
        played = SCENES[name]()
    async with stage.running.memory.group() as group:
        unit = group.unit(stage.clock())
        unit.orders.claim(number, anna.id)
        id = await unit.cases.next_id()
        group.keep(unit)
        await group.commit()
    mine: dict[str, Any] = {
        "id": id,
        "customer": anna.id,
        "seller": SELLER.code,
        "order": number,
        "posting": f"{number}-1",
        "policy": stage.running.desk.policy.digest,
    }

    async def keep(before: ReturnCase, event: Event, at: datetime, decision: Decision) -> None:
        async with stage.running.memory.group() as group:
            unit = group.unit(at)
            after = replace(decision, case=replace(decision.case, **mine))
            photos = tuple(f"{number}.{photo}" for photo in event.given.photos)
            for photo in photos:
                unit.files.keep(File(key=photo, file_id=photo, kind="photo"))
            told = replace(event, given=replace(event.given, photos=photos))
            unit.cases.save(replace(before, **mine), after, told, at)
            group.keep(unit)
            assert not await group.commit()

    # What has long been due in a story of the past must not fire between two of its steps.
    async with stage.running.clockwork.held():
        for step in steps:
            await until_kept(partial(keep, *step))
    return replace(played.case, **mine)


def card_of(person: Person, case: ReturnCase) -> Message:
    """The newest card of a case in a person's chat."""
    head = f"Return {case.number} ·"
    return next(each for each in reversed(person.chat.messages) if each.text.startswith(head))


def acts_on(card: Message) -> list[Button]:
    """The buttons that ask the bot to act; to copy an address or to look at things is no act."""
    return [each for each in card.buttons if each.kind == "callback" and each.text not in LOOKS]


async def test_every_button_of_every_card_opens_what_it_names(stage: World) -> None:
    """Each of the scenes in its hour, for each of its readers; forms are opened and left."""
    people = (await stage.customer("Anna"), await stage.seller(), stage.owner)
    pressed: dict[str, set[str]] = {}
    for name in sorted(SCENES, key=lambda name: SCENES[name]().log[-1][0]):
        stage.clock.move_to(max(stage.clock(), SCENES[name]().log[-1][0] + timedelta(minutes=1)))
        case = await staged(stage, name, people[0])
        for person in people:
            person.send(f"/return {case.number}")
        await stage.settle()
        cards = [(person, card_of(person, case)) for person in people]
        rounds = zip_longest(*([(who, card, b) for b in acts_on(card)] for who, card in cards))
        for presses in rounds:
            at_once = [press for press in presses if press is not None]
            before = [len(person.toasts) for person, _, _ in at_once]
            for person, card, button in at_once:
                person.press_button(card, button)
            await stage.settle()
            for (person, _, button), toasts in zip(at_once, before, strict=True):
                said = [toast.text for toast in person.toasts[toasts:] if toast.text]
                assert said == [], (name, person.name, button.text)
                assert person.screen.startswith(("Return address", button.text)), (
                    name,
                    person.name,
                    button.text,
                    person.screen,
                )
                pressed.setdefault(case.status, set()).add(button.text)
        assert (await stage.case(case.id)).version == case.version, name
    assert pressed.keys() >= set(Status) - TERMINAL - {Status.DRAFT}
    assert "Mark as paid" in pressed[Status.REFUND_DUE]
    assert "Mark as paid" not in pressed.get(Status.REFUNDED, set())
