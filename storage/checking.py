"""Whether what is stored holds together: pages, keys, histories, clocks, money, and no orphans.

Nothing is written. Returns are read a batch at a time, in one transaction that sees one instant,
so a check may run beside a running program, and its memory does not grow with the database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    Table,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import (
    STAFF,
    TERMINAL,
    ReturnCase,
    Role,
    Status,
    TimerKind,
    load_case,
    return_number,
)
from bot.domain.money import Purse
from bot.services.chain import ChainLine, content_digest, verify_chain
from storage import migrate, tables
from storage.engines import parsed, reading_engine
from storage.errors import Unreadable, WrongSchema, clear_errors
from storage.gathered import KEYS, decoded
from storage.rooms import letter_digest

BATCH = 200
"""Returns that are looked at together."""

_MONEY = frozenset({Status.REFUND_DUE, Status.COMP_ACCEPTED, Status.REFUNDED})
_AFTER_THE_END = frozenset({TimerKind.LATE_PROOF, TimerKind.PROOF})

_case, _slot, _member = tables.cases.c, tables.slots.c, tables.memberships.c
_CASES = (
    select(tables.cases)
    .where(_case.id > bindparam("after"))
    .order_by(_case.id)
    .limit(bindparam("most"))
)
_SLOTS = (
    select(_slot.slot)
    .where(_slot.slot.like("card:%"), _slot.slot > bindparam("after"))
    .distinct()
    .order_by(_slot.slot)
    .limit(bindparam("most"))
)
_NUMBERS = select(tables.orders.c.number).order_by(tables.orders.c.number)
_STAFF = (
    select(tables.accounts.c.id, tables.accounts.c.name, _member.role)
    .join_from(tables.memberships, tables.accounts, _member.account == tables.accounts.c.id)
    .where(_member.role.in_(sorted(STAFF)))
    .order_by(tables.accounts.c.id)
)
_KNOWN = select(_case.id).where(_case.id.in_(KEYS))
_FETCHED = (
    select(tables.files.c.sha256)
    .where(tables.files.c.sha256.between(bindparam("first"), bindparam("last")))
    .distinct()
)
_HIGHEST = select(func.max(_case.id))
_NUMBER: dict[str, Executable] = {
    "sqlite": select(tables.counters.c.value).where(tables.counters.c.name == "case"),
    "postgresql": text("SELECT last_value FROM case_numbers"),
}
_OF_CASES = (
    tables.history,
    tables.contents,
    tables.timers,
    tables.reminders,
    tables.case_units,
    tables.ledger,
    tables.letters,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """So many things of a kind were looked at; `wrong` are sentences about what is wrong."""

    what: str
    count: int
    wrong: Sequence[str] = ()


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[AsyncConnection]:
    """One instant of a database, for reading. Raises StorageError."""
    engine = reading_engine(parsed(url))
    try:
        with clear_errors():
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()


async def order_numbers(url: str) -> Sequence[str]:
    """The numbers of all orders, also beside a running program. Raises StorageError."""
    async with reading(url) as connection:
        await _fit(connection)
        return (await connection.execute(_NUMBERS)).scalars().all()


async def staff(url: str) -> Sequence[tuple[int, str, Role]]:
    """Who is of the staff, also beside a running program: (id, name, role). Raises StorageError."""
    async with reading(url) as connection:
        await _fit(connection)
        return [(row.id, row.name, Role(row.role)) for row in await connection.execute(_STAFF)]


async def _fit(connection: AsyncConnection) -> None:
    stored = await migrate.revision(connection)
    if stored != tables.SCHEMA:
        raise WrongSchema(migrate.what_to_run(stored))


async def examine(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Look at everything, the returns a batch at a time.

    Raises WrongSchema for what only a program of another version understands; the pages of an
    SQLite file have been looked at by then.
    """
    if connection.dialect.name == "sqlite":
        async for looked in _pages(connection):
            yield looked
    await _fit(connection)
    after: int | None = 0
    while after is not None:
        seen, after = await examine_returns(connection, after)
        for looked in seen:
            yield looked
    async for looked in _orphans(connection):
        yield looked


async def _pages(connection: AsyncConnection) -> AsyncIterator[Looked]:
    faults = (await connection.execute(text("PRAGMA quick_check"))).scalars()
    yield Looked("database file", 1, [fault for fault in faults if fault != "ok"])
    rows = await connection.execute(text("PRAGMA foreign_key_check"))
    lost = Counter((row[0], row[2]) for row in rows)
    yield Looked(
        "references",
        len(tables.metadata.tables),
        [f"{n} rows of {child} lead to no row of {parent}" for (child, parent), n in lost.items()],
    )


# ------------------------------------------------------------------------------- the returns


async def examine_returns(
    connection: AsyncConnection, after: int, limit: int = BATCH
) -> tuple[Sequence[Looked], int | None]:
    """Look at returns with an id above `after`. Answers with the last one's; None: no more."""
    cases = (await connection.execute(_CASES, {"after": after, "most": limit})).all()
    if not cases:
        return (), None
    ids = [row.id for row in cases]
    rows = {table: await _by_case(connection, table, ids) for table in _OF_CASES}
    histories: list[str] = []
    clocks: list[str] = []
    money: list[str] = []
    paid = 0
    for row in cases:
        case = decoded(load_case, row.body, return_number(row.id))
        if isinstance(case, Unreadable):
            histories.append(str(case))
            continue
        lines, timers = rows[tables.history][row.id], rows[tables.timers][row.id]
        ledger, units = rows[tables.ledger][row.id], rows[tables.case_units][row.id]
        contents = {each.seq: each for each in rows[tables.contents][row.id]}
        reminders = rows[tables.reminders][row.id]
        paid += case.status is Status.REFUNDED
        histories += _named(
            case,
            _chain(row, lines, contents),
            _listed(row, case, units),
            _written(rows[tables.letters][row.id]),
        )
        clocks += _named(case, _clocks(row, case, timers, reminders))
        money += _named(case, _money(case, lines, ledger))
    looked = (
        Looked("returns", len(cases), histories),
        Looked("history lines", _count(rows[tables.history])),
        Looked("deadlines", _count(rows[tables.timers]), clocks),
        Looked("ledger lines", _count(rows[tables.ledger]), money),
        Looked("refunds paid", paid),
    )
    return looked, ids[-1]


async def _by_case(
    connection: AsyncConnection, table: Table, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    query: Select[Any] = select(table).where(table.c.case_id.in_(KEYS)).order_by(*table.primary_key)
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(query, {"keys": list(ids)}):
        found[row.case_id].append(row)
    return found


def _count(rows: dict[int, list[Row[Any]]]) -> int:
    return sum(map(len, rows.values()))


def _named(case: ReturnCase, *faults: Iterator[str]) -> list[str]:
    return [f"{case.number} {fault}" for some in faults for fault in some]


def _chain(
    case: Row[Any], lines: Sequence[Row[Any]], contents: dict[int, Row[Any]]
) -> Iterator[str]:
    """Nothing is missing from the history, nothing was changed, and it leads to what is."""
    broken = verify_chain(ChainLine(**line._mapping) for line in lines)
    if broken is not None:
        yield f"has a broken chain at line {broken}"
    if not lines or (case.seq, case.digest) != (lines[-1].seq, lines[-1].digest):
        yield "does not stand where its history ends"
    versions = sorted({line.version for line in lines})
    if versions != list(range(1, case.version + 1)):
        yield f"has the versions {versions} and stands at {case.version}"
    for line in lines:
        kept = contents.get(line.seq)
        if line.seq <= case.purged:
            if kept:
                yield f"still has the words of line {line.seq}, which retention has deleted"
        elif line.content != (content_digest(kept.salt, kept.body) if kept else ""):
            yield f"has lost or changed the words of line {line.seq}"
    for before, after in pairwise(lines):
        if before.after != after.before:
            yield f"jumps from {before.after} to {after.before} at line {after.seq}"
        if after.at < before.at:
            yield f"goes back in time at line {after.seq}: from {before.at} to {after.at}"
    if lines and lines[-1].after != case.status:
        yield f"is {case.status}, its history says {lines[-1].after}"


def _written(letters: Sequence[Row[Any]]) -> Iterator[str]:
    """What the parties wrote to each other is as it was; of what is forgotten nobody can say."""
    for row in letters:
        content = content_digest(row.salt, row.body)
        if row.body and row.digest != letter_digest(row._asdict(), content):
            yield f"has another letter than was written, of {row.at}"


def _listed(row: Row[Any], case: ReturnCase, units: Sequence[Row[Any]]) -> Iterator[str]:
    """The columns by which a case is found say what it is."""
    for name, stored, meant in (
        ("version", row.version, case.version),
        ("status", row.status, case.status),
        ("customer", row.customer, case.customer),
        ("owes", row.owes, case.owes),
        ("live", row.live, case.live),
        ("due_at", row.due_at, min((each.due_at for each in case.timers), default=None)),
    ):
        if stored != meant:
            yield f"is listed with {name} {stored} and is {meant}"
    held: Counter[str] = Counter()
    for line in case.lines:
        held[line.sku] += line.quantity
    if {unit.sku: unit.units for unit in units} != dict(held):
        yield "holds other units than it is about"


def _clocks(
    row: Row[Any], case: ReturnCase, timers: Sequence[Row[Any]], reminders: Sequence[Row[Any]]
) -> Iterator[str]:
    running = {(str(timer.kind), timer.due_at) for timer in case.timers}
    if {(timer.kind, timer.due_at) for timer in timers} != running:
        meant = sorted(kind for kind, _ in running)
        yield f"has the timers {[timer.kind for timer in timers]} and should have {meant}"
    if any(timer.version != row.version for timer in timers):
        yield "has timers of an older version"
    if case.status in TERMINAL:
        if late := {timer.kind for timer in case.timers} - _AFTER_THE_END:
            yield f"is over, and {sorted(late)} still run"
        if reminders and not case.timers:
            yield "reminds of what is over"


def _money(
    case: ReturnCase, lines: Sequence[Row[Any]], ledger: Sequence[Row[Any]]
) -> Iterator[str]:
    """B6: the ledger gives the customer what was promised, and each refund was paid once."""
    decided = {line.seq for line in lines}
    received: Counter[str] = Counter()
    for row in ledger:
        if row.seq not in decided:
            yield "has moved money without a decision"
        if row.to == row.source or row.minor <= 0:
            yield "has a ledger line that does not balance"
        sign = (row.to == Purse.CUSTOMER) - (row.source == Purse.CUSTOMER)
        received[row.currency] += row.minor * sign
    promised: Counter[str] = Counter()
    if case.refund and case.status in _MONEY:
        promised[case.refund.total.currency] = case.refund.total.minor
    if +received != +promised or -received:
        yield f"has promised {dict(promised)}, the ledger says {dict(received)}"
    refunded = Status.REFUNDED
    paid = sum((line.after == refunded) - (line.before == refunded) for line in lines)
    if paid != (case.status is refunded) or (paid and case.refund is None):
        yield f"is {case.status} and was paid {paid} times"


# ---------------------------------------------------------------------------------- orphans


async def fetched(connection: AsyncConnection, prefix: str) -> frozenset[str]:
    """The SHA-256 of the evidence that was fetched, as far as they begin with these letters."""
    rows = await connection.execute(_FETCHED, {"first": prefix, "last": f"{prefix}g"})
    return frozenset(digest for digest in rows.scalars() if digest)


def _lost(
    table: Table, column: ColumnElement[Any], home: ColumnElement[Any], *conditions: Any
) -> tuple[Select[Any], Select[Any]]:
    """How many values there are, and those of them that lead nowhere."""
    used = select(column.label("value")).select_from(table).where(column.is_not(None), *conditions)
    nowhere = used.where(~select(home).where(home == column).exists()).distinct()
    return select(func.count()).select_from(used.subquery()), nowhere


_ORPHANS: dict[str, tuple[str, tuple[Select[Any], Select[Any]]]] = {
    "evidence": (
        "the file {} of a return is not known",
        _lost(tables.evidence, tables.evidence.c.file, tables.files.c.key),
    ),
    "looks of pictures": (
        "a part of the picture {} is known, and the picture is not",
        _lost(tables.looks, tables.looks.c.picture, tables.pictures.c.id),
    ),
    "pictures": (
        "how the picture {} looks is known, and no file shows it",
        _lost(tables.pictures, tables.pictures.c.id, tables.files.c.picture),
    ),
    "photos found again": (
        "the file {} of a pair is not known",
        _lost(tables.reuses, tables.reuses.c.file, tables.files.c.key),
    ),
    "photos found before": (
        "the file {} of a pair is not known",
        _lost(tables.reuses, tables.reuses.c.older_file, tables.files.c.key),
    ),
    "policies": (
        "the policy {} of a return is not stored",
        _lost(tables.history, tables.history.c.policy, tables.policies.c.digest),
    ),
    "orders of returns": (
        "the order {} of a return is not known",
        _lost(tables.cases, _case.order_number, tables.orders.c.number),
    ),
    "customers": (
        "the customer {} of a return is not known",
        _lost(tables.cases, _case.customer, tables.accounts.c.id),
    ),
    "owners of orders": (
        "the owner {} of an order is not known",
        _lost(tables.orders, tables.orders.c.owner, tables.accounts.c.id),
    ),
    "people of teams": (
        "{} has a role and is not known",
        _lost(tables.memberships, _member.account, tables.accounts.c.id),
    ),
    "teams": (
        "there is a team of {}, which is no seller",
        _lost(tables.memberships, _member.seller, tables.sellers.c.code, _member.seller != ""),
    ),
    "open forms": (
        "{} fills in a form and is not known",
        _lost(tables.drafts, tables.drafts.c.account, tables.accounts.c.id),
    ),
}


async def _orphans(connection: AsyncConnection) -> AsyncIterator[Looked]:
    for what, (words, (count, nowhere)) in _ORPHANS.items():
        total = (await connection.execute(count)).scalar_one()
        lost = (await connection.execute(nowhere.limit(BATCH))).scalars()
        yield Looked(what, total, [words.format(each) for each in lost])
    async for looked in _cards(connection):
        yield looked
    async for looked in _deductions(connection):
        yield looked
    highest = (await connection.execute(_HIGHEST)).scalar() or 0
    number = (await connection.execute(_NUMBER[connection.dialect.name])).scalar() or 0
    again = [f"the next return would get a number up to {highest} again"]
    yield Looked("return numbers", 1, again if number < highest else ())


_held, _paid = tables.withholdings.c, tables.withheld_money.c
_sum = func.sum(_paid.minor)
_RECEIVED = (
    select(
        _held.id,
        _held.state,
        _held.minor,
        func.coalesce(_sum.filter(_paid.to == Purse.CUSTOMER), 0).label("given"),
        func.coalesce(_sum.filter(_paid.to == Purse.SELLER), 0).label("back"),
    )
    .select_from(
        tables.withholdings.outerjoin(tables.withheld_money, _paid.withholding == _held.id)
    )
    .group_by(_held.id, _held.state, _held.minor)
    .order_by(_held.id)
)


async def _deductions(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Each gives the customer its sum once, and the seller what was given back."""
    rows = (await connection.execute(_RECEIVED)).all()
    wrong = [
        f"deduction {row.id} is {row.state} of {row.minor}, the ledger says {row.given}, {row.back}"
        for row in rows
        if (row.given, row.back) != (row.minor, row.minor if row.state == "given_back" else 0)
    ]
    yield Looked("deductions", len(rows), wrong)


async def _cards(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Messages that are kept up to date, of returns that there are."""
    last = ""
    while slots := (
        (await connection.execute(_SLOTS, {"after": last, "most": BATCH})).scalars().all()
    ):
        last = slots[-1]
        of_slots = {slot: int(slot.split(":")[1]) for slot in slots}
        rows = await connection.execute(_KNOWN, {"keys": sorted({*of_slots.values()})})
        known = set(rows.scalars())
        lost = [slot for slot, case in of_slots.items() if case not in known]
        yield Looked("cards", len(slots), [f"{slot} is of no return" for slot in lost])
