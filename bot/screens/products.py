"""What an order or a return is about, in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.cases import Line
from bot.domain.orders import Order
from bot.texts import Html, Texts, joined, shortened

_TITLE: Final = 100
"""Longest title in a list, so that the list fits into a message."""


def contents(order: Order, t: Texts) -> Html:
    """What is in an order: the first product, and how many more there are."""
    first, *others = (line for posting in order.postings for line in posting.lines)
    return joined([title(first.title), and_more(len(others), t)], " ")


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
