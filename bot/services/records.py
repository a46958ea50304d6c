"""What the use cases hand to the memory and get back from it: frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from bot.domain.cases import Role, TimerKind
from bot.domain.money import LedgerLine
from bot.services.chain import ChainLine
from bot.services.likeness import View


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
    blocked_until: datetime | None = None
    """When that ends by itself; None: when it is lifted."""
    flagged: bool = False
    started_at: datetime | None = None
    """When the person first opened the bot; None for an owner who has not yet."""
    called_at: datetime | None = None
    """When the person last called support."""
    sellers: tuple[str, ...] = ()
    """Codes of the sellers whose team the person is in."""
    staff: Role | None = None
    """MODERATOR or ADMIN."""

    def blocked_at(self, now: datetime) -> bool:
        """Whether the person can open no returns at this instant."""
        return self.blocked and (self.blocked_until is None or now < self.blocked_until)

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
    """At the seller's own request (X-50)."""
    premod_by: int | None = None
    """Who of the staff has decided it; None: nobody."""
    premod_until: datetime | None = None
    """Until when the staff's decision holds; None: until it is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Words that a seller's team uses again and again when it rejects."""

    id: int
    seller: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How a customer found the handling of a case: 1 (bad) to 5 (very good), perhaps with words.

    The words are personal content; only staff read them.
    """

    case: int
    seller: str
    stars: int
    at: datetime
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A single-use link into a role. Only the SHA-256 of its token is stored."""

    token_hash: str
    role: Role
    seller: str | None
    by: int
    expires_at: datetime
    used_by: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """Where the parties of a dispute write to each other, and the word by which it is known."""

    case: int
    opened_at: datetime
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody wrote in a dispute, as it is now; `chat` and `message` are the writer's.

    `earlier` are the words that an edit took the place of, oldest first.
    """

    case: int
    chat: int
    message: int
    at: datetime
    by: Role
    person: int
    to: tuple[Role, ...]
    text: str = ""
    photos: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


class DraftKind(StrEnum):
    """Which form is being filled in."""

    RETURN = "return"
    ACTION = "action"
    CLAIM = "claim"
    """An order number and its code."""
    ADDRESS = "address"
    """A seller's return address."""
    LETTER = "letter"
    """Words for the other side of a dispute."""
    SLIP = "slip"
    """A few words about something: what is looked for, why somebody is blocked."""


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
    forwarded: bool = False
    """Whether it was not the sender who sent it first."""
    sha256: str | None = None
    """Set once the bytes have been fetched."""
    picture: int | None = None
    """The number under which it can be compared with other pictures, once it was looked at."""
    unseen: Unseen | None = None
    """Why it could not be looked at; it is evidence all the same."""


class Unseen(StrEnum):
    """Why nobody can say whether a file looks like another."""

    GONE = "gone"
    """Telegram does not give it."""
    TOO_BIG = "too_big"
    """More bytes than a bot may fetch."""
    NO_PICTURE = "no_picture"
    """A video, a paper, or something in a dress."""
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "broken"
    TOO_COSTLY = "too_costly"
    """Looking at it took more memory or time than it may."""
    PLAIN = "plain"
    """There is nothing on it by which it could be told from others."""


@dataclass(frozen=True, slots=True)
class Picture:
    """How a picture looks. `id` is made of the digest of its bytes."""

    id: int
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A photo of a case that is the same as another, or looks like it."""

    case: int
    file: str
    how: Likeness
    bits: int = 0
    """In how many of 64 bits they differ."""


class Likeness(StrEnum):
    """What is similar."""

    FILE = "file"
    """Telegram has them as one file: it was sent again, or forwarded."""
    BYTES = "bytes"
    ALIKE = "alike"
    CUT = "cut"
    """One was cut out of the other."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """A photo of a case that is evidence in an older one, too (N-6)."""

    case: int
    file: str
    older: int
    older_file: str
    how: Likeness
    bits: int = 0

    @property
    def pair(self) -> tuple[int, str, int, str]:
        """What staff are told of once."""
        return self.case, self.file, self.older, self.older_file

    @classmethod
    def of(cls, case: int, file: str, twin: Twin) -> Reuse:
        """The pair in its one order, whichever of the two was compared."""
        if case > twin.case:
            return cls(case, file, twin.case, twin.file, twin.how, twin.bits)
        return cls(twin.case, twin.file, case, file, twin.how, twin.bits)


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
    version: int
    """Of the case that the event made."""
    text: str | None = None
    photos: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else was given: amount, track, place, ruling, ref; plain JSON values."""
    forgotten: bool = False
    """Whether words or photos came with it that are not kept any more."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a person wrote and showed in one event: JSON, and the salt of its digest."""

    salt: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The history of a case as it is stored. Contents and money are found by the line's `seq`."""

    lines: tuple[ChainLine, ...] = ()
    contents: Mapping[int, Content] = field(default_factory=dict)
    ledger: tuple[tuple[int, LedgerLine], ...] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """A person who owes is told at `at` that the timer of this kind is running out."""

    at: datetime
    kind: TimerKind
    owes: Role


def reuse_in(values: Sequence[Any]) -> Reuse:
    """The pair in JSON values."""
    case, file, older, older_file, how, bits = values
    return Reuse(case, file, older, older_file, Likeness(how), bits)


class How(StrEnum):
    """How the deliverer brings a message into its slot."""

    SEND = "send"
    """Always a new message."""
    EDIT = "edit"
    """Edit the message of the slot (or `message`), silently; send it anew where that fails."""
    RENEW = "renew"
    """Send anew, with sound; then take the buttons off the slot's old message."""
    REPLACE = "replace"
    """Send anew, with sound; then delete the slot's old message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Something a person must hear: a row of the outbox.

    `kind` says who renders `payload` and when: a `screen` was rendered by a handler; a `card`
    ({"case": id}) is rendered at sending from the case as it is; an `album` ({"case": id,
    "version": n}) is the photos with which that version came, or ({"case": id, "pairs": […]})
    photos beside those that they look like; a `notice` ({"notice": name, …facts}) is rendered at
    sending from facts frozen at commit; a `letter` ({"chat": id, "message": id}) is what somebody
    wrote in a dispute, as it is by then, or its photos; a `topic` ({"case": id}) is made in a
    group, or opened again, and its number is the message of its slot; a `topic_end` closes it;
    `commands` sets the person's command menu; a `document` ({"document": name, "as": kind,
    …facts}) is a file that is made when its turn comes.
    """

    chat: int
    kind: Literal[
        "screen",
        "card",
        "album",
        "notice",
        "letter",
        "topic",
        "topic_end",
        "commands",
        "document",
    ]
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


class Only(StrEnum):
    """A part of the staff's queue."""

    PREMOD = "premod"
    DISPUTE = "dispute"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Search:
    """What the staff look for: an order that fits in any of these ways."""

    number: str
    track: str | None = None
    """As `tracks.check` writes it."""
    phone: str | None = None
    """E.164."""
    name: str | None = None
    """How a name begins, as `name_key` writes it."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer row that is due."""

    case: int
    kind: TimerKind
    due_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """A file of orders or of rules that somebody of the staff has sent; its text is at Telegram."""

    id: int = 0
    account: int
    file_id: str
    name: str
    at: datetime
    kind: Literal["orders", "rules"] = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A policy in force from an instant on. It counts up; 0 stands for the settings."""

    version: int
    digest: str
    name: str
    since: datetime
    asked_by: int = 0
    confirmed_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A policy that was tried on the past; `asked_by` wants it in force."""

    id: int
    account: int
    name: str
    digest: str
    at: datetime
    found: str
    """What would have differed, as `comparing.Found` writes it."""
    asked_by: int | None = None
    ended: bool = False
    """It came into force, or is not wanted any more."""


class DeskClock(StrEnum):
    """A clock of what is no return."""

    BLOCK_CONFIRM = "block_confirm"
    WITHHOLDING = "withholding"


@dataclass(frozen=True, slots=True)
class DeskTimer:
    """A clock of the block or deduction `subject`: looked at for reminders, and at `due_at`."""

    kind: DeskClock
    subject: int
    due_at: datetime
    look_at: datetime


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder that is due, for everybody who owes in this role on this case.

    With a `person` it is for that one alone: held back for the others' sake or the person's own.
    Of an open form and of an order's window it has no case and no kind; the latter has an `order`.
    """

    case: int
    kind: TimerKind | None
    at: datetime
    due_at: datetime
    owes: Role
    person: int = 0
    order: str = ""
    until: datetime | None = None
    """Until when it is held back."""

    @property
    def up_at(self) -> datetime:
        """When it is said, if the person's hour allows it."""
        return max(self.at, self.until or self.at)

    @property
    def deadline(self) -> datetime | None:
        """What it is about; None for a clock that has not begun (X-48)."""
        return self.due_at if self.due_at > self.at else None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row that is due and of no kind that is known: damaged, or written by another version."""

    what: Literal["timer", "reminder", "draft", "desk_timer"]
    kind: str
    due_at: datetime
    case: int = 0
    version: int = 0
    person: int = 0
    owes: str = ""


@dataclass(frozen=True, slots=True)
class Reminded:
    """The last reminder of a person: when, and what of (the items of the notice)."""

    person: int
    at: datetime
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OpenedOrder:
    """An order that its customer has looked at.

    At `look_at` a window of it may be about to close. Of the instants `told` the customer need
    not be reminded: the order was looked at after them, or the reminder was given.
    """

    number: str
    account: int
    look_at: datetime | None
    told: frozenset[datetime] = frozenset()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A row of the outbox that is to be delivered now; it is already marked `sending`."""

    id: int
    chat: int
    kind: Literal[
        "screen",
        "card",
        "album",
        "notice",
        "letter",
        "topic",
        "topic_end",
        "commands",
        "document",
        "strip",
        "delete",
    ]
    """As in `Outgoing`; `strip` takes the buttons off `message`, `delete` takes it away."""
    payload: Mapping[str, Any]
    slot: str | None = None
    how: How = How.SEND
    message: int | None = None
    """The message to change: the named one, else the slot's. None: send a new one."""
    silent: bool = False
    at_most_once: bool = False
    tries: int = 0
    """How many attempts have counted so far."""
    state_before: Literal["new", "unknown"] = "new"
    """`unknown`: an earlier attempt may have reached the person."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The next rows to deliver, and from when there are more; None: nothing waits for a time.

    Where as many were taken as were asked for, there may be more at once.
    """

    rows: tuple[OutboxRow, ...]
    next_at: datetime | None
    reported: int
    """How many outcomes were written."""


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
