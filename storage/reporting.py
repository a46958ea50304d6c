"""Returns by when they were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, text

from bot.domain.cases import ReturnCase, load_case, return_number
from storage import tables
from storage.errors import Unreadable
from storage.gathered import KEYS, decoded
from storage.line import Line

_case, _line = tables.cases.c, tables.history.c

_OPENED = tables.cases.join(tables.history, _line.case_id == _case.id)
_IN = (
    # Literal, because a partial index is only used where its own words stand.
    text(f"history.{tables.OPENED}"),
    _line.at >= bindparam("since"),
    _line.at < bindparam("until"),
)
_COUNT = select(func.count()).select_from(_OPENED).where(*_IN)
_PAGE = (
    select(_case.id, _case.body, _line.at)
    .select_from(_OPENED)
    .where(*_IN, _case.id > bindparam("after"))
    .order_by(_case.id)
    .limit(bindparam("most"))
)


_SELLERS = _case.seller.in_(KEYS)
_COUNT_OF_SELLERS, _PAGE_OF_SELLERS = _COUNT.where(_SELLERS), _PAGE.where(_SELLERS)

Asked = tuple[datetime, datetime, tuple[str, ...] | None]
"""From when, until when, and of which sellers; None: of all."""


async def counts(connection: Line, asked: Sequence[Asked]) -> Mapping[Asked, int]:
    """How many returns were asked for."""
    found = {}
    for since, until, sellers in asked:
        query = _COUNT if sellers is None else _COUNT_OF_SELLERS
        values = {"since": since, "until": until, **_keys(sellers)}
        rows = await connection.execute(query, values)
        found[since, until, sellers] = rows.scalar_one()
    return found


async def pages(
    connection: Line, asked: Sequence[tuple[Asked, int, int]]
) -> Mapping[tuple[Asked, int, int], tuple[tuple[datetime, ReturnCase], ...] | Unreadable]:
    """The next returns above an id, so many at most. One that cannot be read stops the report."""
    found: dict[tuple[Asked, int, int], tuple[tuple[datetime, ReturnCase], ...] | Unreadable] = {}
    for (since, until, sellers), after, most in asked:
        query = _PAGE if sellers is None else _PAGE_OF_SELLERS
        values = {"since": since, "until": until, **_keys(sellers)}
        rows = [
            (row.at, decoded(load_case, row.body, return_number(row.id)))
            for row in await connection.execute(query, values | {"after": after, "most": most})
        ]
        broken = next((case for _, case in rows if isinstance(case, Unreadable)), None)
        found[(since, until, sellers), after, most] = broken or tuple(
            (at, case) for at, case in rows if not isinstance(case, Unreadable)
        )
    return found


def _keys(sellers: Sequence[str] | None) -> Mapping[str, list[str]]:
    return {} if sellers is None else {"keys": list(sellers)}
