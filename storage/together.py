"""Writes of one commit that make one journey to PostgreSQL.

Each takes a list for each of its parameters. They are parts of one statement, which sees the
tables as they were before it: so no row is written twice in it. Foreign keys are looked at when
the whole of it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Executable,
    Insert,
    bindparam,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql import visitors

from storage.words import Values

Part = tuple[Any, tuple[str, ...]]
"""A write and the parameters that its rows have: those of an insert are columns."""


def together(writes: Sequence[tuple[Executable, Sequence[Values]]]) -> tuple[Executable, Values]:
    """The statement that writes all of these rows, and its parameters."""
    parts = tuple((write, tuple(rows[0])) for write, rows in writes)
    values: dict[str, Any] = {}
    for number, (_, rows) in enumerate(writes):
        values |= listed(rows, str(number))
    return _statement(parts), values


def listed(rows: Sequence[Values], mark: str = "") -> Values:
    """The columns of these rows as the parameters of `of_lists`: not lists, which are for `IN`."""
    return {f"{name}_{mark}": tuple(row[name] for row in rows) for name in rows[0]}


def of_lists(write: Any, names: Sequence[str], mark: str = "") -> Any:
    """The write with a list for each of these parameters."""
    if isinstance(write, Insert):
        of = write.table.c
        rows = _rows(((name, of[name].type) for name in names), mark)
        return write.from_select(list(names), select(*rows.c))
    asked = {each.key: each for each in visitors.iterate(write) if isinstance(each, BindParameter)}
    rows = _rows(((name, asked[name].type) for name in names), mark)

    def in_its_place(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter) or element.key not in rows.c:
            return None
        found = rows.c[element.key]
        return select(found).scalar_subquery() if element.expanding else found

    return visitors.replacement_traverse(write, {}, in_its_place)


def _rows(columns: Iterable[tuple[str, Any]], mark: str) -> Any:
    """Lists as the rows of a table with these columns."""
    known = tuple(columns)
    lists = [bindparam(f"{name}_{mark}", type_=ARRAY(kind)) for name, kind in known]
    named = [column(name, kind) for name, kind in known]
    return func.unnest(*lists).table_valued(*named).render_derived()


@lru_cache(maxsize=256)
def _statement(parts: Sequence[Part]) -> Executable:
    """Kept, because so is what the driver knows of it: few sorts of rows come together."""
    done: Any = select(literal_column("1"))
    for number, (write, names) in enumerate(parts):
        done = done.add_cte(of_lists(write, names, str(number)).cte(f"part_{number}"))
    whole: Executable = done
    return whole
