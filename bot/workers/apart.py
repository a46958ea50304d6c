"""Work of which a part may be spoiled: the rest of it is done, and the staff hear of that part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot.services.again import Away, until_kept
from bot.services.desk import ReturnDesk
from bot.services.memory import Memory
from bot.services.ports import Clock
from bot.services.records import Damaged, DeskTimer, DraftRow, DueReminder, OpenedOrder

PAUSE = timedelta(minutes=10)
"""Until what could not be done is looked at again."""

Due = DueReminder | OpenedOrder | DraftRow | DeskTimer | Damaged
D = TypeVar("D", DueReminder, OpenedOrder, DraftRow, DeskTimer)

log = structlog.get_logger(__name__)


class Unknown(Exception):
    """A row that is due is of a kind that nobody knows."""


@dataclass(frozen=True, slots=True)
class Part:
    """Of what is due, what is to be done now; `taken` is what was found of it."""

    only: Collection[Due] | None
    left_out: Collection[Due]
    taken: list[Due] = field(default_factory=list)

    def take(self, due: Iterable[D | Damaged]) -> list[D | Damaged]:
        """What belongs to this part."""
        wanted = (each for each in due if each not in self.left_out)
        mine = [each for each in wanted if self.only is None or each in self.only]
        self.taken.extend(mine)
        return mine


Work = Callable[[datetime, Part], Awaitable[int]]
"""Does what is due at an instant and in a part, in one transaction; answers how much that was."""


def readable(due: Iterable[D | Damaged]) -> list[D]:
    """What is due. Raises Unknown if one of it cannot be read: it is left out."""
    rows: list[D] = []
    for each in due:
        if isinstance(each, Damaged):
            raise Unknown(each.what)
        rows.append(each)
    return rows


class Apart:
    """Does work together, and in halves where that fails."""

    def __init__(
        self, memory: Memory, desk: ReturnDesk, clock: Clock, committed: Callable[[], None]
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._clock = clock
        self._committed = committed
        self._left_out: dict[Due, datetime] = {}
        """Until when what failed alone is not tried again."""

    async def do(self, work: Work, horizon: datetime) -> int:
        """Do some work; if it fails, one half after the other, until what is to blame is alone.

        That is left out for a while, and the staff are told. Answers how much was done.
        """
        now, done = self._clock(), 0
        self._left_out = {due: until for due, until in self._left_out.items() if until > now}
        halves: list[Collection[Due] | None] = [None]
        while halves:
            part = Part(halves.pop(), self._left_out.keys())
            try:
                done += await until_kept(partial(_afresh, work, horizon, part))
            except Away:
                raise
            except Exception as error:
                if not part.taken:
                    raise
                if len(part.taken) == 1:
                    await until_kept(partial(self._leave_out, part.taken[0], error))
                    continue
                log.exception("what is due could not be kept together", count=len(part.taken))
                half = len(part.taken) // 2
                halves += [frozenset(part.taken[half:]), frozenset(part.taken[:half])]
        return done

    async def _leave_out(self, due: Due, error: BaseException) -> None:
        now = self._clock()
        self._left_out[due] = now + PAUSE
        case = due.case if isinstance(due, DueReminder | Damaged) else 0
        log.error("what is due failed, and is left out", case=case, exc_info=error)
        a_draft = isinstance(due, DraftRow) or (isinstance(due, Damaged) and due.what == "draft")
        name = "draft_failed" if a_draft else "reminder_failed"
        async with self._memory.group() as group:
            unit = group.unit(now)
            await self._desk.alert(unit, "timer_failed" if case else name, {"case": case})
            group.keep(unit)
            await group.commit()
        self._committed()


async def _afresh(work: Work, horizon: datetime, part: Part) -> int:
    part.taken.clear()
    return await work(horizon, part)
