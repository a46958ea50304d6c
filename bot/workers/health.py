"""What a machine may ask: does the program live, can it work, and how much waits.

- `/healthz` answers as long as the loop turns.
- `/readyz` answers 200 if the database can be written, there is room, Telegram is heard and the
  clocks agree; else 503 with the names of what is wrong.
- `/metrics` is Prometheus's text. It holds numbers and names of states, nothing about anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.services.health import Health, Reach, Vitals
from bot.services.ports import Clock

PATIENCE_S = 5.0
"""How long the database may take to answer."""
PREFIX = "returndesk_"


class Patient(Protocol):
    """The database, as far as it is asked how it is."""

    async def vitals(self, now: datetime) -> Vitals: ...
    async def room(self) -> bool: ...


class Watch:
    """Answers a machine's questions about one running program."""

    def __init__(
        self,
        memory: Patient,
        clock: Clock,
        reach: Reach,
        *,
        sends: Mapping[str, int],
        results: Mapping[str, int],
        met: Callable[[], bool],
        delivers: Callable[[], bool],
    ) -> None:
        """`sends` counts messages by outcome, `results` updates by result, since the start.

        `met` and `delivers` say whether Telegram has answered this process since its start, and
        whether this process delivers now.
        """
        self._memory = memory
        self._clock = clock
        self._reach = reach
        self._sends = sends
        self._results = results
        self._met = met
        self._delivers = delivers
        self._looking: asyncio.Task[tuple[Vitals, bool]] | None = None

    @property
    def routes(self) -> Sequence[web.RouteDef]:
        """What to listen for."""
        return (
            web.get("/healthz", self._lives),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._metrics),
        )

    async def _lives(self, _: web.Request) -> web.Response:
        return web.json_response({"lives": True})

    async def _ready(self, _: web.Request) -> web.Response:
        wrong = (await self._look())[1]
        return web.json_response({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        found, wrong = await self._look()
        registry = CollectorRegistry()
        registry.register(_Collected(self._figures(found, ready=not wrong)))
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _look(self) -> tuple[Vitals | None, Sequence[str]]:
        """The vitals, if the database answers, and the names of what is wrong.

        A look that takes too long goes on and serves who asks next: cancelled in a statement, it
        would tear the connection of everybody.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._asked())
        try:
            async with asyncio.timeout(PATIENCE_S):
                found, room = await asyncio.shield(self._looking)
        except Exception as error:
            return None, [f"database: {type(error).__name__}"]
        health = self._health(found)
        wrong = {
            "disk is full": not room,
            "telegram is not heard": health.silent or not self._met(),
            "clocks disagree": health.clock_wrong,
        }
        return found, [name for name, is_so in wrong.items() if is_so]

    async def _asked(self) -> tuple[Vitals, bool]:
        return await self._memory.vitals(self._clock()), await self._memory.room()

    def _health(self, found: Vitals) -> Health:
        reach = self._reach
        return Health(
            now=found.now,
            last_answer=reach.last_answer,
            disagreement=reach.disagreement,
            counts=found.counts,
        )

    def _figures(self, found: Vitals | None, *, ready: bool) -> Iterator[Metric]:
        yield _gauge("ready", "Whether /readyz answers 200", ready)
        yield _gauge("delivers", "Whether this process delivers messages", self._delivers())
        yield _counters("sends", "Messages sent, by outcome", "outcome", self._sends)
        yield _counters("updates", "Updates handled, by result", "result", self._results)
        limited = CounterMetricFamily(f"{PREFIX}too_many_requests", "Answers 429 to messages")
        limited.add_metric((), self._sends.get("wait", 0))
        yield limited
        if found is not None:
            yield from self._waiting(found)

    def _waiting(self, found: Vitals) -> Iterator[Metric]:
        counts = found.counts
        inbox = {name: counts[name] for name in ("inbox", "quarantine", "shed")}
        outbox = {**found.unsent, "dead": counts["dead"]}
        returns = {name: count for name, count in counts.items() if name.isupper()}
        yield _gauges("inbox_updates", "Updates not done, by state", "state", inbox)
        yield _gauges("outbox_messages", "Messages not delivered, by state", "state", outbox)
        yield _gauges("returns", "Open returns, by status", "status", returns)
        health = self._health(found)
        for name, words, value in (
            ("inbox_lag_seconds", "Age of the oldest update", found.since(found.oldest_update)),
            ("outbox_lag_seconds", "Age of the oldest message", found.since(found.oldest_message)),
            ("timer_lag_seconds", "Lateness of the latest deadline", found.since(found.next_timer)),
            ("timers", "Running deadlines", counts["timers"]),
            ("timers_late", "Deadlines that are late", counts["late"]),
            ("people_unreachable", "People who have stopped the bot", found.unreachable),
            ("telegram_silence_seconds", "Since its last answer", found.since(health.last_answer)),
            (
                "clock_disagreement_seconds",
                "Local clock minus Telegram's",
                health.disagreement.total_seconds(),
            ),
        ):
            yield _gauge(name, words, value)


class _Collected:
    """Figures that were taken for one answer."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = list(figures)

    def collect(self) -> Iterable[Metric]:
        return self._figures


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, words, value=float(value))


def _gauges(name: str, words: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _counters(name: str, words: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
