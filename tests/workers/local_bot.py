"""What the workers' tests start from: a clock that is moved by hand, a Telegram, a real bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from bot.playground.faults import Limits
from bot.playground.server import make_app, serve
from bot.playground.session import PlaygroundSession
from bot.playground.telegram import Telegram
from bot.workers.link import TelegramClock, TelegramSession

TOKEN = "42:TOKEN"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """The wall clock and, as `steady`, the seconds that have passed; both move together."""

    now: datetime = NOON
    seconds: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float = 0.0, **parts: float) -> None:
        passed = timedelta(seconds=seconds, **parts)
        self.now += passed
        self.seconds += passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Sleep without waiting; what was asked for is on record."""
        self.slept.append(seconds)
        self.pass_by(seconds)


def in_process(clock: Clock, limits: Limits | None = None) -> tuple[Telegram, Bot]:
    """A Telegram and a real bot in the same process."""
    telegram = Telegram(clock, TOKEN, "return_desk_bot", limits=limits)
    return telegram, Bot(TOKEN, session=PlaygroundSession(telegram))


@asynccontextmanager
async def over_http(clock: Clock) -> AsyncIterator[tuple[Telegram, Bot, TelegramClock]]:
    """A Telegram behind a server, and a real bot that speaks HTTP to it."""
    telegram = Telegram(clock, TOKEN, "return_desk_bot")
    server = await serve(make_app(telegram))
    heard = TelegramClock(clock, clock.steady)
    session = TelegramSession(heard, api=TelegramAPIServer.from_base(server.url), timeout=1)
    try:
        yield telegram, Bot(TOKEN, session=session), heard
    finally:
        if session._session is not None:  # close() itself sleeps a quarter of a second
            await session._session.close()
        await server.close()
