"""`returndesk demo --play`: the cast plays one whole return, or says where it is stuck."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot import demo
from bot.playground import cast, story
from bot.playground.story import NoSuchStep, Story
from bot.playground.telegram import Telegram
from bot.texts import Catalogues


@pytest.mark.parametrize(
    ("language", "end"), [("en", "has been paid to you"), ("ru", "Вам выплачено")]
)
async def test_the_cast_plays_a_return_to_its_end(
    language: str, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await demo.play(language)
    printed = capsys.readouterr()
    assert end in printed.out
    assert [line[:5] for line in printed.err.splitlines() if line.startswith("[")] == [
        f"[{at}/8]" for at in range(1, 9)
    ]


async def test_the_cast_plays_a_dispute_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    await demo.play("ru", "dispute")
    printed = capsys.readouterr()
    assert "Вам выплачено" in printed.out
    assert "1\xa0500,00" in printed.out
    assert "[9/9]" in printed.err
    assert "Поддержка Anatolia | bot: Тема спора: Товар с дефектом" in printed.out


async def test_a_story_that_is_stuck_says_who_looked_for_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(story, "PATIENCE", 0.05)
    now = datetime(2026, 3, 1, 10, tzinfo=UTC)
    telegram = Telegram(lambda: now, "42:TOKEN", "return_desk_bot")
    cast.assemble(telegram)
    links = {member.id: "o1" for member in cast.CAST}

    async def nothing(*_: object) -> None:
        await asyncio.sleep(0)

    told: list[str] = []
    deaf = Story(telegram, Catalogues().texts("en"), links, nothing, nothing, told.append)
    with pytest.raises(NoSuchStep, match="Emre Yılmaz cannot press 'Accept the invitation'"):
        await deaf.play()
    assert told == ["[1/8] everybody opens the bot"]
