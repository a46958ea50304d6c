"""The database as another process sees it, while the program works on it.

Each look at an SQLite file is a connection of its own that only reads: it can neither write nor
checkpoint, which is what the program's file lock is there to prevent, and it leaves nothing open,
so that a start after a kill finds the log exactly as the kill has left it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Row, Select, Text, cast, exists, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage import tables
from storage.books import examine_returns
from storage.engines import parsed, path_of

PATIENCE_S = 30.0
"""A server that was killed is back by then."""
UNSENT = ("new", "sending", "unknown")
_inbox, _outbox, _evidence = tables.inbox.c, tables.outbox.c, tables.evidence.c


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is due and not done: updates, messages (of them under way), timers, files and such."""

    undone: int
    unsent: int
    sending: int
    due: int

    def __bool__(self) -> bool:
        return bool(self.undone or self.unsent or self.due)


class Books:
    """Reads one database; writes nothing."""

    def __init__(self, url: str) -> None:
        self._engine = _reading_engine(parsed(url))

    async def close(self) -> None:
        await self._engine.dispose()

    async def rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a query, as they are committed now; waits for a server that is away."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                async with self._engine.connect() as connection:
                    return (await connection.execute(query)).all()
            except (DBAPIError, OSError):
                if self._engine.dialect.name == "sqlite" or time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)

    async def faults(self) -> list[str]:
        """What `returndesk check` finds wrong with the returns."""
        found: list[str] = []
        after: int | None = 0
        async with self._engine.connect() as connection:
            while after is not None:
                looked, after = await examine_returns(connection, after)
                found += [fault for each in looked for fault in each.wrong]
        return found

    async def received(self, update_ids: Collection[int]) -> set[int]:
        """Which of these updates are in the inbox."""
        rows = await self.rows(select(_inbox.update_id).where(_inbox.update_id.in_(update_ids)))
        return {row.update_id for row in rows}

    async def under_way(self, chat: int) -> list[int]:
        """The rows that are marked as being sent to this chat, or else were when a kill came.

        One of them may wait for its next try while an older one, which was not due before, goes.
        """
        query = select(_outbox.id, _outbox.state).where(
            _outbox.chat == chat, _outbox.state.in_(("sending", "unknown"))
        )
        rows = await self.rows(query)
        return [row.id for row in rows if row.state == "sending"] or [row.id for row in rows]

    async def unfinished(self, now: datetime) -> Unfinished:
        """What would have to happen now."""
        before = tables.outbox.alias().c
        # What stands behind a row that waits for its next try waits with it.
        behind = exists().where(
            before.chat == _outbox.chat,
            before.id < _outbox.id,
            before.state.in_(UNSENT),
            before.held,
            before.not_before > now,
        )
        unsent = select(func.count()).where(
            _outbox.state.in_(UNSENT), _outbox.not_before <= now, ~behind
        )
        due = [
            select(func.count()).where(instant <= now).scalar_subquery()
            for instant in (
                tables.timers.c.look_at,
                tables.reminders.c.at,
                tables.drafts.c.due_at,
            )
        ]
        unread = select(func.count()).select_from(tables.imports).where(~tables.imports.c.done)
        # Of a photo that cannot be compared the cards tell as soon as it was come to.
        untold = (
            select(func.count())
            .select_from(tables.evidence.join(tables.files, _evidence.file == tables.files.c.key))
            .where(~_evidence.compared, tables.files.c.unseen.is_not(None))
        )
        due += [unread.scalar_subquery(), untold.scalar_subquery()]
        query = select(
            select(func.count()).where(_inbox.state == "new").scalar_subquery().label("undone"),
            unsent.scalar_subquery().label("unsent"),
            select(func.count())
            .where(_outbox.state == "sending")
            .scalar_subquery()
            .label("sending"),
            (due[0] + due[1] + due[2] + due[3] + due[4]).label("due"),
        )
        (row,) = await self.rows(query)
        return Unfinished(row.undone, row.unsent, row.sending, row.due)

    async def next_try(self, now: datetime, within: timedelta) -> datetime | None:
        """When what could not be sent is tried again, if that is soon."""
        query = select(func.min(_outbox.not_before).label("at")).where(
            _outbox.state.in_(UNSENT), _outbox.not_before > now, _outbox.not_before <= now + within
        )
        (row,) = await self.rows(query)
        at: datetime | None = row.at
        return at

    async def half_done(self) -> list[int]:
        """Updates of which something is kept, though they are not done."""
        query = (
            select(_inbox.update_id)
            .join(tables.outbox, _outbox.key.like("u:" + cast(_inbox.update_id, Text) + ":%"))
            .where(_inbox.state == "new", _inbox.tries == 0)
        )
        return sorted({row.update_id for row in await self.rows(query)})

    async def done(self, update_id: int) -> bool:
        """Whether an update has been handled to its end."""
        query = select(_inbox.state).where(_inbox.update_id == update_id)
        return any(row.state != "new" for row in await self.rows(query))

    async def next_timer(self) -> datetime | None:
        """When the next timer is looked at."""
        (row,) = await self.rows(select(func.min(tables.timers.c.look_at).label("at")))
        at: datetime | None = row.at
        return at


def _reading_engine(url: URL) -> AsyncEngine:
    path = path_of(url)
    if path is None:
        return create_async_engine(url, isolation_level="AUTOCOMMIT")
    place = URL.create(
        url.drivername,
        database=f"file:{quote(str(path))}",
        query={"mode": "ro", "uri": "true"},
    )
    return create_async_engine(
        place,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 5},
    )
