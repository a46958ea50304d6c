"""Due timers, reminders and drafts: the same decisions as a tap, in the same transactions.

Never early: a timer fires when its instant has come, everything received before it is done, the
receiver has caught up after a pause, and the local clock agrees with Telegram's. Late is
harmless: a timer is stamped with its own instant, and an outage is first credited to the people
whose time was running (X-58).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec

import structlog

from bot.domain.reminding import TOGETHER
from bot.services.again import Away, Overtaken, until_kept
from bot.services.desk import ReturnDesk
from bot.services.desk_clocks import look_at
from bot.services.health import DISAGREEMENT, Reach
from bot.services.memory import Group, Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Damaged, DueTimer
from bot.services.reminding import Reminding
from bot.services.shielding import to_the_end
from bot.workers.apart import PAUSE, Apart, Part, Unknown, readable
from bot.workers.crediting import Crediting

TICK = timedelta(seconds=5)
"""Between two looks at the timers, whether or not something is due."""
BATCH = 64

P = ParamSpec("P")

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
        self._apart = Apart(memory, desk, clock, committed)
        self._crediting = Crediting(memory, desk, clock, committed)

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
            while True:
                fired = await self._attempted(self._fire_some, horizon)
                if fired is None:
                    if not await self._attempted(self._crediting.all):
                        return total
                    horizon = await self._horizon()
                    continue
                total += fired
                self._next = await self._memory.next_due()
                if not self._comes_by(horizon):
                    return total
                if not fired:
                    break
            total += await self._attempted(self._apart.do, self._remind, horizon) or 0
            total += await self._attempted(self._apart.do, self._forget_drafts, horizon) or 0
            total += await self._attempted(self._apart.do, self._look_at_desk, horizon) or 0
            self._next = await self._memory.next_due()
            return total

    async def _attempted(
        self, stage: Callable[P, Awaitable[int | None]], *given: P.args, **named: P.kwargs
    ) -> int | None:
        """Run a stage; one that fails has done nothing, and does not stop those after it."""
        try:
            return await until_kept(partial(stage, *given, **named))
        except Away:
            raise
        except Exception:
            log.exception("a part of the clock's work failed", part=stage.__name__)
            return 0

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

    async def _fire_some(self, horizon: datetime) -> int | None:
        """Fire some timers and answer how many; None: an outage is to be credited first."""
        try:
            return await self._fire(horizon, BATCH, [])
        except (Away, Overtaken):
            raise
        except Exception:
            # One of them cannot be read or written: alone, it fails without the others.
            log.exception("timers could not be fired together")
        for fired in range(BATCH):
            if not await until_kept(partial(self._fire_alone, horizon)):
                return fired
        return BATCH

    async def _fire_alone(self, horizon: datetime) -> int:
        taken: list[DueTimer | Damaged] = []
        try:
            await self._fire(horizon, 1, taken)
        except (Away, Overtaken):
            raise
        except Exception as error:
            if not taken:
                raise
            async with self._memory.group() as group:
                await self._postpone(group, group.unit(taken[0].due_at), taken[0], error)
                await group.commit()
            self._committed()
        return len(taken)

    async def _fire(
        self, horizon: datetime, limit: int, taken: list[DueTimer | Damaged]
    ) -> int | None:
        """Fire timers in one transaction; those it consists of are told in `taken`."""
        async with self._memory.group() as group:
            if await group.outage() is not None:
                return None
            taken += await group.due_timers(horizon, limit)
            if not taken:
                return 0
            units = [group.unit(timer.due_at) for timer in taken]
            results = await asyncio.gather(
                *(self._fire_one(unit, timer) for unit, timer in zip(units, taken, strict=True)),
                return_exceptions=True,
            )
            fired = 0
            for unit, timer, result in zip(units, taken, results, strict=True):
                if isinstance(result, Away | Overtaken):
                    raise result
                if isinstance(timer, Damaged) or isinstance(result, BaseException):
                    await self._postpone(group, unit, timer, result)
                else:
                    fired += 1
                    group.fired(timer, unit)
            await group.commit()
        self._committed()
        return fired

    async def _fire_one(self, unit: Unit, timer: DueTimer | Damaged) -> None:
        if isinstance(timer, Damaged):
            raise Unknown(timer.what)
        await self._desk.fire(unit, timer)

    async def _postpone(
        self, group: Group, unit: Unit, timer: DueTimer | Damaged, error: BaseException | None
    ) -> None:
        log.error("a timer failed", case=timer.case, kind=timer.kind, exc_info=error)
        unit.discard()
        await self._desk.alert(unit, "timer_failed", {"case": timer.case})
        group.postponed(timer, self._clock() + PAUSE)
        group.keep(unit)

    async def _remind(self, horizon: datetime, part: Part) -> int:
        now = self._clock()
        async with self._memory.group() as group:
            soon = part.take(await group.due_reminders(now + TOGETHER, BATCH * 16))
            orders = part.take(await group.due_orders(now + TOGETHER, BATCH * 16))
            if not part.taken:
                return 0
            unit = group.unit(now)
            settled = await self._reminding.settle(unit, readable(soon), readable(orders), horizon)
            group.keep(unit)
            await group.commit()
        if settled:
            self._committed()
        return settled

    async def _forget_drafts(self, horizon: datetime, part: Part) -> int:
        async with self._memory.group() as group:
            drafts = part.take(await group.due_drafts(horizon, BATCH))
            for draft in readable(drafts):
                unit = group.unit(horizon)
                await self._desk.forget_draft(unit, draft)
                group.keep(unit)
            if drafts:
                await group.commit()
        if drafts:
            self._committed()
        return len(drafts)

    async def _look_at_desk(self, horizon: datetime, part: Part) -> int:
        """The clocks of what is no return, each in the instant of its look."""
        async with self._memory.group() as group:
            due = part.take(await group.due_desk_timers(horizon, BATCH))
            for timer in readable(due):
                unit = group.unit(timer.look_at)
                await look_at(unit, self._desk, timer)
                group.keep(unit)
            if due:
                await group.commit()
        if due:
            self._committed()
        return len(due)
