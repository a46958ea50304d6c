"""Due timers, reminders and drafts: the same decisions as a tap, in the same transactions.

Never early: a timer fires when its instant has come, everything received before it is done, the
receiver has caught up after a pause, and the local clock agrees with Telegram's. Late is
harmless: a timer is stamped with its own instant, and an outage is first credited to the people
whose time was running (X-58).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.domain.reminding import TOGETHER
from bot.domain.timers import credited
from bot.services.again import Away, Overtaken, until_kept
from bot.services.desk import ReturnDesk
from bot.services.health import DISAGREEMENT, Reach
from bot.services.ports import Clock, Memory
from bot.services.reminding import Reminding
from bot.services.shielding import to_the_end

TICK = timedelta(seconds=5)
"""Between two looks at the timers, whether or not something is due."""
BATCH = 64
PAUSE = timedelta(minutes=10)
"""Until a timer that could not fire is looked at again."""

log = structlog.get_logger(__name__)


class Clockwork:
    """Fires what is due. `run` sleeps until the next due instant or the next tick."""

    def __init__(
        self,
        memory: Memory,
        desk: ReturnDesk,
        clock: Clock,
        reach: Reach,
        *,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._reminding = Reminding(desk)
        self._clock = clock
        self._reach = reach
        self._committed = committed
        self._alarmed = False
        self._next: datetime | None = None
        """When something is due next, as far as the last look has told."""
        self._ticking = asyncio.Lock()

    async def run(self, wake: asyncio.Event) -> None:
        """Tick until cancelled, sleeping until the next due instant.

        `wake` ends a sleep early: something changed, or the scheduler looks whether the clock of
        the machine was moved. Most changes make nothing due, and cost no more than a look.
        """
        loop = asyncio.get_running_loop()
        tick_at, woken = loop.time(), True
        while True:
            wake.clear()
            try:
                if woken:
                    self._next = await self._memory.next_due()
                fired = 0
                if loop.time() >= tick_at or self._comes_by(self._clock()):
                    fired = await to_the_end(self.tick())
                    tick_at = loop.time() + TICK.total_seconds()
                pause = self._pause(fired)
            except Exception:
                log.exception("the timers could not be worked on")
                pause = TICK
            woken = False
            with suppress(TimeoutError):
                async with asyncio.timeout(pause.total_seconds()):
                    woken = await wake.wait()

    def _comes_by(self, instant: datetime) -> bool:
        return self._next is not None and self._next <= instant

    def _pause(self, fired: int) -> timedelta:
        left = self._next - self._clock() if self._next else TICK
        if left <= timedelta(0) and not fired:
            # Something holds what is due back: there is no hurry.
            return TICK
        return max(left, timedelta(milliseconds=1))

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Nothing fires meanwhile."""
        async with self._ticking:
            yield

    async def tick(self) -> int:
        """Fire all that is due now. Answers how many timers, reminders and drafts there were."""
        async with self._ticking:
            if not self._reach.settled or await self._clock_is_wrong():
                return 0
            horizon, total = await self._horizon(), 0
            while (fired := await until_kept(partial(self._fire, horizon))) != 0:
                if fired is None:
                    if not await until_kept(self._credit_outages):
                        return total
                    horizon = await self._horizon()
                    continue
                total += fired
                self._next = await self._memory.next_due()
                if not self._comes_by(horizon):
                    return total
            total += await until_kept(partial(self._remind, horizon))
            total += await until_kept(partial(self._forget_drafts, horizon))
            self._next = await self._memory.next_due()
            return total

    async def _clock_is_wrong(self) -> bool:
        wrong = abs(self._reach.disagreement) > DISAGREEMENT
        if wrong and not self._alarmed:
            seconds = int(self._reach.disagreement.total_seconds())
            log.error("the clock disagrees with Telegram's, timers wait", seconds=seconds)
            await until_kept(partial(self._page_the_staff, seconds))
            self._committed()
        self._alarmed = wrong
        return wrong

    async def _page_the_staff(self, seconds: int) -> None:
        async with self._memory.group() as group:
            unit = group.unit(self._clock())
            await self._desk.alert(unit, "clock_disagrees", {"seconds": seconds})
            group.keep(unit)
            await group.commit()

    async def _horizon(self) -> datetime:
        """A timer due after an update that still waits must wait for it."""
        return await self._memory.horizon(self._clock)

    async def _fire(self, horizon: datetime) -> int | None:
        """Fire some timers and answer how many; None: an outage is to be credited first."""
        async with self._memory.group() as group:
            if await group.outage() is not None:
                return None
            due = await group.due_timers(horizon, BATCH)
            if not due:
                return 0
            units = [group.unit(timer.due_at) for timer in due]
            results = await asyncio.gather(
                *(self._desk.fire(unit, timer) for unit, timer in zip(units, due, strict=True)),
                return_exceptions=True,
            )
            fired = 0
            for unit, timer, result in zip(units, due, results, strict=True):
                if isinstance(result, Away | Overtaken):
                    raise result
                if isinstance(result, BaseException):
                    log.error("a timer failed", case=timer.case, kind=timer.kind, exc_info=result)
                    unit.discard()
                    await self._desk.alert(unit, "timer_failed", {"case": timer.case})
                    group.postponed(timer, self._clock() + PAUSE)
                    group.keep(unit)
                else:
                    fired += 1
                    group.fired(timer, unit)
            await group.commit()
        self._committed()
        return fired

    async def _remind(self, horizon: datetime) -> int:
        now = self._clock()
        async with self._memory.group() as group:
            soon = await group.due_reminders(now + TOGETHER, BATCH * 16)
            orders = await group.due_orders(now + TOGETHER, BATCH * 16)
            if not (soon or orders):
                return 0
            unit = group.unit(now)
            settled = await self._reminding.settle(unit, soon, orders, horizon)
            group.keep(unit)
            await group.commit()
        if settled:
            self._committed()
        return settled

    async def _forget_drafts(self, horizon: datetime) -> int:
        async with self._memory.group() as group:
            drafts = await group.due_drafts(horizon, BATCH)
            for draft in drafts:
                unit = group.unit(horizon)
                await self._desk.forget_draft(unit, draft)
                group.keep(unit)
            if drafts:
                await group.commit()
        if drafts:
            self._committed()
        return len(drafts)

    async def _credit_outages(self) -> bool:
        """Move the clocks of people by the outage, some cases a transaction, resumable.

        Nothing is moved before what people did in the outage is done: it was for the cards that
        they saw. False: that is still to come.
        """
        while True:
            horizon = await self._horizon()
            async with self._memory.group() as group:
                outage = await group.outage()
                if outage is None:
                    return True
                if horizon < outage.until:
                    return False
                cases = await group.open_cases(outage.credited, BATCH)
                for case in cases:
                    unit = group.unit(outage.until)
                    await self._desk.credit(unit, case, outage)
                    group.keep(unit)
                group.credited(outage, cases[-1].id if cases else None)
                if not cases and credited(((outage.since, outage.until),), self._desk.policy):
                    await group.move_forms(outage)
                await group.commit()
            self._committed()
