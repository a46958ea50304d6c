"""The in-process face: a session for a real aiogram `Bot`, without HTTP.

    bot = Bot(telegram.token, session=PlaygroundSession(telegram))

Requests are encoded as aiogram's own session encodes them and answers are read by aiogram's
``check_response``, so that models, defaults and errors are those of the real thing. ``served_at``
is what the HTTP Date of the last answer would have said.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile

from bot.playground.telegram import Telegram
from bot.playground.wire import Ending, Upload

_BASE = "http://playground"


class PlaygroundSession(BaseSession):
    """Calls one `Telegram` directly."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(api=TelegramAPIServer.from_base(_BASE))
        self.telegram = telegram
        self.served_at: datetime | None = None

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 (aiogram's signature)
    ) -> TelegramType:
        files: dict[str, InputFile] = {}
        params = {
            key: prepared
            for key, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files=files))
        }
        uploads = {
            key: Upload(file.filename or key, b"".join([part async for part in file.read(bot)]))
            for key, file in files.items()
        }
        answer = await self.telegram.call(bot.token, method.__api_method__, params, uploads)
        match answer.ending:
            case Ending.RESET:
                raise TelegramNetworkError(method, "ServerDisconnectedError: Server disconnected")
            case Ending.TRUNCATED:
                raise TelegramNetworkError(
                    method, "ClientPayloadError: Response payload is not completed"
                )
            case Ending.TIMEOUT:
                raise TelegramNetworkError(method, "Request timeout error")
        self.served_at = self.telegram.clock() + self.telegram.clock_skew
        response = self.check_response(bot, method, answer.status, answer.body)
        return cast(TelegramType, response.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 (aiogram's signature)
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """A file's bytes. Raises `ApiError` 404 for an unknown path."""
        content = self.telegram.files.download(url.split("/", 5)[5]).content
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]
