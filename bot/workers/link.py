"""The line to Telegram, and Telegram's clock as its answers tell it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientError, ClientTimeout

from bot.services.ports import Clock

T = TypeVar("T")

Alert = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Tells the staff through the outbox: (name of the alert, its facts as plain JSON values)."""


class Stopped(Exception):
    """A worker cannot go on. The message is the one line that tells a person what to do."""


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await a commit that a cancellation must not tear: it ends first, then the cancellation."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def steady() -> float:
    """Seconds of a clock that nobody sets, and that runs on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class TelegramClock:
    """How far the local clock is from Telegram's, told by the HTTP Date of its answers.

    Between answers Telegram's time is carried on by the steady clock, so that a jump of the
    local one is seen at once and not with the next answer.
    """

    def __init__(self, clock: Clock, steady: Callable[[], float]) -> None:
        self._clock = clock
        self._steady = steady
        self._heard: tuple[datetime, float] | None = None

    def hear(self, date: str | None) -> None:
        """Take the Date header of an answer; one that is no date is ignored."""
        try:
            self._heard = parsedate_to_datetime(date or ""), self._steady()
        except (TypeError, ValueError):
            return

    def disagreement(self) -> timedelta:
        """Local time minus Telegram's; zero as long as Telegram has not been heard."""
        if self._heard is None:
            return timedelta(0)
        date, at = self._heard
        return self._clock() - date - timedelta(seconds=self._steady() - at)


class TelegramSession(AiohttpSession):
    """aiogram's session, which tells `telegram_clock` the Date of every answer."""

    def __init__(self, telegram_clock: TelegramClock, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.telegram_clock = telegram_clock

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        """Make the call as aiogram does; raises what aiogram raises."""
        session = await self.create_session()
        try:
            async with session.post(
                self.api.api_url(token=bot.token, method=method.__api_method__),
                data=self.build_form_data(bot=bot, method=method),
                timeout=ClientTimeout(total=self.timeout if timeout is None else timeout),
            ) as answer:
                content = await answer.text()
        except TimeoutError as error:
            raise TelegramNetworkError(method, "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(method, f"{type(error).__name__}: {error}") from error
        self.telegram_clock.hear(answer.headers.get("Date"))
        response = self.check_response(
            bot=bot, method=method, status_code=answer.status, content=content
        )
        return cast(TelegramType, response.result)
