"""A deliverer on a real database, driven step by step on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from aiogram import Bot

from bot.playground.people import Person
from bot.playground.telegram import Telegram
from bot.screens.screen import Screen, dump_screen
from bot.services.records import Account, How, OutboxRow, Outgoing
from bot.workers.deliverer import Deliverer
from bot.workers.messages import Rendered
from bot.workers.permits import Rates
from storage.database import Database
from storage.tables import EPOCH
from tests.workers.local_bot import Clock


class PostOffice:
    """The outbox, its deliverer and the people whom it writes to."""

    def __init__(self, memory: Database, clock: Clock, telegram: Telegram, bot: Bot) -> None:
        self.memory, self.clock, self.telegram, self.bot = memory, clock, telegram, bot
        self.alerts: list[tuple[str, Mapping[str, Any]]] = []
        self.said: dict[str, Rendered] = {}
        """What a row of another kind than `screen` renders to, by `payload["says"]`."""
        self.most_at_once = 0
        """New messages that were under way together: so many a kill could have doubled."""
        self._keys = count(1)
        self.deliverer = self.restarted()

    def restarted(self, rates: Rates | None = None) -> Deliverer:
        """The deliverer of a new process."""
        self.deliverer = Deliverer(
            self.bot,
            self.memory,
            self.clock,
            render=self._render,
            alert=self._alert,
            rates=rates,
            steady=self.clock.steady,
        )
        return self.deliverer

    async def _render(self, rows: Sequence[OutboxRow]) -> Sequence[Rendered | BaseException]:
        unknown = KeyError("says")
        return [self.said.get(row.payload["says"], unknown) for row in rows]

    async def _alert(self, name: str, facts: Mapping[str, Any]) -> None:
        self.alerts.append((name, facts))

    def person(self, name: str = "Anna") -> Person:
        """Somebody who has opened the bot."""
        person = self.telegram.add_person(name)
        person.start()
        return person

    async def put(self, *messages: Outgoing) -> None:
        """Commit rows of the outbox."""
        async with self.memory.group() as group:
            unit = group.unit(self.clock())
            for message in messages:
                unit.outbox.put(message)
            group.keep(unit)
            await group.commit()
        self.deliverer.wake()

    def screen(self, chat: int, screen: Screen | str, **facts: Any) -> Outgoing:
        """A row that carries its screen."""
        shown = Screen(text=screen) if isinstance(screen, str) else screen
        return self.row(chat, "screen", dump_screen(shown), **facts)

    def says(self, chat: int, kind: Any, says: Rendered, **facts: Any) -> Outgoing:
        """A row that is rendered at sending."""
        name = f"{kind}-{next(self._keys)}"
        self.said[name] = says
        return self.row(chat, kind, {"says": name}, **facts)

    def row(self, chat: int, kind: Any, payload: Mapping[str, Any], **facts: Any) -> Outgoing:
        return Outgoing(chat=chat, kind=kind, payload=payload, key=f"k{next(self._keys)}", **facts)

    async def account(self, person: Person) -> Account:
        async with self.memory.reading(EPOCH) as unit:
            found = await unit.accounts.get(person.id)
        assert found is not None
        return found

    async def remember(self, person: Person) -> None:
        async with self.memory.group() as group:
            unit = group.unit(self.clock())
            unit.accounts.save(Account(id=person.id))
            group.keep(unit)
            await group.commit()

    async def deliver(self, hours: float = 0.05) -> None:
        """Deliver for so long, as `run` does, but let the clock jump over every pause."""
        until = self.clock.seconds + hours * 3600
        while True:
            pause = await self.deliverer.step()
            new = sum(1 for call in self.deliverer.under_way if call.new)
            self.most_at_once = max(self.most_at_once, new)
            if self.deliverer.under_way:
                await self._answered()
            elif self.clock.seconds + pause > until:
                return
            else:
                self.clock.pass_by(max(pause, 0.001))

    async def _answered(self) -> None:
        """A call takes 60 ms by the clock."""
        self.clock.pass_by(0.06)
        for _ in range(3):
            await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while self.deliverer.under_way:
                    await asyncio.sleep(0)


def edit(slot: str, **facts: Any) -> dict[str, Any]:
    return {"slot": slot, "how": How.EDIT, **facts}


def renew(slot: str, **facts: Any) -> dict[str, Any]:
    return {"slot": slot, "how": How.RENEW, **facts}
