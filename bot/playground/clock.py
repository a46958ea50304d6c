"""The clock of the demo and of the tests: real time that can be moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """`clock()` is the present instant. It runs unless it was started `frozen`."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        now = datetime.now(UTC)
        self._offset = (start or now) - now
        self._frozen = (start or now) if frozen else None

    def __call__(self) -> datetime:
        return self._frozen or datetime.now(UTC) + self._offset

    def move(self, by: timedelta) -> None:
        """Move the clock forward."""
        if by < timedelta(0):
            raise ValueError("the clock moves forward only")
        self._offset += by
        if self._frozen is not None:
            self._frozen += by

    def move_to(self, instant: datetime) -> None:
        """Move the clock to an instant that has not passed; otherwise it stays."""
        self.move(max(instant - self(), timedelta(0)))
