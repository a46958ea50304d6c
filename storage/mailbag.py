"""The outbox, as the deliverer sees it: what goes next, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Column, and_, bindparam, func, select, text, update

from bot.services.records import How, OutboxRow, Outcome
from storage import tables
from storage.effects import Batch, Phase, Row, Write, every, insert, to_all, upsert
from storage.gathered import KEYS
from storage.line import Line
from storage.merging import ALONE, THIS, Place, StoredRow, merged
from storage.outbox import messages_of

_outbox, _slot = tables.outbox.c, tables.slots.c

# Literal conditions, because a partial index is only used where its own words stand.
_UNSENT = text(tables.UNSENT)
_COLUMNS: list[Column[Any]] = [*tables.outbox.c]
_HEADS = (
    text(f"""
    SELECT {", ".join(f'head."{column.name}"' for column in _COLUMNS)} FROM outbox AS head
    WHERE head.{tables.UNSENT} AND head.state <> 'sending' AND head.not_before <= :now
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.chat = head.chat AND other.{tables.UNSENT}
          AND (other.state = 'sending'
               OR other.id < head.id AND (other.held OR other.not_before <= :now)))
    ORDER BY head.id LIMIT :most""")  # noqa: S608 - constants only
    .bindparams(bindparam("now", type_=tables.Instant))
    .columns(*_COLUMNS)
)
_head = tables.outbox.alias("head")
_SIBLINGS = (
    select(tables.outbox)
    .join(_head, and_(_head.c.chat == _outbox.chat, _head.c.slot == _outbox.slot))
    .where(_head.c.id.in_(KEYS), _outbox.id != _head.c.id)
    .where(text(f"outbox.{tables.UNSENT}"), _outbox.state == "new")
    .order_by(_outbox.id)
)
_STANDS = (
    _outbox.id,
    _outbox.chat,
    _outbox.slot,
    _outbox.how,
    _outbox.message,
    _outbox.at_most_once,
    _outbox.tries,
)
_TAKEN = select(*_STANDS).where(_outbox.id.in_(KEYS), _outbox.state == "sending")
_WAITING = select(func.count()).select_from(tables.outbox).where(_UNSENT)
_NEXT = select(func.min(_outbox.not_before)).where(
    _UNSENT, _outbox.state != "sending", _outbox.not_before > bindparam("now")
)
_WAS_SENDING = (
    update(tables.outbox)
    .where(_UNSENT, _outbox.state == "sending")
    .values(held=True, not_before=bindparam("now"))
)
_RECOVER = (
    _WAS_SENDING.where(~_outbox.at_most_once).values(state="unknown"),
    _WAS_SENDING.where(_outbox.at_most_once).values(state="dropped", payload="{}"),
)

_THESE = update(tables.outbox).where(_outbox.id.in_(KEYS))
SENDING = to_all(Phase.LAST, _THESE.values(state="sending"))
_SENT = (
    _THESE.where(_outbox.state == "sending")
    .values(state="sent", error=None, payload="{}", held=True)
    .returning(*_STANDS)
)
DROPPED = every(
    Phase.PUT,
    THIS.values(state="dropped", error=bindparam("error"), payload="{}", held=True),
)
REPORTED = every(
    Phase.PUT,
    THIS.values(
        {
            name: bindparam(name)
            for name in ("state", "how", "message", "tries", "error", "not_before")
        }
    ).values(held=True),
)
LEFT = upsert(tables.slots)
GONE = every(
    Phase.CLEAR,
    tables.slots.delete().where(
        _slot.chat == bindparam("chat_"),
        _slot.slot == bindparam("slot_"),
        _slot.message == bindparam("message_"),
    ),
)
AFTERWARDS = insert(tables.outbox, Phase.HANG)
_AFTERWARDS = {How.RENEW: "strip", How.REPLACE: "delete"}
"""What is done to the slot's old message once the new one is there."""
UNREACHABLE = every(
    Phase.LAST,
    update(tables.accounts)
    .where(tables.accounts.c.id == bindparam("chat_"))
    .values(reachable=False),
)
MIGRATE = every(
    Phase.LAST,
    update(tables.outbox)
    .where(_UNSENT, _outbox.chat == bindparam("from_"))
    .values(chat=bindparam("to_")),
)
MIGRATE_SLOTS = every(
    Phase.LAST,
    update(tables.slots).where(_slot.chat == bindparam("from_")).values(chat=bindparam("to_")),
)


async def take(connection: Line, now: datetime, limit: int) -> tuple[OutboxRow, ...]:
    """Mark the next row of each chat as being sent, slots merged."""
    taken: list[OutboxRow] = []
    while True:
        found, overtaken = await _next(connection, now, limit - len(taken))
        taken += found
        if not overtaken:
            return tuple(taken)


async def _next(connection: Line, now: datetime, limit: int) -> tuple[list[OutboxRow], bool]:
    """The rows that were marked, and whether others stand first now in the place of some."""
    heads = await _rows(connection, _HEADS, now=now, most=limit)
    places = [head.place for head in heads if head.place and head.how not in ALONE]
    current: Mapping[Place, int] = {}
    waiting: dict[Place | None, list[StoredRow]] = defaultdict(list)
    if places:
        current = await messages_of(connection, places)
        merging = [head.id for head in heads if head.place and head.how not in ALONE]
        for sibling in await _rows(connection, _SIBLINGS, keys=merging):
            waiting[sibling.place].append(sibling)
    batch, taken, overtaken = Batch(), [], False
    for head in heads:
        shown = None
        row: StoredRow | None = head
        if head.place and head.how not in ALONE:
            shown = current.get(head.place)
            if others := waiting.get(head.place):
                row, changes = merged(head, others, shown)
                batch.add(changes)
        if row is None:
            overtaken = True
        elif row.not_before <= now:
            batch.add([(SENDING, {"key": row.id})])
            taken.append(_outgoing(row, shown))
    await batch.write(connection)
    return taken, overtaken


def _outgoing(row: StoredRow, target: int | None) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        chat=row.chat,
        kind=row.kind,
        payload=from_json(row.payload),
        slot=row.slot,
        how=How(row.how),
        message=(row.message or target) if row.how == How.EDIT else None,
        silent=row.silent,
        at_most_once=row.at_most_once,
        tries=row.tries,
        created_at=row.created_at,
    )


async def report(connection: Line, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write what became of rows that were taken.

    A row that is no longer being sent has been dealt with since by another process, or by a
    commit whose answer was lost. What it says is not read: that is most of it. Those that have
    arrived, nearly all, are marked by the statement that says where they stand.
    """
    taken: list[Any] = []
    for statement, arrived in ((_SENT, True), (_TAKEN, False)):
        keys = [outcome.row for outcome in outcomes if (outcome.result == "sent") is arrived]
        if keys:
            taken += await connection.execute(statement, {"keys": keys})
    rows = {row.id: row for row in taken}
    places = [(row.chat, row.slot) for row in taken if row.slot is not None]
    current = await messages_of(connection, places) if places else {}
    batch = Batch()
    for outcome in outcomes:
        row = rows.get(outcome.row)
        if row is None:
            continue
        batch.add(_reported(row, outcome, now))
        batch.add(_left(row, outcome, current.get((row.chat, row.slot)), now))
    await batch.write(connection)


def _reported(row: Any, outcome: Outcome, now: datetime) -> Iterator[tuple[Write, Row]]:
    result = outcome.result
    if result == "unknown" and row.at_most_once:
        result = "drop"
    if result == "drop":
        yield DROPPED, {"id_": row.id, "error": outcome.error}
    elif result != "sent":
        anew = result == "replace"
        yield (
            REPORTED,
            {
                "id_": row.id,
                "state": result if result in ("dead", "unknown") else "new",
                "how": How.SEND if anew else row.how,
                "message": None if anew else row.message,
                "tries": row.tries + (outcome.counts and result in ("wait", "unknown", "replace")),
                "error": outcome.error,
                "not_before": outcome.retry_at or now,
            },
        )
    if outcome.unreachable:
        yield UNREACHABLE, {"chat_": row.chat}
    if outcome.migrate_to is not None:
        for write in (MIGRATE, MIGRATE_SLOTS):
            yield write, {"from_": row.chat, "to_": outcome.migrate_to}


def _left(
    row: Any, outcome: Outcome, before: int | None, now: datetime
) -> Iterator[tuple[Write, Row]]:
    """What the attempt left in the slot."""
    if row.slot is None:
        return
    if outcome.result == "replace":
        gone = {"chat_": row.chat, "slot_": row.slot, "message_": row.message or before}
        yield GONE, gone
    if outcome.result != "sent" or not outcome.message_ids:
        return
    message = outcome.message_ids[0]
    yield LEFT, {"slot": row.slot, "chat": row.chat, "message": message}
    if row.how in _AFTERWARDS and before not in (None, message):
        yield AFTERWARDS, _afterwards(row, before, now)


def _afterwards(row: Any, message: int | None, now: datetime) -> Row:
    kind = _AFTERWARDS[How(row.how)]
    return {
        "key": f"{kind}:{row.id}",
        "chat": row.chat,
        "kind": kind,
        "payload": "{}",
        "slot": None,
        "how": How.EDIT,
        "message": message,
        "silent": True,
        "at_most_once": False,
        "created_at": now,
        "not_before": now,
    }


async def recover(connection: Line, now: datetime) -> int:
    """What was being sent when the process died: perhaps it was delivered."""
    found = 0
    for statement in _RECOVER:
        found += (await connection.execute(statement, {"now": now})).rowcount
    return found


async def waiting(connection: Line) -> int:
    """How many rows are not delivered yet."""
    waits: int = (await connection.execute(_WAITING)).scalar_one()
    return waits


async def next_at(connection: Line, now: datetime) -> datetime | None:
    """When the next row may be taken."""
    if await _rows(connection, _HEADS, now=now, most=1):
        return now
    return await later(connection, now)


async def later(connection: Line, now: datetime) -> datetime | None:
    """When the first row of those becomes due that are put off."""
    at: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar()
    return at


async def _rows(connection: Line, query: Any, **values: Any) -> list[StoredRow]:
    return [StoredRow._make(row) for row in await connection.execute(query, values)]
