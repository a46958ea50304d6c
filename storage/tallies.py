"""What histories come to: counted again where they have grown, and read in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, delete, func, select, tuple_

from bot.services.tallying import Kind, Mark, marks
from storage import tables
from storage.cases import archives
from storage.effects import Batch, Phase, to_all, upsert
from storage.gathered import KEYS
from storage.line import Line

CASES = 2_000
"""Returns of which a step looks whether they have grown."""
GROWN = 50
"""Returns that a step counts again."""
ROWS = 2_000
"""Marks that are read together."""

Place = tuple[datetime, int, int]
"""Where a reading goes on: at this instant, after this mark of this case."""

_history, _tallied, _mark = tables.history.c, tables.tallied.c, tables.marks.c
LENGTHS = (
    # The index alone is read: no line of a history that has not grown.
    select(_history.case_id, func.max(_history.seq).label("seq"))
    .where(_history.case_id.between(bindparam("first"), bindparam("last")))
    .group_by(_history.case_id)
    .order_by(_history.case_id)
)
_COUNTED = select(_tallied.case_id, _tallied.seq).where(
    _tallied.case_id.between(bindparam("first"), bindparam("last"))
)
NEWEST = select(func.max(tables.cases.c.id))
_SELLERS = select(tables.cases.c.id, tables.cases.c.seller).where(tables.cases.c.id.in_(KEYS))
_FORGET = to_all(Phase.CLEAR, delete(tables.marks).where(_mark.case_id.in_(KEYS)))
_MARK, _TALLIED = upsert(tables.marks), upsert(tables.tallied)
_PAGE = (
    select(_mark.at, _mark.case_id, _mark.n, _mark.seller, _mark.kind, _mark.what, _mark.value)
    .where(
        tuple_(_mark.at, _mark.case_id, _mark.n)
        > tuple_(bindparam("at_", type_=tables.Instant), bindparam("case_"), bindparam("n_")),
        _mark.at < bindparam("until"),
    )
    .order_by(_mark.at, _mark.case_id, _mark.n)
    .limit(ROWS)
)
_OF_SELLER = _PAGE.where(_mark.seller == bindparam("seller_"))


async def step(connection: Line, after: int) -> int | None:
    """Count some returns above an id again, if they have grown. Where to go on; None: nowhere."""
    newest = (await connection.execute(NEWEST)).scalar() or 0
    span = {"first": after + 1, "last": after + CASES}
    lengths = {row.case_id: row.seq for row in await connection.execute(LENGTHS, span)}
    counted = {row.case_id: row.seq for row in await connection.execute(_COUNTED, span)}
    grown = [*islice((id for id, seq in lengths.items() if counted.get(id) != seq), GROWN)]
    if grown:
        await _count(connection, grown)
    last = grown[-1] if len(grown) == GROWN else after + CASES
    return last if last < newest else None


async def _count(connection: Line, ids: Sequence[int]) -> None:
    found = await archives(connection, ids)
    rows = await connection.execute(_SELLERS, {"keys": list(ids)})
    sellers = {row.id: row.seller for row in rows}
    batch = Batch()
    for id in ids:
        batch.add([(_FORGET, {"key": id})])
        batch.add(
            (
                _MARK,
                {
                    "case_id": id,
                    "n": n,
                    "at": mark.at,
                    "seller": sellers[id],
                    "kind": str(mark.kind),
                    "what": str(mark.what),
                    "value": mark.value,
                },
            )
            for n, mark in enumerate(marks(found[id]), 1)
        )
        batch.add([(_TALLIED, {"case_id": id, "seq": found[id].lines[-1].seq})])
    await batch.write(connection)


async def page(
    connection: Line, place: Place, until: datetime, seller: str | None
) -> tuple[Sequence[tuple[str, Mark]], Place | None]:
    """The next marks of a time with their sellers, and where to go on."""
    at, case, n = place
    values = {"at_": at, "case_": case, "n_": n, "until": until}
    query, more = (_PAGE, {}) if seller is None else (_OF_SELLER, {"seller_": seller})
    rows = [*await connection.execute(query, values | more)]
    found = [(row.seller, Mark(row.at, Kind(row.kind), row.what, row.value)) for row in rows]
    last = rows[-1] if len(rows) == ROWS else None
    return found, (last.at, last.case_id, last.n) if last else None
