"""The whole memory, for workers and long reports: transactions, what comes in, what goes out.

As one unit sees it, it is in `ports`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.cases import Outages
from bot.services.heads import Head, Sealed
from bot.services.ports import Clock, Unit
from bot.services.records import (
    Damaged,
    DeskTimer,
    DraftRow,
    DueReminder,
    DueTimer,
    File,
    OpenedOrder,
    OrderFile,
    Outage,
    Outcome,
    Received,
    Spot,
    Taken,
    Twin,
)
from bot.services.tallying import Mark, Meter


class Group(Protocol):
    """One transaction with the units of several chats in it."""

    async def outage(self) -> Outage | None:
        """The oldest outage whose credit is not finished."""

    async def open_cases(self, after: int, limit: int) -> tuple[int, ...]:
        """The ids of cases with running timers above `after`, in order."""

    def credited(self, outage: Outage, upto: int | None) -> None:
        """Remember how far the credit has come; None: it is finished."""

    async def move_forms(self, outage: Outage, known: Outages, length: timedelta) -> None:
        """Give every form that was open in the outage what it lost of it.

        `known` are all credited outages, `length` is how long a form stays open.
        """

    def unit(self, now: datetime) -> Unit: ...
    @property
    def intake(self) -> Intake:
        """Takes what comes in into this commit, too, if the group `receives`."""

    async def pending(self, limit: int, now: datetime) -> tuple[Received, ...]:
        """The lowest undone update of each chat, oldest first, not before its `not_before`."""

    def done(self, update: Received, unit: Unit) -> None:
        """Keep the unit's effects and mark the update done in the same commit."""

    async def waiting_of(self, chat: int, limit: int) -> tuple[Received, ...]:
        """The undone updates of a chat, in their order."""

    def shed(self, update: Received, unit: Unit) -> None:
        """Leave an update out for good: its sender sends too much."""

    def failed(self, update: Received, error: str, *, retry_at: datetime | None) -> None:
        """Count a try; without `retry_at` the update goes into quarantine."""

    async def due_timers(self, now: datetime, limit: int) -> tuple[DueTimer | Damaged, ...]: ...
    async def due_reminders(self, now: datetime, limit: int) -> tuple[DueReminder | Damaged, ...]:
        """Reminders of cases and forms. Until the commit nobody else reminds."""

    async def due_orders(self, now: datetime, limit: int) -> tuple[OpenedOrder, ...]: ...
    async def due_desk_timers(
        self, now: datetime, limit: int
    ) -> tuple[DeskTimer | Damaged, ...]: ...
    async def move_desk_timers(self, outage: Outage) -> None:
        """Give people back what their desk clocks lost in an outage (X-58)."""

    async def due_drafts(self, now: datetime, limit: int) -> tuple[DraftRow | Damaged, ...]: ...
    def fired(self, timer: DueTimer, unit: Unit) -> None:
        """Keep the unit's effects; the timer row goes with the case's new timers."""

    def postponed(self, timer: DueTimer | Damaged, until: datetime) -> None:
        """The timer could not fire: look at it again at `until`. Its due instant stays."""

    def keep(self, unit: Unit) -> None:
        """Keep the effects of a unit that belongs to no update."""

    async def commit(self) -> frozenset[int]:
        """Write and commit. Answers the `id()`s of units left out as stale: decide them again.

        A fault while writing raises and nothing is kept: run the units one by one.
        """


class Intake(Protocol):
    """One commit of the inbox."""

    async def keep(
        self,
        updates: Sequence[Received],
        heartbeat: datetime | None = None,
        outage: tuple[datetime, datetime] | None = None,
    ) -> int:
        """Insert raw updates and the heartbeat (at most one a minute); doubles are ignored.

        An `outage` (since, until) that the caller found between the last heartbeat and this one
        is stored in the same commit, whatever the minute; one that is known is not stored again.
        Answers how many updates were new.
        """


class Memory(Protocol):
    """The database, as the workers see it."""

    def group(self, *, receives: bool = False) -> AbstractAsyncContextManager[Group]:
        """A transaction (BEGIN IMMEDIATE on SQLite); rolled back unless committed.

        One that `receives` may take what comes in: who looks at the clock inside it has looked
        before every `horizon` that does not know of this commit yet.
        Raises Overtaken where another one came first (`until_kept` runs it again), and Away
        where the memory cannot work now; whether it was committed may then be unknown.
        """

    def receiving(self) -> AbstractAsyncContextManager[Intake]:
        """A transaction that commits what comes in. Who looks at the clock inside it has looked
        before every `horizon` that does not know of this commit yet."""

    async def horizon(self, clock: Clock) -> datetime:
        """The instant before which all that was received is done, by whichever process."""

    async def last_update_id(self) -> int: ...
    async def oldest_undone(self) -> datetime | None:
        """When the oldest update that is neither done nor in quarantine was received."""

    async def heartbeat(self) -> datetime | None: ...
    async def next_due(self) -> datetime | None:
        """The next instant at which a timer, a reminder, a draft or an order is to be looked at."""

    async def unfetched(self, limit: int, besides: Collection[str] = ()) -> tuple[File, ...]:
        """Files that nobody has looked at, never fetched ones first, except these keys."""

    async def twins(self, key: str) -> tuple[Twin, ...]:
        """Where a file is shown, and all that has its bytes or looks like it, nearest first.

        It is looked for in a transaction of its own: what comes meanwhile finds this one.
        """

    async def uncompared(self, limit: int) -> tuple[tuple[int, str], ...]:
        """Photos that were looked at and not compared yet: (case, key), in the order of cases."""

    async def unmatched(self, limit: int) -> tuple[tuple[Spot, str], ...]:
        """The same of photos that are shown outside returns, in the order of their spots."""

    async def waiting_files(self, limit: int) -> tuple[OrderFile, ...]:
        """Order files of the chat that nobody has read yet, the oldest first."""

    async def room(self) -> bool:
        """Whether there is room for what comes in; after a full disk, once there is some again.

        Who receives asks first, and leaves what is to come where it is.
        """

    async def tally(self, after: int) -> int | None:
        """Count some returns above an id again, if their histories have grown since.

        Answers where to go on; None: there are no more.
        """

    async def marks(
        self, place: tuple[datetime, int, int], until: datetime, seller: str | None
    ) -> tuple[Sequence[tuple[str, Mark]], tuple[datetime, int, int] | None]:
        """The next marks behind a place, before an instant, with their sellers; of one or of all.

        They come in the order of time. Answers where to go on, too; None: there are no more.
        """

    async def keep_meters(self, meters: Mapping[str, Meter], now: datetime) -> None:
        """Put these meters in the place of all that there were."""

    async def grown_heads(self, after: int) -> tuple[Sequence[Head], int | None]:
        """The heads of some returns above an id that no sealed day has, and where to go on."""

    async def last_seal(self) -> Sealed | None:
        """The last day that was sealed."""

    async def seal_of(self, day: date) -> Sealed | None: ...
    async def counted_at(self) -> datetime | None:
        """When the meters were counted last."""

    def reading(self, now: datetime) -> AbstractAsyncContextManager[Unit]:
        """A unit that only reads, for rendering at sending: collecting an effect raises.

        Who asks what is allowed or how long something has lasted says as of when.
        """


class Mailbag(Protocol):
    """The outbox, as the deliverer sees it. Every call is one commit."""

    async def recover_sending(self, now: datetime) -> int:
        """At start: what was being sent when the process died becomes unknown. Answers how many.

        Rows that are `at_most_once` are dropped, the others are taken again.
        """

    async def exchange(self, outcomes: Sequence[Outcome], now: datetime, limit: int) -> Taken:
        """Write what became of taken rows, and take the next ones.

        The outcomes are those that are there when the transaction has begun.
        Where a RENEW left an older message in the slot, its `strip` row goes in with the outcome.
        Of a chat at most one row is taken, its oldest unsent one, and marked `sending`. A row
        whose `not_before` has not come stands outside the order until then; a row that waits for
        its next attempt holds its chat back. Of several pending edits of one slot only the newest
        remains; a pending RENEW takes over the payload of later edits of its slot, and what waits
        for the slot before it is dropped: it comes behind all that was said before it.
        """

    async def waiting(self) -> int:
        """How many rows are not delivered yet."""

    async def next_outgoing_at(self, now: datetime) -> datetime | None:
        """When the next row may be taken: not after `now` if there is one already."""
