"""The demo's people, the shop they meet at, and what was ordered there.

Everything is dated from the demo's start, so that windows are open, closing and closed on any
day. Aygün reads English and lives in Baku, Dmitry reads Russian and lives in Moscow; Emre sells
from İzmir, Olga owns the desk, and Vera moderates there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.money import Money
from bot.domain.orders import (
    DeliveryMethod,
    Order,
    OrderLine,
    OrderStatus,
    Posting,
    hash_of_code,
    routes_of,
)
from bot.playground.chats import Chat
from bot.playground.people import Person
from bot.playground.telegram import Telegram
from bot.playground.wire import Json
from bot.services.links import invitation_parameter, order_parameter
from bot.services.records import Seller

Words = Mapping[str, str]
"""The same thing in each language of the page."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """One person of the cast. `orders` are those whose links the shop's messages brought."""

    id: int
    first_name: str
    last_name: str
    role: str
    language: str
    place: Words
    zone: str
    about: Words
    username: str = ""
    phone: str = ""
    orders: tuple[str, ...] = ()


ANATOLIA = Seller(
    code="anatolia-home",
    name="Anatolia Home",
    country="TR",
    zone="Europe/Istanbul",
    address="Anatolia Home, Kıbrıs Şehitleri Cad. 48, 35220 Konak, İzmir, Türkiye",
)

CODE_OF_DMITRY = "4831-92"
"""The access code printed with Dmitry's older order."""

AYGUN = Member(
    id=5_000_000_001,
    first_name="Aygün",
    last_name="Mammadova",
    username="aygun_m",
    phone="+994501234567",
    role="customer",
    language="en",
    place={"en": "Baku", "ru": "Баку"},
    zone="Asia/Baku",
    about={
        "en": "Aygün shops at Anatolia Home. The shop's messages brought her a link to each of "
        "these orders; all others come when she shares her phone number.",
        "ru": "Айгюн покупает в Anatolia Home. В сообщениях магазина были ссылки на эти заказы; "
        "остальные найдутся, когда она поделится номером телефона.",
    },
    orders=("33920142-0037", "33920142-0038", "33920142-0039"),
)
DMITRY = Member(
    id=5_000_000_002,
    first_name="Дмитрий",
    last_name="Орлов",
    phone="+79161234567",
    role="customer",
    language="ru",
    place={"en": "Moscow", "ru": "Москва"},
    zone="Europe/Moscow",
    about={
        "en": "Dmitry has a link to one order. For the others he shares his phone number, or "
        f"types the order number 33920177-0102 and its code {CODE_OF_DMITRY}.",
        "ru": "У Дмитрия есть ссылка на один заказ. Для остальных он поделится номером телефона "
        f"или введёт номер заказа 33920177-0102 и код {CODE_OF_DMITRY}.",
    },
    orders=("33920177-0101",),
)
EMRE = Member(
    id=5_000_000_003,
    first_name="Emre",
    last_name="Yılmaz",
    username="anatolia_home",
    role="seller",
    language="en",
    place={"en": "İzmir", "ru": "Измир"},
    zone="Europe/Istanbul",
    about={
        "en": "Emre sells as Anatolia Home. Support has sent him an invitation; it works once.",
        "ru": "Эмре торгует как Anatolia Home. Поддержка прислала ему приглашение: "
        "оно действует один раз.",
    },
)
OLGA = Member(
    id=5_000_000_004,
    first_name="Olga",
    last_name="Belova",
    role="admin",
    language="en",
    place={"en": "Moscow", "ru": "Москва"},
    zone="Europe/Moscow",
    about={
        "en": "Olga owns this desk: she decides disputes and marks refunds as paid.",
        "ru": "Ольга отвечает за этот бот: решает споры и отмечает выплаты.",
    },
)
VERA = Member(
    id=5_000_000_005,
    first_name="Vera",
    last_name="Sokolova",
    role="moderator",
    language="en",
    place={"en": "Tbilisi", "ru": "Тбилиси"},
    zone="Asia/Tbilisi",
    about={
        "en": "Vera moderates: she talks to both sides of a dispute, proposes, and decides. Olga "
        "has sent her an invitation; it works once.",
        "ru": "Вера — модератор: говорит с обеими сторонами спора, предлагает и решает. Ольга "
        "прислала ей приглашение: оно действует один раз.",
    },
)
CAST = (AYGUN, DMITRY, EMRE, OLGA, VERA)

INVITED: Mapping[Member, Words] = {
    EMRE: {"en": f"Invitation of {ANATOLIA.name}", "ru": f"Приглашение для {ANATOLIA.name}"},
    VERA: {"en": "Invitation to moderate", "ru": "Приглашение модератора"},
}
"""Who joins by an invitation, and what its link is called."""


@dataclass(frozen=True, slots=True)
class _Goods:
    """A thing of the catalogue. `price` in roubles; `warranty` in days if the seller sets one."""

    sku: str
    title: Words
    category: str
    price: str
    weight_g: int
    warranty: int | None = None

    def line(self, language: str, quantity: int = 1) -> OrderLine:
        return OrderLine(
            sku=self.sku,
            title=self.title[language],
            category=self.category,
            unit_price=Money.of(self.price),
            quantity=quantity,
            weight_g=self.weight_g,
            warranty_days=self.warranty,
        )


_MUG = _Goods(
    "MUG-TERRA",
    {"en": "Hand-painted coffee mug", "ru": "Кружка ручной росписи"},
    "other",
    "2490",
    420,
)
_LAMP = _Goods(
    "LAMP-BRASS",
    {"en": "Brass table lamp", "ru": "Латунная настольная лампа"},
    "other",
    "6900",
    1800,
)
_SPOON = _Goods(
    "SPOON-OLIVE",
    {"en": "Olive-wood serving spoon", "ru": "Ложка из оливы"},
    "other",
    "1150",
    120,
)
_CHOCOLATE = _Goods(
    "CACAO-10",
    {"en": "Lokum & Cacao, box of ten", "ru": "Конфеты Lokum & Cacao, 10 штук"},
    "food",
    "1950",
    300,
)
_BRUSH = _Goods(
    "BRUSH-OAK",
    {"en": "Oak hair brush", "ru": "Дубовая щётка для волос"},
    "hygiene",
    "2150",
    160,
)
_HEADPHONES = _Goods(
    "SOUND-AIR",
    {"en": "Wireless headphones", "ru": "Беспроводные наушники"},
    "technically_complex",
    "12990",
    310,
    365,
)
_KETTLE = _Goods(
    "KETTLE-17",
    {"en": "Electric kettle, 1.7 l", "ru": "Электрический чайник, 1,7 л"},
    "technically_complex",
    "4790",
    1250,
)
_SNEAKERS = _Goods(
    "STEP-42",
    {"en": "Leather sneakers, size 42", "ru": "Кожаные кроссовки, размер 42"},
    "other",
    "7400",
    900,
)


def orders(now: datetime, language: str = "en") -> tuple[Order, ...]:
    """What the cast has ordered as of `now` (UTC), newest first for each customer.

    `language` is that of Aygün's titles; Dmitry's are always Russian.
    """

    def of_aygun(
        number: str,
        ago: timedelta | None,
        *lines: tuple[_Goods, int],
        status: OrderStatus = OrderStatus.DELIVERED,
    ) -> Order:
        return _order(
            AYGUN, number, now, ago, [goods.line(language, n) for goods, n in lines], status
        )

    def of_dmitry(number: str, ago: timedelta, goods: _Goods, code: str | None = None) -> Order:
        lines = [goods.line("ru")]
        return _order(DMITRY, number, now, ago, lines, OrderStatus.DELIVERED, code)

    days = timedelta(days=1)
    return (
        of_aygun("33920142-0040", None, (_KETTLE, 1), status=OrderStatus.COURIER_ON_THE_WAY),
        of_aygun("33920142-0039", timedelta(hours=9), (_CHOCOLATE, 2)),
        of_aygun("33920142-0037", 2 * days, (_MUG, 2), (_LAMP, 1)),
        of_aygun("33920142-0038", 3 * days, (_SPOON, 3)),
        of_aygun("33920142-0036", 5 * days, (_BRUSH, 1)),
        of_aygun("33920142-0031", 20 * days, (_SNEAKERS, 1)),
        of_aygun("33920142-0027", 40 * days, (_HEADPHONES, 1)),
        of_dmitry("33920177-0101", 4 * days, _SNEAKERS),
        of_dmitry("33920177-0100", 6 * days, _KETTLE),
        of_dmitry("33920177-0102", 1 * days, _LAMP, CODE_OF_DMITRY),
    )


def _order(
    customer: Member,
    number: str,
    now: datetime,
    ago: timedelta | None,
    lines: Sequence[OrderLine],
    status: OrderStatus,
    code: str | None = None,
) -> Order:
    delivered_at = now - ago if ago is not None else None
    country = "AZ" if customer is AYGUN else "RU"
    delivery = DeliveryMethod.SELLER_COURIER
    return Order(
        number=number,
        seller=ANATOLIA.code,
        seller_country=ANATOLIA.country,
        created_at=(delivered_at or now) - timedelta(days=6),
        postings=(
            Posting(
                number=f"{number}-1",
                status=status,
                lines=tuple(lines),
                delivered_at=delivered_at,
            ),
        ),
        code_hash=hash_of_code(number, code) if code else None,
        customer_name=f"{customer.first_name} {customer.last_name}",
        phone=customer.phone,
        language=customer.language,
        country=country,
        zone=customer.zone,
        delivery=delivery,
        routes=routes_of(delivery, country, ANATOLIA.country),
    )


GROUP: Words = {"en": "Anatolia support", "ru": "Поддержка Anatolia"}
"""The group of the staff, where each dispute has a topic."""


def gather(telegram: Telegram, language: str | None = None) -> Chat:
    """Put the staff of the cast, and the bot, into a group with topics."""
    staff = (telegram.people[member.id] for member in (OLGA, VERA))
    return telegram.add_group(GROUP[language or "en"], *staff, forum=True, administrator=True)


def assemble(telegram: Telegram, language: str | None = None) -> dict[int, Person]:
    """Give the cast their Telegram accounts, by id; `language` instead of everybody's own."""
    return {
        member.id: telegram.add_person(
            member.first_name,
            language or member.language,
            id=member.id,
            last_name=member.last_name,
            username=member.username,
            phone=member.phone,
            role=member.role,
        )
        for member in CAST
    }


def links(
    member: Member, ordered: Sequence[Order], secret: str, invitation: str = ""
) -> tuple[Json, ...]:
    """The links that a person has received, for the page: `label` in its languages, `payload`.

    `invitation` is the token that was issued for the person.
    """
    received: list[Json] = [
        {
            "label": _label(order),
            "payload": order_parameter(order.number, secret),
        }
        for number in member.orders
        for order in ordered
        if order.number == number
    ]
    if member in INVITED and invitation:
        received.append({"label": INVITED[member], "payload": invitation_parameter(invitation)})
    return tuple(received)


def _label(order: Order) -> Words:
    titles = ", ".join(line.title for posting in order.postings for line in posting.lines)
    return {"en": f"{titles} · order {order.number}", "ru": f"{titles} · заказ {order.number}"}


def facts(person: Person, received: Sequence[Json] = ()) -> Json:
    """What the page shows of a person besides the chat; see `play.py`."""
    member = next((each for each in CAST if each.id == person.id), None)
    if member is None:
        return {}
    return {
        "place": dict(member.place),
        "zone": member.zone,
        "about": dict(member.about),
        "links": list(received),
    }
