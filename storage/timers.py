"""Running clocks and outages: what is due, and what has been dealt with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, func, select, union_all

from bot.domain.cases import Outages, TimerKind
from bot.services.records import Damaged, DueTimer, Outage
from storage import reminding, tables
from storage.effects import Phase, every, insert
from storage.line import Line

_timer, _outage = tables.timers.c, tables.outages.c

_THIS = (
    _timer.case_id == bindparam("case_"),
    _timer.kind == bindparam("kind_"),
    _timer.version == bindparam("version_"),
)
FIRED = every(Phase.CLEAR, tables.timers.delete().where(*_THIS))
POSTPONED = every(
    Phase.CLEAR, tables.timers.update().where(*_THIS).values(look_at=bindparam("until_"))
)
OUTAGE = insert(tables.outages)
CREDITED = every(
    Phase.LAST,
    tables.outages.update()
    .where(_outage.id == bindparam("id_"))
    .values(credited=bindparam("upto_"), finished=bindparam("finished_")),
)

_DUE = (
    select(tables.timers)
    .where(_timer.look_at <= bindparam("now"))
    .order_by(_timer.look_at, _timer.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NEXT: CompoundSelect[Any] = union_all(
    select(func.min(_timer.look_at).label("at")),
    select(func.min(tables.drafts.c.due_at)),
    select(func.min(tables.desk_timers.c.look_at)),
    *reminding.NEXT,
    select(func.min(_outage.until)).where(~_outage.finished),
)
_OUTAGES = select(tables.outages).where(~_outage.finished).order_by(_outage.since).limit(1)


_ALL_OUTAGES = select(_outage.since, _outage.until).order_by(_outage.since)


async def all_outages(connection: Line, keys: Sequence[None]) -> Mapping[None, Outages]:
    """Every outage there was: few, and asked for at once."""
    rows = await connection.execute(_ALL_OUTAGES)
    return {None: tuple((row.since, row.until) for row in rows)}


async def due_timers(connection: Line, now: datetime, limit: int) -> tuple[DueTimer | Damaged, ...]:
    """Timers whose instant has come, in due order."""
    rows = await connection.execute(_DUE, {"now": now, "most": limit})
    return tuple(map(_due, rows))


def _due(row: Any) -> DueTimer | Damaged:
    try:
        return DueTimer(row.case_id, TimerKind(row.kind), row.due_at, row.version)
    except ValueError:
        return Damaged("timer", row.kind, row.due_at, row.case_id, row.version)


async def next_due(connection: Line) -> datetime | None:
    """The next instant at which something is due or to be looked at, or an outage's end."""
    rows: Sequence[datetime | None] = (await connection.execute(_NEXT)).scalars().all()
    return min((at for at in rows if at is not None), default=None)


async def outage(connection: Line) -> Outage | None:
    """The oldest outage whose credit is not finished."""
    row = (await connection.execute(_OUTAGES)).first()
    if row is None:
        return None
    return Outage(id=row.id, since=row.since, until=row.until, credited=row.credited)
