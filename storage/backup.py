"""Backups: made beside a running program, and believed only after one was restored and checked.

SQLite's are made with VACUUM INTO, over a connection that only reads; PostgreSQL's with pg_dump.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from sqlalchemy import URL, func, select

from storage import dumping, migrate, tables
from storage.beside import reading
from storage.checking import examine
from storage.engines import FileLock, parsed, path_of
from storage.errors import Corrupt, Exists, StorageError, WrongSchema, clear_errors

SUFFIX = {"sqlite": ".db", "postgresql": ".dump"}

_KEPT_FOR_EVER = (tables.cases, tables.history, tables.ledger)


class NotWhole(StorageError):
    """A backup does not hold together, or holds less than the database did."""


def suffix_of(url: str) -> str:
    """How the name of a backup of this database ends."""
    return SUFFIX[parsed(url).get_backend_name()]


async def back_up(url: str, target: Path) -> Counter[str]:
    """Write a new file that has been restored once. Answers what is in it. Raises StorageError.

    It appears whole or not at all, for the owner's eyes only.
    """
    place = parsed(url)
    if await asyncio.to_thread(target.exists):
        raise Exists(f"{target} is there already")
    before = await _marks(url)
    part = target.with_name(f"{target.name}.part")
    with _files():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if path := path_of(place):
            await asyncio.to_thread(_copy_out, path, part)
        else:
            await dumping.dump(place, part)
        async with _restored(place, part) as copy:
            found = await _verified(copy)
            after = await _marks(copy)
        if less := [name for name, count in before.items() if after[name] < count]:
            raise NotWhole(f"the backup lacks rows of {', '.join(less)}: it was thrown away")
        with _files():
            _flush(part)
            part.rename(target)
            _flush(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return found


async def restore(url: str, backup: Path, *, replace: bool = False) -> Counter[str]:
    """Make this file the database. Answers what is in it. Raises StorageError.

    Refuses while a program uses the database, and where there is one unless it is to be replaced.
    """
    place = parsed(url)
    if not await asyncio.to_thread(backup.is_file):
        raise StorageError(f"there is no file {backup}")
    path = path_of(place)
    if path is None:
        await dumping.may_go(place, replace=replace)
        async with _restored(place, backup) as copy:
            found = await _verified(copy)
        await dumping.clear(place)
        await dumping.load(place, backup)
        return found
    if not path.parent.is_dir():
        raise StorageError(f"there is no folder {path.parent} for the database")
    lock = FileLock(path)
    try:
        await asyncio.to_thread(_may_go, path, backup, replace)
        try:
            found = await _verified(f"sqlite:///{backup}")
        except (Corrupt, NotWhole):
            # The words for a running program would say of the database what is so of the backup.
            raise Corrupt(f"{backup} is damaged, or no backup: restore another one") from None
        with _files():
            await asyncio.to_thread(_copy_in, backup, path)
    finally:
        lock.release()
    return found


async def _marks(url: str) -> Counter[str]:
    """How many rows there are that are only ever added to: a later backup has at least these."""
    async with reading(url) as connection:
        marks: Counter[str] = Counter()
        for table in _KEPT_FOR_EVER:
            query = select(func.count()).select_from(table)
            marks[table.name] = (await connection.execute(query)).scalar_one()
    return marks


async def _verified(url: str) -> Counter[str]:
    """What is in this database. Raises NotWhole for the first thing that is wrong.

    Tables of an older program are only looked at page by page: `init` brings them up to date.
    """
    found: Counter[str] = Counter()
    async with reading(url) as connection:
        stored = await migrate.revision(connection)
        try:
            async for looked in examine(connection):
                found[looked.what] += looked.count
                if looked.wrong:
                    raise NotWhole(f"it does not hold together: {looked.wrong[0]}")
        except WrongSchema:
            if stored is None or stored > tables.SCHEMA:
                raise
    return found


@asynccontextmanager
async def _restored(place: URL, part: Path) -> AsyncIterator[str]:
    """The URL of a fresh database into which this backup was restored; gone at the end."""
    if path_of(place) is None:
        async with dumping.fresh(place) as fresh:
            await dumping.load(fresh, part)
            yield fresh.render_as_string(hide_password=False)
        return
    with TemporaryDirectory(dir=part.parent) as folder:
        copy = Path(folder) / "copy.db"
        with _files():
            await asyncio.to_thread(_copy_in, part, copy)
        yield f"sqlite:///{copy}"


def _may_go(path: Path, backup: Path, replace: bool) -> None:
    if path.exists() and path.samefile(backup):
        raise Exists(f"{backup} is the database itself")
    if path.exists() and not replace:
        raise Exists(f"there is a database {path}: add --replace if it may go")


def _copy_out(path: Path, target: Path) -> None:
    """Write what the file holds at one instant. Raises StorageError."""
    name = f"file:{quote(str(path))}?mode=ro"
    with (
        clear_errors(),
        closing(sqlite3.connect(name, uri=True, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("VACUUM INTO ?", (str(target),))


def _copy_in(backup: Path, path: Path) -> None:
    """Put a copy in the place of the file; its log would be applied to the wrong pages."""
    part = path.with_name(f"{path.name}.part")
    try:
        shutil.copyfile(backup, part)
        part.chmod(0o600)
        _flush(part)
        for log in ("-wal", "-shm"):
            path.with_name(path.name + log).unlink(missing_ok=True)
        part.replace(path)
        _flush(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _files() -> Iterator[None]:
    """Say what the system said of a file."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{error.filename or 'the file'}: {error.strerror}") from None
