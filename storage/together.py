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
        names = parts[number][1]
        columns = zip(*([row[name] for name in names] for row in rows), strict=True)
        values.update(zip((f"{name}_{number}" for name in names), columns, strict=True))
    return _statement(parts), values


@lru_cache(maxsize=256)
def _statement(parts: Sequence[Part]) -> Executable:
    """Kept, because so is what the driver knows of it: few sorts of rows come together."""
    done: Any = select(literal_column("1"))
    for number, (insert, names) in enumerate(parts):
        of = insert.table.c
        lists = [bindparam(f"{name}_{number}", type_=ARRAY(of[name].type)) for name in names]
        rows = (
            func.unnest(*lists)
            .table_valued(*(column(name, of[name].type) for name in names))
            .render_derived()
        )
        filled = insert.from_select(list(names), select(*rows.c))
        done = done.add_cte(filled.cte(f"into_{number}"))
    whole: Executable = done
    return whole
