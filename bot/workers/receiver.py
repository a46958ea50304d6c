"""Telegram → inbox by long polling: committed before it is confirmed.

Updates are taken as plain JSON, so that one which aiogram's models would refuse does not take
the others of its page with it. The offset that confirms a page leaves only with the next call,
after the page has been committed; what was not committed comes again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
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

from bot.services.ports import Clock, Memory
from bot.services.records import Received
from bot.services.shielding import to_the_end
from bot.workers.link import NOT_ACCEPTED, Alert, Plain, Stopped, TelegramClock, steady

PAGE = 100
POLL_S = 25
GRACE_S = 10
"""How long after its own time a poll may still be answered."""
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that are asked for, by their field names."""
CONFLICTS = 5
"""So many conflicts in a row are not a deploy that overlaps but a second program."""
PAUSES_S = (1.0, 2.0, 4.0, 5.0)

log = structlog.get_logger(__name__)


class NoRoom(Exception):
    """The disk of the database is full: what comes stays where it is, unconfirmed."""


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
        telegram_clock: TelegramClock,
        outage_threshold: timedelta,
        alert: Alert,
        on_received: Callable[[], None],
        steady: Callable[[], float] = steady,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._memory = memory
        self._clock = clock
        self._telegram_clock = telegram_clock
        self._outage_threshold = outage_threshold
        self._alert = alert
        self._on_received = on_received
        self._steady = steady
        self._sleep = sleep
        self._offset = 0
        self._webhook_possible = True
        self._drained = False
        self._drained_as: datetime | None = None
        self._polled_at: float | None = None
        self._unreadable: list[Any] = []
        self._full = False
        self.last_poll: datetime | None = None
        """When Telegram last answered; before the first answer, the last run's heartbeat."""

    @property
    def settled(self) -> bool:
        """Whether all that waited at Telegram has been received; until then timers wait.

        What comes before that counts as received at the last successful poll, because for all
        we know its senders were in time.
        """
        return (
            self._drained
            and self._polled_at is not None
            and self._steady() - self._polled_at <= POLL_S + 2 * GRACE_S
        )

    @property
    def disagreement(self) -> timedelta:
        """Local clock minus Telegram's."""
        return self._telegram_clock.disagreement()

    async def run(self) -> None:
        """Receive until cancelled. Raises Stopped where only a person can help."""
        self.last_poll = self._drained_as = await self._memory.heartbeat()
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
            self._interrupted()
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
        wait_s = POLL_S if self.settled else 0
        poll = Plain(
            "getUpdates", offset=self._offset, limit=PAGE, timeout=wait_s, allowed_updates=KINDS
        )
        page = await poll.emit(self._bot, wait_s + GRACE_S)
        if not isinstance(page, list):
            raise TypeError("getUpdates is answered with a list")
        now = self._clock()
        outage = self._outage(now)
        if outage is not None:
            self._interrupted()
        at = now if self._drained else self._drained_as or now
        updates = [update for each in page if (update := read_update(each, at))]
        await to_the_end(self._memory.receive(updates, now, outage))

        self._offset = max((update.update_id + 1 for update in updates), default=0)
        self.last_poll, self._polled_at = now, self._steady()
        self._drained = self._drained or len(page) < PAGE
        if updates:
            self._on_received()
        await self._tell_unreadable([each for each in page if read_update(each, at) is None])
        return bool(updates) or not page

    def _interrupted(self) -> None:
        """What comes now was perhaps sent while nobody could reach us."""
        if self._drained:
            self._drained, self._drained_as = False, self.last_poll

    def _outage(self, now: datetime) -> tuple[datetime, datetime] | None:
        """The time before `now` in which nobody could reach us, if it was long (X-58).

        While running it is measured on the steady clock: a local clock that was set is none.
        """
        if self.last_poll is None:
            return None
        if self._polled_at is None:
            away = now - self.last_poll
        else:
            away = timedelta(seconds=self._steady() - self._polled_at)
        return (now - away, now) if away > self._outage_threshold else None

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


def read_update(update: Any, at: datetime) -> Received | None:
    """The row of the inbox for an update's JSON value; None where it has no usable id.

    ASCII only, so that no lone surrogate or NUL in a text can be refused by a database.
    """
    match update:
        case {"update_id": int(update_id)} if 0 < update_id < 2**63 and update_id is not True:
            kind = next((key for key in update if key != "update_id"), "")
            return Received(
                update_id=update_id,
                chat=_chat_of(update.get(kind)),
                kind=kind[:64],
                raw=json.dumps(update, separators=(",", ":")),
                received_at=at,
            )
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
