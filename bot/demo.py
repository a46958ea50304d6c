"""The demo: the real program against the playground, with its cast, orders and a movable clock."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.app import Program, program
from bot.domain.cases import Role, return_number
from bot.playground import cast
from bot.playground.clock import MovableClock
from bot.playground.people import Person
from bot.playground.play import Deadline
from bot.playground.server import make_app, serve
from bot.playground.story import STORIES
from bot.playground.telegram import Telegram
from bot.playground.wire import Json
from bot.services.links import new_invitation, token_hash
from bot.services.records import Invitation
from bot.settings import Settings
from bot.workers.permits import Rates
from storage.database import Database
from storage.migrate import upgrade

TOKEN = "42:playground"  # noqa: S105 (the playground takes any)
USERNAME = "return_desk_bot"
UNHURRIED = Rates(held_s=0.0)
"""The playground sets no limits, so that nobody at the page waits for one."""
STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}


class Stage:
    """A playground with the cast and its group on it, and the program behind it."""

    running: Program

    def __init__(self, language: str | None) -> None:
        self.clock = MovableClock()
        self.telegram = Telegram(self.clock, TOKEN, USERNAME)
        self.received: dict[int, Sequence[Json]] = {}
        cast.assemble(self.telegram, language)
        self.group = cast.gather(self.telegram, language)

    def facts(self, person: Person) -> Json:
        """What the page shows of a person besides the chat."""
        return cast.facts(person, self.received.get(person.id, ()))

    async def due(self) -> Sequence[Deadline]:
        """The deadlines of all returns, the nearest first."""
        found = await self.running.deadlines(20)
        return [
            Deadline(timer.due_at, str(timer.kind), return_number(timer.case)) for timer in found
        ]

    async def advance(self, by: str) -> str:
        """Move the clock by "1h", "1d" or to the "next" deadline. Raises ValueError."""
        if by == "next":
            due = await self.due()
            if not due:
                raise ValueError("nothing is due")
            await self.running.jump(lambda: self.clock.move_to(due[0].at))
        elif by in STEPS:
            await self.running.jump(lambda: self.clock.move(STEPS[by]))
        else:
            raise ValueError(f"the clock does not move by {by!r}")
        # Hours pass here within a second of the wall's clock, which calls for these hourly.
        await self.running.sealing.work()
        await self.running.counting.work()
        await self.settle()
        return self.clock().isoformat()

    async def settle(self) -> None:
        """Wait until the program has nothing left to do."""
        while True:
            if not self.telegram.updates.pending and not await self.running.busy():
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def stage(port: int, language: str | None = None) -> AsyncIterator[tuple[Stage, str]]:
    """The demo and its address: everybody is there, nobody has opened the bot."""
    on = Stage(language)
    app = make_app(on.telegram, advance=on.advance, deadlines=on.due, facts=on.facts)
    server = await serve(app, port=port)
    with TemporaryDirectory(prefix="returndesk-") as name:
        folder = Path(name)
        settings = Settings(
            bot_token=SecretStr(TOKEN),
            api_base=server.url,
            database_url=f"sqlite:///{folder / 'demo.db'}",
            owner_ids=(cast.OLGA.id,),
            zone=cast.OLGA.zone,
            support_chat=on.group.id,
            orders_folder=folder / "orders",
            evidence_folder=folder / "evidence",
            _env_file=None,
        )
        await upgrade(settings.database_url)
        try:
            async with program(settings, on.clock, rates=UNHURRIED) as on.running:
                memory, secret = on.running.memory, settings.secret
                on.received = await stock(memory, on.clock(), secret, language or "en")
                async with _at_work(on.running):
                    yield on, server.url
        finally:
            await server.close()


@asynccontextmanager
async def _at_work(running: Program) -> AsyncIterator[None]:
    stop = asyncio.Event()
    work = asyncio.create_task(running.run(stop))
    try:
        yield
    finally:
        stop.set()
        await work


async def serve_page(port: int, stop: asyncio.Event) -> None:
    """Serve the page until the program is told to stop."""
    async with stage(port) as (_, url):
        print(f"Return Desk: open {url} in a browser. Ctrl-C ends the demo.", flush=True)
        await stop.wait()


async def play(language: str, name: str = "return") -> None:
    """Play one of `STORIES` and print what everybody saw. Raises NoSuchStep."""
    async with stage(0, language) as (on, _):
        links = {id: str(each[0]["payload"]) for id, each in on.received.items() if each}
        texts = on.running.catalogues.texts(language)
        tell = partial(print, file=sys.stderr, flush=True)
        await STORIES[name](on.telegram, texts, links, on.advance, on.settle, tell).play()
        print(on.telegram.transcript())


async def stock(
    memory: Database, now: datetime, secret: str, language: str
) -> dict[int, Sequence[Json]]:
    """Fill the shop. Answers the links that the shop's messages brought, by person."""
    ordered = cast.orders(now, language)
    tokens = {cast.EMRE: new_invitation(), cast.VERA: new_invitation()}
    async with memory.group() as group:
        unit = group.unit(now)
        unit.accounts.save_seller(cast.ANATOLIA)
        unit.orders.save_all(ordered)
        for member, token in tokens.items():
            unit.accounts.invite(
                Invitation(
                    token_hash=token_hash(token),
                    role=Role(member.role),
                    seller=cast.ANATOLIA.code if member is cast.EMRE else None,
                    by=cast.OLGA.id,
                    expires_at=now + timedelta(days=7),
                )
            )
        group.keep(unit)
        await group.commit()
    return {each.id: cast.links(each, ordered, secret, tokens.get(each, "")) for each in cast.CAST}
