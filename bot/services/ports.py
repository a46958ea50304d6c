"""What the use cases need of the memory and the world, as Protocols.

Reads are coroutines and are gathered: what several units of one group ask for in the same
moment becomes one statement. Writes are plain calls: a unit only collects them, and they reach
the database in batches, all of a unit's or none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.domain.cases import Decision, Event, ReturnCase, Role, TimerKind
from bot.domain.money import LedgerLine, Money
from bot.domain.orders import Order

Clock = Callable[[], datetime]
"""The present instant, UTC."""


class Stale(Exception):
    """Somebody else changed the case, the order or the invitation first. Decide again."""


# ------------------------------------------------------------------------------------ values


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of the bot. `id` is Telegram's user id, which is also the private chat."""

    id: int
    name: str = ""
    language: str = "en"
    zone: str = "UTC"
    role: Role = Role.CUSTOMER
    """The role the person is in at the moment; a person may hold several."""
    phone: str | None = None
    """E.164, once the person has shared the own contact."""
    reachable: bool = True
    """False once Telegram says that the bot is blocked; true again at the next update."""
    blocked: bool = False
    """Whether staff have stopped this customer's new returns (X-26)."""
    flagged: bool = False
    started_at: datetime | None = None
    """When the person first opened the bot; None for an owner who has not yet."""
    sellers: tuple[str, ...] = ()
    """Codes of the sellers whose team the person is in."""
    staff: Role | None = None
    """MODERATOR or ADMIN."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles the person may switch to."""
        return (
            Role.CUSTOMER,
            *((Role.SELLER,) if self.sellers else ()),
            *((self.staff,) if self.staff else ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A seller as the desk knows it."""

    code: str
    name: str = ""
    country: str = "TR"
    zone: str = "UTC"
    address: str | None = None
    """The return address; personal content in no sense, shown to customers (X-48)."""
    premoderated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A single-use link into a role. Only the SHA-256 of its token is stored."""

    token_hash: str
    role: Role
    seller: str | None
    by: int
    expires_at: datetime
    used_by: int | None = None


class DraftKind(StrEnum):
    """Which form is being filled in."""

    RETURN = "return"
    ACTION = "action"
    CLAIM = "claim"
    """An order number and its code."""
    ADDRESS = "address"
    """A seller's return address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """The one form that a person has open. `body` is the form's own JSON.

    At `remind_at`, if that is set, the person is told that it will be forgotten at `due_at`.
    """

    account: int
    kind: DraftKind
    body: str
    due_at: datetime
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A photo, video or document that a person sent. `key` is Telegram's file_unique_id."""

    key: str
    file_id: str
    kind: Literal["photo", "video", "document"]
    size: int | None = None
    sent_by: int = 0
    sent_at: datetime | None = None
    sha256: str | None = None
    """Set once the bytes have been fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One event of a case, never changed. `text` and `photos` are None and () after retention."""

    case: int
    seq: int
    at: datetime
    event: str
    by: Role
    person: int
    row: str
    rule: str
    before: str
    after: str
    policy: str
    digest: str
    text: str | None = None
    photos: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else was given: amount, track, place, ruling, ref; plain JSON values."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A person who owes is told at `at` that the timer of this kind is running out."""

    at: datetime
    kind: TimerKind
    owes: Role


class How(StrEnum):
    """How the deliverer brings a message into its slot."""

    SEND = "send"
    """Always a new message."""
    EDIT = "edit"
    """Edit the message of the slot (or `message`), silently; send it anew where that fails."""
    RENEW = "renew"
    """Send anew, with sound; then take the buttons off the slot's old message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Something a person must hear: a row of the outbox.

    `kind` says who renders `payload` and when: a `screen` was rendered by a handler; a `card`
    ({"case": id}) is rendered at sending from the case as it is; an `album` ({"case": id}) is the
    evidence of a case; a `notice` ({"notice": name, …facts}) is rendered at sending from facts
    frozen at commit; `commands` sets the person's command menu.
    """

    chat: int
    kind: Literal["screen", "card", "album", "notice", "commands"]
    payload: Mapping[str, Any]
    key: str
    """Unique effect key: the same effect written twice is one row."""
    slot: str | None = None
    how: How = How.SEND
    message: int | None = None
    """The very message to edit (the pressed one), where it is not the slot's."""
    silent: bool = False
    at_most_once: bool = False
    """For pure reminders: after an UNKNOWN outcome they are not sent again."""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a list, newest or most urgent first."""

    limit: int = 8
    offset: int = 0


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer row that is due."""

    case: int
    kind: TimerKind
    due_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder that is due, for everybody who owes in this role on this case.

    Of an open form it has no case and no kind, and `person` is whose form it is.
    """

    case: int
    kind: TimerKind | None
    at: datetime
    due_at: datetime
    owes: Role
    person: int = 0


# ------------------------------------------------------------------------------ repositories


class Accounts(Protocol):
    """People, their roles and the invitations into them."""

    async def get(self, id: int) -> Account | None: ...
    async def team(self, seller: str) -> tuple[Account, ...]: ...
    async def staff(self) -> tuple[Account, ...]: ...
    async def by_phone(self, phone: str) -> tuple[Account, ...]: ...
    def save(self, account: Account) -> None:
        """Insert or update the person; memberships are written by `join` and `leave`."""

    def join(self, account: int, role: Role, seller: str | None = None) -> None: ...
    def leave(self, account: int, role: Role, seller: str | None = None) -> None: ...
    async def seller(self, code: str) -> Seller | None: ...
    def save_seller(self, seller: Seller) -> None: ...
    async def invitation(self, token_hash: str) -> Invitation | None: ...
    def invite(self, invitation: Invitation) -> None: ...
    def redeem(self, invitation: Invitation, account: int) -> None:
        """Compare-and-set: of two redeemers one unit is stale."""


class Orders(Protocol):
    """Orders as the marketplace has told them."""

    async def get(self, number: str) -> Order | None: ...
    async def of_customer(self, account: int, page: Page) -> tuple[Order, ...]: ...
    async def count_of_customer(self, account: int) -> int: ...
    async def by_phone(self, phone: str) -> tuple[Order, ...]:
        """Unclaimed orders with this phone (E.164)."""

    async def owner(self, number: str) -> int | None: ...
    def claim(self, number: str, account: int) -> None:
        """Compare-and-set: the first opener owns the order."""

    async def used_units(self, number: str) -> Mapping[tuple[str, str], int]:
        """(posting, SKU) → units in live or refunded cases (X-41)."""

    async def claims_left(self, account: int, since: datetime) -> int:
        """Five minus the wrong codes and invitations that this person has tried since then."""

    def missed_claim(self, account: int, at: datetime) -> None:
        """Remember a wrong code or invitation."""

    def save_all(self, orders: Iterable[Order]) -> None:
        """Upsert by number; lines under a return are never changed."""


class Cases(Protocol):
    """Returns, their histories, timers and ledger."""

    async def get(self, id: int) -> ReturnCase | None: ...
    async def next_id(self) -> int:
        """A number that no other case has; numbers of discarded units are not used again."""

    async def of_customer(self, account: int, page: Page) -> tuple[ReturnCase, ...]: ...
    async def queue_of_sellers(self, sellers: Sequence[str], page: Page) -> tuple[ReturnCase, ...]:
        """Live cases of these sellers, the nearest deadline first."""

    async def queue_of_staff(self, page: Page) -> tuple[ReturnCase, ...]:
        """Live cases that a moderator owes or that are alarmed, the nearest deadline first."""

    async def refunds(self, page: Page) -> tuple[ReturnCase, ...]:
        """REFUND_DUE and COMP_ACCEPTED, oldest first."""

    async def awaiting_address(self, seller: str) -> tuple[ReturnCase, ...]: ...
    async def counts(self) -> Mapping[str, int]:
        """For /health: open cases by status, and rows waiting in inbox, outbox and timers."""

    async def history(self, id: int) -> tuple[HistoryLine, ...]: ...
    async def ledger(self, id: int) -> tuple[LedgerLine, ...]: ...
    async def outages(self, since: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """The outages (since, until) that ended after an instant, in order (X-58)."""

    async def customers_record(self, account: int) -> Mapping[str, int]:
        """How many returns of each final status a customer has had: the history in numbers."""

    def save(
        self,
        before: ReturnCase,
        decision: Decision,
        event: Event,
        at: datetime,
        reminders: Sequence[Reminder] = (),
        childs_reminders: Sequence[Reminder] = (),
    ) -> None:
        """Write a decision: case, units, timers and reminders, history with contents, ledger.

        The child of a split case begins its own history with the line of the split.

        Compare-and-set on `before.version`; of two units of one group that touch the same case
        the later is left out and decided again. `before.version == 0` inserts.
        """

    def amend(self, before: ReturnCase, after: ReturnCase, reminders: Sequence[Reminder]) -> None:
        """Write a case whose timers were moved (an outage credit), with the same check."""


class Policies(Protocol):
    """Policies, whole, under their SHA-256."""

    async def get(self, digest: str) -> str | None: ...
    def keep(self, digest: str, canonical: str) -> None: ...


class Drafts(Protocol):
    """The one open form of each person."""

    async def get(self, account: int) -> DraftRow | None: ...
    def put(self, draft: DraftRow) -> None: ...
    def drop(self, account: int) -> None: ...


class Files(Protocol):
    """What people sent as evidence."""

    async def get(self, keys: Sequence[str]) -> tuple[File, ...]: ...
    def keep(self, file: File) -> None: ...
    async def used_elsewhere(self, keys: Sequence[str], case: int) -> tuple[int, ...]:
        """Other cases whose evidence holds one of these files or the same bytes."""


class Outbox(Protocol):
    """What people must hear."""

    def put(self, message: Outgoing) -> None: ...
    async def holders(self, slot: str) -> tuple[int, ...]:
        """Chats that have a message in this slot: whose cards must be redrawn."""

    def release(self, chat: int) -> None:
        """What waited for this person to open the bot may go out now."""

    async def message_of(self, chat: int, slot: str) -> int | None:
        """The message that the slot's last delivery left: replies, and whose button was pressed."""


class Unit(Protocol):
    """One update or one due timer: reads now, effects later, all of them or none."""

    @property
    def now(self) -> datetime: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def files(self) -> Files: ...
    @property
    def outbox(self) -> Outbox: ...

    def after_commit(self, release: Callable[[], Awaitable[None] | None]) -> None:
        """Run this once the unit is committed: callback answers, wake-ups. Never before."""

    def discard(self) -> None:
        """Forget every effect collected so far: an error screen replaces them."""


# ------------------------------------------------------------------------------ the workers' side


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A raw update as the receiver stores it. `chat` is the key of the order in which it waits."""

    update_id: int
    chat: int
    kind: str
    raw: str
    received_at: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which nobody could reach us (X-58); cases up to `credited` have their credit."""

    id: int
    since: datetime
    until: datetime
    credited: int = 0


class Group(Protocol):
    """One transaction with the units of several chats in it."""

    async def outage(self) -> Outage | None:
        """The oldest outage whose credit is not finished."""

    async def open_cases(self, after: int, limit: int) -> tuple[ReturnCase, ...]:
        """Cases with running timers and an id above `after`, by id."""

    def credited(self, outage: Outage, upto: int | None) -> None:
        """Remember how far the credit has come; None: it is finished."""

    async def move_forms(self, outage: Outage) -> None:
        """Give every form that was open in the outage its length."""

    def unit(self, now: datetime) -> Unit: ...
    async def pending(self, limit: int, now: datetime) -> tuple[Received, ...]:
        """The lowest undone update of each chat, oldest first, not before its `not_before`."""

    def done(self, update: Received, unit: Unit) -> None:
        """Keep the unit's effects and mark the update done in the same commit."""

    def failed(self, update: Received, error: str, *, retry_at: datetime | None) -> None:
        """Count a try; without `retry_at` the update goes into quarantine."""

    async def due_timers(self, now: datetime, limit: int) -> tuple[DueTimer, ...]: ...
    async def due_reminders(self, now: datetime, limit: int) -> tuple[DueReminder, ...]: ...
    async def due_drafts(self, now: datetime, limit: int) -> tuple[DraftRow, ...]: ...
    def fired(self, timer: DueTimer, unit: Unit) -> None:
        """Keep the unit's effects; the timer row goes with the case's new timers."""

    def postponed(self, timer: DueTimer, until: datetime) -> None:
        """The timer could not fire: look at it again at `until`. Its due instant stays."""

    def reminded(self, reminders: Sequence[DueReminder], unit: Unit) -> None: ...
    def keep(self, unit: Unit) -> None:
        """Keep the effects of a unit that belongs to no update."""

    async def commit(self) -> frozenset[int]:
        """Write and commit. Answers the `id()`s of units left out as stale: decide them again.

        A fault while writing raises and nothing is kept: run the units one by one.
        """


class Memory(Protocol):
    """The database, as the workers see it."""

    def group(self) -> AbstractAsyncContextManager[Group]:
        """A transaction (BEGIN IMMEDIATE on SQLite); rolled back unless committed."""

    async def receive(
        self,
        updates: Sequence[Received],
        heartbeat: datetime,
        outage: tuple[datetime, datetime] | None = None,
    ) -> int:
        """Commit raw updates and the heartbeat (at most one a minute); doubles are ignored.

        An `outage` (since, until) that the caller found between the last heartbeat and this one
        is stored in the same commit, whatever the minute. Answers how many were new.
        """

    async def last_update_id(self) -> int: ...
    async def oldest_undone(self) -> datetime | None:
        """When the oldest update that is neither done nor in quarantine was received."""

    async def heartbeat(self) -> datetime | None: ...
    async def next_due(self) -> datetime | None:
        """The next instant at which a timer, a reminder or a draft is due."""

    async def unfetched(self, limit: int, besides: Collection[str] = ()) -> tuple[File, ...]:
        """Files without a SHA-256, oldest first, except those with these keys."""

    def reading(self, now: datetime) -> AbstractAsyncContextManager[Unit]:
        """A unit that only reads, for rendering at sending: collecting an effect raises.

        Who asks what is allowed or how long something has lasted says as of when.
        """


class Payments(Protocol):
    """The side that moves the money. Without one, staff pay and mark the refund paid.

    It is asked outside every transaction and at least once, always with the key `refund:{case}`
    that was stored before the first call; its answer is what makes the refund paid.
    """

    async def pay(self, key: str, case: int, amount: Money) -> str:
        """Pay once per key. Answers the reference of the payment, the same for the same key."""


# ---------------------------------------------------------------------------- the deliverer's side


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A row of the outbox that is to be delivered now; it is already marked `sending`."""

    id: int
    chat: int
    kind: Literal["screen", "card", "album", "notice", "commands", "strip"]
    """As in `Outgoing`; `strip` takes the buttons off `message` and says nothing."""
    payload: Mapping[str, Any]
    slot: str | None = None
    how: How = How.SEND
    message: int | None = None
    """The message to edit or strip: the named one, else the slot's. None: send a new one."""
    silent: bool = False
    at_most_once: bool = False
    tries: int = 0
    """How many attempts have counted so far."""
    state_before: Literal["new", "unknown"] = "new"
    """`unknown`: an earlier attempt may have reached the person."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an attempt (the classes of `reliability.md` 1c).

    `sent`: done; `message_ids` are what Telegram answered (or the edited message) and the first
    of them becomes the slot's. `wait`: certainly not delivered, again at `retry_at`. `unknown`:
    perhaps delivered, again at `retry_at`, but never a row that is `at_most_once`. `replace`: the
    message to edit is gone, the row becomes a new message at once. `drop`: there is nothing left
    to say. `dead`: given up, kept for the staff. `stop`: nothing was tried, the row is new again.
    """

    row: int
    result: Literal["sent", "wait", "unknown", "dead", "drop", "replace", "stop"]
    message_ids: tuple[int, ...] = ()
    retry_at: datetime | None = None
    error: str | None = None
    counts: bool = True
    """Whether the attempt counts as a try; a 429 does not."""
    unreachable: bool = False
    """The person cannot be reached any more: the account is marked."""
    migrate_to: int | None = None
    """The group has become this chat: its rows and slots move there and the row is new again."""


class Mailbag(Protocol):
    """The outbox, as the deliverer sees it. Every call is one commit."""

    async def recover_sending(self, now: datetime) -> int:
        """At start: what was being sent when the process died becomes unknown. Answers how many.

        Rows that are `at_most_once` are dropped, the others are taken again.
        """

    async def take_outgoing(self, now: datetime, limit: int) -> tuple[OutboxRow, ...]:
        """At most one row per chat, its oldest unsent one, marked `sending` in the same commit.

        A row whose `not_before` has not come stands outside the order until then; a row that
        waits for its next attempt holds its chat back. Of several pending edits of one slot only
        the newest remains; a pending RENEW takes over the payload of later edits of its slot.
        """

    async def report(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Write what became of taken rows, and the slots.

        Where a RENEW left an older message in the slot, its `strip` row goes in with it.
        """

    async def waiting(self) -> int:
        """How many rows are not delivered yet."""

    async def next_outgoing_at(self, now: datetime) -> datetime | None:
        """When the next row may be taken: not after `now` if there is one already."""
