"""What waits for one slot comes together: the newest says what is shown, in the oldest's place.

What is sent anew keeps its own place, behind all that was said before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update

from bot.services.records import How
from storage import tables
from storage.effects import Phase, Row, Write, every

Place = tuple[int, str]
"""(chat, slot)"""

ALONE = (How.SEND, How.REPLACE)
"""New messages: what waits for the slot does not come together with them."""
_TAKEN_OVER = ("kind", "payload", "how", "message", "silent", "not_before")

THIS = update(tables.outbox).where(tables.outbox.c.id == bindparam("id_"))
DROPPED = every(Phase.CLEAR, THIS.values(state="dropped", payload="{}"))
LOUD = every(Phase.PUT, THIS.values(silent=False))
MERGED = every(
    Phase.PUT,
    THIS.values({name: bindparam(name) for name in _TAKEN_OVER}),
)


class StoredRow(NamedTuple):
    """A row of the outbox as it is stored, in the order of its columns."""

    id: int
    key: str
    chat: int
    kind: Any
    payload: str
    slot: str | None
    how: str
    message: int | None
    silent: bool
    at_most_once: bool
    created_at: datetime
    not_before: datetime
    state: Any
    tries: int
    held: bool
    error: str | None

    @property
    def place(self) -> Place | None:
        return (self.chat, self.slot) if self.slot is not None else None


def merged(
    head: StoredRow, waiting: Iterable[StoredRow], shown: int | None
) -> tuple[StoredRow | None, list[tuple[Write, Row]]]:
    """Bring the edits and renewals that wait for one slot together in the place of the head.

    `waiting` are all new rows of the slot, `shown` is the message that is in it. The newest says
    what is shown; it is loud if one of them is. What is older than the head was put off, and has
    been overtaken. None: the slot is sent anew behind what was said since, not in this place.
    """
    target, together = head.message or shown, list[StoredRow]()
    for row in waiting:
        if row.id > head.id and (row.how in ALONE or row.message not in (None, target)):
            break
        if row.id != head.id and row.how not in ALONE:
            together.append(row)
    renewals = [row for row in together if row.id > head.id and row.how == How.RENEW]
    # What has perhaps arrived keeps its place: it is said again, with what is to be said now.
    if renewals and head.state == "new":
        last = renewals[-1]
        return None, _overtaken([head, *(row for row in together if row.id < last.id)], last)
    whole = head
    for row in together:
        whole = whole._replace(how=How.RENEW if How.RENEW in (row.how, whole.how) else How.EDIT)
        if row.id > head.id:
            # After an attempt there is nothing to wait for.
            at = whole.not_before if whole.held else row.not_before
            whole = whole._replace(kind=row.kind, payload=row.payload, not_before=at)
    changes = [_dropped(row) for row in together]
    if whole.how == How.RENEW:
        whole = whole._replace(silent=not _loud([head, *together]))
    if together:
        taken = {name: getattr(whole, name) for name in _TAKEN_OVER}
        changes.append((MERGED, {"id_": head.id, **taken}))
    return whole, changes


def _overtaken(rows: Sequence[StoredRow], renewal: StoredRow) -> list[tuple[Write, Row]]:
    changes = [_dropped(row) for row in rows]
    if _loud(rows):
        changes.append((LOUD, {"id_": renewal.id}))
    return changes


def _loud(rows: Iterable[StoredRow]) -> bool:
    """Whether one of them makes a sound: an edit never does."""
    return any(row.how == How.RENEW and not row.silent for row in rows)


def _dropped(row: StoredRow) -> tuple[Write, Row]:
    return DROPPED, {"id_": row.id}
