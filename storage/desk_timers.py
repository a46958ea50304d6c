"""Clocks of what is no return: a block to be judged or over, a deduction to be contested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from bot.services.records import Damaged, DeskClock, DeskTimer
from storage import tables
from storage.effects import Phase, every, row_of, upsert
from storage.line import Line
from storage.repository import Repository

_timer = tables.desk_timers.c

RUN = upsert(tables.desk_timers)
STOP = every(
    Phase.CLEAR,
    tables.desk_timers.delete().where(
        _timer.kind == bindparam("kind_"), _timer.subject == bindparam("subject_")
    ),
)
_DUE = (
    select(tables.desk_timers)
    .where(_timer.look_at <= bindparam("now"))
    .order_by(_timer.look_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ONE = select(_timer.due_at).where(
    _timer.kind == bindparam("kind_"), _timer.subject == bindparam("subject_")
)
_RUNNING = (
    select(tables.desk_timers)
    # A block ends when it says so: nobody has lost time of it.
    .where(_timer.due_at > bindparam("since"), _timer.kind != DeskClock.BLOCK_END)
    .with_for_update()
)
_MOVE = (
    tables.desk_timers.update()
    .where(_timer.kind == bindparam("kind_"), _timer.subject == bindparam("subject_"))
    .values(due_at=bindparam("due"), look_at=bindparam("look"))
)


class StoredDeskTimers(Repository):
    """The unit's way to start and stop them."""

    def run(self, timer: DeskTimer) -> None:
        row = row_of(tables.desk_timers, timer)
        self._effects.put("desk_timer", (timer.kind, timer.subject), RUN, row)

    def stop(self, kind: DeskClock, subject: int) -> None:
        row = {"kind_": kind, "subject_": subject}
        self._effects.put("desk_timer", (kind, subject), STOP, row)

    async def due(self, kind: DeskClock, subject: int) -> datetime | None:
        return await self._reads.ask(_running, (kind, subject))


async def _running(
    connection: Line, keys: Sequence[tuple[DeskClock, int]]
) -> Mapping[tuple[DeskClock, int], datetime]:
    found: dict[tuple[DeskClock, int], datetime] = {}
    for kind, subject in keys:
        values = {"kind_": kind, "subject_": subject}
        at = (await connection.execute(_ONE, values)).scalar()
        if at is not None:
            found[kind, subject] = at
    return found


async def due(connection: Line, now: datetime, limit: int) -> tuple[DeskTimer | Damaged, ...]:
    """Those to be looked at, the oldest first."""
    rows = await connection.execute(_DUE, {"now": now, "most": limit})
    return tuple(map(_due, rows))


def _due(row: Any) -> DeskTimer | Damaged:
    try:
        return DeskTimer(DeskClock(row.kind), row.subject, row.due_at, row.look_at)
    except ValueError:
        return Damaged("desk_timer", row.kind, row.due_at, person=row.subject)


async def move(connection: Line, since: datetime, until: datetime) -> None:
    """Move the clocks that were running in an outage by what they lost of it (X-58)."""
    rows = (await connection.execute(_RUNNING, {"since": since})).all()
    moved = [
        {
            "kind_": row.kind,
            "subject_": row.subject,
            "due": row.due_at + (until - since),
            "look": row.look_at + (until - since) if row.look_at > since else row.look_at,
        }
        for row in rows
    ]
    if moved:
        await connection.execute(_MOVE, moved)
