"""The line to Telegram: its clock as the answers tell it, and whether it answers at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, ClassVar, cast

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import SendDocument, SendPhoto, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import BufferedInputFile
from aiohttp import ClientError, ClientTimeout
from pydantic_core import from_json, to_json

from bot.services.ports import Clock
from bot.workers.outcomes import Fate, verdict
from bot.workers.posts import Answer, Posts

PROBE_S = 10
UPLOAD_S = 120
PROBE_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)

Alert = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Tells the staff through the outbox: (name of the alert, its facts as plain JSON values)."""

NOT_ACCEPTED = (
    "Telegram does not accept the bot token: check RETURNDESK_BOT_TOKEN and RETURNDESK_API_BASE"
)

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """A worker cannot go on. The message is the one line that tells a person what to do."""


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
        self._said = ""

    def hear(self, date: str | None) -> None:
        """Take the Date header of an answer; one that is no date is ignored."""
        if date == self._said and self._heard is not None:
            # Of the answers of one second only the first is read.
            self._heard = self._heard[0], self._steady()
            return
        try:
            self._heard = parsedate_to_datetime(date or ""), self._steady()
        except (TypeError, ValueError):
            return
        self._said = date or ""

    def disagreement(self) -> timedelta:
        """Local time minus Telegram's; zero as long as Telegram has not been heard."""
        if self._heard is None:
            return timedelta(0)
        date, at = self._heard
        return self._clock() - date - timedelta(seconds=self._steady() - at)


class Plain:
    """A call of plain JSON values, answered with plain values.

    It stands where aiogram takes a `TelegramMethod`, with what sessions ask of one. As there,
    what is empty is not sent.
    """

    __returning__: ClassVar[Any] = Any

    def __init__(self, api_method: str, **params: Any) -> None:
        self.__api_method__ = api_method
        self.params = {name: value for name, value in params.items() if value}

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """The parameters, for a session that knows nothing of plain calls."""
        return self.params

    def body(self) -> bytes:
        """The parameters as JSON."""
        return to_json(self.params)

    async def emit(self, bot: Bot, timeout_s: int) -> Any:
        """Make the call. Answers its result as JSON values; raises what aiogram raises."""
        # As `bot(method)` does, without middlewares around it: there are none. A type that is not
        # quoted would be made anew for every call: a class of pydantic's.
        method = cast("TelegramMethod[Any]", self)
        return await bot.session.make_request(bot, method, timeout=timeout_s)


class Upload(Plain):
    """A call that carries a file of ours, or a picture, answered with the id of its message."""

    def __init__(
        self,
        chat: int,
        name: str,
        content: bytes,
        caption: str,
        parse_mode: str | None,
        silent: bool,
        *,
        picture: bool = False,
    ) -> None:
        said = {"chat_id": chat, "caption": caption, "parse_mode": parse_mode}
        name_of_call = "sendPhoto" if picture else "sendDocument"
        super().__init__(name_of_call, **said, disable_notification=silent)
        self._picture = picture
        self._file = BufferedInputFile(content, name)

    async def emit(self, bot: Bot, timeout_s: int) -> Any:
        """Send the file: as a form, which takes its time on a narrow line."""
        method = (
            SendPhoto(photo=self._file, **self.params)
            if self._picture
            else SendDocument(document=self._file, **self.params)
        )
        sent = await bot(method, request_timeout=max(timeout_s, UPLOAD_S))
        return {"message_id": sent.message_id}


class TelegramSession(AiohttpSession):
    """aiogram's session, which tells `telegram_clock` the Date of every answer.

    A plain call is encoded as it is, and of a good answer nothing is modelled; every other answer
    is classified by aiogram.
    """

    def __init__(self, telegram_clock: TelegramClock, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.telegram_clock = telegram_clock
        self._posts: Posts | None = None

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        """Make the call as aiogram does; raises what aiogram raises."""
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        timeout_s = self.timeout if timeout is None else timeout
        plain = method if isinstance(method, Plain) else None
        try:
            posts = await self._posting()
            if plain:
                answer = await posts.post(url, plain.body(), timeout_s)
            else:
                form = self.build_form_data(bot=bot, method=method)
                async with posts.session.post(
                    url, data=form, timeout=ClientTimeout(total=timeout_s)
                ) as said:
                    answer = Answer(said.status, said.headers.get("Date"), await said.read())
        except TimeoutError as error:
            raise TelegramNetworkError(method, "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(method, f"{type(error).__name__}: {error}") from error
        self.telegram_clock.hear(answer.date)
        if plain and answer.status == HTTPStatus.OK:
            with suppress(ValueError):
                match from_json(answer.content):
                    case {"ok": True, "result": result}:
                        return cast(TelegramType, result)
        response = self.check_response(
            bot=bot,
            method=method,
            status_code=answer.status,
            content=answer.content.decode(errors="replace"),
        )
        return cast(TelegramType, response.result)

    async def _posting(self) -> Posts:
        session = await self.create_session()
        if self._posts is None or self._posts.session is not session:
            self._posts = Posts(session)
        return self._posts


async def meet(bot: Bot) -> str:
    """What Telegram calls the bot, asked until it answers. Raises Stopped."""
    failures = 0
    while True:
        try:
            return (await bot.get_me(request_timeout=PROBE_S)).username or ""
        except Exception as error:
            reason, pause = type(error).__name__, _pause(error, failures)
        if not failures:
            log.warning("Telegram cannot be reached, it is asked until it answers", reason=reason)
        failures += 1
        await asyncio.sleep(pause)


def _pause(error: Exception, failures: int) -> float:
    """Seconds until Telegram may be asked again how it is. Raises Stopped."""
    found = verdict(error)
    if found.fate is Fate.STOP:
        raise Stopped(NOT_ACCEPTED) from None
    return max(found.wait_s, PROBE_PAUSES_S[min(failures, len(PROBE_PAUSES_S) - 1)])


class Pulse:
    """Whether Telegram answers at all, asked with calls that nobody sees.

    After a call that got no answer it is asked before anything else is sent: so an outage costs
    one message one of its tries, however long it lasts.
    """

    def __init__(self, bot: Bot, steady: Callable[[], float]) -> None:
        self._bot = bot
        self._steady = steady
        self._failures = 0
        self._ask_at = 0.0
        self.doubtful = False

    def doubt(self) -> None:
        """A call got no answer."""
        if not self.doubtful:
            self.doubtful, self._failures, self._ask_at = True, 0, self._steady()

    async def ask(self) -> float:
        """Seconds until Telegram may be asked again; 0: it has answered. Raises Stopped."""
        if (early := self._ask_at - self._steady()) > 0:
            return early
        try:
            await Plain("getMe").emit(self._bot, PROBE_S)
        except Exception as error:
            pause = _pause(error, self._failures)
            self._failures += 1
            self._ask_at = self._steady() + pause
            return pause
        self.doubtful = False
        return 0.0
