"""Counts how sellers decide, every night."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.services.figures import count_meters
from bot.services.memory import Memory
from bot.services.ports import Clock


class Counting:
    """What is counted once on each day of the staff; it is asked every hour."""

    def __init__(self, memory: Memory, clock: Clock, zone: str) -> None:
        self._memory = memory
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def work(self) -> None:
        """Count, unless it was done today."""
        last = await self._memory.counted_at()
        if last is None or self._day(last) < self._day(self._clock()):
            await count_meters(self._memory, self._clock)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
