"""One person who sends without end: what is over the cap is left out, decisions never.

A bucket of tokens for each chat, filled by the time at which updates were received, so that it
makes no difference how late they are handled. Nothing that a hand does empties it: albums, quick
taps, all that was sent while nobody could reach us.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.screens.buttons import SEND, Act, Answer, Confirm, UseTrack
from bot.services.announcing import notice
from bot.services.memory import Group
from bot.services.records import Received

BURST = 120
"""Updates of one person that are handled however fast they come."""
PER_SECOND = 1.0
"""And how many more with every second."""
SPEAK = timedelta(minutes=1)
"""Between two requests to slow down."""
AT_ONCE = 500
"""Rows that are left out in one commit."""
CHATS = 10_000
"""Buckets that are remembered, at most."""

_DECIDE = frozenset(each.__prefix__ for each in (Act, Confirm, UseTrack))

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Bucket:
    at: datetime
    tokens: float = BURST
    taken_for: int = 0
    """The last update that took a token: at another try it needs none."""
    spoke_at: datetime | None = None

    def lets_in(self, update: Received) -> bool:
        if update.update_id == self.taken_for:
            return True
        passed = max(0.0, (update.received_at - self.at).total_seconds())
        self.at = max(self.at, update.received_at)
        self.tokens = min(BURST, self.tokens + passed * PER_SECOND)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        self.taken_for = update.update_id
        return True

    def is_full(self, now: datetime) -> bool:
        """Whether it is again as a new one would be."""
        return self.tokens + (now - self.at).total_seconds() * PER_SECOND >= BURST

    def may_speak(self) -> bool:
        if self.spoke_at is not None and self.at - self.spoke_at < SPEAK:
            return False
        self.spoke_at = self.at
        return True


class Flood:
    """Keeps the cap of every person."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    async def let_in(self, group: Group, waiting: Sequence[Received]) -> list[Received]:
        """Those that are to be handled; the others are shed in the commit of the group."""
        handled = []
        for update in waiting:
            bucket = self._bucket(update)
            if bucket.lets_in(update) or decides(update):
                handled.append(update)
            else:
                await self._shed(group, update, bucket)
        return handled

    def _bucket(self, update: Received) -> _Bucket:
        self._forget(update.received_at)
        bucket = self._buckets.setdefault(update.chat, _Bucket(update.received_at))
        self._buckets.move_to_end(update.chat)
        return bucket

    def _forget(self, now: datetime) -> None:
        """Let go of chats that were not heard of for long: of what is full nothing is lost."""
        while self._buckets:
            oldest = next(iter(self._buckets.values()))
            if not (oldest.is_full(now) or len(self._buckets) >= CHATS):
                return
            self._buckets.popitem(last=False)

    async def _shed(self, group: Group, first: Received, bucket: _Bucket) -> None:
        """Leave out what has come of this chat, up to where there are tokens again."""
        unit = group.unit(first.received_at)
        count = 0
        for update in await group.waiting_of(first.chat, AT_ONCE):
            if decides(update):
                continue
            if bucket.lets_in(update):
                break
            group.shed(update, unit)
            count += 1
        log.warning("updates were shed", chat=first.chat, count=count)
        if bucket.may_speak():
            key = f"slow_down:{first.chat}:{bucket.at.isoformat()}"
            notice(unit, first.chat, "slow_down", {}, key=key, silent=True, at_most_once=True)


def decides(update: Received) -> bool:
    """Whether the update is the press of a button with which somebody decides."""
    if update.kind != "callback_query":
        return False
    match json.loads(update.raw):
        case {"callback_query": {"data": str(data)}}:
            prefix, _, rest = data.partition(":")
            sends = prefix == Answer.__prefix__ and rest.endswith(f":{SEND}")
            return sends or prefix in _DECIDE
    return False
