"""What a measure did is counted where it must stand: a program that does nothing is fast."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, func, select

from tests.torture.books import Books


class NotDone(Exception):
    """The work whose time was taken was not done."""


async def check(url: str, table: FromClause, count: int, *where: ColumnElement[bool]) -> None:
    """So many rows are committed. Raises NotDone."""
    books = Books(url)
    try:
        (row,) = await books.rows(select(func.count().label("n")).select_from(table).where(*where))
    finally:
        await books.close()
    if row.n != count:
        raise NotDone(f"{row.n:,} of {count:,} rows are in {table}")
