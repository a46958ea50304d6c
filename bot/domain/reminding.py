"""When a person is reminded: of all that is due together, and at most once an hour (2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

TOGETHER = timedelta(hours=1)
"""Reminders of one person that fall due within this time are one message."""


def is_night(at: datetime, zone: str) -> bool:
    """Whether it is between 22:00 and 08:00 where the reader is: reminders are silent then."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= 22 or hour < 8


class Turn(Enum):
    """What becomes of the reminders that are due for a person."""

    SAY = auto()
    """A message, with all that falls due within the hour."""
    HOLD = auto()
    """They wait until the hour of the last message is over."""
    REPLACE = auto()
    """They cannot wait: one message takes the place of the last one and says what it said."""


def free_at(last: datetime, now: datetime) -> datetime:
    """When a person who was reminded at `last` may be reminded again: within an hour, always."""
    return min(last, now) + TOGETHER


def turn(deadlines: Iterable[datetime | None], last: datetime | None, now: datetime) -> Turn:
    """What becomes of reminders of these deadlines (None: without one) that are due now.

    Waiting may cost a person at most half of the time that is left.
    """
    if last is None or now >= last + TOGETHER:
        return Turn.SAY
    wait = free_at(last, now) - now
    short = (deadline - now < 2 * wait for deadline in deadlines if deadline is not None)
    return Turn.REPLACE if any(short) else Turn.HOLD
