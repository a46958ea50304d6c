"""How stories about one customer begin: Anna, her form and her approved return."""

from __future__ import annotations

from bot.playground.people import Person
from tests.world import World, order


def lines(person: Person) -> str:
    """All that the bot has said, newest last."""
    return "\n\n".join(person.texts())


async def form(stage: World, *until: str) -> Person:
    """Anna with an open return form of one mug, answered up to `until`."""
    anna = await stage.customer("Anna", order())
    await stage.press(anna, "Open the order", "Return products", *until)
    return anna


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
