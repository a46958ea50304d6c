"""What a return is about, and the sums that screens show beside buttons.

What is really paid is decided by the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.cases import Line, ReturnCase
from bot.domain.money import Money
from bot.texts import Html, Texts, joined, shortened

_TITLE: Final = 100
"""Longest title in a list, so that the list fits into a message."""


def price_of(case: ReturnCase) -> Money:
    """What was paid for the units of a case."""
    return price(case.lines)


def price(lines: Sequence[Line]) -> Money:
    """What was paid for the units of these lines, of which there is at least one."""
    first, *others = (line.unit_price * line.quantity for line in lines)
    return sum(others, start=first)


def products(lines: Sequence[Line], most: int, t: Texts) -> Html:
    """The lines one below the other, at most so many, and how many more there are."""
    shown = [
        t("{title} × {units}", title=title(line.title), units=line.quantity)
        for line in lines[:most]
    ]
    return joined([*shown, and_more(len(lines) - most, t)])


def and_more(count: int, t: Texts) -> Html | None:
    """That a list goes on, if it does."""
    return (
        t.n("and {count} more product", "and {count} more products", count) if count > 0 else None
    )


def title(title: str) -> str:
    """A title short enough for a list."""
    return shortened(title, _TITLE)
