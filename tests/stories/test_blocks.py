"""New returns of a customer are stopped by two people, and she may object once (X-26)."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.cases import Status
from bot.playground.people import Person
from tests.stories.test_support import admin, asked
from tests.world import World, order


async def stopped(stage: World) -> tuple[Person, Person, Person]:
    """Anna, whose new returns Olga has stopped for 90 days, and Ivan of the staff."""
    await stage.seller()
    anna, ivan = await asked(stage), await stage.moderator("Ivan")
    await stage.know(order("1002"))
    await stage.keep(lambda unit: unit.orders.claim("1002", anna.id))
    olga = stage.owner
    await stage.say(olga, "/block R-000001")
    await stage.press(olga, "90 days")
    await stage.say(olga, "The same photo in four returns.")
    assert "money that is promised is paid" in olga.screen
    await stage.press(olga, "Yes, stop them")
    assert "Anna: stopped, waits for a second person" in olga.screen
    assert "Yes, stop them" not in olga.buttons(), "the question is over"
    await stage.say(olga, "/queue")
    assert "No return waits for the staff." in olga.screen, "the block does, and is no return"
    return anna, olga, ivan


async def test_a_block_stops_new_returns_and_is_confirmed_by_another_person(stage: World) -> None:
    anna, olga, ivan = await stopped(stage)
    assert "The same photo in four returns." in anna.screen
    assert "A second person looks at it by Wed 4 March" in anna.screen
    assert "Confirm it" not in olga.buttons()
    olga.forge_press("bk:1:confirm", olga.last.id)
    await stage.settle()
    assert "Another member of the staff must confirm this." in olga.toasts[-1].text
    # Her order offers no return, and an old button for one is refused with a way to object.
    anna.forge_press("o:1002", anna.last.id)
    await stage.settle()
    assert "our staff have stopped them until" in anna.screen
    assert "Object" in anna.last.labels
    assert "Return products" not in anna.last.labels
    before = len(anna.toasts)
    anna.forge_press("s:1002:0", anna.last.id)
    await stage.settle()
    assert "You cannot open new returns at present." in anna.toasts[before].text
    assert anna.last.labels == ["Object"]
    await stage.press(ivan, "Look at it", "Confirm it")
    assert "Anna: blocked" in ivan.screen
    assert "You can object once, until Sun 15 March" in anna.screen
    assert (await stage.case()).status is Status.NEW
    await stage.say(stage.owner, "/return 1", "/audit")
    assert "Ivan confirmed the block of Anna" in stage.owner.screen
    async with stage.running.memory.reading(stage.clock()) as unit:
        known = await unit.accounts.get(anna.id)
    assert known is not None
    assert known.blocked_at(stage.clock() + timedelta(days=89))
    assert not known.blocked_at(stage.clock() + timedelta(days=90))


async def test_an_appeal_comes_once_and_is_answered_by_another_person(embedded: World) -> None:
    anna, olga, ivan = await stopped(embedded)
    await embedded.press(anna, "Object")
    await embedded.say(anna, "too short", "These are photos of four mugs of one set.")
    assert "their answer comes to this chat." in anna.screen
    assert any("Anna objects to the block." in text for text in ivan.texts())
    assert not any("objects to the block" in text for text in olga.texts()), "it was her block"
    await embedded.say(anna, "/appeal")
    assert "You have objected already" in anna.screen
    await embedded.press(ivan, "Look at it")
    assert "These are photos of four mugs of one set." in ivan.screen
    await embedded.press(ivan, "It stays")
    assert "the block stays" in anna.screen
    boris = await admin(embedded, "Boris")
    await embedded.say(boris, "/unblock R-000001")
    await embedded.press(boris, "Lift the block")
    assert "not blocked any more" in boris.screen
    assert "It ends by itself" not in boris.screen
    assert "You can open new returns again" in anna.screen
    await embedded.say(anna, "/appeal")
    assert "You are not blocked: new returns are open to you." in anna.screen
    await embedded.say(olga, "/sellers nosuch")
    assert "There is no seller with this code." in olga.screen
    await embedded.say(olga, "/blocks")
    assert "Nobody is blocked." in olga.screen


async def test_an_objection_is_heard_even_where_nobody_else_could_judge_it(
    embedded: World,
) -> None:
    anna = await asked(embedded)
    await embedded.say(embedded.owner, "/block R-000001")
    await embedded.press(embedded.owner, "90 days")
    await embedded.say(embedded.owner, "The same photo in four returns.")
    await embedded.press(embedded.owner, "Yes, stop them")
    await embedded.press(anna, "Object")
    await embedded.say(anna, "These are photos of four mugs of one set.")
    await embedded.press(embedded.owner, "Look at it")
    assert "you may lift it" in embedded.owner.screen
    assert "It stays" not in embedded.owner.buttons()


async def test_a_block_that_nobody_confirms_pages_the_others_and_stays(embedded: World) -> None:
    anna, olga, ivan = await stopped(embedded)
    await embedded.later(hours=49)
    assert sum("still waits for a second person" in text for text in ivan.texts()) == 1
    await embedded.later(hours=48)
    assert sum("still waits for a second person" in text for text in ivan.texts()) == 3
    assert not any("still waits" in text for text in olga.texts())
    async with embedded.running.memory.reading(embedded.clock()) as unit:
        known = await unit.accounts.get(anna.id)
    assert known is not None
    assert known.blocked_at(embedded.clock())
    await embedded.say(ivan, "/blocks")
    await embedded.press(ivan, "Anna", "Lift the block")
    await embedded.later(days=2)
    assert sum("still waits for a second person" in text for text in ivan.texts()) == 3


async def test_an_objection_after_the_confirmation_does_not_wait_for_ever(
    embedded: World,
) -> None:
    anna, olga, ivan = await stopped(embedded)
    await embedded.press(ivan, "Look at it", "Confirm it")
    await embedded.later(hours=80)
    assert not any("still waits" in text for text in ivan.texts())
    await embedded.press(anna, "Object")
    old = anna.last.id
    await embedded.say(anna, "These are photos of four mugs of one set.")
    assert "Somebody looks at it by Sat 7 March, 22:00 (Baku)" in anna.screen

    def reminded(person: Person) -> int:
        return sum("The objection of Anna to the block still" in text for text in person.texts())

    for day, hours in enumerate((23, 2, 25)):
        await embedded.later(hours=hours)
        assert (reminded(ivan), reminded(olga)) == (day, 0)
    assert "Nobody has answered your objection in time" not in anna.screen
    for day, hours in enumerate((23, 25), 3):
        await embedded.later(hours=hours)
        assert reminded(ivan) == day
    assert sum("Nobody has answered your objection" in text for text in anna.texts()) == 1
    await embedded.press(ivan, "Look at it", "It stays")
    shown = reminded(ivan)
    await embedded.later(days=3)
    assert reminded(ivan) == shown

    # No answer is promised where one was given: neither by the command nor by the old button.
    await embedded.say(anna, "/appeal")
    assert "our staff have answered: the block stays." in anna.screen
    toasts = len(anna.toasts)
    anna.forge_press("m:appeal", old)
    await embedded.settle()
    assert "our staff have answered: the block stays." in anna.toasts[toasts].text
    assert not any("the block has ended" in text for text in anna.texts())
    await embedded.later(days=81)
    assert sum("the block has ended by its own date" in text for text in anna.texts()) == 1
