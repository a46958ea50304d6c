"""What is read beside a running program: one instant of the database, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.cases import STAFF, Role
from storage import migrate, tables
from storage.engines import parsed, reading_engine
from storage.errors import WrongSchema, clear_errors

_member = tables.memberships.c
_NUMBERS = select(tables.orders.c.number).order_by(tables.orders.c.number)
_STAFF = (
    select(tables.accounts.c.id, tables.accounts.c.name, _member.role)
    .join_from(tables.memberships, tables.accounts, _member.account == tables.accounts.c.id)
    .where(_member.role.in_(sorted(STAFF)))
    .order_by(tables.accounts.c.id)
)


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[AsyncConnection]:
    """One instant of a database, for reading. Raises StorageError."""
    engine = reading_engine(parsed(url))
    try:
        with clear_errors():
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()


async def order_numbers(url: str) -> Sequence[str]:
    """The numbers of all orders, also beside a running program. Raises StorageError."""
    async with reading(url) as connection:
        await fit(connection)
        return (await connection.execute(_NUMBERS)).scalars().all()


async def staff(url: str) -> Sequence[tuple[int, str, Role]]:
    """Who is of the staff, also beside a running program: (id, name, role). Raises StorageError."""
    async with reading(url) as connection:
        await fit(connection)
        return [(row.id, row.name, Role(row.role)) for row in await connection.execute(_STAFF)]


async def fit(connection: AsyncConnection) -> None:
    """Raises WrongSchema for tables of another version of the program."""
    stored = await migrate.revision(connection)
    if stored != tables.SCHEMA:
        raise WrongSchema(migrate.what_to_run(stored))
