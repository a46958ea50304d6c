"""B-6: the deliverer against a server that enforces Telegram's limits, 60 ms away."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from bot.__main__ import now
from bot.playground.faults import Limits
from bot.playground.server import make_app, serve
from bot.playground.telegram import Telegram
from bot.screens.screen import Screen, dump_screen
from bot.services.records import OutboxRow, Outgoing
from bot.workers.deliverer import Deliverer
from bot.workers.link import TelegramClock, TelegramSession, steady
from bot.workers.messages import Rendered
from storage import migrate
from storage.database import Database, open_database
from tests.bench.lines import Line

TOKEN = "42:limits"
PEOPLE, EACH = 300, 8
GROUPS, IN_A_GROUP = 4, 25
AWAY_S = 0.06
WARM_S, SECONDS = 5.0, 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The share of the permitted messages that were sent, and how many calls were refused."""

    share: float
    refused: int


async def sent(url: str) -> Sent:
    """Thousands of messages wait; they are counted for half a minute."""
    limits = Limits(now=time.monotonic)
    telegram = Telegram(now, TOKEN, "return_desk_bot", limits=limits)
    telegram.faults.latency = (AWAY_S, AWAY_S)
    people = [telegram.add_person(f"Anna {n}") for n in range(PEOPLE)]
    for person in people:
        person.start()
    groups = [telegram.add_group(f"Shop {n}", people[n], type="group") for n in range(GROUPS)]
    telegram.updates.drop()
    server = await serve(make_app(telegram))
    api = TelegramAPIServer.from_base(server.url)
    bot = Bot(TOKEN, session=TelegramSession(TelegramClock(now, steady), api=api))
    try:
        async with await open_database(url) as memory:
            chats = [person.id for person in people] * EACH
            await _put(memory, chats + [group.id for group in groups] * IN_A_GROUP)
            deliverer = Deliverer(bot, memory, now, render=_nothing, alert=_nobody)
            running = asyncio.create_task(deliverer.run())
            await asyncio.sleep(WARM_S)
            began, before = time.monotonic(), telegram.counts["sendMessage"]
            await asyncio.sleep(SECONDS)
            took = time.monotonic() - began
            count = telegram.counts["sendMessage"] - before
            running.cancel()
            await asyncio.wait([running])
    finally:
        await bot.session.close()
        await server.close()
    return Sent(count / took / limits.per_second, limits.refused)


async def _put(memory: Database, chats: Sequence[int]) -> None:
    async with memory.group() as group:
        unit = group.unit(now())
        for n, chat in enumerate(chats):
            payload = dump_screen(Screen(text=f"Message {n}"))
            unit.outbox.put(Outgoing(chat=chat, kind="screen", payload=payload, key=f"b:{n}"))
        group.keep(unit)
        await group.commit()


async def _nothing(rows: Sequence[OutboxRow]) -> Sequence[Rendered | BaseException]:
    return [None for _ in rows]


async def _nobody(name: str, facts: Mapping[str, Any]) -> None:
    raise RuntimeError(f"an alert in the middle of a measure: {name} {facts}")


def lines(folder: Path, chance: random.Random) -> list[Line]:
    """B-6."""
    url = f"sqlite:///{folder / 'limits.db'}"
    asyncio.run(migrate.upgrade(url))
    found = asyncio.run(sent(url))
    return [
        Line(
            "B-6",
            "outbound, of the permitted rate",
            "≥ 0.93, no 429",
            f"{found.share:.2f}",
            "",
            f"{found.refused} calls refused with 429; the server is {AWAY_S * 1e3:.0f} ms away",
            found.share >= 0.93 and not found.refused,
        )
    ]
