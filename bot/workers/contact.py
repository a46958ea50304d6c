"""Whether people can reach us, as far as Telegram tells.

It decides when timers may fire, when what comes in counts as received, and what was an outage:
the time before which nobody could press a button in vain (X-58).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.services.ports import Clock
from bot.workers.link import TelegramClock, steady

FRESH_S = 45
"""How old the last answer of Telegram may be for timers to fire."""


class Contact:
    """The way from Telegram to us. Polling and the webhook tell it what they find."""

    def __init__(
        self,
        clock: Clock,
        telegram_clock: TelegramClock,
        outage_threshold: timedelta,
        *,
        steady: Callable[[], float] = steady,
    ) -> None:
        self._clock = clock
        self._telegram_clock = telegram_clock
        self.threshold = outage_threshold
        """A longer time without contact was an outage (X-58)."""
        self._steady = steady
        self._drained = False
        self._drained_as: datetime | None = None
        self._heard_at: float | None = None
        self._reached_at: float | None = None
        self.last_poll: datetime | None = None
        """When people could last reach us; before Telegram's first answer, the last run's beat."""
        self.last_answer: datetime | None = None
        """When Telegram last answered, even if people wait there; before, as `last_poll`."""

    @property
    def settled(self) -> bool:
        """Whether all that waited at Telegram has been received; until then timers wait.

        What comes before that counts as received at the last successful poll, because for all
        we know its senders were in time.
        """
        return (
            self._drained
            and self._heard_at is not None
            and self._steady() - self._heard_at <= FRESH_S
        )

    @property
    def disagreement(self) -> timedelta:
        """Local clock minus Telegram's."""
        return self._telegram_clock.disagreement()

    def begin(self, heartbeat: datetime | None) -> None:
        """Nothing has been heard since the last beat of the heart that is stored."""
        self.last_poll = self.last_answer = self._drained_as = heartbeat
        self._drained, self._heard_at, self._reached_at = False, None, None

    def told(self, heartbeat: datetime | None) -> None:
        """Another process hears Telegram for us, and its heart has beaten last at this instant."""
        self.last_answer = heartbeat

    def stamp(self, now: datetime) -> datetime:
        """When something that comes in now counts as received."""
        return now if self._drained else self._drained_as or now

    def interrupted(self) -> None:
        """What comes now was perhaps sent while nobody could reach us."""
        if self._drained:
            self._drained, self._drained_as = False, self.last_poll

    def outage(
        self, now: datetime, heartbeat: datetime | None = None
    ) -> tuple[datetime, datetime] | None:
        """The time before `now` in which nobody could reach us, if it was long (X-58).

        While running it is measured on the steady clock: a local clock that was set is none.
        `heartbeat` is that of all processes: whom another one could hear was not cut off.
        """
        if self.last_poll is None:
            return None
        if self._reached_at is None:
            since = self.last_poll
        else:
            since = now - timedelta(seconds=self._steady() - self._reached_at)
        since = max(since, heartbeat or since)
        if now - since <= self.threshold:
            return None
        self.interrupted()
        return since, now

    def heard(self) -> None:
        """Telegram has answered, and it still has something for us."""
        self.last_answer = self._clock()
        self._heard_at = self._steady()

    def reached(self, now: datetime, *, drained: bool) -> None:
        """People can reach us; `drained`: what they sent so far is here."""
        self.last_poll = self.last_answer = now
        self._heard_at = self._reached_at = self._steady()
        self._drained = self._drained or drained
