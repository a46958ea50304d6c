"""The whole program on a small stage: people press labels, a clock is moved, nothing else is fake.

    async with world(url) as w:
        anna = await w.customer("Anna", order("1001"))
        await w.press(anna, "Open the order", "Return products")
        await w.later(hours=24)
        assert "Approved" in anna.screen

The program runs as in `returndesk run`: a real aiogram `Bot`, the real workers, a real database.
Telegram is the playground in process, and the clock stands still between moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from bot import app
from bot.app import Program, program
from bot.domain.cases import ReturnCase, Role
from bot.domain.money import LedgerLine, Money
from bot.domain.orders import (
    DeliveryMethod,
    Order,
    OrderLine,
    OrderStatus,
    Posting,
    hash_of_code,
    routes_of,
)
from bot.playground.clock import MovableClock
from bot.playground.people import Person
from bot.playground.session import PlaygroundSession
from bot.playground.telegram import Telegram
from bot.services.again import until_kept
from bot.services.links import (
    invitation_parameter,
    new_invitation,
    order_parameter,
    token_hash,
)
from bot.services.ports import Unit
from bot.services.records import HistoryLine, Invitation, Seller
from bot.settings import Settings
from bot.workers.permits import Rates
from storage import tables
from storage.beside import reading
from storage.checking import examine

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
TOKEN = "42:tests"
OWNER = 9_000_000_001
_HAPPENED = select(tables.history.c.row, tables.history.c.event).distinct()
LOOKS = {"Photos", "Show the rule", "What happens next?", "Get the record", "Rate the handling"}
"""Buttons of a card that change nothing of the return."""
SELLER = Seller(
    code="acme", name="Acme", country="TR", zone="Europe/Istanbul", address="Acme, İzmir 35220"
)


@dataclass
class World:
    """A stage with the program behind it."""

    telegram: Telegram
    clock: MovableClock
    running: Program
    owner: Person

    # ------------------------------------------------------------------ who is there

    async def customer(
        self, name: str, *orders: Order, language: str = "en", phone: str = ""
    ) -> Person:
        """A person who has opened the links of these orders, which are now known."""
        person = self.telegram.add_person(name, language, phone=phone, role="customer")
        await self.know(*orders)
        person.start()
        for order in orders:
            await self.settle()
            person.start(order_parameter(order.number, self.running.settings.secret))
        await self.settle()
        return person

    async def seller(
        self, name: str = "Emre", seller: Seller = SELLER, language: str = "en"
    ) -> Person:
        """A person who has accepted an invitation into the seller's team."""
        person = self.telegram.add_person(name, language, role="seller")
        await self._join(person, await self.invite(Role.SELLER, seller))
        return person

    async def moderator(self, name: str = "Olga", language: str = "en") -> Person:
        """A person who has accepted an invitation to moderate."""
        person = self.telegram.add_person(name, language, role="moderator")
        await self._join(person, await self.invite(Role.MODERATOR))
        return person

    async def _join(self, person: Person, token: str) -> None:
        person.start(invitation_parameter(token))
        await self.settle()
        await self.press(person, self.words(person)("Accept the invitation"))

    def words(self, person: Person) -> Callable[..., str]:
        """The catalogue of a person: `words(anna)("Approve")` is the label she reads."""
        return self.running.catalogues.texts(person.language_code).plain

    async def invite(self, role: Role, seller: Seller | None = None) -> str:
        """The token of a new invitation; the seller is known from now on."""
        token = new_invitation()
        invitation = Invitation(
            token_hash=token_hash(token),
            role=role,
            seller=seller.code if seller else None,
            by=OWNER,
            expires_at=self.clock() + timedelta(days=7),
        )
        if seller is not None:
            await self.keep(lambda unit: unit.accounts.save_seller(seller))
        await self.keep(lambda unit: unit.accounts.invite(invitation))
        return token

    async def know(self, *orders: Order) -> None:
        """Let the marketplace tell of these orders."""
        await self.keep(lambda unit: unit.orders.save_all(orders))

    async def keep(self, fill: Callable[[Unit], None]) -> None:
        """Store something while the program works: whoever comes second tries again."""

        async def once() -> None:
            async with self.running.memory.group() as group:
                unit = group.unit(self.clock())
                fill(unit)
                group.keep(unit)
                await group.commit()

        await until_kept(once)

    # ------------------------------------------------------------------ what they do

    async def press(self, person: Person, *labels: str) -> None:
        """Press buttons one after the other, each on what is there by then."""
        for label in labels:
            person.press(label)
            await self.settle()

    async def say(self, person: Person, *texts: str) -> None:
        """Write messages one after the other."""
        for text in texts:
            person.send(text)
            await self.settle()

    async def agree(self, person: Person, action: str) -> None:
        """Press an action of a card, by its English name, and say yes."""
        t = self.words(person)
        await self.press(person, t(action), t("Yes: {what}", what=t(action)))

    async def ask(self, person: Person, reason: str = "I changed my mind", photos: int = 1) -> None:
        """Ask to return the only product of the order that was opened last."""
        t = self.words(person)
        await self.press(person, t("Open the order"), t("Return products"), t(reason))
        await self.say(person, "It is not what I hoped for / Не то, что ожидалось")
        await self.show(person, photos)
        await self.press(person, t("Done"), t("Send"))

    async def ask_for(self, person: Person, number: str) -> None:
        """Ask to return the only product of one order among several."""
        await self.say(person, "/orders")
        await self.press(person, number, "Return products", "I changed my mind", "Skip")
        await self.show(person)
        await self.press(person, "Done", "Send")

    async def show(self, person: Person, photos: int = 1) -> None:
        """Send photos: one, or an album."""
        if photos == 1:
            person.send_photo()
        else:
            person.send_album(photos)
        await self.settle()

    async def later(self, **length: float) -> None:
        """Move the clock; whatever falls due meanwhile happens."""
        await self.running.jump(lambda: self.clock.move(timedelta(**length)))
        await self.settle()

    async def settle(self) -> None:
        """Wait until the program has nothing left to do."""
        async with asyncio.timeout(60):
            while await self._busy():
                await asyncio.sleep(0.001)
        assert not self.telegram.violations, self.telegram.violations

    async def _busy(self) -> bool:
        """Whether there is something to do, now or once an album has had its second to grow."""
        if self.telegram.updates.pending or await self.running.busy():
            return True
        at = await self.running.memory.next_outgoing_at(self.clock())
        if at is None or at > self.clock() + timedelta(seconds=2):
            return False
        self.clock.move_to(max(at, self.clock()))
        self.running.deliverer.wake()
        return True

    # ------------------------------------------------------------------ what is there

    async def case(self, id: int = 1) -> ReturnCase:
        """A case as it is stored."""
        async with self.running.memory.reading(self.clock()) as unit:
            case = await unit.cases.get(id)
        assert case is not None
        return case

    async def history(self, id: int = 1) -> Sequence[HistoryLine]:
        """All that happened to a case."""
        async with self.running.memory.reading(self.clock()) as unit:
            return await unit.cases.history(id)

    async def ledger(self, id: int = 1) -> Sequence[LedgerLine]:
        """The money that a case has moved."""
        async with self.running.memory.reading(self.clock()) as unit:
            return await unit.cases.ledger(id)


def order(
    number: str = "1001",
    price: str = "2500.00",
    *,
    quantity: int = 1,
    delivered: datetime | None = START - timedelta(days=2),
    category: str = "other",
    title: str = "Coffee mug",
    phone: str = "+994501234567",
    code: str | None = "4831",
    more: Sequence[OrderLine] = (),
) -> Order:
    """An order of the seller `acme`, delivered two days before the start."""
    line = OrderLine(
        sku="A-1",
        title=title,
        category=category,
        unit_price=Money.of(price),
        quantity=quantity,
        weight_g=800,
    )
    status = OrderStatus.DELIVERED if delivered else OrderStatus.COURIER_ON_THE_WAY
    return Order(
        number=number,
        seller=SELLER.code,
        seller_country=SELLER.country,
        created_at=START - timedelta(days=9),
        postings=(
            Posting(
                number=f"{number}-1", status=status, lines=(line, *more), delivered_at=delivered
            ),
        ),
        code_hash=hash_of_code(number, code) if code else None,
        customer_name="Anna",
        phone=phone,
        language="en",
        country="AZ",
        zone="Asia/Baku",
        delivery=DeliveryMethod.SELLER_COURIER,
        routes=routes_of(DeliveryMethod.SELLER_COURIER, "AZ", "TR")[:1],
    )


MET: set[str] = set()
"""What has happened on the stages of this process: row of the table and event, `07 approve`."""


@asynccontextmanager
async def whole(database_url: str) -> AsyncIterator[None]:
    """Whatever was played, in the end what is stored holds together (B6)."""
    yield
    async with reading(database_url) as connection:
        wrong = [fault async for looked in examine(connection) for fault in looked.wrong]
        lines = await connection.execute(_HAPPENED)
        MET.update(f"{line.row} {line.event}" for line in lines)
    assert not wrong, wrong


@asynccontextmanager
async def world(
    database_url: str,
    folder: Path,
    start: datetime = START,
    *,
    before: World | None = None,
    owner_opens: bool = True,
) -> AsyncIterator[World]:
    """A running program on a migrated database, its owner at the desk unless told otherwise.

    `before`: a stage that has ended; its Telegram and its clock go on.
    """
    if before is None:
        clock = MovableClock(start, frozen=True)
        telegram = Telegram(clock, TOKEN, "return_desk_bot")
        owner = telegram.add_person("Olga", "en", id=OWNER, role="admin")
    else:
        clock, telegram, owner = before.clock, before.telegram, before.owner
    settings = Settings(
        bot_token=SecretStr(TOKEN),
        database_url=database_url,
        owner_ids=(OWNER,),
        orders_folder=folder / "orders",
        evidence_folder=folder / "evidence",
        _env_file=None,
    )
    session = PlaygroundSession(telegram)
    # Folders and photos are looked at when a story says so, however long it takes on the wall.
    app.LOOK_AT_ORDERS = timedelta(days=1)
    async with (
        whole(database_url),
        program(settings, clock, session, rates=Rates(held_s=0.0)) as running,
    ):

        async def committed(ids: list[int]) -> None:
            assert await running.memory.last_update_id() >= max(ids), "confirmed, not committed"

        telegram.on_confirm = committed
        stop = asyncio.Event()
        work = asyncio.create_task(running.run(stop))
        here = World(telegram, clock, running, owner)
        try:
            if owner_opens and before is None:
                owner.start()
            await here.settle()
            yield here
        finally:
            stop.set()
            await work
