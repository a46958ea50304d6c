"""A statement of SQLAlchemy in the words of a dialect, kept for the driver.

What SQLAlchemy knows of a statement does not change from one execution to the next: its text,
the order of its parameters, how values are encoded and decoded. Thinking of it anew each time
costs more than executing it.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Dialect, Executable, SelectBase
from sqlalchemy.ext.asyncio import AsyncConnection

Values = Mapping[str, Any]
"""The parameters of a statement by name; a list belongs to an expanding one, in an `IN`.

Its keys are a parameter each; on PostgreSQL the whole list is one, so that a statement has one
text. Keys that are tuples are expanded there, too.
"""

Shape = tuple[str, int, Any]
"""The name of a list, how many parameters it becomes, and a key as it may be: None, or a tuple."""

_NUMBERED = re.compile(r"\$(\d+)")

_named: Any = namedtuple  # its names are known when a statement is

_MET: dict[tuple[str, Any], Dialect] = {}

_NONE: Values = {}


class Rows(list[Any]):
    """The rows that a statement answered, as named tuples; `rowcount` where it answers none."""

    rowcount = -1

    def all(self) -> Rows:
        return self

    def first(self) -> Any:
        return self[0] if self else None

    def scalars(self) -> Rows:
        """The first column."""
        return Rows(row[0] for row in self)

    def scalar(self) -> Any:
        """The first column of the first row; None if there is none."""
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        """The first column of the only row. Raises LookupError if there is not one."""
        if len(self) != 1:
            raise LookupError(f"{len(self)} rows in place of one")
        return self[0][0]

    def mappings(self) -> Iterator[dict[str, Any]]:
        """The rows by the names of their columns."""
        return (row._asdict() for row in self)


class Words:
    """A statement's text for parameters of these names and shapes. Made by `words_of`."""

    def __init__(
        self, statement: Any, dialect: Dialect, names: Sequence[str], shapes: Sequence[Shape]
    ) -> None:
        lists = {name: [key] * length for name, length, key in shapes}
        compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
        fixed = compiled.construct_params(_check=False)
        state = compiled.construct_expanded_state({**fixed, **lists})
        known = {**fixed, **state.parameters}
        order: Sequence[str] = state.positiontup or ()
        columns = list(getattr(statement, "exported_columns", ()))
        self.sql: str = state.statement
        self.answers = bool(columns)
        self.only_reads = isinstance(statement, SelectBase) and "FOR UPDATE" not in self.sql
        self.count = len(order)
        self._places = {name: state.parameter_expansion[name] for name in lists}
        encoders = {
            name: _encoder(compiled.binds[name], dialect)
            for name in order
            if name in compiled.binds
        }
        encoders |= state.processors
        if _takes_lists(dialect):
            for name, _, key in shapes:
                if key is None:
                    (place,) = self._places.pop(name)
                    self.sql = _with_list(self.sql, order.index(place) + 1)
                    order = [name if each == place else each for each in order]
                    encoders[name] = _each(encoders.get(place))
        given = {*names, *chain.from_iterable(self._places.values())}
        self._fixed = {name: known[name] for name in order if name not in given}
        self._pick = _picking(order)
        self._encode = [(at, each) for at, name in enumerate(order) if (each := encoders.get(name))]
        kinds = [each.type.dialect_impl(dialect) for each in columns]
        self._decode = [
            (at, process)
            for at, kind in enumerate(kinds)
            if (process := kind.result_processor(dialect, None))
        ]
        self._make: Any = _named("_Row", [each.name for each in columns], rename=True)._make

    def parameters(self, values: Values) -> Sequence[Any]:
        """The values in the order of the text, as the driver wants them."""
        if self._fixed or self._places:
            values = {**self._fixed, **values}
            for name, places in self._places.items():
                values.update(zip(places, _flat(_padded(values[name])), strict=True))
        picked = self._pick(values)
        if not self._encode:
            return picked
        encoded = [*picked]
        for at, process in self._encode:
            encoded[at] = process(encoded[at])
        return encoded

    def rows(self, raw: Sequence[Any]) -> Rows:
        """What the driver answered, as values."""
        if not self.answers:
            return Rows(raw)
        make, decode = self._make, self._decode
        if not decode:
            return Rows(map(make, raw))
        rows = Rows()
        for each in raw:
            values = [*each]
            for at, process in decode:
                values[at] = process(values[at])
            rows.append(make(values))
        return rows


@lru_cache(maxsize=256)
def in_one(asked: Sequence[Words]) -> str:
    """The text of PostgreSQL's that answers several statements, each with a list of its rows.

    Its parameters are theirs, one after the other.
    """
    parts, before = [], 0
    for each in asked:
        sql = _NUMBERED.sub(partial(_moved, before), each.sql)
        parts.append(f"ARRAY(SELECT ROW(q.*) FROM ({sql}) AS q)")  # noqa: S608 - our own texts
        before += each.count
    return f"SELECT {', '.join(parts)}"


def _moved(by: int, mark: re.Match[str]) -> str:
    return f"${int(mark[1]) + by}"


def met(dialect: Dialect) -> Dialect:
    """The dialect as it was met first: the words of a statement are those of every engine."""
    return _MET.setdefault((dialect.name, dialect.server_version_info), dialect)


async def answered(
    connection: AsyncConnection, statement: Executable, values: Values = _NONE
) -> Rows:
    """What a connection of SQLAlchemy's answers to a statement, in the words that are kept."""
    words = words_of(statement, met(connection.dialect), values)
    found = await connection.exec_driver_sql(words.sql, tuple(words.parameters(values)))
    return words.rows(found.all())


def words_of(statement: Executable, dialect: Dialect, values: Values) -> Words:
    """The statement's words for such values. Statements must not be made anew for each use."""
    whole = _takes_lists(dialect)
    shapes = tuple(
        (name, 1 if whole and not _blank(value) else len(_padded(value)), _blank(value))
        for name, value in values.items()
        if type(value) is list
    )
    return _words(statement, dialect, tuple(values), shapes)


@lru_cache(maxsize=1024)
def _words(
    statement: Executable, dialect: Dialect, names: tuple[str, ...], shapes: tuple[Shape, ...]
) -> Words:
    return Words(statement, dialect, names, shapes)


def _encoder(bind: BindParameter[Any], dialect: Dialect) -> Any:
    if isinstance(bind.type, ARRAY):
        # SQLAlchemy looks into every value, which may be a list itself; here none is.
        return _each(bind.type.item_type.dialect_impl(dialect).bind_processor(dialect))
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def _takes_lists(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def _with_list(sql: str, number: int) -> str:
    """The text with a list in place of the one key that is this parameter."""
    key = rf"IN \(\${number}::(\w+)\)"
    cast = rf"(${number}::\1[])"
    sql = re.sub(rf"\bNOT {key}", f"<> ALL {cast}", sql)
    return re.sub(rf"\b{key}", f"= ANY {cast}", sql)


def _each(encode: Any) -> Any:
    return encode and (lambda keys: [encode(key) for key in keys])


def _picking(order: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    if len(order) > 1:
        return itemgetter(*order)
    return lambda values: tuple(values[name] for name in order)


def _padded(keys: Sequence[Any]) -> Sequence[Any]:
    """The last key again up to a power of two, so that a statement has few texts."""
    if not keys:
        return keys
    missing = (1 << (len(keys) - 1).bit_length()) - len(keys)
    return [*keys, *[keys[-1]] * missing]


def _blank(keys: Sequence[Any]) -> Any:
    return (None,) * len(keys[0]) if keys and isinstance(keys[0], tuple) else None


def _flat(keys: Sequence[Any]) -> Sequence[Any]:
    return [*chain.from_iterable(keys)] if _blank(keys) else keys
