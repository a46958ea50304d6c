"""Inserts of one commit that make one journey to PostgreSQL.

Each takes a list for each of its columns. They are parts of one statement, which sees the tables
as they were before it: so each is into a table of its own and names a row once. Foreign keys are
looked at when the whole of it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Executable, bindparam, column, func, literal_column, select

from storage.words import Values

Part = tuple[Any, tuple[str, ...]]
"""An insert and the columns that its rows have."""


def together(inserts: Sequence[tuple[Executable, Sequence[Values]]]) -> tuple[Executable, Values]:
    """The statement that inserts all of these rows, and its parameters."""
    parts = tuple((insert, tuple(rows[0])) for insert, rows in inserts)
    values: dict[str, Any] = {}
    for number, (_, rows) in enumerate(inserts):
        values |= listed(rows, str(number))
    return _statement(parts), values


def listed(rows: Sequence[Values], mark: str = "") -> Values:
    """The columns of these rows as the parameters of `of_lists`: not lists, which are for `IN`."""
    return {f"{name}_{mark}": tuple(row[name] for row in rows) for name in rows[0]}


def of_lists(insert: Any, names: Sequence[str], mark: str = "") -> Any:
    """The insert with a list for each of these columns."""
    of = insert.table.c
    lists = [bindparam(f"{name}_{mark}", type_=ARRAY(of[name].type)) for name in names]
    columns = [column(name, of[name].type) for name in names]
    rows = func.unnest(*lists).table_valued(*columns).render_derived()
    return insert.from_select(list(names), select(*rows.c))


@lru_cache(maxsize=256)
def _statement(parts: Sequence[Part]) -> Executable:
    """Kept, because so is what the driver knows of it: few sorts of rows come together."""
    done: Any = select(literal_column("1"))
    for number, (insert, names) in enumerate(parts):
        done = done.add_cte(of_lists(insert, names, str(number)).cte(f"into_{number}"))
    whole: Executable = done
    return whole
