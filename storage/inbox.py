"""Raw updates: what Telegram has been told that we received is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Executable, bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.services.records import Received
from storage import tables
from storage.effects import Phase, Row, every, insert, to_all
from storage.gathered import KEYS
from storage.line import Line
from storage.together import listed, of_lists

_inbox = tables.inbox.c

# Only that it came is remembered: the content may be an invitation's token, and fills the disk.
_THESE = update(tables.inbox).where(_inbox.update_id.in_(KEYS))
DONE = to_all(Phase.LAST, _THESE.values(state="done", raw=""), apart=tables.inbox)
SHED = to_all(Phase.LAST, _THESE.values(state="shed", raw=""), apart=tables.inbox)
ARRIVED = insert(tables.inbox)
"""With what became of it; what is still to be done keeps its content."""
FAILED = every(
    Phase.LAST,
    update(tables.inbox)
    .where(_inbox.update_id == bindparam("id_"))
    .values(
        tries=_inbox.tries + 1,
        error=bindparam("error_"),
        state=bindparam("state_"),
        not_before=bindparam("retry_at"),
    ),
)

# Literal conditions, because a partial index is only used where its own words stand.
_PENDING = f"""
    SELECT update_id, chat, kind, raw, received_at, tries FROM inbox AS head
    WHERE head.{tables.UNDONE} AND head.not_before <= :now AND NOT EXISTS (
        SELECT 1 FROM inbox AS earlier
        WHERE earlier.chat = head.chat AND earlier.{tables.UNDONE}
          AND earlier.update_id < head.update_id)
    ORDER BY head.update_id LIMIT :most"""  # noqa: S608 - constants only
_COLUMNS: list[Column[Any]] = [
    _inbox.update_id,
    _inbox.chat,
    _inbox.kind,
    _inbox.raw,
    _inbox.received_at,
    _inbox.tries,
]
_BOUND = [bindparam("now", type_=tables.Instant)]
PENDING = {
    "sqlite": text(_PENDING).bindparams(*_BOUND).columns(*_COLUMNS),
    # What another process works on is skipped, and with it the rest of its chat.
    "postgresql": text(_PENDING + " FOR UPDATE SKIP LOCKED").bindparams(*_BOUND).columns(*_COLUMNS),
}
_WAITING_OF = (
    select(*_COLUMNS)
    .where(_inbox.chat == bindparam("chat_"), text(tables.UNDONE))
    .order_by(_inbox.update_id)
    .limit(bindparam("most"))
)
_KNOWN = select(_inbox.update_id).where(_inbox.update_id.in_(KEYS))
_WAITS = select(_inbox.update_id).where(text(tables.UNDONE)).limit(1)
_OLDEST = select(func.min(_inbox.received_at)).where(text(tables.UNDONE))
_LAST = (
    select(_inbox.update_id).order_by(_inbox.received_at.desc(), _inbox.update_id.desc()).limit(1)
)
_RECEIVE = sqlite.insert(tables.inbox).on_conflict_do_nothing()
_RECEIVE_LISTS: Executable = of_lists(
    postgresql.insert(tables.inbox), ("update_id", "chat", "kind", "raw", "received_at")
).on_conflict_do_nothing()


def arrived(update: Received, state: str = "new") -> Row:
    """The row of `ARRIVED` for an update of which this has become."""
    return {**_row(update), "raw": update.raw if state == "new" else "", "state": state}


def _row(update: Received) -> Row:
    return {
        "update_id": update.update_id,
        "chat": update.chat,
        "kind": update.kind,
        "raw": update.raw,
        "received_at": update.received_at,
    }


async def known(
    connection: Line, asked: Sequence[tuple[int, ...]]
) -> Mapping[tuple[int, ...], frozenset[int]]:
    """Which of the updates of these ids are in the inbox."""
    ids = sorted({id for ids in asked for id in ids})
    found = frozenset((await connection.execute(_KNOWN, {"keys": ids})).scalars())
    return {ids: found.intersection(ids) for ids in asked}


async def waits(connection: Line, asked: Sequence[None]) -> Mapping[None, bool]:
    """Whether an update is undone, be it due or not."""
    return dict.fromkeys(asked, bool(await connection.execute(_WAITS)))


async def pending(connection: Line, limit: int, now: datetime) -> tuple[Received, ...]:
    """The lowest undone update of each chat, unless it waits for its next try."""
    rows = await connection.execute(PENDING[connection.dialect.name], {"now": now, "most": limit})
    return tuple(Received(**row) for row in rows.mappings())


async def waiting_of(connection: Line, chat: int, limit: int) -> tuple[Received, ...]:
    """The undone updates of a chat, in their order."""
    rows = await connection.execute(_WAITING_OF, {"chat_": chat, "most": limit})
    return tuple(Received(**row) for row in rows.mappings())


async def receive(connection: Line, updates: Sequence[Received]) -> int:
    """Insert what is new. Answers how many."""
    rows = [_row(each) for each in updates]
    if not rows:
        return 0
    if connection.dialect.name == "postgresql":
        return (await connection.execute(_RECEIVE_LISTS, listed(rows))).rowcount
    return (await connection.execute(_RECEIVE, rows)).rowcount


async def oldest_undone(connection: Line) -> datetime | None:
    """When the oldest update was received that is neither done nor in quarantine."""
    oldest: datetime | None = (await connection.execute(_OLDEST)).scalar()
    return oldest


async def last_update_id(connection: Line) -> int:
    """The newest update; 0 if there is none. Ids may restart lower after a quiet week."""
    return (await connection.execute(_LAST)).scalar() or 0
