"""Permits to send: Telegram's limits, kept without ever meeting them.

A permit is held from the call until its answer plus one second, because nobody outside knows
when Telegram counted the request. Seconds are those of a clock that never jumps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

OVERALL = 30
"""Calls a second, all chats together."""
IN_A_GROUP = 20
"""New messages a minute in one group."""
HELD_S = 1.0
"""How long a permit is held after the answer."""
SAME_MOMENT_S = 2.0
"""Two chats that were told to wait within this time: the limit is one of the whole bot."""


@dataclass(slots=True)
class _Chat:
    """What one chat has used. `free_at` is for new messages; `minute` only for groups."""

    under_way: bool = False
    free_at: float = 0.0
    minute: deque[float] = field(default_factory=lambda: deque(maxlen=IN_A_GROUP))

    def holds(self, now: float) -> bool:
        minute_ago = now - 60.0
        return self.under_way or self.free_at > now or any(at > minute_ago for at in self.minute)


class Permits:
    """Who may be called now, and when the next one may.

    A new message needs a permit of the bot and one of its chat. An edit needs only the bot's,
    and that nothing else of its chat is under way, which keeps the order.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._under_way = 0
        self._returning: deque[float] = deque()
        self._chats: dict[int, _Chat] = {}
        self._all_free_at = 0.0
        self._last_told: tuple[int, float] | None = None

    def ready_at(self, chat: int, new: int) -> float:
        """The second from which a call that brings `new` messages may leave (0: an edit).

        `inf`: an answer has to come first.
        """
        now = self._steady()
        while self._returning and self._returning[0] <= now:
            self._returning.popleft()
        at = max(now, self._all_free_at)
        missing = self._under_way + len(self._returning) + max(new, 1) - OVERALL
        if missing > len(self._returning):
            return inf
        if missing > 0:
            at = max(at, self._returning[missing - 1])
        if used := self._chats.get(chat):
            if used.under_way:
                return inf
            if new:
                at = max(at, used.free_at)
                if len(used.minute) >= IN_A_GROUP:
                    at = max(at, used.minute[-IN_A_GROUP] + 60.0)
        return at

    def take(self, chat: int, new: int) -> None:
        """The call leaves now. Only what `ready_at` allows may be taken."""
        self._under_way += max(new, 1)
        self._chats.setdefault(chat, _Chat()).under_way = True

    def give_back(self, chat: int, new: int) -> None:
        """The call was answered or given up, whether or not its messages arrived."""
        now = self._steady()
        self._under_way -= max(new, 1)
        self._returning.extend([now + HELD_S] * max(new, 1))
        used = self._chats[chat]
        used.under_way = False
        if new:
            used.free_at = now + HELD_S
            if chat < 0:
                used.minute.extend([now] * new)
        self._forget(now)

    def told_to_wait(self, chat: int, seconds: float) -> bool:
        """Telegram named a time for `chat`. Answers whether the whole bot is paused for it.

        Telegram does not say whose limit was met: two chats in the same moment mean the bot's.
        """
        now = self._steady()
        last, self._last_told = self._last_told, (chat, now)
        everybody = last is not None and last[0] != chat and now - last[1] <= SAME_MOMENT_S
        if everybody:
            self._all_free_at = max(self._all_free_at, now + seconds)
        return everybody

    def _forget(self, now: float) -> None:
        """Keep only chats that still hold something, so that the table stays bounded."""
        if len(self._chats) > 1_000:
            self._chats = {chat: used for chat, used in self._chats.items() if used.holds(now)}
