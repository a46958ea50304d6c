"""Faults on demand, and Telegram's limits on the rate of sending.

telegram.faults.next("sendMessage", RESET_AFTER)          # the next call, once
telegram.faults.next("*", too_many(3), times=2)           # any method
telegram.faults.next("sendMessage", refusal(400, "Bad Request: something new"))
telegram.faults.at_random(seed=7, rates={BAD_GATEWAY: 0.05, RESET_AFTER: 0.02})
telegram.faults.dark = True                               # nobody is reached
telegram.faults.happened                                  # [(method, fault name), ...]
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from bot.playground.wire import Answer, ApiError, Ending, refused


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call; ``delivered`` tells whether the call still takes effect.

    ``answer`` replaces the answer; None keeps its body and only breaks the connection as
    ``ending`` says.
    """

    name: str
    delivered: bool
    answer: Answer | None = None
    ending: Ending = Ending.WHOLE

    def spoil(self, good: Answer | None) -> Answer:
        """The answer that the client gets in place of the good one."""
        if self.answer is not None:
            return self.answer
        return Answer(200, good.body if good else "", self.ending)


def refusal(status: int, description: str, **parameters: int) -> Fault:
    """An error in Telegram's JSON, without effect."""
    return Fault(description, False, refused(ApiError(status, description, **parameters)))


def too_many(retry_after: int) -> Fault:
    """429 with ``retry_after`` in seconds."""
    description = f"Too Many Requests: retry after {retry_after}"
    return refusal(429, description, retry_after=retry_after)


def _html(status: int, title: str) -> Answer:
    page = f"<html><head><title>{status} {title}</title></head><body>nginx</body></html>"
    return Answer(status, page, content_type="text/html")


RESET_BEFORE = Fault("reset before delivery", False, ending=Ending.RESET)
RESET_AFTER = Fault("reset after delivery", True, ending=Ending.RESET)
TIMEOUT_BEFORE = Fault("timeout before delivery", False, ending=Ending.TIMEOUT)
TIMEOUT_AFTER = Fault("timeout after delivery", True, ending=Ending.TIMEOUT)
TRUNCATED = Fault("truncated body", True, ending=Ending.TRUNCATED)
GARBAGE = Fault("garbage 200", True, Answer(200, '{"ok": "?", "result": {"what": []}}'))
NOT_JSON = Fault("200 that is no JSON", True, Answer(200, "<html>OK", content_type="text/html"))
TOO_MANY_BARE = refusal(429, "Too Many Requests")
TOO_MANY_HTML = Fault("429 HTML", False, _html(429, "Too Many Requests"))
BAD_GATEWAY = Fault("502 HTML", False, _html(502, "Bad Gateway"))
BAD_GATEWAY_AFTER = Fault("502 HTML after delivery", True, _html(502, "Bad Gateway"))
SERVER_ERROR = refusal(500, "Internal Server Error")
RESTARTING = refusal(500, "Internal Server Error: restart")
UNAUTHORIZED = refusal(401, "Unauthorized")


@dataclass
class _Planned:
    method: str
    fault: Fault
    times: int
    chat_id: int | None


@dataclass
class Faults:
    """The faults of one Telegram. ``latency`` is a range in seconds, slept before each call."""

    dark: bool = False
    latency: tuple[float, float] = (0.0, 0.0)
    timeout: float = 30.0
    happened: list[tuple[str, str]] = field(default_factory=list)
    redeliver: int = 0
    """How many already confirmed updates the next getUpdates brings once more."""
    double_taps: int = 0
    """How many of the next presses arrive twice."""
    _planned: list[_Planned] = field(default_factory=list)
    _rates: Mapping[Fault, float] = field(default_factory=dict)
    _methods: Collection[str] | None = None
    _redeliver_rate: float = 0.0
    _double_tap_rate: float = 0.0
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311

    def next(
        self, method: str, fault: Fault, *, times: int = 1, chat_id: int | None = None
    ) -> None:
        """Plan the fault for the next calls of the method (``*`` for any), in one chat or any."""
        self._planned.append(_Planned(method.lower(), fault, times, chat_id))

    def at_random(
        self,
        *,
        seed: int,
        rates: Mapping[Fault, float],
        methods: Collection[str] | None = None,
        redeliver: float = 0.0,
        double_taps: float = 0.0,
    ) -> None:
        """Draw a fault for each call (of the named methods) with these probabilities."""
        self._random = random.Random(seed)  # noqa: S311
        self._rates = dict(rates)
        self._methods = None if methods is None else {name.lower() for name in methods}
        self._redeliver_rate, self._double_tap_rate = redeliver, double_taps

    def clear(self) -> None:
        """Nothing goes wrong from now on; what happened stays on record."""
        self.dark, self.latency = False, (0.0, 0.0)
        self.redeliver = self.double_taps = 0
        self._planned, self._rates = [], {}
        self._redeliver_rate = self._double_tap_rate = 0.0

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault of this call, if any; on record under the name of the method."""
        fault = RESET_BEFORE if self.dark else self._planned_for(method.lower(), chat_id)
        fault = fault or self._drawn(method.lower())
        if fault is not None:
            self.happened.append((method, fault.name))
        return fault

    def _planned_for(self, method: str, chat_id: int | None) -> Fault | None:
        for planned in self._planned:
            if planned.method in (method, "*") and planned.chat_id in (None, chat_id):
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault
        return None

    def _drawn(self, method: str) -> Fault | None:
        if not self._rates or (self._methods is not None and method not in self._methods):
            return None
        draw = self._random.random()
        for fault, rate in self._rates.items():
            draw -= rate
            if draw < 0:
                return fault
        return None

    def delay(self) -> float:
        """Seconds to sleep before this call."""
        low, high = self.latency
        return self._random.uniform(low, high) if high else 0.0

    def taps(self) -> int:
        """How often this press arrives."""
        if self.double_taps:
            self.double_taps -= 1
            return 2
        rate = self._double_tap_rate
        return 2 if rate and self._random.random() < rate else 1

    def repeats(self) -> int:
        """How many confirmed updates this getUpdates repeats."""
        count, self.redeliver = self.redeliver, 0
        if self._redeliver_rate and self._random.random() < self._redeliver_rate:
            count = max(count, self._random.randint(1, 3))
        return count


@dataclass
class Limits:
    """Sending limits in sliding windows; 0 switches one off.

    ``now`` gives seconds (`time.monotonic` for a real rate; by default the playground's clock).
    """

    per_second: int = 30
    per_chat_per_second: int = 1
    per_group_per_minute: int = 20
    now: Callable[[], float] | None = None
    refused: int = 0
    _sent: dict[object, deque[float]] = field(default_factory=dict)

    def take(self, now: float, chat_id: int, count: int, *, group: bool) -> int:
        """0 and the messages are counted, or the seconds to wait and nothing is counted."""
        windows = [("all", self.per_second, 1.0), (chat_id, self.per_chat_per_second, 1.0)]
        if group:
            windows.append((("group", chat_id), self.per_group_per_minute, 60.0))
        wait = 0.0
        for key, allowed, span in windows:
            sent = self._sent.setdefault(key, deque())
            while sent and sent[0] <= now - span:
                sent.popleft()
            # An album is one call: it goes through where one message would.
            if allowed and len(sent) >= allowed:
                wait = max(wait, sent[len(sent) - allowed] + span - now)
        if wait > 0:
            self.refused += 1
            return math.ceil(wait)
        for key, _, _ in windows:
            self._sent[key].extend([now] * count)
        return 0
