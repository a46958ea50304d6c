"""Telegram's side of a webhook: updates are posted until the bot's server takes them.

    task = asyncio.create_task(push_updates(telegram))

One update of a chat is under way at a time, several chats in parallel. A 2xx confirms the update
(`telegram.on_confirm` is told), and a method in the answer's body is called. Anything else, a
broken connection or silence is tried again after a growing pause.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from bot.playground.telegram import Telegram
from bot.playground.wire import Json

Post = Callable[[str, Json, dict[str, str]], Awaitable[tuple[int, str]]]
"""Post a body with headers to a URL: the status and the body of the answer."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
ANSWER_WITHIN = 60.0
LONGEST_PAUSE = 8.0


async def push_updates(telegram: Telegram, post: Post | None = None, *, pause: float = 0.1) -> None:
    """Deliver for ever; cancel to stop. ``pause`` in seconds is the first one after a failure."""
    if post is not None:
        await _Pusher(telegram, post, pause).run()
        return
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_WITHIN)) as session:

        async def over_http(url: str, body: Json, headers: dict[str, str]) -> tuple[int, str]:
            async with session.post(url, json=body, headers=headers) as response:
                return response.status, await response.text()

        await _Pusher(telegram, over_http, pause).run()


class _Pusher:
    def __init__(self, telegram: Telegram, post: Post, pause: float) -> None:
        self.telegram = telegram
        self.post = post
        self.pause = pause
        self.wake = asyncio.Event()
        self.busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        self.telegram.updates.listener = self.wake.set
        try:
            while True:
                self.wake.clear()
                self._begin()
                await self.wake.wait()
        finally:
            self.telegram.updates.listener = None
            for task in self.busy.values():
                task.cancel()

    def _begin(self) -> None:
        if not self.telegram.updates.webhook_url:
            return
        for update in self.telegram.updates.pending:
            key = _chat_key(update)
            if key not in self.busy and len(self.busy) < self.telegram.updates.webhook_connections:
                self.busy[key] = asyncio.create_task(self._deliver(update, key))

    async def _deliver(self, update: Json, key: int) -> None:
        pause = self.pause
        updates = self.telegram.updates
        while updates.webhook_url:
            headers = {}
            if self.telegram.webhook_secret:
                headers[SECRET_HEADER] = self.telegram.webhook_secret
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    status, body = await self.post(updates.webhook_url, update, headers)
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                status, body = 0, str(error) or type(error).__name__
            if 200 <= status < 300:
                await updates.confirm([update["update_id"]])
                await self._call_back(body)
                break
            updates.last_webhook_error = f"Wrong response from the webhook: {status or body}"
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        del self.busy[key]
        self.wake.set()

    async def _call_back(self, body: str) -> None:
        """The method call that an answer to a webhook may carry; its result is told to nobody."""
        try:
            params: Any = json.loads(body)
        except ValueError:
            return
        if isinstance(params, dict) and "method" in params:
            method = str(params.pop("method"))
            await self.telegram.call(self.telegram.token, method, params)


def _chat_key(update: Json) -> int:
    """The chat whose updates must stay in order; 0 for updates without one."""
    payload: Any = next((value for key, value in update.items() if key != "update_id"), None)
    if not isinstance(payload, dict):
        return 0
    holder = payload.get("message", payload)
    chat = holder.get("chat") if isinstance(holder, dict) else None
    return int(chat["id"]) if isinstance(chat, dict) else 0
