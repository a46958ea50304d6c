"""A decision on its way into the tables: the case, its units, clocks, history and money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select

from bot.domain.cases import (
    NOTHING,
    Action,
    Given,
    Happened,
    ReturnCase,
    Role,
    dump_case,
)
from bot.domain.money import LedgerLine
from bot.domain.orders import holds_units
from bot.services.chain import ChainLine, as_row, content_digest, line_digest
from bot.services.records import Reminder
from storage import tables
from storage.effects import Phase, Row, Write, every, insert, insert_new, to_all, upsert
from storage.files import SHOW
from storage.gathered import KEYS
from storage.history import facts_of, personal
from storage.line import Line

_case = tables.cases.c

OPEN = insert_new(tables.cases)
WRITE = every(
    Phase.PUT,
    tables.cases.update()
    .where(_case.id == bindparam("id_"))
    .values({c.name: bindparam(c.name) for c in tables.cases.c if c.name not in ("id", "purged")}),
)
UNITS = upsert(tables.case_units, Phase.HANG, once=True)
NO_UNITS = to_all(
    Phase.CLEAR, tables.case_units.delete().where(tables.case_units.c.case_id.in_(KEYS))
)
TIMERS = insert_new(tables.timers, Phase.HANG)
NO_TIMERS = to_all(Phase.CLEAR, tables.timers.delete().where(tables.timers.c.case_id.in_(KEYS)))
REMINDERS = insert(tables.reminders, Phase.HANG)
NO_REMINDERS = to_all(
    Phase.CLEAR, tables.reminders.delete().where(tables.reminders.c.case_id.in_(KEYS))
)
HISTORY = insert_new(tables.history, Phase.HANG)
CONTENT = insert_new(tables.contents, Phase.LAST)
LEDGER = insert_new(tables.ledger, Phase.HANG)

_WITH_RECEIPT = frozenset({Action.SENT.value, Action.LATE_PROOF.value})
"""What brings the receipt of a parcel."""

# They change nothing, but of two transactions that write the same row PostgreSQL keeps the first.
# SQLite has one writer at a time.
_LEAN = {
    "order": Write(
        Phase.CLEAR,
        {
            "postgresql": tables.orders.update()
            .where(tables.orders.c.number == bindparam("key_"))
            .values(owner=tables.orders.c.owner)
        },
        table=tables.orders,
        apart=True,
    ),
    "seller": Write(
        Phase.CLEAR,
        {
            "postgresql": tables.sellers.update()
            .where(tables.sellers.c.code == bindparam("key_"))
            .values(name=tables.sellers.c.name)
        },
        table=tables.sellers,
        apart=True,
    ),
    "admins": Write(
        Phase.CLEAR,
        {
            "postgresql": tables.memberships.update()
            .where(tables.memberships.c.role == Role.ADMIN, bindparam("key_") == "")
            .values(since=tables.memberships.c.since)
        },
    ),
}

_HEADS = (
    select(_case.id, _case.version, _case.seq, _case.digest, _case.alarmed, _case.status)
    .where(_case.id.in_(bindparam("keys", expanding=True)))
    .with_for_update()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step of one case. `given` came with the first of what happened."""

    before: ReturnCase
    case: ReturnCase
    at: datetime
    happened: Sequence[Happened]
    given: Given = NOTHING
    ledger: Sequence[LedgerLine] = ()
    reminders: Sequence[Reminder] = ()
    alarms: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stored case stands: its version and the end of its history."""

    version: int = 0
    seq: int = 0
    digest: str = ""
    alarmed: bool = False
    status: str = ""


async def heads(connection: Line, ids: Iterable[int]) -> Mapping[int, Head]:
    """Where these cases stand now, locked until the commit."""
    rows = await connection.execute(_HEADS, {"keys": sorted(ids)})
    return {row.id: Head(row.version, row.seq, row.digest, row.alarmed, row.status) for row in rows}


def fits(changes: Sequence[Change], head: Head) -> bool:
    """Whether the changes begin at the stored version and follow one from another."""
    version = head.version
    for change in changes:
        if change.before.version != version:
            return False
        version = change.case.version
    return True


def leans_on(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """What the steps of a case rely on beside the case: the free units of its order (X-41), and
    that its seller has no address yet (X-48).

    Of two units that rely on one such thing, or change it, one is decided again.
    """
    before, case = changes[0].before, changes[-1].case
    if _counts(case) and not (_counts(before) and before.lines == case.lines):
        yield "order", case.order
    if case.live and not case.address_known:
        yield "seller", case.seller


def lean_rows(things: Iterable[tuple[str, str]]) -> Iterator[tuple[Write, Row]]:
    """The rows by which another process notices what is relied on, in one order for all."""
    for thing, key in sorted(things):
        yield _LEAN[thing], {"key_": key}


def _counts(case: ReturnCase) -> bool:
    """Whether the units of a case are in use."""
    holds: bool = holds_units(case.live, case.status)
    return case.version > 0 and holds


def rows_of(
    changes: Sequence[Change], head: Head, salt: Callable[[], str]
) -> Iterator[tuple[Write, Row]]:
    """All rows of one case's changes in a unit; the last one decides what the case is now."""
    opens = head.version == 0
    for change in changes:
        seq = head.seq + 1
        for row in _history(change, head, salt):
            yield row
            if row[0] is HISTORY:
                head = replace(head, seq=row[1]["seq"], digest=row[1]["digest"])
        yield from _ledger(change, seq)
        alarmed = change.alarms or (head.alarmed and head.status == change.case.status)
        head = replace(
            head, version=change.case.version, alarmed=alarmed, status=change.case.status
        )
        for photo in change.given.photos:
            receipt = change.happened[0].event in _WITH_RECEIPT
            yield SHOW, {"case_id": change.case.id, "file": photo, "receipt": receipt}
    last, first = changes[-1], changes[0]
    yield from _case_row(last, head, opens)
    yield from _units(last.case, first.before, opens)
    yield from _clocks(last, opens)


def _case_row(change: Change, head: Head, opens: bool) -> Iterator[tuple[Write, Row]]:
    case = change.case
    row = {
        "version": case.version,
        "body": dump_case(case),
        "customer": case.customer,
        "seller": case.seller,
        "order_number": case.order,
        "status": case.status,
        "owes": case.owes,
        "live": case.live,
        "alarmed": head.alarmed,
        "address_known": case.address_known,
        "due_at": min((timer.due_at for timer in case.timers), default=None),
        "status_since": case.since or change.at,
        "seq": head.seq,
        "digest": head.digest,
        "track": case.track,
    }
    yield (OPEN, {"id": case.id, **row}) if opens else (WRITE, {"id_": case.id, **row})


def _units(case: ReturnCase, before: ReturnCase, opens: bool) -> Iterator[tuple[Write, Row]]:
    if not opens:
        if case.lines == before.lines:
            return
        yield NO_UNITS, {"key": case.id}
    units: dict[str, int] = {}
    for line in case.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    for sku, count in units.items():
        yield (
            UNITS,
            {
                "case_id": case.id,
                "posting": case.posting,
                "sku": sku,
                "order_number": case.order,
                "units": count,
            },
        )


def _clocks(change: Change, opens: bool) -> Iterator[tuple[Write, Row]]:
    case = change.case
    if not opens:
        yield NO_TIMERS, {"key": case.id}
        yield NO_REMINDERS, {"key": case.id}
    for timer in case.timers:
        yield (
            TIMERS,
            {
                "case_id": case.id,
                "kind": timer.kind,
                "due_at": timer.due_at,
                "look_at": timer.due_at,
                "version": case.version,
            },
        )
    for reminder in change.reminders:
        yield (
            REMINDERS,
            {
                "case_id": case.id,
                "kind": reminder.kind,
                "owes": reminder.owes,
                "at": reminder.at,
            },
        )


def _history(change: Change, head: Head, salt: Callable[[], str]) -> Iterator[tuple[Write, Row]]:
    case, previous = change.case, head.digest
    for n, happened in enumerate(change.happened):
        given = NOTHING if n else change.given
        body = personal(given)
        salted = salt() if body else ""
        line = ChainLine(
            case_id=case.id,
            seq=head.seq + 1 + n,
            version=case.version,
            n=n,
            at=change.at,
            event=happened.event,
            by=happened.by.role,
            person=happened.by.id,
            row=happened.row,
            rule=happened.rule,
            before=happened.before,
            after=happened.after,
            policy=case.policy,
            facts=facts_of(given),
            content=content_digest(salted, body) if body else "",
            salt=salt(),
        )
        previous = line_digest(previous, line)
        yield HISTORY, as_row(line) | {"digest": previous}
        if body:
            content = {"case_id": case.id, "seq": line.seq, "salt": salted, "body": body}
            yield CONTENT, content


def _ledger(change: Change, seq: int) -> Iterator[tuple[Write, Row]]:
    for n, line in enumerate(change.ledger):
        yield (
            LEDGER,
            {
                "case_id": change.case.id,
                "seq": seq,
                "n": n,
                "to": line.to,
                "source": line.source,
                "kind": line.kind,
                "minor": line.amount.minor,
                "currency": line.amount.currency,
                "part": line.part,
            },
        )
