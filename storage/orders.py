"""Orders as the marketplace has told them, who owns them, and which units are free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Text, bindparam, func, select, union

from bot.domain.orders import Order, dump_order, holds_units, load_order, updated
from bot.services.names import name_words
from bot.services.records import Page, Search
from storage import tables
from storage.effects import Phase, Row, Write, every, insert, to_all, upsert
from storage.errors import Unreadable
from storage.gathered import KEYS, Reads, decoded
from storage.line import Line
from storage.paging import Asked, bounds, paged, pages_of, read_pages
from storage.reminding import changed
from storage.repository import Repository
from storage.seen import seen

_order, _unit = tables.orders.c, tables.case_units.c

SAVE = upsert(tables.orders, keep=("owner",), once=True)
CLAIM = every(
    Phase.LAST,
    tables.orders.update()
    .where(_order.number == bindparam("number_"))
    .values(owner=bindparam("owner_", type_=_order.owner.type)),
    table=tables.orders,
)
NAMED = insert(tables.order_names)
UNNAMED = to_all(
    Phase.CLEAR, tables.order_names.delete().where(tables.order_names.c.number.in_(KEYS))
)
MISS = insert(tables.misses)

_BY_NUMBER = select(tables.orders).where(_order.number.in_(KEYS))
_OF_CUSTOMER = pages_of(_order.owner, _order.body, _order.created_at.desc(), _order.number.desc())
_COUNTS = (
    select(_order.owner, func.count().label("orders"))
    .where(_order.owner.in_(KEYS))
    .group_by(_order.owner)
)
_UNCLAIMED = (
    select(_order.phone, _order.body)
    .where(_order.phone.in_(KEYS), _order.owner.is_(None))
    .order_by(_order.created_at.desc(), _order.number)
)
_account, _case = tables.accounts.c, tables.cases.c
_owned = tables.orders.join(tables.accounts, _account.id == _order.owner)
_LAST_LETTER = "\U0010ffff"


@lru_cache(maxsize=32)
def _found(dialect: str, words: int) -> Select[Any]:
    """The orders that fit a search with so many words of a name; each of its ways has an index."""
    phone = bindparam("phone", type_=Text)
    ways = [
        select(_order.number).where(_order.number == bindparam("number", type_=Text)),
        select(_case.order_number).where(_case.track == bindparam("track", type_=Text)),
        select(_order.number).where(_order.phone == phone),
        select(_order.number).select_from(_owned).where(_account.phone == phone),
    ]
    if words:
        orders = _with_names(tables.order_names.c.number, dialect, words)
        people = _with_names(tables.account_names.c.account, dialect, words)
        ways += [orders, select(_order.number).where(_order.owner.in_(people))]
    newest = (_order.created_at.desc(), _order.number.desc())
    return paged(select(_order.body).where(_order.number.in_(union(*ways))).order_by(*newest))


def _with_names(whose: Column[Any], dialect: str, words: int) -> Select[Any]:
    """Those who have a word that begins like the first, and one for each of the others."""
    first, other = whose.table.alias(), whose.table.alias()
    others = [
        select(1).where(other.c[whose.key] == first.c[whose.key], _begins(other.c.word, dialect, n))
        for n in range(1, words)
    ]
    return select(first.c[whose.key]).where(
        _begins(first.c.word, dialect, 0), *(each.exists() for each in others)
    )


def _begins(word: Column[Any], dialect: str, n: int) -> ColumnElement[bool]:
    start, behind = bindparam(f"word{n}", type_=Text), bindparam(f"behind{n}", type_=Text)
    if dialect == "sqlite":
        return (word >= start) & (word < behind)
    # Comparing bytes, as the index does, whatever the language of the database.
    return word.bool_op("~>=~")(start) & word.bool_op("~<~")(behind)


_USED = (
    select(_unit.order_number, _unit.posting, _unit.sku, func.sum(_unit.units).label("used"))
    .join(tables.cases, tables.cases.c.id == _unit.case_id)
    .where(
        _unit.order_number.in_(KEYS),
        holds_units(tables.cases.c.live, tables.cases.c.status),
    )
    .group_by(_unit.order_number, _unit.posting, _unit.sku)
)
_held = tables.withholdings.c
_HELD_BACK = (
    select(_held.order_number, _held.posting, _held.sku, func.sum(_held.units).label("used"))
    .where(_held.order_number.in_(KEYS))
    .group_by(_held.order_number, _held.posting, _held.sku)
)
# A product that was missing cannot come back, whoever paid for it in the end.
_USED_UNITS = _USED.union_all(_HELD_BACK)
_MISSES = (
    select(tables.misses.c.at)
    .where(
        tables.misses.c.account == bindparam("account_"), tables.misses.c.at > bindparam("since")
    )
    .order_by(tables.misses.c.at)
)

Units = dict[tuple[str, str], int]


Owned = tuple[Order, int | None]
"""An order and who owns it."""


_order_of = seen(load_order)
"""Who fills in a form asks for the same order at every step."""


def _read(body: str) -> Order | Unreadable:
    return decoded(_order_of, body, "an order")


def _readable(bodies: Iterable[str]) -> tuple[Order, ...]:
    """What can be read of a list: it is of use without the rest."""
    return tuple(each for each in map(_read, bodies) if not isinstance(each, Unreadable))


class StoredOrders(Repository):
    """The unit's view of the orders."""

    def forget(self) -> None:
        self._claimed: dict[str, int] = {}
        self._missed: list[tuple[int, datetime]] = []

    async def get(self, number: str) -> Order | None:
        # Whoever looks at an order asks what of it can be returned.
        self._reads.expect(_used, number)
        known = await self._reads.ask(_by_number, number)
        return known and known[0]

    async def of_customer(self, account: int, page: Page) -> tuple[Order, ...]:
        return await self._reads.ask(_of_customer, (account, page)) or ()

    async def count_of_customer(self, account: int) -> int:
        return await self._reads.ask(_counts, account) or 0

    async def by_phone(self, phone: str) -> tuple[Order, ...]:
        return await self._reads.ask(_unclaimed, phone) or ()

    async def found(self, search: Search, page: Page) -> tuple[Order, ...]:
        return await self._reads.ask(_searched, (search, page)) or ()

    async def owner(self, number: str) -> int | None:
        if number in self._claimed:
            return self._claimed[number]
        known = await self._reads.ask(_by_number, number)
        return known and known[1]

    def claim(self, number: str, account: int) -> None:
        self._effects.claim(number, account)
        self._claimed[number] = account

    async def used_units(self, number: str) -> Mapping[tuple[str, str], int]:
        return await self._reads.ask(_used, number) or {}

    async def missed(self, account: int, since: datetime) -> tuple[datetime, ...]:
        known = await self._reads.ask(_missed, (account, since)) or ()
        return (*known, *(at for id, at in self._missed if id == account and at > since))

    def missed_claim(self, account: int, at: datetime) -> None:
        self._effects.add(MISS, {"account": account, "at": at})
        self._missed.append((account, at))

    async def news(self, orders: Sequence[Order]) -> Sequence[tuple[Order, bool]]:
        return await self._reads.ask(_news, tuple(orders)) or ()

    def save_all(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._effects.tell(order)


async def taken_orders(reads: Reads, claims: Mapping[str, int]) -> frozenset[str]:
    """Those of these orders that are another person's or unknown.

    What a unit read is still so: where another process has given an order away since, the
    database refuses to write it (PostgreSQL), or nobody could (SQLite).
    """
    known = await reads.ask_all(_by_number, claims)
    return frozenset(
        number
        for (number, who), order in zip(claims.items(), known, strict=True)
        if order is None or order[1] not in (None, who)
    )


def claim_rows(claims: Mapping[str, int]) -> Iterator[tuple[Write, Row]]:
    """The rows that give orders to their owners."""
    for number, account in claims.items():
        yield CLAIM, {"number_": number, "owner_": account}


async def _news(
    connection: Line, asked: Sequence[tuple[Order, ...]]
) -> Mapping[tuple[Order, ...], Sequence[tuple[Order, bool]]]:
    found: dict[tuple[Order, ...], Sequence[tuple[Order, bool]]] = {}
    for orders in asked:
        known = await _by_number(connection, [order.number for order in orders])
        old = {key: each[0] for key, each in known.items() if not isinstance(each, Unreadable)}
        used = await _used(connection, list(old)) if old else {}
        found[orders] = [
            (order, order.number in known)
            for order in orders
            if order.number not in old
            or updated(old[order.number], order, used.get(order.number, {})) != old[order.number]
        ]
    return found


async def told_rows(connection: Line, told: Mapping[str, Order]) -> list[tuple[Write, Row]]:
    """The rows that bring stored orders to what the marketplace tells of them now."""
    numbers = list(told)
    stored = await _by_number(connection, numbers)
    # What cannot be read any more is told anew.
    known = {key: each for key, each in stored.items() if not isinstance(each, Unreadable)}
    used = await _used(connection, list(known)) if known else {}
    rows: list[tuple[Write, Row]] = []
    for number, order in told.items():
        old, _ = known.get(number, (None, None))
        now = updated(old, order, used.get(number, {})) if old else order
        row = {
            "number": number,
            "owner": None,
            "phone": now.phone,
            "created_at": now.created_at,
            "body": dump_order(now),
        }
        rows.append((SAVE, row))
        if old is None or old.customer_name != now.customer_name:
            rows += _named(number, now.customer_name, again=number in stored)
    rows += changed(number for number, (old, _) in known.items() if old != told[number])
    return rows


def _named(number: str, name: str, *, again: bool) -> Iterator[tuple[Write, Row]]:
    """The rows by which an order is found by its customer's name."""
    if again:
        yield UNNAMED, {"key": number}
    for word in name_words(name):
        yield NAMED, {"number": number, "word": word}


async def _by_number(connection: Line, numbers: Sequence[str]) -> Mapping[str, Owned | Unreadable]:
    found: dict[str, Owned | Unreadable] = {}
    for row in await connection.execute(_BY_NUMBER, {"keys": list(numbers)}):
        order = _read(row.body)
        found[row.number] = order if isinstance(order, Unreadable) else (order, row.owner)
    return found


async def _of_customer(
    connection: Line, asked: Sequence[Asked]
) -> Mapping[Asked, tuple[Order, ...]]:
    pages = await read_pages(connection, _OF_CUSTOMER, asked)
    return {key: _readable(bodies) for key, bodies in pages.items()}


async def _counts(connection: Line, accounts: Sequence[int]) -> Mapping[int, int]:
    rows = await connection.execute(_COUNTS, {"keys": list(accounts)})
    return {row.owner: row.orders for row in rows}


async def _unclaimed(connection: Line, phones: Sequence[str]) -> Mapping[str, tuple[Order, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in await connection.execute(_UNCLAIMED, {"keys": list(phones)}):
        found[row.phone].append(row.body)
    return {phone: _readable(bodies) for phone, bodies in found.items()}


async def _searched(
    connection: Line, asked: Sequence[tuple[Search, Page]]
) -> Mapping[tuple[Search, Page], tuple[Order, ...]]:
    found: dict[tuple[Search, Page], tuple[Order, ...]] = {}
    for search, page in asked:
        # The longest word is begun by the fewest.
        words = sorted(search.name, key=len, reverse=True)
        values = {
            "number": search.number,
            "track": search.track,
            "phone": search.phone,
            **{f"word{n}": word for n, word in enumerate(words)},
            **{f"behind{n}": word + _LAST_LETTER for n, word in enumerate(words)},
            **bounds(page),
        }
        query = _found(connection.dialect.name, len(words))
        rows = await connection.execute(query, values)
        found[search, page] = _readable(row.body for row in rows)
    return found


async def _used(connection: Line, numbers: Sequence[str]) -> Mapping[str, Units]:
    used: dict[str, Units] = defaultdict(dict)
    for row in await connection.execute(_USED_UNITS, {"keys": list(numbers)}):
        units = used[row.order_number]
        units[row.posting, row.sku] = units.get((row.posting, row.sku), 0) + int(row.used)
    return used


async def _missed(
    connection: Line, asked: Sequence[tuple[int, datetime]]
) -> Mapping[tuple[int, datetime], Sequence[datetime]]:
    return {
        (account, since): (await connection.execute(_MISSES, {"account_": account, "since": since}))
        .scalars()
        .all()
        for account, since in asked
    }
