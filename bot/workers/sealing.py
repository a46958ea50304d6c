"""Seals each day's history in the group of the staff, where nobody can write it anew (N-11)."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.services.again import until_kept
from bot.services.heads import Head, sealed
from bot.services.memory import Memory
from bot.services.ports import Clock
from bot.services.records import Outgoing


class Sealing:
    """Seals once a day what there is by then; it is asked every hour.

    If nothing has happened since the last seal, there is none.
    """

    def __init__(
        self, memory: Memory, clock: Clock, zone: str, group: int | None, said: Callable[[], None]
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._group = group
        self._said = said

    async def work(self) -> None:
        """Seal, unless it was done today; without a group there is nobody to keep a seal."""
        if self._group is None:
            return
        day = self._clock().astimezone(self._zone).date()
        before = await self._memory.last_seal()
        if before is not None and before.day >= day:
            return
        heads = await self._grown()
        if not heads:
            return
        seal, group = sealed(day, self._clock(), before, heads), self._group

        async def keep() -> None:
            async with self._memory.group() as transaction:
                unit = transaction.unit(self._clock())
                unit.cases.seal(seal, heads)
                facts = {"document": "heads", "as": "jsonl", "day": str(day)}
                unit.outbox.put(
                    Outgoing(
                        chat=group,
                        kind="document",
                        payload=facts,
                        key=f"heads:{day}",
                        silent=True,
                    )
                )
                transaction.keep(unit)
                await transaction.commit()

        await until_kept(keep)
        self._said()

    async def _grown(self) -> list[Head]:
        found: list[Head] = []
        after: int | None = 0
        while after is not None:
            heads, after = await self._memory.grown_heads(after)
            found += heads
        return found
