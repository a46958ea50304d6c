"""Work that comes round at intervals. The only module that knows APScheduler.

It only ticks: what is due is a row of the database, so nothing is lost with a tick that a stop,
a kill or a slow predecessor has swallowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[object]]


class Ticker:
    """Calls coroutines at intervals, each never twice at once; a tick that was missed is one."""

    def __init__(self) -> None:
        self._stopped = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, interval: timedelta, work: Work) -> None:
        """Call `work` when the ticker starts and then at every interval; its errors are logged."""

        async def tick() -> None:
            task = asyncio.current_task()
            if self._stopped or task is None:
                return
            self._under_way.add(task)
            try:
                await work()
            except asyncio.CancelledError:
                # The scheduler would log a stop as a fault of the work.
                if not self._stopped:
                    raise
            except Exception:
                log.exception("work at intervals failed", work=getattr(work, "__qualname__", "?"))
            finally:
                self._under_way.discard(task)

        self._scheduler.add_job(
            tick,
            "interval",
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC),
        )

    def start(self) -> None:
        """Begin to tick, in the running loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """No tick begins any more; work under way is cancelled, and has put away its things."""
        # The scheduler itself only stops with the loop's next turn.
        self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
