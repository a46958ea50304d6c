"""Permits to send: Telegram's limits, kept without ever meeting them.

A permit is held from the call until its answer plus one second, because nobody outside knows
when Telegram counted the request. Seconds are those of a clock that never jumps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

SAME_MOMENT_S = 2.0
"""Two chats that were told to wait within this time: the limit is one of the whole bot."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What may be sent. Edits count like messages, and every part of an album is one."""

    at_once: int = 30
    """Permits of the whole bot."""
    a_minute_in_a_group: int = 20
    held_s: float = 1.0
    """How long a permit of the bot, and the one of a chat, is held after the answer."""


@dataclass(slots=True)
class _Chat:
    """What one chat has used; `minute` is kept for groups only."""

    under_way: bool = False
    free_at: float = 0.0
    minute: deque[float] = field(default_factory=deque)


class Permits:
    """Who may be called now, and when the next one may. One call per chat at a time."""

    def __init__(self, steady: Callable[[], float], rates: Rates) -> None:
        self._steady = steady
        self._rates = rates
        self._under_way = 0
        self._returning: deque[float] = deque()
        self._chats: dict[int, _Chat] = {}
        self._all_free_at = 0.0
        self._last_told: tuple[int, float] | None = None

    def bot_ready_at(self, messages: int) -> float:
        """The second from which the bot has so many permits; `inf`: an answer comes first.

        It is never the present one, which would already lie after the caller's.
        """
        now = self._steady()
        while self._returning and self._returning[0] <= now:
            self._returning.popleft()
        missing = self._under_way + len(self._returning) + messages - self._rates.at_once
        if missing > len(self._returning):
            return inf
        returned_at = self._returning[missing - 1] if missing > 0 else -inf
        return max(self._all_free_at, returned_at)

    def chat_ready_at(self, chat: int) -> float:
        """The second from which the chat may be called; `inf`: an answer comes first."""
        used = self._chats.get(chat)
        if used is None:
            return -inf
        if used.under_way:
            return inf
        if len(used.minute) >= self._rates.a_minute_in_a_group:
            return max(used.free_at, used.minute[-self._rates.a_minute_in_a_group] + 60.0)
        return used.free_at

    def take(self, chat: int, messages: int) -> None:
        """The call leaves now. Only what is ready may be taken."""
        self._under_way += messages
        self._chats.setdefault(chat, _Chat()).under_way = True

    def give_back(self, chat: int, messages: int) -> None:
        """The call was answered or given up, whether or not its messages arrived."""
        now = self._steady()
        free_at = now + self._rates.held_s
        self._under_way -= messages
        self._returning.extend([free_at] * messages)
        used = self._chats[chat]
        used.under_way, used.free_at = False, free_at
        if chat < 0:
            used.minute.extend([now] * messages)
            while used.minute[0] <= now - 60.0:
                used.minute.popleft()
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
            self._chats = {
                chat: used
                for chat, used in self._chats.items()
                if used.under_way
                or used.free_at > now
                or (used.minute and used.minute[-1] > now - 60.0)
            }
