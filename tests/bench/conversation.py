"""The return conversation on the real program: 64 people, each at another question of the form.

One update is counted from the page that brings it to the commit that lets it be answered, on the
way that a program takes which is alone on its database: it is put into the inbox, dispatched,
handled and committed with everything that follows from it. Delivering is not counted, as the
peer's call is not. Between the slices the real deliverer shows people their screens, so that what
they press next is what they were shown.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from bot.app import Program, program
from bot.domain.cases import Role
from bot.playground.clock import MovableClock
from bot.playground.people import Person
from bot.playground.session import PlaygroundSession
from bot.playground.telegram import Telegram
from bot.services.links import order_parameter
from bot.services.records import Seller
from bot.settings import Settings
from bot.workers.permits import Rates
from storage import tables
from storage.database import Database
from tests.bench import kept
from tests.world import order

TOKEN = "42:bench"
START = datetime(2026, 3, 1, 10, tzinfo=UTC)
STORY = "A long crack runs down from the rim, and a chip is missing."
ORDERS = 12
"""Orders of each person: as many returns as one can ask for."""
SELLERS = 16

STEPS: tuple[Callable[[Person, str], Any], ...] = (
    lambda person, link: person.start(link),
    lambda person, _: person.press("Open the order"),
    lambda person, _: person.press("Return products"),
    lambda person, _: person.press("It is defective"),
    lambda person, _: person.send(STORY),
    lambda person, _: person.send_photo(),
    lambda person, _: person.send_photo(),
    lambda person, _: person.press("Done"),
    lambda person, _: person.press("Send"),
)
"""A return from its link to its number."""


class Conversation:
    """The program, and people who go on with their returns at every slice."""

    def __init__(
        self, running: Program, telegram: Telegram, clock: MovableClock, chats: int
    ) -> None:
        self._running = running
        self._clock = clock
        self._telegram = telegram
        self._people = [telegram.add_person(f"Anna {n}", "en") for n in range(chats)]
        self._at = [-(n % len(STEPS)) for n in range(chats)]
        self._updates: list[Any] = []

    async def open(self) -> None:
        """Let everybody have orders of sellers who are in the bot, and take the first steps.

        From then on every slice holds every step.
        """
        sellers = [self._telegram.add_person(f"Emre {n}") for n in range(SELLERS)]
        for emre in sellers:
            emre.start()
        self._take()
        await self.work()
        async with self._running.memory.group() as group:
            unit = group.unit(START)
            for n, emre in enumerate(sellers):
                code = f"seller-{n}"
                seller = Seller(code=code, name=code, country="TR", address="İzmir 35220")
                unit.accounts.save_seller(seller)
                unit.accounts.join(emre.id, Role.SELLER, code)
            unit.orders.save_all(
                replace(order(number_of(n, each)), seller=f"seller-{n % SELLERS}")
                for n in range(len(self._people))
                for each in range(ORDERS)
            )
            group.keep(unit)
            await group.commit()
        for _ in range(2 * len(STEPS)):
            await self.prepare()
            await self.work()

    async def prepare(self) -> None:
        """Everybody sees the answer to the last step and makes the next one."""
        await self._settle()
        for n, person in enumerate(self._people):
            at = self._at[n]
            self._at[n] += 1
            if at >= 0:
                round_, step = divmod(at, len(STEPS))
                link = order_parameter(number_of(n, round_), self._running.settings.secret)
                STEPS[step](person, link)
        self._take()

    @property
    def returns(self) -> int:
        """How many requests were sent so far."""
        return sum(max(at, 0) // len(STEPS) for at in self._at)

    async def work(self) -> int:
        """Receive and handle what people did. Answers how many updates that were."""
        return len(await self._running.receiver._keep(self._updates))

    def _take(self) -> None:
        self._updates = self._telegram.updates.pending
        self._telegram.updates.drop()

    async def _settle(self) -> None:
        running = self._running
        while await running.busy():
            running.deliverer.wake()
            await running.deliverer.step()
            at = await running.memory.next_outgoing_at(self._clock())
            if at is not None and self._clock() < at <= self._clock() + timedelta(seconds=2):
                self._clock.move_to(at)
            await asyncio.sleep(0)


def number_of(person: int, order: int) -> str:
    """The number of a person's order."""
    return f"{person:04}-{order:04}"


@asynccontextmanager
async def conversation(url: str, folder: Path, chats: int) -> AsyncIterator[Conversation]:
    """People in the middle of their returns, on a migrated, empty database."""
    clock = MovableClock(START, frozen=True)
    telegram = Telegram(clock, TOKEN, "return_desk_bot")
    settings = Settings(
        bot_token=SecretStr(TOKEN),
        database_url=url,
        orders_folder=folder / "orders",
        evidence_folder=folder / "evidence",
        _env_file=None,
    )
    session = PlaygroundSession(telegram)
    async with (
        program(settings, clock, session, rates=Rates(held_s=0.0)) as running,
        _alone(running.memory),
    ):
        await running.prepare()
        talking = Conversation(running, telegram, clock, chats)
        await talking.open()
        await _settled(url)
        yield talking
        await kept.check(url, tables.cases, talking.returns)


@asynccontextmanager
async def _alone(memory: Database) -> AsyncIterator[None]:
    """Know that no other process works on the database."""
    leading = asyncio.create_task(memory.lead(partial(asyncio.sleep, math.inf), lambda _: None))
    while not memory.alone:
        await asyncio.sleep(0.01)
    yield
    leading.cancel()
    await asyncio.wait([leading])


async def _settled(url: str) -> None:
    """Let a server know its tables, as one that has been running for some minutes does."""
    if url.startswith("postgresql"):
        server = await asyncpg.connect(url)
        await server.execute("VACUUM ANALYZE")
        await server.close()
