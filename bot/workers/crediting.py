"""An outage is credited to the people whose time was running (X-58)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.domain.timers import credited
from bot.services.again import Away, Overtaken, until_kept
from bot.services.desk import ReturnDesk
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Outage

BATCH = 64
"""Cases in one transaction."""
_EVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class Crediting:
    """Moves the clocks of people by an outage, some cases a transaction, resumable.

    Nothing is moved before what people did in the outage is done: it was for the cards that they
    saw.
    """

    def __init__(
        self, memory: Memory, desk: ReturnDesk, clock: Clock, committed: Callable[[], None]
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._clock = clock
        self._committed = committed

    async def all(self) -> int:
        """Move the clocks by the outage. 1: that is done. 0: its hour is still to come.

        If cases cannot be written together they are taken one by one, and one that fails alone
        too is left out, so that it holds up no other.
        """
        limit, failed = BATCH, dict[int, BaseException]()
        while True:
            horizon = await self._memory.horizon(self._clock)
            taken: list[int] = []
            credit = partial(self._some, horizon, limit, taken, failed)
            try:
                if (result := await until_kept(credit)) is not None:
                    return result
            except Away:
                raise
            except Exception as error:
                if not taken or failed.keys() & taken:
                    raise
                log.exception("the credit of an outage could not be written", cases=len(taken))
                if limit == 1:
                    failed[taken[0]] = error
                limit = 1
            else:
                self._committed()

    async def _some(
        self, horizon: datetime, limit: int, taken: list[int], failed: Mapping[int, BaseException]
    ) -> int | None:
        """1: no outage is left. 0: its hour has not come. None: there may be more to move."""
        async with self._memory.group() as group:
            outage = await group.outage()
            if outage is None:
                return 1
            if horizon < outage.until:
                return 0
            cases = await group.open_cases(outage.credited, limit)
            taken[:] = cases
            units = [group.unit(outage.until) for _ in cases]
            results = await asyncio.gather(
                *(
                    self._credit(unit, case, outage, failed)
                    for unit, case in zip(units, cases, strict=True)
                ),
                return_exceptions=True,
            )
            for unit, case, result in zip(units, cases, results, strict=True):
                if isinstance(result, Away | Overtaken):
                    raise result
                if isinstance(result, BaseException):
                    log.error("a case was left out of a credit", case=case, exc_info=result)
                    unit.discard()
                    await self._desk.alert(unit, "credit_failed", {"case": case})
                group.keep(unit)
            group.credited(outage, cases[-1] if cases else None)
            if not cases and credited(((outage.since, outage.until),), self._desk.policy):
                known = await self._desk.outages(group.unit(outage.until), _EVER)
                await group.move_forms(outage, known, self._desk.policy.draft.length)
                await group.move_desk_timers(outage)
            await group.commit()
            return None

    async def _credit(
        self, unit: Unit, id: int, outage: Outage, failed: Mapping[int, BaseException]
    ) -> None:
        if id in failed:
            raise failed[id]
        if case := await unit.cases.get(id):
            await self._desk.credit(unit, case, outage)
