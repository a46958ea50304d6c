"""How the service is doing: whether Telegram is heard, what waits, what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

DISAGREEMENT = timedelta(seconds=120)
"""Between the local clock and Telegram's; beyond it no deadline fires."""
SILENCE = timedelta(minutes=2)
"""Without an answer of Telegram, which is asked twice a minute."""


class Reach(Protocol):
    """What the receiver knows of the way to Telegram."""

    last_answer: datetime | None
    """When Telegram last answered; it may have more for us."""

    @property
    def settled(self) -> bool:
        """Whether the last poll had nothing more to bring."""

    @property
    def disagreement(self) -> timedelta:
        """Local clock minus the HTTP Date of Telegram's last answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The service at `now`. `counts` is as `Cases.counts` answers it."""

    now: datetime
    last_answer: datetime | None
    disagreement: timedelta
    counts: Mapping[str, int]

    @property
    def silent(self) -> bool:
        """Whether Telegram has not answered for too long."""
        return self.last_answer is None or self.now - self.last_answer > SILENCE

    @property
    def clock_wrong(self) -> bool:
        """Whether the clocks disagree by so much that no deadline fires."""
        return abs(self.disagreement) > DISAGREEMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What waits at `now`. `counts` is as `Cases.counts` answers it."""

    now: datetime
    counts: Mapping[str, int]
    unsent: Mapping[str, int]
    """Messages that are not delivered, by the state of their rows."""
    oldest_update: datetime | None
    oldest_message: datetime | None
    """From when the message could have gone out that waits longest."""
    next_timer: datetime | None
    unreachable: int
    """People who have stopped the bot."""

    def since(self, instant: datetime | None) -> float:
        """Seconds from this instant to now; 0 for none and for one to come."""
        return max((self.now - instant).total_seconds(), 0.0) if instant else 0.0
