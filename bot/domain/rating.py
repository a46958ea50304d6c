"""Who may rate the handling of a return, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.domain.cases import ReturnCase, Status

STARS: Final = range(1, 6)
"""From bad to very good."""

OPEN_FOR: Final = timedelta(days=14)
"""From the end of the return on it can be rated, and the rating changed: time enough to sleep on
it, and afterwards the figures of a seller stand still."""

STEP: Final = 5
"""The figures that a seller sees move when so many new ratings have come: from a smaller step one
could tell how a single customer has rated."""

_DECIDED: Final = frozenset(
    {
        Status.REFUNDED,
        Status.REJECTED_FINAL,
        Status.REJECTED_MUTUAL,
        Status.REJECTED_BY_PLATFORM,
    }
)


def was_decided(case: ReturnCase) -> bool:
    """Whether the return ended with somebody's decision: what was merely left has no handling."""
    return case.status in _DECIDED


def open_until(case: ReturnCase) -> datetime | None:
    """Until when the customer can rate it; None for a return that is not rated."""
    if not was_decided(case) or case.since is None:
        return None
    return case.since + OPEN_FOR
