"""The queue of updates: offsets that confirm, long polling, one consumer at a time."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from bot.playground.wire import ApiError, Json

OnConfirm = Callable[[list[int]], Awaitable[None] | None]

WITHHELD = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""The kinds that come only when they are named in ``allowed_updates``."""

CONNECTIONS = 40
"""On which a webhook is posted to at the same time, where no other number is asked for."""

_OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class Updates:
    """What the bot has not confirmed yet.

    ``confirmed`` counts confirmed updates, ``advances`` the offsets that moved the head.
    A failing ``on_confirm`` is kept in ``violations`` for the test to find.
    """

    def __init__(self, first_id: int = 700_000_001) -> None:
        self.on_confirm: OnConfirm | None = None
        self.violations: list[BaseException] = []
        self.confirmed = 0
        self.advances = 0
        self.webhook_url = ""
        self.webhook_connections = CONNECTIONS
        self.allowed: frozenset[str] | None = None
        self._next_id = first_id
        self._pending: dict[int, Json] = {}
        self._past: deque[Json] = deque(maxlen=1000)
        self._waiter: asyncio.Future[None] | None = None
        self.listener: Callable[[], None] | None = None
        self.last_webhook_error = ""

    @property
    def pending(self) -> list[Json]:
        """The updates that wait, oldest first."""
        return list(self._pending.values())

    def put(self, kind: str, payload: Json) -> int | None:
        """Queue an update; None where the bot has not allowed its kind."""
        if kind in WITHHELD if self.allowed is None else kind not in self.allowed:
            return None
        return self.put_raw({kind: payload})

    def put_raw(self, body: Json) -> int:
        """Queue any body, however poisonous, under the next update id."""
        update_id = self._next_id
        self._next_id += 1
        self._pending[update_id] = {"update_id": update_id} | body
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self.changed()
        return update_id

    def allow(self, kinds: Collection[str] | None) -> None:
        """Set ``allowed_updates``: None leaves it as it is, an empty list resets it."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    async def get(self, offset: int, limit: int, wait: float, repeats: int = 0) -> list[Json]:
        """getUpdates: confirm everything below ``offset``, then wait up to ``wait`` seconds.

        A second poll that has to wait ends the first one with 409. ``repeats`` puts that many
        confirmed updates before the batch once more. Raises `ApiError` 409.
        """
        if self.webhook_url:
            raise ApiError(409, _WEBHOOK_ACTIVE)
        if offset < 0:
            offset = max(self._next_id + offset, min(self._pending, default=self._next_id))
        if offset <= self._next_id:
            await self.confirm([update_id for update_id in self._pending if update_id < offset])
        limit = min(max(limit or 100, 1), 100)
        if not self._pending and not repeats and wait > 0:
            await self._wait(min(wait, 50))
        again = list(self._past)[-repeats:] if repeats else []
        return (again + list(self._pending.values()))[:limit]

    async def confirm(self, update_ids: list[int]) -> None:
        """Forget updates that the bot says it has, after telling ``on_confirm`` which."""
        if not update_ids:
            return
        if self.on_confirm is not None:
            try:
                told: Any = self.on_confirm(update_ids)
                if inspect.isawaitable(told):
                    await told
            except Exception as error:  # the test reads it; the bot must not see it
                self.violations.append(error)
        for update_id in update_ids:
            update = self._pending.pop(update_id, None)
            if update is not None:
                self._past.append(update)
                self.confirmed += 1
        self.advances += 1

    def end_poll(self, reason: str = _OTHER_POLL) -> None:
        """End the poll that waits, if any, with 409."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ApiError(409, reason))

    def drop(self) -> None:
        """``drop_pending_updates``: forget all; nothing was confirmed by that."""
        self._pending.clear()

    def changed(self) -> None:
        """Tell the ``listener``, who posts to the webhook, that there may be work."""
        if self.listener is not None:
            self.listener()

    async def _wait(self, seconds: float) -> None:
        self.end_poll()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            pass
        finally:
            if self._waiter is waiter:
                self._waiter = None
