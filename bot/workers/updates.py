"""Raw updates as models, without what nobody reads.

Most of what is in an update is the same every time: who it is from and in which chat. Those are
made into models once, and handed to all later updates of theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, TypeVar

from aiogram import Bot
from aiogram.types import Chat, InaccessibleMessage, TelegramObject, Update, User

from bot.services.records import Received
from bot.workers.raw import parsed

KEPT: Final = 1024
"""People, and chats, whose models are kept."""

AT_ONCE = 3
"""Updates that are read before the loop has its turn: what they wait for goes on meanwhile."""

T = TypeVar("T", bound=TelegramObject)


class Updates:
    """Reads updates for a bot."""

    def __init__(self, bot: Bot) -> None:
        self._context = {"bot": bot}
        self._person = self._kept(User)
        self._chat = self._kept(Chat)

    def read(self, received: Received) -> Update:
        """The update that was received. Raises ValueError for what is none.

        Of a pressed message only which one it is: what stood on it and its keyboard are most of
        what there is to parse. Of a photo only its largest size.
        """
        value = received.value
        update = parsed(received.raw) if value is None else value
        match update:
            case {"callback_query": {"message": dict(pressed), "from": _} as press}:
                press = self._shared({**press, "message": self._which(pressed)})
                update = {**update, "callback_query": press}
            case {"message": {"chat": _, "from": _} as message}:
                message = self._shared(message)
                if photos := message.get("photo"):
                    message["photo"] = photos[-1:]
                update = {**update, "message": message}
        return Update.model_validate(update, context=self._context)

    async def ahead(self, updates: Iterable[Received], into: dict[str, Update]) -> None:
        """Read updates, by their text, while something else is waited for; without what is none."""
        for number, received in enumerate(updates):
            if received.raw not in into:
                with suppress(Exception):
                    into[received.raw] = self.read(received)
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)

    def _which(self, message: dict[str, Any]) -> InaccessibleMessage:
        which = {"chat": message.get("chat"), "message_id": message.get("message_id"), "date": 0}
        return InaccessibleMessage.model_validate(self._shared(which), context=self._context)

    def _shared(self, content: dict[str, Any]) -> dict[str, Any]:
        """The same with the models that are kept in place of their JSON."""
        shared = content.copy()
        for name, kept in (("from", self._person), ("chat", self._chat)):
            if isinstance(values := content.get(name), dict):
                # A list in it, which nobody has sent so far, is no key of a cache.
                with suppress(TypeError):
                    shared[name] = kept(tuple(values.items()))
        return shared

    def _kept(self, kind: type[T]) -> Callable[[tuple[tuple[str, Any], ...]], T]:
        @lru_cache(maxsize=KEPT)
        def model(items: tuple[tuple[str, Any], ...]) -> T:
            return kind.model_validate(dict(items), context=self._context)

        return model
