"""What is forgotten about people once their returns have been closed for long (S9).

Ids, sums, instants and statuses stay: with the digests of what was deleted the history still
proves that no line was changed. A pass goes through everything in small steps, each a short
transaction; what it comes to twice it finds done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.orders import dump_order, load_order
from bot.services.records import Spot, SpotKind
from storage import looks, tables
from storage.gathered import KEYS

STEP = 50
"""Rows that are changed in a step."""
SCAN = 500
"""Rows that are looked at in a step."""

_case, _file, _order = tables.cases.c, tables.files.c, tables.orders.c
_account, _unit = tables.accounts.c, tables.case_units.c
_before = bindparam("before", type_=tables.Instant)
_after: BindParameter[Any] = bindparam("after")
_kept = or_(_case.live, _case.purged < _case.seq)
"""Of these returns everything is still known."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a pass has come: in which kind of things, and behind which of them."""

    kind: int = 0
    after: Any = None


START = Place()


async def step(connection: AsyncConnection, before: datetime, place: Place) -> Place | None:
    """Forget some of what was closed before this instant. Answers where to go on; None: done."""
    first, forget = _KINDS[place.kind]
    after = await forget(connection, before, first if place.after is None else place.after)
    if after is not None:
        return Place(place.kind, after)
    return Place(place.kind + 1) if place.kind + 1 < len(_KINDS) else None


# ------------------------------------------------------------------------ words and pictures

_CLOSED = (
    select(_case.id)
    .where(text(tables.CLOSED_AND_KEPT), _case.status_since < _before)
    .order_by(_case.status_since)
    .limit(STEP)
    .with_for_update(skip_locked=True)
)
_OF_CLOSED = [
    delete(tables.contents).where(tables.contents.c.case_id.in_(KEYS)),
    delete(tables.evidence).where(tables.evidence.c.case_id.in_(KEYS)),
    update(tables.letters).where(tables.letters.c.case_id.in_(KEYS)).values(salt="", body=""),
    update(tables.cases).where(_case.id.in_(KEYS)).values(purged=_case.seq),
]


async def _closed_returns(connection: AsyncConnection, before: datetime, after: int) -> int | None:
    ids = (await connection.execute(_CLOSED, {"before": before})).scalars().all()
    for statement in _OF_CLOSED if ids else ():
        await connection.execute(statement, {"keys": list(ids)})
    await _no_sightings(connection, [Spot.of_return(id) for id in ids])
    return after + 1 if ids else None


_held, _sighting = tables.withholdings.c, tables.sightings.c
_OVER = (
    select(_held.id)
    .where(
        func.coalesce(_held.ruled_at, _held.at) < _before,
        _held.state.in_(["upheld", "given_back", "lapsed"]),
        or_(_held.contest.is_not(None), _held.ruling.is_not(None), _held.photos != "[]"),
    )
    .order_by(_held.id)
    .limit(STEP)
)
_WORDLESS = (
    update(tables.withholdings)
    .where(_held.id.in_(KEYS))
    .values(contest=None, ruling=None, photos="[]")
)
_NO_DISPLAYS = delete(tables.displays).where(tables.displays.c.spot.in_(KEYS))
_NO_SIGHTINGS = (
    delete(tables.sightings).where(_sighting.spot.in_(KEYS)),
    delete(tables.sightings).where(_sighting.older.in_(KEYS)),
)


async def _deductions(connection: AsyncConnection, before: datetime, after: int) -> int | None:
    """What was said and shown about deductions that are over."""
    ids = (await connection.execute(_OVER, {"before": before})).scalars().all()
    if not ids:
        return None
    spots = [Spot(SpotKind.DEDUCTION, str(id)) for id in ids]
    await connection.execute(_WORDLESS, {"keys": list(ids)})
    await connection.execute(_NO_DISPLAYS, {"keys": [spot.code for spot in spots]})
    await _no_sightings(connection, spots)
    return after + 1


async def _no_sightings(connection: AsyncConnection, spots: Sequence[Spot]) -> None:
    for statement in _NO_SIGHTINGS if spots else ():
        await connection.execute(statement, {"keys": [spot.code for spot in spots]})


_FILES = select(_file.key, _file.sent_at).where(_file.key > _after).order_by(_file.key).limit(SCAN)
_SHOWN = union(
    select(tables.evidence.c.file).where(tables.evidence.c.file.in_(KEYS)),
    select(tables.displays.c.file).where(tables.displays.c.file.in_(KEYS)),
)
_IN_FORMS = select(_file.key).where(
    _file.key.in_(KEYS),
    select(tables.drafts.c.account).where(tables.drafts.c.body.contains(_file.key)).exists(),
)
_LOOKS = select(_file.picture).where(_file.key.in_(KEYS), _file.picture.is_not(None)).distinct()
_NO_FILES = delete(tables.files).where(_file.key.in_(KEYS))


async def _files(connection: AsyncConnection, before: datetime, after: str) -> str | None:
    """Photos that are shown nowhere any more, or never were, and that are in no open form."""
    rows = (await connection.execute(_FILES, {"after": after})).all()
    old = [row.key for row in rows if row.sent_at is None or row.sent_at < before]
    if old:
        shown = {*(await connection.execute(_SHOWN, {"keys": old})).scalars().all()}
        if gone := {key for key in old if key not in shown}:
            gone -= {*(await connection.execute(_IN_FORMS, {"keys": sorted(gone)})).scalars().all()}
        if gone:
            seen = (await connection.execute(_LOOKS, {"keys": sorted(gone)})).scalars().all()
            await connection.execute(_NO_FILES, {"keys": sorted(gone)})
            await looks.forget(connection, [id for id in seen if id is not None])
    return rows[-1].key if rows else None


# ------------------------------------------------------------------------ names and phones

_RETURNED = (
    select(_unit.case_id)
    .join(tables.cases, _case.id == _unit.case_id)
    .where(_unit.order_number == _order.number, _kept)
)
_ORDERS = (
    select(_order.number, _order.body)
    .where(text(tables.ORDERS_KEPT), _order.created_at < _before, ~_RETURNED.exists())
    .order_by(_order.created_at)
    .limit(STEP)
    .with_for_update(skip_locked=True, of=tables.orders)
)
_FORGOTTEN = (
    update(tables.orders)
    .where(_order.number == bindparam("number_"))
    .values(body=bindparam("body_"), phone=None, purged=True)
)
_NO_ORDER_NAMES = delete(tables.order_names).where(tables.order_names.c.number.in_(KEYS))


async def _orders(connection: AsyncConnection, before: datetime, after: int) -> int | None:
    rows = (await connection.execute(_ORDERS, {"before": before})).all()
    nameless = [{"number_": row.number, "body_": without_person(row.body)} for row in rows]
    if nameless:
        await connection.execute(_FORGOTTEN, nameless)
        await connection.execute(_NO_ORDER_NAMES, {"keys": [row.number for row in rows]})
    return after + 1 if rows else None


_ACCOUNTS = (
    select(_account.id, _account.name, _account.phone, _account.started_at)
    .where(_account.id > _after)
    .order_by(_account.id)
    .limit(SCAN)
)
_KNOWN = [
    select(tables.memberships.c.account).where(tables.memberships.c.account.in_(KEYS)),
    select(tables.drafts.c.account).where(tables.drafts.c.account.in_(KEYS)),
    select(_case.customer).where(_case.customer.in_(KEYS), _kept),
    select(_order.owner).where(_order.owner.in_(KEYS), ~_order.purged),
]
_NAMELESS = (
    update(tables.accounts)
    .where(
        _account.id == bindparam("id_"),
        _account.name == bindparam("name_"),
        _account.phone.is_not_distinct_from(bindparam("phone_", type_=Text)),
    )
    .values(name="", phone=None)
)
"""What somebody has saved meanwhile is not what was looked at: it stays."""
_NO_ACCOUNT_NAMES = delete(tables.account_names).where(
    tables.account_names.c.account.in_(
        select(_account.id).where(_account.id.in_(KEYS), _account.name == "")
    )
)


async def _people(connection: AsyncConnection, before: datetime, after: int) -> int | None:
    """People without a role, a form, a return or an order of which something is still known.

    Who writes again has a name again.
    """
    rows = (await connection.execute(_ACCOUNTS, {"after": after})).all()
    old = {
        row.id: {"id_": row.id, "name_": row.name, "phone_": row.phone}
        for row in rows
        if (row.name or row.phone) and (row.started_at is None or row.started_at < before)
    }
    for query in _KNOWN if old else ():
        for known in (await connection.execute(query, {"keys": sorted(old)})).scalars():
            old.pop(known, None)
    if old:
        await connection.execute(_NAMELESS, list(old.values()))
        await connection.execute(_NO_ACCOUNT_NAMES, {"keys": list(old)})
    return rows[-1].id if rows else None


# --------------------------------------------------------------------------- what was raw

_UNOPENED = text("state = 'new' AND not_before - created_at > 31536000000000")
"""What was put off by more than a year waits for a person who never opened the bot."""
_LONG_CLOSED = select(_case.id).where(~_case.live, _case.status_since < _before)
_RAW = [
    update(tables.ratings)
    .where(text(tables.WORDED), tables.ratings.c.case_id.in_(_LONG_CLOSED))
    .values(word=None),
    delete(tables.inbox).where(
        tables.inbox.c.state == "quarantine", tables.inbox.c.received_at < _before
    ),
    delete(tables.outbox).where(
        or_(tables.outbox.c.state == "dead", _UNOPENED), tables.outbox.c.created_at < _before
    ),
    delete(tables.misses).where(tables.misses.c.at < _before),
    delete(tables.imports).where(tables.imports.c.at < _before),
    update(tables.blocks)
    .where(
        tables.blocks.c.at < _before,
        or_(tables.blocks.c.state == "lifted", tables.blocks.c.until < _before),
    )
    .values(reason="", appeal=None),
]


async def _raw(connection: AsyncConnection, before: datetime, after: int) -> None:
    """Words beside ratings, updates in quarantine, messages that were given up or waited for
    nobody, files of the chat, and the words about blocks that are over."""
    for statement in _RAW:
        await connection.execute(statement, {"before": before})


_Forget = Callable[[AsyncConnection, datetime, Any], Awaitable[Any]]
_KINDS: Sequence[tuple[Any, _Forget]] = (
    (0, _closed_returns),
    (0, _deductions),
    ("", _files),
    (0, _orders),
    (0, _people),
    (0, _raw),
)


def without_person(body: str) -> str:
    """An order's body without name, phone and code."""
    return dump_order(replace(load_order(body), customer_name="", phone=None, code_hash=None))
