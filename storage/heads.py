"""Where histories ended when a day was sealed (N-11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.services.heads import Head, Sealed
from storage import tables
from storage.effects import Row, Write, insert, upsert
from storage.gathered import KEYS, MOST
from storage.line import Line
from storage.tallies import CASES, LENGTHS, NEWEST

SEAL = insert(tables.seals)
HEAD = upsert(tables.heads)

_seal, _head, _history = tables.seals.c, tables.heads.c, tables.history.c
_KNOWN = select(tables.heads).where(_head.case_id.between(bindparam("first"), bindparam("last")))
_DIGESTS = (
    select(_history.case_id, _history.seq, _history.digest)
    .where(_history.case_id.in_(KEYS))
    .order_by(_history.case_id, _history.seq)
)
_SEALS = select(tables.seals).order_by(_seal.day.desc()).limit(1)
_OF_DAY = select(tables.seals).where(_seal.day == bindparam("day_"))
_EMPTY = (
    update(tables.seals)
    .where(_seal.at < bindparam("before"), _seal.content != "")
    .values(content="")
)


def rows_of(seal: Sealed, heads: Sequence[Head]) -> Iterator[tuple[Write, Row]]:
    """The rows of a sealed day; a day is sealed once, whoever comes second."""
    row = {"day": str(seal.day), "at": seal.at, "digest": seal.digest, "count": seal.count}
    yield SEAL, row | {"content": seal.content}
    for head in heads:
        yield HEAD, {"case_id": head.case, "seq": head.seq}


async def grown(connection: Line, after: int) -> tuple[Sequence[Head], int | None]:
    """The heads of some returns above an id that no sealed day has; and where to go on."""
    newest = (await connection.execute(NEWEST)).scalar() or 0
    span = {"first": after + 1, "last": after + CASES}
    lengths = {row.case_id: row.seq for row in await connection.execute(LENGTHS, span)}
    known = {row.case_id: row.seq for row in await connection.execute(_KNOWN, span)}
    keys = [id for id, seq in lengths.items() if known.get(id) != seq]
    found = []
    for at in range(0, len(keys), MOST):
        rows = await connection.execute(_DIGESTS, {"keys": keys[at : at + MOST]})
        found += [Head(*row) for row in rows if row.seq == lengths[row.case_id]]
    return found, after + CASES if after + CASES < newest else None


async def last(connection: Line) -> Sealed | None:
    """The last day that was sealed."""
    return _sealed((await connection.execute(_SEALS)).first())


async def of_day(connection: Line, day: date) -> Sealed | None:
    """A day that was sealed."""
    return _sealed((await connection.execute(_OF_DAY, {"day_": str(day)})).first())


async def empty(connection: Line, before: datetime) -> None:
    """Forget the files of days that were sealed before: who wants one has it."""
    await connection.execute(_EMPTY, {"before": before})


def _sealed(row: Any) -> Sealed | None:
    if row is None:
        return None
    return Sealed(date.fromisoformat(row.day), row.at, row.digest, row.count, row.content)
