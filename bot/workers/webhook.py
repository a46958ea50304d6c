"""Telegram → inbox by webhook: a 200 means that the update is committed.

    verify the secret → insert the raw update → COMMIT → 200

Whatever the update is: one that aiogram's models would refuse is stored like any other and goes
into quarantine. Updates that come while a commit is under way share the next one, and where one
process does everything, what follows from them is in it, too. Only the answer to a press may ride
in the response, after its unit is committed, because nobody needs to know what became of it: a
message in there would have no id and no error, so no slot, no retry and no limit.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiohttp import web
from pydantic_core import to_json

from bot.screens.screen import Toast
from bot.services.again import Away
from bot.services.memory import Intake, Memory
from bot.services.ports import Clock
from bot.services.records import Received
from bot.services.shielding import to_the_end
from bot.workers.contact import Contact
from bot.workers.link import NOT_ACCEPTED, Alert, Plain, Stopped
from bot.workers.messages import answering
from bot.workers.raw import parsed
from bot.workers.receiver import GRACE_S, KINDS, PAUSES_S, NoRoom, Receive, id_of, read_update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
TOGETHER = 500
"""Updates in one commit, at most."""
AT_ONCE = 100
"""Updates that Telegram may post at the same time, the most it can. Each waits for its commit, so
of fewer there are fewer in one, and others wait at Telegram meanwhile."""
LOOK_S = 15.0
"""Between two questions how many updates wait at Telegram."""
LOOK_AGAIN_S = 1.0
"""The same while some do."""
ANSWER_WITHIN_S = 0.2
"""How long a response waits for the answer to its press."""

_Posted = tuple[Any, str, asyncio.Future[None]]
"""An update, its text, and who waits for its commit."""

log = structlog.get_logger(__name__)


class Webhook:
    """Takes what Telegram posts, and asks it whether that is all."""

    def __init__(
        self,
        bot: Bot,
        memory: Memory,
        clock: Clock,
        *,
        url: str,
        secret: str,
        contact: Contact,
        alert: Alert,
        receive: Receive,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._url = url
        self._secret = secret
        self._contact = contact
        self._alert = alert
        self._receive = receive
        self._sleep = sleep
        self._waiting: list[_Posted] = []
        self._keeping: asyncio.Task[None] | None = None
        self._pressed: dict[str, asyncio.Future[Plain]] = {}
        self._installed = False
        self._told: set[str] = set()

    # ------------------------------------------------------------------ what Telegram posts

    @property
    def route(self) -> web.RouteDef:
        """Where Telegram posts."""
        return web.post(urlsplit(self._url).path or "/", self._posted)

    async def _posted(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=401)
        try:
            posted = (await request.read()).decode()
            update = parsed(posted)
        except web.HTTPRequestEntityTooLarge:
            await self._tell_once("update_too_large")
            raise
        except (ValueError, RecursionError):
            posted, update = "", None
        if id_of(update) is None:
            await self._tell_once("update_unreadable")
            return web.Response(status=400)
        query = _query_of(update)
        answered: asyncio.Future[Plain] = asyncio.get_running_loop().create_future()
        if query:
            # The same press may be posted twice at once: the first waits for its answer.
            self._pressed.setdefault(query, answered)
        try:
            await self._kept(update, posted)
            if self._pressed.get(query) is answered:
                return await self._response(answered)
            return web.Response()
        except (Away, NoRoom) as error:
            log.warning("an update could not be kept", reason=type(error).__name__)
            return web.Response(status=503)
        finally:
            if self._pressed.get(query) is answered:
                del self._pressed[query]

    async def _tell_once(self, alert: str) -> None:
        """Telegram posts it again and again, and the staff can only be told."""
        log.error("an update was refused", reason=alert)
        if alert not in self._told:
            self._told.add(alert)
            await self._alert(alert, {"count": 1})

    async def _kept(self, update: Any, posted: str) -> None:
        """Wait for the commit of an update, together with all that came meanwhile."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, posted, kept))
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_all())
        await kept

    async def _keep_all(self) -> None:
        try:
            while self._waiting:
                batch = self._next(TOGETHER)
                try:
                    await self._keep(batch)
                except Exception as error:
                    for *_, kept in batch:
                        if not kept.done():
                            kept.set_exception(error)
                else:
                    for *_, kept in batch:
                        if not kept.done():
                            kept.set_result(None)
        finally:
            self._keeping = None

    def _next(self, most: int) -> list[_Posted]:
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return taken

    async def _keep(self, batch: list[_Posted]) -> None:
        """Commit a batch, to which is added what has come when the transaction begins."""
        if not await self._memory.room():
            raise NoRoom

        async def put(intake: Intake) -> Sequence[Received]:
            at = self._contact.stamp(self._clock())
            batch.extend(self._next(TOGETHER - len(batch)))
            rows = [row for update, text, _ in batch if (row := read_update(update, at, text))]
            await intake.keep(rows)
            return rows

        await self._receive(put)

    async def _response(self, answered: asyncio.Future[Plain]) -> web.Response:
        if not answered.done():
            # Most are: what is said with a commit is said before it is told that it is kept.
            await asyncio.wait([answered], timeout=ANSWER_WITHIN_S)
            if not answered.done():
                return web.Response()
        call = answered.result()
        said = to_json({"method": call.__api_method__, **call.params})
        return web.Response(body=said, content_type="application/json")

    def answer(self, query: str, toast: Toast | None) -> bool:
        """Let the response that waits for the answer to a press carry it. False: none does."""
        waiting = self._pressed.get(query)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(answering(query, toast))
        return True

    # ------------------------------------------------------------------ what Telegram still has

    async def run(self) -> None:
        """Look what waits at Telegram until cancelled. Raises Stopped."""
        failures = 0
        while True:
            try:
                pause = await self.look()
                failures = 0
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise Stopped(NOT_ACCEPTED) from None
            except TelegramBadRequest as error:
                raise Stopped(
                    f"RETURNDESK_WEBHOOK_URL is wrong, Telegram says: {error.message}"
                ) from None
            except Exception as error:
                pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                if isinstance(error, TelegramRetryAfter):
                    pause = float(error.retry_after)
                failures += 1
                self._contact.interrupted()
                log.warning("Telegram cannot be asked", reason=type(error).__name__, pause_s=pause)
            await self._sleep(pause)

    async def look(self) -> float:
        """Have Telegram post here, and learn what waits. Answers when to look again, seconds."""
        if not self._installed:
            await self._install()
        info = await self._info()
        if info.get("url") != self._url:
            log.warning("the webhook is no longer ours, it is set again")
            self._installed = False
            return LOOK_AGAIN_S
        return LOOK_S if await self._learn(info) else LOOK_AGAIN_S

    async def _install(self) -> None:
        call = Plain(
            "setWebhook",
            url=self._url,
            secret_token=self._secret,
            allowed_updates=list(KINDS),
            max_connections=AT_ONCE,
        )
        await call.emit(self._bot, GRACE_S)
        self._installed = True

    async def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = await Plain("getWebhookInfo").emit(self._bot, GRACE_S)
        return info

    async def _learn(self, info: dict[str, Any]) -> bool:
        """Take note of what waits at Telegram. Answers whether it is nothing."""
        last = self._contact.last_poll
        if last and info.get("last_error_date", 0) > last.timestamp():
            self._contact.interrupted()
        if info.get("pending_update_count"):
            self._contact.heard()
            return False
        await to_the_end(self._reached())
        return True

    async def _reached(self) -> None:
        heartbeat = await self._memory.heartbeat()
        async with self._memory.receiving() as intake:
            now = self._clock()
            await intake.keep([], now, self._contact.outage(now, heartbeat))
        self._contact.reached(now, drained=True)


def _query_of(update: Any) -> str:
    """The id of the press that an update is; empty for others."""
    match update:
        case {"callback_query": {"id": str(query)}}:
            return query
    return ""
