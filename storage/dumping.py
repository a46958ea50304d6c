"""PostgreSQL's own tools for backups: pg_dump writes, pg_restore reads.

They are called as processes, and take the password from their environment.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.errors import Exists, Locked, StorageError, clear_errors

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
_SEQUENCES = text("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
_FUNCTIONS = text(
    "SELECT proname FROM pg_proc"
    " WHERE pronamespace = current_schema()::regnamespace AND proname = 'audit_sealed'"
)


async def dump(place: URL, target: Path) -> None:
    """Write what the database holds at one instant. Raises StorageError."""
    await _call("pg_dump", place, "--format=custom", f"--file={target}")


async def load(place: URL, backup: Path) -> None:
    """Bring what a dump holds into the database, all or nothing. Raises StorageError."""
    await _call("pg_restore", place, "--exit-on-error", "--single-transaction", str(backup))


async def may_go(place: URL, *, replace: bool) -> None:
    """Raises Locked if somebody uses the database, Exists if there is one that must stay."""
    async with _alone(place) as connection:
        if not replace and (await connection.execute(_TABLES)).first():
            raise Exists(f"there are tables in {place.database}: add --replace if they may go")


async def clear(place: URL) -> None:
    """Take all tables away. Raises Locked if somebody uses the database.

    A dump could not replace them where they are younger: those that it does not know refer to
    those that it brings.
    """
    async with _alone(place) as connection:
        quoted = connection.dialect.identifier_preparer.quote_identifier
        ours = (("TABLE", _TABLES), ("SEQUENCE", _SEQUENCES), ("FUNCTION", _FUNCTIONS))
        for kind, there in ours:
            for name in (await connection.execute(there)).scalars().all():
                await connection.exec_driver_sql(f"DROP {kind} {quoted(name)} CASCADE")


@asynccontextmanager
async def _alone(place: URL) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(place, hide_parameters=True)
    try:
        with clear_errors():
            async with engine.begin() as connection:
                if (await connection.execute(_OTHERS)).scalar_one():
                    raise Locked("somebody else uses the database: stop every program of it first")
                yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def fresh(place: URL) -> AsyncIterator[URL]:
    """An empty database beside this one; gone at the end."""
    name = f"{place.database}_check_{secrets.token_hex(4)}"
    await _say(place, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield place.set(database=name)
    finally:
        await _say(place, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _say(place: URL, words: str) -> None:
    engine = create_async_engine(place, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with clear_errors():
            async with engine.connect() as connection:
                await connection.execute(text(words))
    except StorageError as error:
        raise StorageError(f"no backup can be restored beside the database: {error}") from None
    finally:
        await engine.dispose()


async def _call(tool: str, place: URL, *words: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise StorageError(f"{tool} is missing: install PostgreSQL's client programs")
    options = dict(place.query)
    if "ssl" in options:
        options["sslmode"] = options.pop("ssl")
    plain = place.set(drivername="postgresql", password=None, query=options)
    process = await asyncio.create_subprocess_exec(
        program,
        *("--no-owner", "--no-privileges", "--no-password", f"--dbname={plain.render_as_string()}"),
        *words,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | ({"PGPASSWORD": place.password} if place.password else {}),
    )
    try:
        _, complaint = await process.communicate()
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        line = complaint.decode(errors="replace").strip().partition("\n")[0]
        if "version mismatch" in line:
            line += f": {program} is older than the server"
        raise StorageError(line or f"{tool} failed with {process.returncode}")
