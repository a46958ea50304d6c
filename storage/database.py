"""The memory: one database, two dialects. One transaction is one unit of work.

SQLite has one connection, which reads and writes and is the only checkpointer. PostgreSQL has a
connection for each transaction.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.heads import Head, Sealed
from bot.services.health import Vitals
from bot.services.likeness import Near
from bot.services.ports import Clock
from bot.services.records import File, OrderFile, Outcome, Received, Spot, Taken, Twin
from bot.services.tallying import Mark, Meter
from storage import (
    books,
    files,
    heads,
    imports,
    inbox,
    looks,
    mailbag,
    migrate,
    retention,
    tables,
    tallies,
    timers,
    vitals,
)
from storage import meters as stored_meters
from storage.ballast import Ballast
from storage.engines import FileLock, locked, open_engine, parsed, path_of
from storage.errors import Corrupt, Full, Missing, StorageError, WrongSchema, clear_errors
from storage.gathered import Reads
from storage.group import Close, StoredGroup
from storage.intake import LAST_BEAT, RECEIVED, RECEIVING, Intake
from storage.lead import Duties, Lead
from storage.line import Line
from storage.lines import Lines, OnlyLine, ServerLines
from storage.retention import Place
from storage.seen import Forgetting, forget_seen
from storage.unit import StoredUnit

_LAST_RECEIVED = select(func.max(tables.inbox.c.received_at))
_PRUNE_INBOX = delete(tables.inbox).where(
    tables.inbox.c.state.in_(["done", "shed"]), tables.inbox.c.received_at < bindparam("before")
)
_PRUNE_OUTBOX = delete(tables.outbox).where(
    tables.outbox.c.state.in_(["sent", "dropped"]), tables.outbox.c.created_at < bindparam("before")
)


async def open_database(
    url: str,
    *,
    create: bool = False,
    salt: Callable[[], str] = lambda: secrets.token_hex(16),
) -> Database:
    """Open the database of this URL, `sqlite:///PATH` or `postgresql://…`.

    With `create`, a missing file is made and the tables are brought up to date; without, both are
    errors that say what to run. Raises StorageError.
    """
    place = parsed(url)
    path = path_of(place)
    if create:
        await migrate.upgrade(url)
    # What a line does at once must not wait; the beginning of its transactions does, in a thread.
    engine = open_engine(place, waits=False)
    lock = locked(place)
    database = Database(engine, lock, salt, path=path)
    try:
        await database.start()
    except BaseException:
        await database.close()
        raise
    return database


class Database:
    """The `Memory` and the `Mailbag` of one database. Made by `open_database`."""

    def __init__(
        self,
        engine: AsyncEngine,
        lock: FileLock | None,
        salt: Callable[[], str],
        *,
        path: Path | None = None,
    ) -> None:
        """`path` is the file of an SQLite database."""
        self._engine = engine
        self._lock = lock
        self._salt = salt
        self._only = OnlyLine(engine, path) if path else None
        self._lines: Lines = self._only or ServerLines(engine)
        self._others = None if path else Lead(engine)
        self._beat: datetime | None = None
        self._path = path
        self._ballast = Ballast(path) if path else None
        self._broken: asyncio.Future[StorageError] = asyncio.get_running_loop().create_future()
        self._room = False
        self._forgetting = Forgetting()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def start(self) -> None:
        """Connect, and check that the tables are whole and of this version."""
        with clear_errors():
            if self._only:
                await self._only.check()
        async with self._transaction() as connection:
            stored = await migrate.revision(connection.connection)
            if stored != tables.SCHEMA:
                raise WrongSchema(migrate.what_to_run(stored))
            self._beat = (await connection.execute(LAST_BEAT)).scalar()

    async def close(self) -> None:
        """Let go of the database, after the transaction that is open."""
        self._forgetting.end()
        await self._lines.close()
        await self._engine.dispose()
        if self._lock:
            self._lock.release()
            self._lock = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    # ---------------------------------------------------------------------- transactions

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        with self._making_room(), clear_errors():
            yield

    @contextmanager
    def _making_room(self) -> Iterator[None]:
        try:
            yield
        except Full:
            self._room = False
            if self._ballast:
                self._ballast.drop()
            raise
        except (Corrupt, Missing) as fault:
            if not self._broken.done():
                self._broken.set_result(fault)
            raise

    async def watch(self) -> None:
        """Wait until the database is found damaged, gone or replaced, and raise that."""
        raise await asyncio.shield(self._broken)

    async def _begin(self, *, whole: bool = False, first: str = "") -> tuple[Line, Close]:
        """A line with a transaction, and what ends it: commits (True) or rolls back."""
        with self._clear_errors():
            line = await self._lines.begin(whole=whole, first=first)

        async def end(commits: bool) -> None:
            try:
                await line.quiet()
                with self._clear_errors():
                    if commits:
                        await line.commit()
            finally:
                with self._clear_errors():
                    await self._lines.let_go(line)

        return line, end

    @asynccontextmanager
    async def _transaction(self, *, whole: bool = False, first: str = "") -> AsyncIterator[Line]:
        """For statements of our own: commits, unless one of them raises."""
        connection, end = await self._begin(whole=whole, first=first)
        commits = False
        try:
            with self._clear_errors():
                yield connection
            commits = True
        finally:
            await end(commits)

    @asynccontextmanager
    async def group(self, *, receives: bool = False) -> AsyncIterator[StoredGroup]:
        """A transaction for the units of several chats; rolled back unless committed.

        It may raise Overtaken: `until_kept` runs it again.
        """
        connection, end = await self._begin(whole=True, first=RECEIVING if receives else "")
        group = StoredGroup(connection, end, self._salt, self._beat)
        try:
            with self._making_room():
                yield group
        finally:
            committed = not await group.roll_back()
        if committed:
            self._beat = group.beat

    @asynccontextmanager
    async def reading(self, now: datetime) -> AsyncIterator[StoredUnit]:
        """A unit that only reads, as of an instant."""
        connection, end = await self._begin(whole=True)
        reads = Reads(connection)
        try:
            yield StoredUnit(reads, now, only_reads=True)
        finally:
            await reads.quiet()
            await end(False)

    # ---------------------------------------------------------------------- the receiver's side

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[Intake]:
        """A commit of raw updates: an instant that is read inside is no later than `horizon`'s."""
        async with self._transaction(first=RECEIVING) as connection:
            intake = Intake(connection, self._beat)
            yield intake
        self._beat = intake.beat

    async def receive(
        self,
        updates: Sequence[Received],
        heartbeat: datetime,
        outage: tuple[datetime, datetime] | None = None,
    ) -> int:
        """Commit raw updates of an instant that was read before. Answers how many were new."""
        async with self.receiving() as intake:
            return await intake.keep(updates, heartbeat, outage)

    async def horizon(self, clock: Clock) -> datetime:
        """The instant before which all that was received is done, in every process."""
        async with self._transaction(first=RECEIVED) as connection:
            now = clock()
            waiting = await inbox.oldest_undone(connection)
        return now if waiting is None else min(now, waiting)

    async def last_update_id(self) -> int:
        """The newest update in the inbox; 0 if there is none."""
        async with self._transaction() as connection:
            return await inbox.last_update_id(connection)

    async def oldest_undone(self) -> datetime | None:
        """When the oldest update was received that is neither done nor in quarantine."""
        async with self._transaction() as connection:
            return await inbox.oldest_undone(connection)

    async def heartbeat(self) -> datetime | None:
        """When people could last reach us: at the last beat, or when the last update came."""
        async with self._transaction() as connection:
            signs = [
                (await connection.execute(sign)).scalar() for sign in (LAST_BEAT, _LAST_RECEIVED)
            ]
        return max((at for at in signs if at is not None), default=None)

    async def next_due(self) -> datetime | None:
        """The next instant at which a timer, a reminder or a draft is due."""
        async with self._transaction() as connection:
            return await timers.next_due(connection)

    async def unfetched(self, limit: int, besides: Collection[str] = ()) -> tuple[File, ...]:
        """Files that nobody has looked at, oldest first, except those with these keys."""
        async with self._transaction() as connection:
            return await files.unfetched(connection, limit, besides)

    async def waiting_files(self, limit: int) -> tuple[OrderFile, ...]:
        """Order files of the chat that nobody has read yet, the oldest first."""
        async with self._transaction() as connection:
            return await imports.waiting(connection, limit)

    async def uncompared(self, limit: int) -> tuple[tuple[int, str], ...]:
        """Photos that were looked at and not compared yet: (case, key), in the order of cases."""
        async with self._transaction() as connection:
            return await files.uncompared(connection, limit)

    async def unmatched(self, limit: int) -> tuple[tuple[Spot, str], ...]:
        """The same of photos that are shown outside returns, in the order of their spots."""
        async with self._transaction() as connection:
            return await files.unmatched(connection, limit)

    async def twins(self, key: str) -> tuple[Twin, ...]:
        """Where a file is shown, and all that has its bytes or looks like it, nearest first."""
        async with self._transaction() as connection:
            return await files.twins(connection, key)

    async def alike(self, picture: int) -> Mapping[int, Near]:
        """What looks like a picture: its number → how near it is."""
        async with self._transaction() as connection:
            return (await looks.near(connection, [picture])).get(picture, {})

    async def prune(self, before: datetime) -> None:
        """Delete what was done and said before this instant. Undone and dead rows stay."""
        async with self._transaction() as connection:
            await connection.execute(_PRUNE_INBOX, {"before": before})
            await connection.execute(_PRUNE_OUTBOX, {"before": before})
            await heads.empty(connection, before)

    # ---------------------------------------------------------------------- several processes

    @property
    def shared(self) -> bool:
        """Whether other processes may work on this database, too."""
        return self._others is not None

    @property
    def alone(self) -> bool:
        """Whether no other process works on this database, as far as was seen a moment ago."""
        return self._others is None or self._others.alone

    def tell(self, word: str) -> None:
        """Let all processes hear a word."""
        if self._others:
            self._others.tell(word)

    async def lead(self, duties: Duties, heard: Callable[[str], None]) -> None:
        """Do the duties whenever they fall to this process, and hear the words of all.

        Until cancelled; raises what the duties raise, and Locked where no second process may run.
        """
        if self._others:
            await self._others.run(duties, heard)
        elif self._path:
            lock = FileLock(self._path.with_name(f"{self._path.name}-run"))
            try:
                await duties()
            finally:
                lock.release()

    # ---------------------------------------------------------------------- upkeep

    async def vitals(self, now: datetime) -> Vitals:
        """Figures about what waits, taken in a transaction that writes."""
        async with self._transaction() as line:
            return await vitals.vitals(line, now)

    async def room(self) -> bool:
        """Whether there is room for what comes in; after a full disk, once there is some again."""
        if not self._room:
            self._room = self._ballast is None or await asyncio.to_thread(self._ballast.lay)
        return self._room

    async def forget(self, before: datetime, place: Place) -> Place | None:
        """Forget some of what people said in what was closed before; where to go on, or None."""
        async with self._transaction() as line:
            return await retention.step(line.connection, before, place)

    async def scrub(self) -> bool:
        """Take what was deleted out of memory and of SQLite's log, too; its pages are overwritten.

        False: somebody reads what is in the log, and it is still there.
        """
        forget_seen()
        if self._only is None:
            return True
        with clear_errors():
            return await self._only.checkpoint()

    async def tally(self, after: int) -> int | None:
        """Count some returns above this id again, if their histories have grown."""
        async with self._transaction() as line:
            return await tallies.step(line, after)

    async def marks(
        self, place: tallies.Place, until: datetime, seller: str | None
    ) -> tuple[Sequence[tuple[str, Mark]], tallies.Place | None]:
        """The next marks behind a place with their sellers, and where to go on."""
        async with self._transaction() as line:
            return await tallies.page(line, place, until, seller)

    async def keep_meters(self, meters: Mapping[str, Meter], now: datetime) -> None:
        """Put these meters in the place of all that there were."""
        async with self._transaction() as line:
            await stored_meters.keep_meters(line, meters, now)

    async def grown_heads(self, after: int) -> tuple[Sequence[Head], int | None]:
        """The heads of some returns above an id that no sealed day has, and where to go on."""
        async with self._transaction() as line:
            return await heads.grown(line, after)

    async def last_seal(self) -> Sealed | None:
        """The last day that was sealed."""
        async with self._transaction() as line:
            return await heads.last(line)

    async def seal_of(self, day: date) -> Sealed | None:
        """A day that was sealed."""
        async with self._transaction() as line:
            return await heads.of_day(line, day)

    async def counted_at(self) -> datetime | None:
        """When the meters were counted last."""
        async with self._transaction() as line:
            return await stored_meters.counted_at(line)

    async def fetched(self, prefix: str) -> frozenset[str]:
        """The SHA-256 of evidence that was fetched, as far as they begin with these letters."""
        async with self._transaction() as line:
            return await files.fetched(line.connection, prefix)

    async def examine_returns(self, after: int) -> tuple[Sequence[str], int | None]:
        """What is wrong with some returns above this id, and the last one's; None: no more."""
        async with self._transaction(whole=True) as line:
            looked, last = await books.examine_returns(line.connection, after, limit=50)
        return [fault for each in looked for fault in each.wrong], last

    # ---------------------------------------------------------------------- the deliverer's side

    async def recover_sending(self, now: datetime) -> int:
        """What was being sent when the process died becomes unknown. Answers how many."""
        async with self._transaction() as connection:
            return await mailbag.recover(connection, now)

    async def exchange(self, outcomes: Sequence[Outcome], now: datetime, limit: int) -> Taken:
        """Write what became of taken rows and the slots; mark the next row of each chat."""
        async with self._transaction() as connection:
            # More may have ended while the transaction was waited for.
            ended = tuple(outcomes)
            if ended:
                await mailbag.report(connection, ended, now)
            rows = await mailbag.take(connection, now, limit) if limit else ()
            at = await mailbag.later(connection, now) if len(rows) < limit else None
            return Taken(rows, at, len(ended))

    async def waiting(self) -> int:
        """How many rows are not delivered yet."""
        async with self._transaction() as connection:
            return await mailbag.waiting(connection)

    async def next_outgoing_at(self, now: datetime) -> datetime | None:
        """When the next row may be taken."""
        async with self._transaction() as connection:
            return await mailbag.next_at(connection, now)
