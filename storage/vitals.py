"""Figures about what waits, and a proof that the database can be written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.health import Vitals
from storage import lists, tables
from storage.effects import upsert
from storage.line import Line

_outbox = tables.outbox.c

_PROBE = upsert(tables.heartbeats)
_UNSENT = select(_outbox.state, func.count()).where(text(tables.UNSENT)).group_by(_outbox.state)
_OLDEST = select(
    select(func.min(tables.inbox.c.received_at)).where(text(tables.UNDONE)).scalar_subquery(),
    select(func.min(_outbox.not_before))
    .where(text(tables.UNSENT), _outbox.not_before <= bindparam("now", type_=tables.Instant))
    .scalar_subquery(),
    select(func.min(tables.timers.c.due_at)).scalar_subquery(),
    select(func.count())
    .where(text(tables.UNREACHABLE))
    .select_from(tables.accounts)
    .scalar_subquery(),
)


async def vitals(line: Line, now: datetime) -> Vitals:
    """Figures as of now, in a transaction that writes."""
    connection: AsyncConnection = line.connection
    probe = _PROBE.statements[connection.dialect.name]
    await connection.execute(probe, {"name": "probe", "at": now})
    unsent = {row[0]: row[1] for row in await connection.execute(_UNSENT)}
    update, message, timer, unreachable = (await connection.execute(_OLDEST, {"now": now})).one()
    return Vitals(
        now=now,
        counts=(await lists.counts(line, [now]))[now],
        unsent=unsent,
        oldest_update=update,
        oldest_message=message,
        next_timer=timer,
        unreachable=unreachable,
    )
