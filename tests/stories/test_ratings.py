"""At the end the customer may say how it was; the seller sees figures, the staff the words."""

from __future__ import annotations

from tests.stories.test_seller import asked
from tests.world import World

QUESTION = "How well was it handled"


async def test_a_rating_is_asked_for_once_kept_and_changed(stage: World) -> None:
    emre, olga = await stage.seller(), await stage.moderator()
    anna = await asked(stage)
    await stage.agree(emre, "Refund without return")
    await stage.press(stage.owner, "Mark as paid")
    await stage.say(stage.owner, "bank-1")
    await stage.press(stage.owner, "Yes: Mark as paid")
    assert "has been paid to you" in anna.screen, "the news of the money stands alone"

    await stage.later(hours=1)
    assert QUESTION in anna.screen
    assert anna.chat.messages[-1].silent
    await stage.press(anna, "2 ★", "4 ★", "Add a word")
    await stage.say(anna, "Quick, but gruff")
    assert "★★★★☆" in anna.screen
    assert "Quick, but gruff" in anna.screen

    await stage.say(olga, "/return 1")
    assert "The customer's rating: ★★★★☆" in olga.screen
    assert "gruff" in olga.screen
    await stage.say(emre, "/return 1", "/settings")
    assert "shown here as figures once there are 5 of them" in emre.screen
    assert not any("★" in text or "gruff" in text for text in emre.texts())

    await stage.say(anna, "/return 1")
    await stage.press(anna, "Change the rating", "5 ★")
    await stage.later(days=14)
    assert QUESTION not in anna.screen
    await stage.say(anna, "/return 1")
    assert "Your rating: ★★★★★" in anna.screen
    assert "Change the rating" not in anna.chat.messages[-1].labels
    await stage.press(anna, "4 ★")
    assert "The time for rating this return is over." in anna.screen
