"""Sums that screens show beside buttons; what is really paid is decided by the core."""

from __future__ import annotations

from bot.domain.cases import ReturnCase
from bot.domain.money import Money


def price_of(case: ReturnCase) -> Money:
    """What was paid for the units of a case."""
    first, *others = (line.unit_price * line.quantity for line in case.lines)
    return sum(others, start=first)
