"""Open forms, one a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from bot.domain.cases import Outages
from bot.domain.timers import moved
from bot.services.records import Damaged, DraftKind, DraftRow
from storage import tables
from storage.effects import Phase, row_of, to_all, upsert
from storage.gathered import KEYS, by_key
from storage.line import Line
from storage.repository import Repository

_draft = tables.drafts.c

PUT = upsert(tables.drafts, once=True)
DROP = to_all(
    Phase.CLEAR, tables.drafts.delete().where(_draft.account.in_(KEYS)), apart=tables.drafts
)

_DRAFTS = select(tables.drafts).where(_draft.account.in_(KEYS))
_DUE = (
    select(tables.drafts)
    .where(_draft.due_at <= bindparam("now"))
    .order_by(_draft.due_at)
    .limit(bindparam("most"))
)
_THIS = tables.drafts.update().where(_draft.account == bindparam("account_"))
_OPEN = select(tables.drafts).where(_draft.due_at > bindparam("since")).with_for_update()
_MOVE = _THIS.values(due_at=bindparam("due"), remind_at=bindparam("remind"))


class StoredDrafts(Repository):
    """The unit's view of the open forms."""

    def forget(self) -> None:
        self._put: dict[int, DraftRow | None] = {}

    async def get(self, account: int) -> DraftRow | None:
        if account in self._put:
            return self._put[account]
        return await self._reads.ask(open_forms, account)

    def put(self, draft: DraftRow) -> None:
        self._effects.put("draft", draft.account, PUT, row_of(tables.drafts, draft))
        self._put[draft.account] = draft

    def drop(self, account: int) -> None:
        self._effects.put("draft", account, DROP, {"key": account})
        self._put[account] = None


def _read(row: Mapping[str, Any]) -> DraftRow:
    return DraftRow(**{**row, "kind": DraftKind(row["kind"])})


open_forms = by_key(_DRAFTS, "account", _read)
"""The open forms of people."""


async def due_drafts(connection: Line, now: datetime, limit: int) -> tuple[DraftRow | Damaged, ...]:
    """Forms whose day has come, the oldest first."""
    rows = await connection.execute(_DUE, {"now": now, "most": limit})
    return tuple(map(_due, rows.mappings()))


def _due(row: Mapping[str, Any]) -> DraftRow | Damaged:
    try:
        return _read(row)
    except ValueError:
        return Damaged("draft", row["kind"], row["due_at"], person=row["account"])


async def move_drafts(
    connection: Line, since: datetime, until: datetime, known: Outages, length: timedelta
) -> None:
    """Give the forms that were open in an outage what they lost of it (X-58).

    `known` are all outages that are credited, `length` is how long a form stays open. A return
    form that was touched since the outage ended has it counted in: it is not moved again.
    """
    moved_rows = []
    for row in (await connection.execute(_OPEN, {"since": since})).all():
        if row.kind == DraftKind.RETURN:
            begun = datetime.fromisoformat(json.loads(row.body)["draft"]["started_at"])
            due = moved(begun + length, begun, known)
        else:
            due = moved(row.due_at, row.due_at - length, ((since, until),))
        if (lost := due - row.due_at) > timedelta(0):
            remind = row.remind_at and row.remind_at + lost
            moved_rows.append({"account_": row.account, "due": due, "remind": remind})
    if moved_rows:
        await connection.execute(_MOVE, moved_rows)
