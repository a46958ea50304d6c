"""Lists of returns, sorted for those who work on them, and counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    ScalarSelect,
    Table,
    TextClause,
    bindparam,
    cast,
    func,
    select,
    text,
    union,
)

from bot.domain.cases import ReturnCase, Status, load_case, return_number
from bot.services.records import Only, Page, SpotKind
from storage import tables
from storage.errors import Unreadable
from storage.gathered import KEYS, Query, decoded
from storage.line import Line
from storage.outbox import STOPPED
from storage.paging import Asked, bounds, paged, pages_of, read_pages
from storage.seen import seen

_case = tables.cases.c
W = TypeVar("W", str, bool)
"""Which part of a list."""

BODIES = select(_case.id, _case.body)
_OF_CUSTOMER = pages_of(_case.customer, _case.body, _case.id.desc())
_OPEN = (
    select(_case.id)
    .where(_case.due_at.is_not(None), _case.id > bindparam("after"))
    .order_by(_case.id)
    .limit(bindparam("most"))
)


# The nearest deadline first, then what has none.
_BY_DEADLINE = (_case.due_at.is_(None), _case.due_at, _case.id)
_OF_SELLERS = paged(BODIES.where(text(tables.LIVE), _case.seller.in_(KEYS)).order_by(*_BY_DEADLINE))
_RETURN = f"{SpotKind.RETURN}:"
_SIGHTED = [
    select(cast(func.substr(spot, len(_RETURN) + 1), BigInteger)).where(
        func.substr(spot, 1, len(_RETURN)) == _RETURN
    )
    for spot in (tables.sightings.c.spot, tables.sightings.c.older)
]
_STAFFS = text(tables.STAFFS)
_OF_STAFF = {
    only: paged(BODIES.where(*which).order_by(*_BY_DEADLINE))
    for only, which in {
        "": (_STAFFS,),
        Only.PREMOD: (_STAFFS, _case.status == Status.PREMOD),
        Only.DISPUTE: (_STAFFS, _case.status == Status.DISPUTE),
        Only.ALARM: (_STAFFS, _case.alarmed),
        Only.PHOTO: (text(tables.LIVE), _case.id.in_(union(*_SIGHTED))),
    }.items()
}
_REFUNDS = {
    late: paged(BODIES.where(text(tables.REFUNDS), *which).order_by(_case.status_since, _case.id))
    for late, which in {False: (), True: (_case.alarmed,)}.items()
}
_OF_ORDERS = (
    select(tables.case_units.c.order_number, _case.id, _case.body)
    .join(tables.cases, _case.id == tables.case_units.c.case_id)
    .where(tables.case_units.c.order_number.in_(KEYS))
    .order_by(_case.id)
    .distinct()
)
_AWAITING = BODIES.where(
    text(tables.LIVE), ~_case.address_known, _case.seller == bindparam("seller_")
).order_by(_case.id)

_RECORDS = (
    select(_case.customer, _case.status, func.count().label("cases"))
    .where(_case.customer.in_(KEYS))
    .group_by(_case.customer, _case.status)
)
_line = tables.history.c
_LOST = (
    select(_case.seller, _line.at)
    .join(tables.cases, _case.id == _line.case_id)
    .where(text(tables.LOST), _line.at > bindparam("since"), _case.seller.in_(KEYS))
    .order_by(_line.at)
)
_COUNTS = (
    select(_case.status, func.count().label("cases"))
    .where(text(tables.LIVE))
    .group_by(_case.status)
)
_SOON = timedelta(days=1)
"""What is to be sent later than that waits for a person to open the bot."""
_LATE = timedelta(minutes=1)


def _count(table: Table, *where: ColumnElement[bool] | TextClause) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()


_UNSENT, _ASIDE, _DEAD = text(tables.UNSENT), text(tables.ASIDE), text(tables.DEAD)
_inbox, _outbox, _timer = tables.inbox.c, tables.outbox.c, tables.timers.c
_WAITS = select(
    _count(tables.inbox, text(tables.UNDONE)).label("inbox"),
    _count(tables.inbox, _ASIDE, _inbox.state == "quarantine").label("quarantine"),
    _count(tables.inbox, _ASIDE, _inbox.state == "shed").label("shed"),
    _count(tables.outbox, _UNSENT, _outbox.not_before <= bindparam("soon")).label("outbox"),
    _count(tables.outbox, _UNSENT, _outbox.not_before > bindparam("soon")).label("unopened"),
    _count(tables.outbox, _DEAD, ~STOPPED).label("dead"),
    _count(tables.timers).label("timers"),
    _count(tables.timers, _timer.due_at < bindparam("late")).label("late"),
)


looked_at = seen(load_case)
"""Who looks at orders and returns sees the same ones again and again."""


async def read_cases(connection: Line, query: Executable, **values: Any) -> tuple[ReturnCase, ...]:
    """The cases whose bodies the query selects; what cannot be read is left out."""
    rows = await connection.execute(query, values)
    return _readable(decoded(load_case, row.body, return_number(row.id)) for row in rows)


def _readable(cases: Iterable[ReturnCase | Unreadable]) -> tuple[ReturnCase, ...]:
    # The hourly audit tells the staff of one that is missing: a list is of use without it.
    return tuple(each for each in cases if not isinstance(each, Unreadable))


async def open_cases(connection: Line, after: int, limit: int) -> tuple[int, ...]:
    """The ids of cases with running timers above `after`, in order."""
    rows = await connection.execute(_OPEN, {"after": after, "most": limit})
    return tuple(rows.scalars())


async def of_customers(
    connection: Line, asked: Sequence[Asked]
) -> Mapping[Asked, tuple[ReturnCase, ...]]:
    """Pages of people's own cases, newest first."""
    pages = await read_pages(connection, _OF_CUSTOMER, asked)
    return {
        key: _readable(decoded(looked_at, body, "a return") for body in bodies)
        for key, bodies in pages.items()
    }


async def of_sellers(
    connection: Line, asked: Sequence[tuple[tuple[str, ...], Page]]
) -> Mapping[tuple[tuple[str, ...], Page], tuple[ReturnCase, ...]]:
    """Pages of live cases of sellers, the nearest deadline first."""
    return {
        (codes, page): await read_cases(connection, _OF_SELLERS, keys=list(codes), **bounds(page))
        for codes, page in asked
    }


def _listed(
    queries: Mapping[W, Executable],
) -> Query[tuple[W, Page], tuple[ReturnCase, ...]]:
    async def read(
        connection: Line, asked: Sequence[tuple[W, Page]]
    ) -> Mapping[tuple[W, Page], tuple[ReturnCase, ...]]:
        return {
            (which, page): await read_cases(connection, queries[which], **bounds(page))
            for which, page in asked
        }

    return read


of_staff = _listed(_OF_STAFF)
refunds = _listed(_REFUNDS)


async def of_orders(
    connection: Line, numbers: Sequence[str]
) -> Mapping[str, tuple[ReturnCase, ...]]:
    """All returns of orders, oldest first."""
    found: dict[str, dict[int, str]] = {}
    for row in await connection.execute(_OF_ORDERS, {"keys": list(numbers)}):
        found.setdefault(row.order_number, {})[row.id] = row.body
    return {
        number: _readable(decoded(looked_at, body, "a return") for body in bodies.values())
        for number, bodies in found.items()
    }


async def awaiting_address(
    connection: Line, sellers: Sequence[str]
) -> Mapping[str, tuple[ReturnCase, ...]]:
    """Live cases of sellers who have set no return address."""
    return {code: await read_cases(connection, _AWAITING, seller_=code) for code in sellers}


async def lost_disputes(
    connection: Line, asked: Sequence[tuple[str, datetime]]
) -> Mapping[tuple[str, datetime], tuple[datetime, ...]]:
    """When disputes of sellers were decided for the customer, after an instant."""
    sellers = sorted({seller for seller, _ in asked})
    since = min(since for _, since in asked)
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in await connection.execute(_LOST, {"keys": sellers, "since": since}):
        found[row.seller].append(row.at)
    return {
        (seller, since): tuple(at for at in found[seller] if at > since) for seller, since in asked
    }


async def counts(
    connection: Line, instants: Sequence[datetime]
) -> Mapping[datetime, Mapping[str, int]]:
    """Live cases by status, and what waits at these instants."""
    found: dict[datetime, Mapping[str, int]] = {}
    for now in instants:
        statuses = {row.status: row.cases for row in await connection.execute(_COUNTS)}
        values = {"soon": now + _SOON, "late": now - _LATE}
        (waits,) = (await connection.execute(_WAITS, values)).mappings()
        found[now] = {**statuses, **waits}
    return found


async def records(connection: Line, accounts: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    """How many cases of each status people have, open ones too."""
    found: dict[int, dict[str, int]] = {account: {} for account in accounts}
    for row in await connection.execute(_RECORDS, {"keys": list(accounts)}):
        found[row.customer][row.status] = row.cases
    return found
