"""What a unit wants to change, collected row by row, and how the rows reach the tables.

A `Write` is one statement; all rows of all units of a group for it are executed together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, Table, func
from sqlalchemy.dialects import postgresql, sqlite

from storage.gathered import KEYS, MOST
from storage.line import Given, Line
from storage.together import together

if TYPE_CHECKING:
    from bot.domain.orders import Order
    from storage.changes import Change

Row = dict[str, Any]


def row_of(table: Table, record: object) -> Row:
    """The row of a record that has a field for each column of its table."""
    return {column.name: getattr(record, column.name) for column in table.c}


class Phase(IntEnum):
    """The order of the statements in a commit: what hangs on a row comes after it."""

    CLEAR = 0
    PUT = 1
    HANG = 2
    LAST = 3


class Write:
    """One statement that takes many rows, in the words of each database that needs it.

    `gathers`: it is executed once for many rows, each of which has only its `key`.
    `table`: it may be a part of a statement that writes into several tables, this one for each
    write; `apart`: also beside another write into its table, as no commit has a row for both: of
    two units that touch or lean on one thing only one is kept, and nobody leans on what it writes.
    """

    __slots__ = ("apart", "gathers", "phase", "statements", "table")

    def __init__(
        self,
        phase: Phase,
        statements: Mapping[str, Executable],
        *,
        gathers: bool = False,
        table: Table | None = None,
        apart: bool = False,
    ) -> None:
        self.phase = phase
        self.statements = statements
        self.gathers = gathers
        self.table = table
        self.apart = apart


def insert(table: Table, phase: Phase = Phase.PUT) -> Write:
    """Insert rows; what is already there is left as it is."""
    return Write(
        phase,
        {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        },
        table=table,
    )


def insert_new(table: Table, phase: Phase = Phase.PUT) -> Write:
    """Insert rows; one that is already there is a fault of the whole commit."""
    statements = {"sqlite": table.insert(), "postgresql": postgresql.insert(table)}
    return Write(phase, statements, table=table)


def upsert(
    table: Table,
    phase: Phase = Phase.PUT,
    *,
    keep: Iterable[str] = (),
    unless_null: Iterable[str] = (),
    once: bool = False,
) -> Write:
    """Insert rows or overwrite those with the same primary key, but for the columns `keep`.

    The columns `unless_null` are only overwritten by a value. `once`: no commit has two rows
    with the same key.
    """
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns if column.name not in {*keys, *keep}]
    statements: dict[str, Executable] = {}
    for dialect, words in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
        statement: Any = words(table)
        new = statement.excluded
        values = {
            name: func.coalesce(new[name], table.c[name]) if name in unless_null else new[name]
            for name in names
        }
        statements[dialect] = statement.on_conflict_do_update(index_elements=keys, set_=values)
    return Write(phase, statements, table=table if once else None)


def every(phase: Phase, statement: Executable, *, table: Table | None = None) -> Write:
    """A statement with parameters that both databases understand."""
    return Write(phase, {"sqlite": statement, "postgresql": statement}, table=table)


def to_all(phase: Phase, statement: Executable, *, apart: Table | None = None) -> Write:
    """A statement about all rows whose keys are in its `KEYS`.

    `apart`: into this table, in which no other write of a commit has these rows.
    """
    statements = {"sqlite": statement, "postgresql": statement}
    return Write(phase, statements, gathers=True, table=apart, apart=apart is not None)


class Effects:
    """The effects of one unit. With `only_reads`, collecting one raises RuntimeError.

    `keyed` holds the last word on a thing (a draft, an account): two units of one group that
    have a word on the same thing cannot both be kept. `rows` are only ever added.
    """

    __slots__ = (
        "_only_reads", "changes", "claims", "keyed", "leans", "redeems", "rows", "told",
    )  # fmt: skip

    def __init__(self, *, only_reads: bool = False) -> None:
        self._only_reads = only_reads
        self.keyed: dict[tuple[str, Hashable], tuple[Write, Row]] = {}
        self.rows: list[tuple[Write, Row]] = []
        self.changes: dict[int, list[Change]] = {}
        self.claims: dict[str, int] = {}
        self.redeems: dict[str, int] = {}
        self.told: dict[str, Order] = {}
        self.leans: set[tuple[str, str]] = set()

    def put(self, thing: str, key: Hashable, write: Write, row: Row) -> None:
        """Have the last word on a thing."""
        self._allow()
        self.keyed[thing, key] = (write, row)

    def add(self, write: Write, row: Row) -> None:
        """Add a row that stands in nobody's way."""
        self._allow()
        self.rows.append((write, row))

    def change(self, change: Change) -> None:
        """Change a case, once more."""
        self._allow()
        self.changes.setdefault(change.case.id, []).append(change)

    def claim(self, order: str, account: int) -> None:
        """Take an order that nobody owns."""
        self._allow()
        self.claims[order] = account

    def redeem(self, token_hash: str, account: int) -> None:
        """Use an invitation that nobody has used."""
        self._allow()
        self.redeems[token_hash] = account

    def tell(self, order: Order) -> None:
        """Say what the marketplace tells of an order."""
        self._allow()
        self.told[order.number] = order

    def lean(self, thing: str, key: str) -> None:
        """Rely on something that another unit may change: of the two one is decided again."""
        self._allow()
        self.leans.add((thing, key))

    def clear(self) -> None:
        """Forget everything."""
        for each in (
            self.keyed, self.rows, self.changes, self.claims, self.redeems, self.told, self.leans,
        ):  # fmt: skip
            each.clear()

    def _allow(self) -> None:
        if self._only_reads:
            raise RuntimeError("this unit only reads")

    @property
    def touched(self) -> Iterable[tuple[str, Hashable]]:
        """The things that no other unit of the group may touch."""
        yield from self.keyed
        for name, keys in (
            ("case", self.changes),
            ("order", self.claims),
            ("redeem", self.redeems),
            ("order", self.told),
        ):
            for key in keys:
                yield name, key


class Batch:
    """The rows of one commit, by statement."""

    def __init__(self) -> None:
        self._rows: defaultdict[Write, list[Row]] = defaultdict(list)

    def add(self, rows: Iterable[tuple[Write, Row]]) -> None:
        """Add rows behind those that are there."""
        for write, row in rows:
            self._rows[write].append(row)

    async def write(self, connection: Line) -> None:
        """Execute every statement once with all its rows, phase by phase."""
        dialect = connection.dialect.name
        writes = sorted(self._rows, key=lambda each: each.phase)
        joined = self._joined(writes) if dialect == "postgresql" else []
        statements: list[tuple[Executable, Given]] = []
        for phase in Phase:
            if phase is Phase.LAST and joined:
                parts = [(each.statements[dialect], self._part(each)) for each in joined]
                statements.append(together(parts))
            statements += (
                (write.statements[dialect], values)
                for write in writes
                if write.phase is phase and dialect in write.statements and write not in joined
                for values in self._values(write)
            )
        await connection.write(statements)

    def _joined(self, writes: Iterable[Write]) -> list[Write]:
        """Those that make one statement: one for a table, and those whose rows are apart."""
        first: dict[Table, Write] = {}
        found: list[tuple[str, Phase, Write]] = []
        for write in writes:
            table = write.table
            if table is not None and (write.apart or first.setdefault(table, write) is write):
                found.append((table.name, write.phase, write))
        # Sorted, so that the same tables are the same statement.
        joined = [write for _, _, write in sorted(found, key=itemgetter(0, 1))]
        return joined if len(joined) > 1 else []

    def _part(self, write: Write) -> Sequence[Row]:
        rows = self._rows[write]
        return [{KEYS.key: row["key"]} for row in rows] if write.gathers else rows

    def _values(self, write: Write) -> Iterator[Given]:
        rows = self._rows[write]
        if not write.gathers:
            yield rows
            return
        keys = [row["key"] for row in rows]
        for at in range(0, len(keys), MOST):
            yield {"keys": keys[at : at + MOST]}
