"""What Telegram would say of a screen, by the rules of the playground's strict parser."""

from __future__ import annotations

import re
from typing import Any

from bot.playground.entities import MAX_TEXT, read_text
from bot.playground.markup import utf16_length
from bot.screens.screen import Screen, Toast, dump_screen, load_screen

OURS = frozenset({"bold", "code", "blockquote", "date_time"})
"""The markup that texts of ours use."""
LABEL = 40
TOAST = 200


def entities_of(html: str) -> list[dict[str, Any]]:
    """The entities that Telegram makes of a text; it raises for broken markup."""
    return read_text(html, "HTML", None)[1]


def check(screen: Screen | Toast, allowed: str = "\0") -> str:
    """The screen keeps every limit and its markup is whole. Answers its text without markup.

    `allowed`: somebody's words, in which braces are no forgotten value.
    """
    if isinstance(screen, Toast):
        assert 0 < utf16_length(screen.text) <= TOAST, screen.text
        return screen.text
    text, entities = read_text(screen.text, "HTML", None)
    assert utf16_length(screen.text) <= MAX_TEXT
    assert {each["type"] for each in entities} <= OURS | {"bot_command"}, entities
    assert not re.search(r"\{[a-z]+\}", text.replace(allowed, "")), text
    for row in screen.rows:
        assert 1 <= len(row) <= 8
        for button in row:
            assert 0 < len(button.label) <= LABEL, button.label
            assert sum(value is not None for value in (button.data, button.url, button.copy)) == 1
            assert button.data is None or 1 <= len(button.data.encode()) <= 64
    assert not (screen.rows and screen.keys), "one message has one kind of keyboard"
    assert load_screen(dump_screen(screen)) == screen
    return text


def labels(screen: Screen) -> list[str]:
    """What the buttons say."""
    return [button.label for row in screen.rows for button in row]
