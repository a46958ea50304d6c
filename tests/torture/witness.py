"""A Telegram that looks into the books at every call and at every confirmation."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.playground.chats import Message
from bot.playground.telegram import Telegram
from bot.playground.wire import Answer, Json, Upload
from tests.torture.books import Books

_TELLS = {
    name.lower()
    for name in (
        "sendMessage",
        "sendPhoto",
        "sendVideo",
        "sendDocument",
        "sendMediaGroup",
        "editMessageText",
        "editMessageReplyMarkup",
        "setMyCommands",
    )
}
"""The calls that deliver a row of the outbox."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that came: which start said it, its media, whether the start was told so."""

    start: int
    media: str
    heard: bool


@dataclass(slots=True)
class Evidence:
    """What was seen of a run. `broken` are the sentences of what must never be seen."""

    confirmed: list[int] = field(default_factory=list)
    said: dict[int, list[Said]] = field(default_factory=lambda: defaultdict(list))
    """Row of the outbox → the new messages that it has brought."""
    broken: list[str] = field(default_factory=list)

    def repeated(self) -> Counter[int]:
        """How many messages came once more, by the start that said them before.

        0: the same start said them again, and no kill excuses it. What was said without the
        program hearing that it was is not counted: it could not know.
        """
        again: Counter[int] = Counter()
        for said in self.said.values():
            before: dict[str, Said] = {}
            for each in said:
                last = before.get(each.media)
                if last is not None and last.heard:
                    again[last.start if last.start != each.start else 0] += 1
                before[each.media] = each
        return again


class WatchedTelegram(Telegram):
    """The playground with a witness in it."""

    def __init__(
        self, clock: Callable[[], datetime], token: str, bot_username: str, books: Books
    ) -> None:
        super().__init__(clock, token, bot_username)
        self.evidence = Evidence()
        self.starts = 0
        """How often the program was started."""
        self.handed: frozenset[int] = frozenset()
        """The updates of the last answer to the program that runs now."""
        self.issued: list[int] = []
        """The updates that people have caused."""
        self.shown: Counter[int] = Counter()
        """How often something visible came into a chat, by its id."""
        self._books = books
        self.speed = 1.0
        """How much faster the program's time passes: so much shorter its polls wait here."""
        self._presses_in: dict[str, int] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self.on_confirm = self._confirmed

    async def call(
        self,
        token: str,
        method: str,
        params: Mapping[str, Any],
        uploads: Mapping[str, Upload] | None = None,
    ) -> Answer:
        """As Telegram does; a call that tells somebody something must be on record before it."""
        if method.lower() == "answercallbackquery":
            await self._answered(str(params.get("callback_query_id")))
        if method.lower() not in _TELLS:
            return await super().call(token, method, params, uploads)
        chat, start = _chat_of(params), self.starts
        while self._waiting:
            future = self._waiting.pop()
            if not future.done():
                future.set_result(None)
        rows = await self._books.under_way(chat)
        if len(rows) != 1:
            self.evidence.broken.append(f"{method} to {chat} while the outbox sends {rows} there")
        before, faults = self.shown[chat], len(self.faults.happened)
        answer = await super().call(token, method, params, uploads)
        came_new = not method.lower().startswith(("edit", "set")) and self.shown[chat] > before
        if rows and came_new:
            # Only an album of more than ten parts takes several calls, one for each ten.
            heard = len(self.faults.happened) == faults
            self.evidence.said[rows[0]].append(Said(start, str(params.get("media", "")), heard))
        return answer

    async def _answered(self, query: str) -> None:
        """A press is answered after everything that follows from it is committed."""
        update = self._presses_in.get(query)
        if update is not None and not await self._books.done(update):
            self.evidence.broken.append(f"the press in update {update} was answered, not committed")

    async def get_updates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: float = 0,  # noqa: ASYNC109
        allowed_updates: list[str] | None = None,
    ) -> list[Json]:
        found = await super().get_updates(offset, limit, timeout / self.speed, allowed_updates)
        self.handed = frozenset(update["update_id"] for update in found)
        return found

    async def next_told(self) -> None:
        """Wait until something more is told to somebody."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def put_update(self, kind: str, payload: Json) -> int | None:
        update_id = super().put_update(kind, payload)
        if update_id is not None:
            self.issued.append(update_id)
            if kind == "callback_query":
                self._presses_in[payload["id"]] = update_id
        return update_id

    def bot_posts(self, message: Message) -> None:
        self.shown[message.chat.id] += 1
        super().bot_posts(message)

    def bot_edits(self, message: Message) -> None:
        self.shown[message.chat.id] += 1
        super().bot_edits(message)

    async def _confirmed(self, update_ids: list[int]) -> None:
        self.evidence.confirmed += update_ids
        lost = set(update_ids) - await self._books.received(update_ids)
        if lost:
            self.evidence.broken.append(f"confirmed to Telegram and not committed: {sorted(lost)}")


def _chat_of(params: Mapping[str, Any]) -> int:
    if "chat_id" in params:
        return int(params["chat_id"])
    scope = params["scope"]
    return int((json.loads(scope) if isinstance(scope, str) else scope)["chat_id"])
