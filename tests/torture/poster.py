"""Telegram's side of a webhook: answers are lost on the way, and strangers know the address."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.playground.webhook import SECRET_HEADER, push_updates
from bot.playground.wire import Json
from tests.ports import free_port
from tests.torture.witness import WatchedTelegram

SECRET = "what-telegram-sends-along"
LOST = 0.1
"""How often Telegram does not hear that an update was taken, and posts it again."""
FORGED = 0.2
"""How often somebody without the secret posts the update before, under an id that is to come."""
FAR = 1_000_000
PAUSE_S = 0.02
HOST = "127.0.0.2"
"""While the program is down no connection to elsewhere takes its port: those begin at 127.0.0.1."""


class Poster:
    """Posts what people cause to the program, until it says that it has it."""

    def __init__(self, telegram: WatchedTelegram, chance: random.Random | None) -> None:
        """`chance`: draws what goes wrong; without it nothing does."""
        self.lost = 0
        """Answers that did not come through."""
        self.refused = 0
        """Posts of strangers that were turned away."""
        self._telegram = telegram
        self._chance = chance
        self._place = f"{HOST}:{free_port(HOST)}"

    @property
    def settings(self) -> dict[str, str]:
        """Those of the program, by the names of `Settings`."""
        return {
            "webhook_url": f"http://{self._place}/telegram",
            "webhook_secret": SECRET,
            "webhook_listen": self._place,
        }

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Post meanwhile."""
        async with aiohttp.ClientSession() as session:

            async def post(url: str, body: Json, headers: dict[str, str]) -> tuple[int, str]:
                return await self._post(session, url, body, headers)

            pushing = asyncio.create_task(push_updates(self._telegram, post, pause=PAUSE_S))
            try:
                yield
            finally:
                pushing.cancel()
                await asyncio.wait([pushing])

    async def _post(
        self, session: aiohttp.ClientSession, url: str, body: Json, headers: dict[str, str]
    ) -> tuple[int, str]:
        await self._forge(session, url, body)
        update = {int(body["update_id"])}
        self._telegram.handed |= update
        try:
            async with session.post(url, json=body, headers=headers) as response:
                status, said = response.status, await response.text()
        except aiohttp.ClientConnectorError:
            # Nobody listens: the program has nothing of it in hand.
            self._telegram.handed -= update
            raise
        self._telegram.handed -= update
        if self._happens(LOST):
            self.lost += 1
            raise ConnectionResetError("the answer was lost")
        return status, said

    async def _forge(self, session: aiohttp.ClientSession, url: str, body: Json) -> None:
        if not self._happens(FORGED):
            return
        forged = body | {"update_id": int(body["update_id"]) + FAR}
        headers = {SECRET_HEADER: SECRET[:-1]}
        try:
            async with session.post(url, json=forged, headers=headers) as response:
                status = response.status
        except aiohttp.ClientError:
            return
        self.refused += status == 401
        if status != 401:
            said = f"a stranger's post was answered with {status}"
            self._telegram.evidence.broken.append(said)

    def _happens(self, often: float) -> bool:
        return self._chance is not None and self._chance.random() < often
