"""Whether returns and deductions hold together: histories, clocks, units, letters and money."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import TERMINAL, ReturnCase, Status, TimerKind, load_case, return_number
from bot.domain.guards import MONEY
from bot.domain.money import Purse
from bot.services.chain import ChainLine, content_digest, verify_chain
from storage import tables
from storage.errors import Unreadable
from storage.gathered import KEYS, decoded
from storage.rooms import letter_digest
from storage.words import answered

BATCH = 200
"""Returns that are looked at together."""

_AFTER_THE_END = frozenset({TimerKind.LATE_PROOF, TimerKind.PROOF})

_case = tables.cases.c
_CASES = (
    select(tables.cases)
    .where(_case.id > bindparam("after"))
    .order_by(_case.id)
    .limit(bindparam("most"))
)
_OF_CASES = {
    table: select(table).where(table.c.case_id.in_(KEYS)).order_by(*table.primary_key)
    for table in (
        tables.history,
        tables.contents,
        tables.timers,
        tables.reminders,
        tables.case_units,
        tables.ledger,
        tables.letters,
    )
}
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


@dataclass(frozen=True, slots=True)
class Looked:
    """So many things of a kind were looked at; `wrong` are sentences about what is wrong."""

    what: str
    count: int
    wrong: Sequence[str] = ()


async def examine_returns(
    connection: AsyncConnection, after: int, limit: int = BATCH
) -> tuple[Sequence[Looked], int | None]:
    """Look at returns with an id above `after`. Answers with the last one's; None: no more."""
    cases = await answered(connection, _CASES, {"after": after, "most": limit})
    if not cases:
        return (), None
    ids = [row.id for row in cases]
    rows = {table: await _by_case(connection, query, ids) for table, query in _OF_CASES.items()}
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
    connection: AsyncConnection, query: Select[Any], ids: Sequence[int]
) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await answered(connection, query, {"keys": list(ids)}):
        found[row.case_id].append(row)
    return found


def _count(rows: dict[int, list[Any]]) -> int:
    return sum(map(len, rows.values()))


def _named(case: ReturnCase, *faults: Iterator[str]) -> list[str]:
    return [f"{case.number} {fault}" for some in faults for fault in some]


def _chain(case: Any, lines: Sequence[Any], contents: dict[int, Any]) -> Iterator[str]:
    """Nothing is missing from the history, nothing was changed, and it leads to what is."""
    broken = verify_chain(ChainLine(**line._asdict()) for line in lines)
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
    yield from _backwards(lines)
    if lines and lines[-1].after != case.status:
        yield f"is {case.status}, its history says {lines[-1].after}"


def _backwards(lines: Sequence[Any]) -> Iterator[str]:
    """Nothing happens before the status in which it happens.

    Within one, what leaves it as it is bears its own instant: a clock's step is stamped with the
    clock's, and an act with that of its receipt, and either may be written first.
    """
    since = None
    for line in lines:
        if since is not None and line.at < since:
            yield f"goes back in time at line {line.seq}: from {since} to {line.at}"
        if line.before != line.after:
            since = line.at


def _written(letters: Sequence[Any]) -> Iterator[str]:
    """What the parties wrote to each other is as it was; of what is forgotten nobody can say."""
    for row in letters:
        content = content_digest(row.salt, row.body)
        if row.body and row.digest != letter_digest(row._asdict(), content):
            yield f"has another letter than was written, of {row.at}"


def _listed(row: Any, case: ReturnCase, units: Sequence[Any]) -> Iterator[str]:
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
    row: Any, case: ReturnCase, timers: Sequence[Any], reminders: Sequence[Any]
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


def _money(case: ReturnCase, lines: Sequence[Any], ledger: Sequence[Any]) -> Iterator[str]:
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
    if case.refund and case.status in MONEY:
        promised[case.refund.total.currency] = case.refund.total.minor
    if +received != +promised or -received:
        yield f"has promised {dict(promised)}, the ledger says {dict(received)}"
    refunded = Status.REFUNDED
    paid = sum((line.after == refunded) - (line.before == refunded) for line in lines)
    if paid != (case.status is refunded) or (paid and case.refund is None):
        yield f"is {case.status} and was paid {paid} times"


async def examine_deductions(connection: AsyncConnection) -> Looked:
    """Each gives the customer its sum once, and the seller what was given back."""
    rows = await answered(connection, _RECEIVED)
    wrong = [
        f"deduction {row.id} is {row.state} of {row.minor}, the ledger says {row.given}, {row.back}"
        for row in rows
        if (row.given, row.back) != (row.minor, row.minor if row.state == "given_back" else 0)
    ]
    return Looked("deductions", len(rows), wrong)
