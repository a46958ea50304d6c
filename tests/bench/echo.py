"""The peer: the bot of aiogram's own first example, in memory, its answers going nowhere."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, Message, Update


class Nowhere(BaseSession):
    """Answers every call at once: neither encoding nor network nor parsing is counted."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: Any = Message(
            message_id=1, date=datetime(2026, 3, 1, tzinfo=UTC), chat=Chat(id=1, type="private")
        )

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        answer: TelegramType = self._sent
        return answer

    async def stream_content(
        self, *_: Any, **__: Any
    ) -> AsyncGenerator[bytes, None]:  # pragma: no cover
        yield b""


class Echo:
    """So many chats write to the echo bot at once."""

    def __init__(self, chats: int) -> None:
        self._chats = chats
        self._bot = Bot("42:echo", session=Nowhere())
        self._dispatcher = Dispatcher()
        self._ids = itertools.count(1)
        self._raw: list[str] = []
        router = Router()

        @router.message(F.text)
        async def echo(message: Message) -> None:
            await message.answer(message.text or "")

        self._dispatcher.include_router(router)

    async def prepare(self) -> None:
        self._raw = [_message(next(self._ids), 1000 + chat) for chat in range(self._chats)]

    async def work(self) -> int:
        await asyncio.gather(*map(self._feed, self._raw))
        return len(self._raw)

    async def _feed(self, raw: str) -> None:
        update = Update.model_validate(json.loads(raw), context={"bot": self._bot})
        await self._dispatcher.feed_update(self._bot, update)


def _message(id: int, person: int) -> str:
    who = {"id": person, "is_bot": False, "first_name": "Anna", "language_code": "en"}
    return json.dumps(
        {
            "update_id": id,
            "message": {
                "message_id": id,
                "date": 1_772_359_200,
                "chat": {"id": person, "type": "private", "first_name": "Anna"},
                "from": who,
                "text": "A long crack runs down from the rim.",
            },
        }
    )
