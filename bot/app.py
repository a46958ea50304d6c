"""The composition root: the one module that knows every part.

`Program` is one running Return Desk. `run` is what `returndesk run` does: it works until it is
told to stop, finishes the transaction it is in, and starts again exactly where it was.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError

from bot.domain.cases import Role
from bot.domain.policy import Policy
from bot.marketplace.orders_file import read_orders
from bot.screens.screen import Toast
from bot.services.again import until_kept
from bot.services.correspondence import Correspondence
from bot.services.desk import ReturnDesk
from bot.services.ports import Clock
from bot.services.reading import Reading
from bot.services.records import Account, DueTimer
from bot.settings import Settings
from bot.texts import Catalogues
from bot.workers.chat_imports import ChatFiles
from bot.workers.clockwork import TICK, Clockwork
from bot.workers.contact import Contact
from bot.workers.counting import Counting
from bot.workers.deliverer import Deliverer
from bot.workers.evidence import EvidenceFetcher
from bot.workers.footprint import TRIM, trim
from bot.workers.imports import OrderFolder
from bot.workers.link import NOT_ACCEPTED, Stopped, TelegramClock, TelegramSession, meet, steady
from bot.workers.looking import Looking
from bot.workers.permits import Rates
from bot.workers.processor import Processor
from bot.workers.receiver import Put, Receive, Receiver, alone
from bot.workers.rendering import Renderer
from bot.workers.rules import Rules
from bot.workers.schedule import Ticker
from bot.workers.sealing import Sealing
from bot.workers.upkeep import Upkeep
from handlers import make_dispatcher
from handlers.errors import Errors
from handlers.support.simulating import Simulator
from storage.database import Database, open_database
from storage.retention import START

if TYPE_CHECKING:
    from aiohttp.web import AbstractRouteDef

    from bot.workers.health import Watch
    from bot.workers.webhook import Webhook

LOOK_S = 0.05
"""A timer that was just set is seen within this time."""
GRACE = 10
"""Seconds that a stop may take."""
LATE = "not everything has stopped in time"
LOOK_AT_ORDERS = timedelta(seconds=5)
UPKEEP = timedelta(hours=1)
RECEIVED, SAID, RULES = "received", "said", "rules"
"""What processes tell one another."""

log = structlog.get_logger(__name__)


class Program:
    """One running Return Desk: the memory, the bot and the workers, joined."""

    def __init__(
        self,
        settings: Settings,
        memory: Database,
        bot: Bot,
        policy: Policy,
        clock: Clock,
        telegram_clock: TelegramClock,
        rates: Rates | None = None,
        *,
        webhook: bool = False,
    ) -> None:
        self.settings = settings
        self.memory = memory
        self.bot = bot
        self.clock = clock
        self.telegram_clock = telegram_clock
        self.catalogues = Catalogues()
        self.desk = ReturnDesk(policy, topics=settings.support_chat, adopted=self.adopted)
        self.room = Correspondence(self.desk, settings.support_chat)
        self.reading = Reading(self.desk)
        self.timers_changed = asyncio.Event()
        self.rules = Rules(memory, self.desk, clock, policy, settings.rules_name)
        self._look_at_timers: asyncio.TimerHandle | None = None
        self.leading = False
        """Whether this process does what only one may do."""
        self.met = asyncio.Event()
        """Telegram has told what the bot is called: what needs Telegram works from then on."""
        self.dispatcher = make_dispatcher(
            desk=self.desk,
            reading=self.reading,
            catalogues=self.catalogues,
            owners=settings.owner_ids,
            secret=settings.secret,
            room=self.room,
            zone=settings.zone,
            topics=settings.support_chat,
        )
        self.deliverer = Deliverer(
            bot,
            memory,
            clock,
            render=Renderer(memory, self.reading, self.catalogues, clock, settings.zone),
            alert=self.alert,
            rates=rates,
        )
        self.processor = Processor(
            memory,
            self.dispatcher,
            bot,
            clock,
            errors=Errors(self.desk, self.catalogues),
            answer=self.answer,
            committed=self.changed,
        )
        self.contact = Contact(clock, telegram_clock, policy.clock.outage_threshold)
        self.receiver = Receiver(
            bot,
            memory,
            clock,
            contact=self.contact,
            alert=self.alert,
            receive=self._receiving(self.received),
        )
        self.webhook: Webhook | None = None
        if webhook:
            # Imported here because a bot that polls serves nobody.
            from bot.workers.webhook import Webhook

            url, secret = settings.webhook
            self.webhook = Webhook(
                bot,
                memory,
                clock,
                url=url,
                secret=secret,
                contact=self.contact,
                alert=self.alert,
                receive=self._receiving(self.processor.wake),
            )
        self.dispatcher["reach"] = self.contact
        self.clockwork = Clockwork(memory, self.desk, clock, self.contact, committed=self.said)
        self.evidence = EvidenceFetcher(
            bot, memory, clock, settings.evidence_folder, self.desk, self.said
        )
        self.orders = OrderFolder(settings.orders_folder, memory, clock, read_orders)
        play = Simulator(self.desk, self.catalogues)
        self.files = ChatFiles(bot, memory, clock, read_orders, play)
        self.counting = Counting(memory, clock, settings.zone)
        self.sealing = Sealing(memory, clock, settings.zone, settings.support_chat, self.said)
        self.upkeep = Upkeep(
            memory,
            clock,
            start=START,
            evidence=settings.evidence_folder,
            retention=timedelta(days=settings.retention_days),
            alert=self.alert,
        )

    def _receiving(self, received: Callable[[], None]) -> Receive:
        """Commits what comes in: with what follows from it, unless others may handle it, too."""
        apart = alone(self.memory, received)

        async def receive(put: Put) -> None:
            await (self.processor.receive if self.memory.alone else apart)(put)

        return receive

    def received(self) -> None:
        """There is something new in the inbox, for whichever process is free."""
        self.processor.wake()
        self.memory.tell(RECEIVED)

    def said(self) -> None:
        """A commit may have left something to say."""
        if self.leading:
            self.deliverer.wake()
        else:
            self.memory.tell(SAID)

    async def look_at_files(self) -> None:
        """Read the order files of the chat; what came of them is said."""
        if await self.files.look():
            self.said()

    def adopted(self, policy: Policy, tell: bool) -> None:
        """Other rules are in force than before."""
        self.contact.threshold = policy.clock.outage_threshold
        if tell:
            log.info("rules switched on", digest=policy.digest)
            self.memory.tell(RULES)

    def watch(self) -> Watch:
        """Who answers when a machine asks how the program is."""
        # Imported here because most programs are asked nothing.
        from bot.workers.health import Watch

        return Watch(
            self.memory,
            self.clock,
            self.contact,
            sends=self.deliverer.ends,
            results=self.processor.results,
            met=self.met.is_set,
            delivers=lambda: self.leading,
        )

    def changed(self) -> None:
        """A commit may have left something to say and a timer to watch."""
        self.said()
        loop = asyncio.get_running_loop()
        if self._look_at_timers is None or self._look_at_timers.when() <= loop.time():
            # Of many commits in a row one look at the timers is enough.
            self._look_at_timers = loop.call_later(LOOK_S, self.timers_changed.set)

    def heard(self, word: str) -> None:
        """What a process tells all processes."""
        if self.leading and word == SAID:
            self.deliverer.wake()
        elif not self.leading and word == RECEIVED:
            self.processor.wake()
        elif word == RULES:
            self.rules.changed.set()

    def answer(self, query: str, toast: Toast | None = None) -> Coroutine[Any, Any, None] | None:
        """Answer a press: in the response that Telegram waits for, or with the call given back."""
        if self.webhook and self.webhook.answer(query, toast):
            return None
        return self.deliverer.answer(query, toast)

    async def alert(self, name: str, facts: Mapping[str, Any]) -> None:
        """Page the staff of something that is no transition."""

        async def page() -> None:
            async with self.memory.group() as group:
                unit = group.unit(self.clock())
                await self.desk.alert(unit, name, facts)
                group.keep(unit)
                await group.commit()

        await until_kept(page)
        self.said()

    async def deadlines(self, limit: int) -> Sequence[DueTimer]:
        """The next timers of all cases, the nearest first."""
        async with self.memory.group() as group:
            timers = await group.due_timers(datetime.max.replace(tzinfo=UTC), limit)
        return [each for each in timers if isinstance(each, DueTimer)]

    async def busy(self) -> bool:
        """Whether there is something to do now: in the inbox, the outbox or the timers."""
        # What costs nothing first: who waits for the end asks often.
        if not self.deliverer.idle or await self.memory.oldest_undone() is not None:
            return True
        now = self.clock()
        instants = (await self.memory.next_due(), await self.memory.next_outgoing_at(now))
        return not self.deliverer.idle or any(
            instant is not None and instant <= now for instant in instants
        )

    async def jump(self, move: Callable[[], None]) -> None:
        """Move the clock while no timer fires, and hear Telegram's time before one does."""
        async with self.clockwork.held():
            move()
            await self.bot.get_me()
        self.timers_changed.set()
        self.deliverer.wake()

    async def prepare(self) -> None:
        """Before the workers start: the owners exist and the policy is kept. Raises Stopped."""
        async with self.memory.group() as group:
            unit = group.unit(self.clock())
            for owner in self.settings.owner_ids:
                known = await unit.accounts.get(owner)
                if known is None:
                    unit.accounts.save(Account(id=owner, zone=self.settings.zone))
                if known is None or known.staff is not Role.ADMIN:
                    unit.accounts.join(owner, Role.ADMIN)
            policy = await self.rules.begin(unit)
            group.keep(unit)
            await group.commit()
        self.desk.adopt(policy)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`. Raises Stopped where only a person can help."""
        await until_kept(self.prepare)
        self.contact.begin(await self.memory.heartbeat())
        ticker = Ticker()
        ticker.every(TICK, self._tick)
        ticker.every(TRIM, trim)
        ticker.start()
        try:
            # No update is taken any more while the others finish.
            async with self._listening():
                await together(self._works(stop))
        finally:
            await ticker.stop()
        log.info("stopped")

    def _works(self, stop: asyncio.Event) -> list[tuple[str, Coroutine[Any, Any, object]]]:
        """What every process does, by name; it ends with the first of them."""
        works: list[tuple[str, Coroutine[Any, Any, object]]] = [
            ("told to stop", stop.wait()),
            ("processor", self._handle()),
            ("database", self.memory.watch()),
            *([("rules", self.rules.run())] if self.memory.shared else []),
            ("lead", self.memory.lead(self._lead, self.heard)),
        ]
        if self.webhook:
            works.append(("webhook", self._once_met(self.webhook.run)))
            works.append(("clockwork", self.clockwork.run(self.timers_changed)))
        return works

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        # Imported here because most programs listen to nobody.
        from bot.workers.listener import listening

        async with AsyncExitStack() as stack:
            for address, routes in self._routes().items():
                await stack.enter_async_context(listening(address, routes))
            yield

    def _routes(self) -> Mapping[str, Sequence[AbstractRouteDef]]:
        """What is offered over HTTP, by the addresses where it is."""
        routes: dict[str, list[AbstractRouteDef]] = defaultdict(list)
        if self.settings.health_listen:
            routes[self.settings.health_listen] += self.watch().routes
        if self.webhook:
            routes[self.settings.webhook_listen].append(self.webhook.route)
        return routes

    async def _handle(self) -> None:
        self.dispatcher["username"] = username = await meet(self.bot)
        self.met.set()
        log.info("started", bot=username)
        await self.processor.run()

    async def _once_met(self, work: Callable[[], Awaitable[None]]) -> None:
        await self.met.wait()
        await work()

    async def _lead(self) -> None:
        """What one process does for all: it delivers, polls and cleans up."""
        ticker = Ticker()
        ticker.every(LOOK_AT_ORDERS, self.orders.look)
        ticker.every(UPKEEP, self.upkeep.work)
        ticker.every(UPKEEP, self.counting.work)
        ticker.every(UPKEEP, self.sealing.work)
        self.leading = True
        ticker.start()
        async with Looking() as looking:

            async def look_at_evidence() -> None:
                await self.evidence.work(looking)

            try:
                await self.met.wait()
                ticker.every(LOOK_AT_ORDERS, look_at_evidence)
                ticker.every(LOOK_AT_ORDERS, self.look_at_files)
                # The receiver first: nothing new is confirmed while the others finish.
                works = [("deliverer", self.deliverer.run())]
                if not self.webhook:
                    works.insert(0, ("receiver", self.receiver.run()))
                    works.append(("clockwork", self.clockwork.run(self.timers_changed)))
                await together(works)
            finally:
                self.leading = False
                await ticker.stop()

    async def _tick(self) -> None:
        self.timers_changed.set()
        self.rules.changed.set()
        if self.memory.shared and self.leading:
            # A process that died between its commit and its word has told nobody.
            self.deliverer.wake()
        elif self.memory.shared and not self.webhook:
            self.contact.told(await self.memory.heartbeat())


async def together(works: Sequence[tuple[str, Coroutine[Any, Any, Any]]]) -> None:
    """Work until one of them ends; then all end, the first one first. Raises what it raised."""
    tasks = [asyncio.create_task(work, name=name) for name, work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        _, late = await asyncio.wait(tasks, timeout=GRACE)
        if late:
            log.warning(LATE, works=sorted(task.get_name() for task in late))


@asynccontextmanager
async def program(
    settings: Settings,
    clock: Clock,
    session: BaseSession | None = None,
    rates: Rates | None = None,
    *,
    webhook: bool = False,
) -> AsyncIterator[Program]:
    """A program on an open database; closed at the end."""
    policy = Policy.load(settings.policy_file)
    telegram_clock = TelegramClock(clock, steady)
    server = TelegramAPIServer.from_base(settings.api_base)
    bot = _bot(settings, session or TelegramSession(telegram_clock, api=server))
    memory = await open_database(settings.database_url)
    try:
        yield Program(settings, memory, bot, policy, clock, telegram_clock, rates, webhook=webhook)
    finally:
        await memory.close()
        await bot.session.close()


async def run(
    settings: Settings, clock: Clock, stop: asyncio.Event, *, webhook: bool = False
) -> None:
    """Run until `stop` is set, also while the database is being opened."""
    async with AsyncExitStack() as stack:
        opening = asyncio.ensure_future(
            stack.enter_async_context(program(settings, clock, webhook=webhook))
        )
        told = asyncio.ensure_future(stop.wait())
        await asyncio.wait([opening, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not opening.done():
            opening.cancel()
            await asyncio.wait([opening])
            return
        await opening.result().run(stop)


async def username_of(settings: Settings) -> str:
    """What Telegram calls the bot, asked once. Raises Stopped if it does not answer."""
    bot = _bot(settings, AiohttpSession(api=TelegramAPIServer.from_base(settings.api_base)))
    try:
        return (await bot.get_me(request_timeout=10)).username or ""
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise Stopped(NOT_ACCEPTED) from None
    except AiogramError:
        raise Stopped("Telegram cannot be reached: give the bot's username with --bot") from None
    finally:
        await bot.session.close()


def _bot(settings: Settings, session: BaseSession) -> Bot:
    return Bot(
        settings.bot_token.get_secret_value(),
        session=session,
        default=DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True),
    )
