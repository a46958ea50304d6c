"""Whether what is stored holds together: pages, keys, histories, clocks, money, and no orphans.

Nothing is written. Returns are read a batch at a time, in one transaction that sees one instant,
so a check may run beside a running program, and its memory does not grow with the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.beside import fit
from storage.books import Looked, examine_deductions, examine_returns
from storage.orphans import orphans


async def examine(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Look at everything, the returns a batch at a time.

    Raises WrongSchema for what only a program of another version understands; the pages of an
    SQLite file have been looked at by then.
    """
    if connection.dialect.name == "sqlite":
        async for looked in _pages(connection):
            yield looked
    await fit(connection)
    after: int | None = 0
    while after is not None:
        seen, after = await examine_returns(connection, after)
        for looked in seen:
            yield looked
    yield await examine_deductions(connection)
    async for looked in orphans(connection):
        yield looked


async def _pages(connection: AsyncConnection) -> AsyncIterator[Looked]:
    faults = (await connection.execute(text("PRAGMA quick_check"))).scalars()
    yield Looked("database file", 1, [fault for fault in faults if fault != "ok"])
    rows = await connection.execute(text("PRAGMA foreign_key_check"))
    lost = Counter((row[0], row[2]) for row in rows)
    yield Looked(
        "references",
        len(tables.metadata.tables),
        [f"{n} rows of {child} lead to no row of {parent}" for (child, parent), n in lost.items()],
    )
