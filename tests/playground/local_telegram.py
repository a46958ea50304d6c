"""What the playground's tests start from: a clock that stands still, a Telegram, real bots."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground.faults import Limits
from bot.playground.server import make_app, serve
from bot.playground.session import PlaygroundSession
from bot.playground.telegram import Telegram

TOKEN = "42:TOKEN"
HTML = DefaultBotProperties(parse_mode="HTML")


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **parts: float) -> None:
        self.now += timedelta(**parts)


def local_telegram(*, limits: Limits | None = None) -> tuple[Telegram, Bot, Clock]:
    """A Telegram and a real bot in the same process."""
    clock = Clock()
    telegram = Telegram(clock, TOKEN, "return_desk_bot", limits=limits)
    return telegram, Bot(TOKEN, session=PlaygroundSession(telegram), default=HTML), clock


@asynccontextmanager
async def over_http() -> AsyncIterator[tuple[Telegram, Bot, Clock, str]]:
    """A Telegram behind a server, a real bot that speaks HTTP to it, and the server's URL."""
    clock = Clock()
    telegram = Telegram(clock, TOKEN, "return_desk_bot")
    server = await serve(make_app(telegram))
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    bot = Bot(TOKEN, session=session, default=HTML)
    try:
        yield telegram, bot, clock, server.url
    finally:
        if session._session is not None:  # close() itself sleeps a quarter of a second
            await session._session.close()
        await server.close()


def keyboard(*labels: str, data: str = "data") -> InlineKeyboardMarkup:
    """One row of callback buttons."""
    row = [InlineKeyboardButton(text=label, callback_data=data) for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])
