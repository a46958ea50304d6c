"""Telegram → inbox by long polling: committed before it is confirmed.

Where one process does everything, an update and what follows from it are one commit; `alone`
commits what comes in by itself, for whichever process is free.

Updates are taken as plain JSON, so that one which aiogram's models would refuse does not take
the others of its page with it. The offset that confirms a page leaves only with the next call,
after the page has been committed; what was not committed comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook

from bot.services.memory import Intake, Memory
from bot.services.ports import Clock
from bot.services.records import Received
from bot.services.shielding import to_the_end
from bot.workers.contact import Contact
from bot.workers.link import NOT_ACCEPTED, Alert, Plain, Stopped
from bot.workers.raw import written

PAGE = 100
POLL_S = 25
GRACE_S = 10
"""How long after its own time a poll may still be answered."""
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that are asked for, by their field names."""
CONFLICTS = 5
"""So many conflicts in a row are not a deploy that overlaps but a second program."""
PAUSES_S = (1.0, 2.0, 4.0, 5.0)

Put = Callable[[Intake], Awaitable[Sequence[Received]]]
"""Puts what has come into the inbox, and answers what that was."""
Receive = Callable[[Put], Awaitable[None]]
"""Commits what is put into the inbox."""

log = structlog.get_logger(__name__)


class NoRoom(Exception):
    """The disk of the database is full: what comes stays where it is, unconfirmed."""


def alone(memory: Memory, received: Callable[[], None]) -> Receive:
    """A commit for what comes in, after which `received` is called if there was something."""

    async def receive(put: Put) -> None:
        async with memory.receiving() as intake:
            came = await put(intake)
        if came:
            received()

    return receive


class Receiver:
    """Polls Telegram and fills the inbox.

    Telegram remembers what was confirmed: an offset is sent once, after the page it confirms,
    and a start sends none. So neither ids that begin anew after a quiet week nor another bot's
    ids in an old database can confirm what was never received.
    """

    def __init__(
        self,
        bot: Bot,
        memory: Memory,
        clock: Clock,
        *,
        contact: Contact,
        alert: Alert,
        receive: Receive,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._contact = contact
        self._alert = alert
        self._receive = receive
        self._sleep = sleep
        self._offset = 0
        self._webhook_possible = True
        self._unreadable: list[Any] = []
        self._full = False

    async def run(self) -> None:
        """Receive until cancelled. Raises Stopped where only a person can help."""
        self._contact.begin(await self._memory.heartbeat())
        self._offset = 0
        failures = conflicts = 0
        while True:
            try:
                if not await self.poll():
                    await self._sleep(PAUSES_S[0])
                failures = conflicts = 0
                continue
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise Stopped(NOT_ACCEPTED) from None
            except TelegramConflictError as error:
                conflicts += 1
                self._webhook_possible = True
                if conflicts >= CONFLICTS:
                    raise Stopped(
                        "Another program receives the updates of this bot: stop it, "
                        "or give this one a token of its own"
                    ) from None
                reason, pause = error.message, PAUSES_S[-1]
            except NoRoom:
                reason, pause = "the disk is full", PAUSES_S[-1]
                await self._tell_full()
            except TelegramRetryAfter as error:
                reason, pause = "too many requests", float(error.retry_after)
            except Exception as error:
                reason, pause = type(error).__name__, PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            self._contact.interrupted()
            log.warning("no updates", reason=reason, pause_s=pause)
            await self._sleep(pause)

    async def poll(self) -> bool:
        """Take one page into the inbox. False: nothing in it could be kept, do not hurry.

        Raises NoRoom before it asks for what could not be kept.
        """
        if not await self._memory.room():
            raise NoRoom
        self._full = False
        if self._webhook_possible:
            await self._bot(DeleteWebhook(drop_pending_updates=False), request_timeout=GRACE_S)
            self._webhook_possible = False
        wait_s = POLL_S if self._contact.settled else 0
        poll = Plain(
            "getUpdates", offset=self._offset, limit=PAGE, timeout=wait_s, allowed_updates=KINDS
        )
        page = await poll.emit(self._bot, wait_s + GRACE_S)
        if not isinstance(page, list):
            raise TypeError("getUpdates is answered with a list")
        updates = await to_the_end(self._keep(page))
        self._offset = max((update.update_id + 1 for update in updates), default=0)
        await self._tell_unreadable([each for each in page if id_of(each) is None])
        return bool(updates) or not page

    async def _keep(self, page: list[Any]) -> list[Received]:
        now, updates = self._clock(), list[Received]()

        async def put(intake: Intake) -> Sequence[Received]:
            nonlocal now, updates
            now = self._clock()
            outage = self._contact.outage(now)
            at = self._contact.stamp(now)
            updates = [update for each in page if (update := read_update(each, at))]
            await intake.keep(updates, now, outage)
            return updates

        await self._receive(put)
        self._contact.reached(now, drained=len(page) < PAGE)
        return updates

    async def _tell_full(self) -> None:
        """Tell the staff once, as soon as that can be written."""
        if not self._full:
            with suppress(Exception):
                await self._alert("disk_full", {})
                self._full = True

    async def _tell_unreadable(self, unreadable: list[Any]) -> None:
        """Tell the staff once: without an id it cannot be confirmed alone, and comes again."""
        if unreadable and unreadable != self._unreadable:
            log.error("updates without an id", count=len(unreadable))
            await self._alert("update_unreadable", {"count": len(unreadable)})
        self._unreadable = unreadable


def read_update(update: Any, at: datetime, posted: str = "") -> Received | None:
    """The row of the inbox for an update's JSON value; None where it has no usable id.

    `posted`: the text of which it is the value, if that is known. It came as UTF-8, in which
    there is no lone surrogate, and as JSON, in which there is no NUL: every database takes it.
    """
    update_id = id_of(update)
    if update_id is None:
        return None
    kind = next((key for key in update if key != "update_id"), "")
    return Received(
        update_id=update_id,
        chat=_chat_of(update.get(kind)),
        kind=kind[:64] if kind.isascii() and kind.isprintable() else "",
        raw=posted or written(update),
        received_at=at,
        value=update,
    )


def id_of(update: Any) -> int | None:
    """The id of an update's JSON value; None where it is none that can be stored."""
    match update:
        case {"update_id": int(update_id)} if 0 < update_id < 2**63 and update_id is not True:
            return update_id
    return None


def _chat_of(content: Any) -> int:
    """The key of the order in which an update waits: its chat, else its sender, else 0."""
    match content:
        case (
            {"chat": {"id": int(id)}}
            | {"message": {"chat": {"id": int(id)}}}
            | {"from": {"id": int(id)}}
        ) if -(2**63) <= id < 2**63:
            return id
    return 0
