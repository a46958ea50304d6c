"""Bringing the tables up to date with Alembic, all steps in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engines import locked, open_engine, parsed
from storage.errors import WrongSchema, clear_errors

if TYPE_CHECKING:
    from alembic.config import Config


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings for this connection: there is no alembic.ini."""
    # Imported here because no start of the bot needs it.
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", "storage:migrations")
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


async def upgrade(url: str, to: str = "head") -> None:
    """Create a missing SQLite file and bring the tables to this revision. Raises StorageError."""
    await _run(url, "upgrade", to)


async def downgrade(url: str, to: str) -> None:
    """Take the tables back to a revision; `base` removes them. Raises StorageError."""
    await _run(url, "downgrade", to)


async def _run(url: str, command: str, to: str) -> None:
    from alembic import command as commands

    place = parsed(url)
    lock = locked(place)
    engine = open_engine(place, create=True)
    try:
        with clear_errors():
            async with engine.begin() as connection:
                if command == "upgrade" and _newer(await revision(connection)):
                    raise WrongSchema(what_to_run(await revision(connection)))
                await connection.run_sync(lambda each: getattr(commands, command)(config(each), to))
    finally:
        await engine.dispose()
        if lock:
            lock.release()


async def current(url: str) -> str | None:
    """The revision of the stored tables; None if there are none. Raises StorageError."""
    place = parsed(url)
    engine = open_engine(place)
    try:
        with clear_errors():
            async with engine.connect() as connection:
                return await revision(connection)
    finally:
        await engine.dispose()


async def revision(connection: AsyncConnection) -> str | None:
    """The revision of the stored tables, without Alembic; None if there are none."""
    try:
        async with connection.begin_nested():
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            stored: str | None = found.scalar()
    except DBAPIError as error:
        if "alembic_version" not in str(error.orig):
            raise
        return None
    return stored


def _newer(stored: str | None) -> bool:
    return stored is not None and stored > tables.SCHEMA


def what_to_run(stored: str | None) -> str:
    """One line for a person whose tables are not of this program's version."""
    if stored is None:
        return "the database has no tables yet: run `returndesk init`"
    have, need = f"the tables ({stored})", f"this program ({tables.SCHEMA})"
    if _newer(stored):
        return f"{have} are newer than {need}: upgrade the program"
    return f"{have} are older than {need}: run `returndesk init`"
