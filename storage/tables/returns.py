"""The returns: how they stand, their clocks, what happened and what it moved."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from bot.domain.moderation import LOSING, LOST_TO
from storage.tables.columns import Id, Instant, metadata, some

LOST = f"before = 'DISPUTE' AND after IN {(*map(str, LOST_TO),)} AND event IN {LOSING}"
"""A dispute that was decided for the customer, by a moderator or by the seller's silence."""
LIVE = "live"
STAFFS = "live AND (alarmed OR owes IN ('moderator', 'admin') OR status = 'DISPUTE')"
"""What the staff look after: their own move, an alarm, or a dispute, whoever's move it is."""
REFUNDS = "status IN ('REFUND_DUE', 'COMP_ACCEPTED')"
CLOSED_AND_KEPT = "NOT live AND purged < seq"
WORDED = "word IS NOT NULL"
OPENED = "seq = 1"


class CaseColumns(TypedColumns):
    id = Column(Id, primary_key=True, autoincrement=False)
    version: Named[int] = Column(Integer)
    body: Named[str] = Column(Text)
    customer: Named[int] = Column(BigInteger, index=True)
    seller: Named[str] = Column(Text)
    order_number: Named[str] = Column(Text)
    status: Named[str] = Column(Text)
    owes: Named[str | None] = Column(Text)
    live: Named[bool] = Column(Boolean)
    alarmed: Named[bool] = Column(Boolean)
    """Whether an alarm of the present status waits for the staff."""
    address_known: Named[bool] = Column(Boolean)
    due_at: Named[datetime | None] = Column(Instant)
    """The nearest timer."""
    status_since: Named[datetime] = Column(Instant)
    seq: Named[int] = Column(Integer)
    """How many lines the history has."""
    digest: Named[str] = Column(Text)
    """The digest of the last line."""
    purged: Named[int] = Column(Integer, server_default="0")
    """Up to this line of the history retention has deleted what people said and showed."""
    track: Named[str | None] = Column(Text)
    """The track number that the customer has given, by which staff find the case."""


cases = Table(
    "cases",
    metadata,
    CaseColumns,
    Index("ix_cases_queue", "seller", "due_at", **some(LIVE)),
    Index("ix_cases_staff", "due_at", **some(STAFFS)),
    Index("ix_cases_refunds", "status_since", **some(REFUNDS)),
    Index("ix_cases_open", "id", **some("due_at IS NOT NULL")),
    Index("ix_cases_status", "status", **some(LIVE)),
    Index("ix_cases_kept", "status_since", **some(CLOSED_AND_KEPT)),
    Index("ix_cases_track", "track", **some("track IS NOT NULL")),
)


class CaseUnitColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    posting = Column(Text, primary_key=True)
    sku = Column(Text, primary_key=True)
    order_number: Named[str] = Column(Text, index=True)
    units: Named[int] = Column(Integer)


case_units = Table("case_units", metadata, CaseUnitColumns, sqlite_with_rowid=False)


class TimerColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    kind = Column(Text, primary_key=True)
    due_at: Named[datetime] = Column(Instant)
    look_at: Named[datetime] = Column(Instant)
    """When the row is looked at: `due_at`, or later after it could not fire."""
    version: Named[int] = Column(Integer)


timers = Table(
    "timers",
    metadata,
    TimerColumns,
    Index("ix_timers_look_at", "look_at", "due_at"),
    sqlite_with_rowid=False,
)


class ReminderColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    kind = Column(Text, primary_key=True)
    owes = Column(Text, primary_key=True)
    at = Column(Instant, primary_key=True, index=True)


reminders = Table("reminders", metadata, ReminderColumns, sqlite_with_rowid=False)


class HeldReminderColumns(TypedColumns):
    """What one person is reminded of at another time than the others: later, or not again."""

    person = Column(BigInteger, primary_key=True, autoincrement=False)
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    kind = Column(Text, primary_key=True)
    owes = Column(Text, primary_key=True)
    at = Column(Instant, primary_key=True)
    due_at: Named[datetime] = Column(Instant)
    until: Named[datetime] = Column(Instant, index=True)


held_reminders = Table("held_reminders", metadata, HeldReminderColumns, sqlite_with_rowid=False)


class RemindedColumns(TypedColumns):
    person = Column(Id, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Instant)
    """When the person was last reminded of something (2.3: one message an hour)."""
    facts: Named[str] = Column(Text)
    """What of, JSON."""


reminded = Table("reminded", metadata, RemindedColumns)


class HistoryColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seq = Column(Integer, primary_key=True, autoincrement=False)
    version: Named[int] = Column(Integer)
    n: Named[int] = Column(Integer)
    """Which of the lines of this version: one decision may take two rows of the table."""
    at: Named[datetime] = Column(Instant)
    event: Named[str] = Column(Text)
    by: Named[str] = Column(Text)
    person: Named[int] = Column(BigInteger)
    row: Named[str] = Column(Text)
    rule: Named[str] = Column(Text)
    before: Named[str] = Column(Text)
    after: Named[str] = Column(Text)
    policy: Named[str] = Column(Text)
    facts: Named[str] = Column(Text)
    content: Named[str] = Column(Text)
    """The salted digest of the personal content; empty where there was none."""
    salt: Named[str] = Column(Text, server_default="")
    """Seals who it was and what was given; lines of before there were seals have none."""
    digest: Named[str] = Column(Text)


history = Table(
    "history",
    metadata,
    HistoryColumns,
    # No two decisions can lead to the same version, whatever the program does.
    UniqueConstraint("case_id", "version", "n"),
    Index("ix_history_opened", "at", **some(OPENED)),
    Index("ix_history_lost", "at", **some(LOST)),
)


class ContentColumns(TypedColumns):
    """What a person wrote and showed. Retention deletes these rows; the chain still holds."""

    case_id = Column(BigInteger, primary_key=True, autoincrement=False)
    seq = Column(Integer, primary_key=True, autoincrement=False)
    salt: Named[str] = Column(Text)
    body: Named[str] = Column(Text)


contents = Table(
    "contents",
    metadata,
    ContentColumns,
    ForeignKeyConstraint(["case_id", "seq"], ["history.case_id", "history.seq"]),
)


class LedgerColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seq = Column(Integer, primary_key=True, autoincrement=False)
    """The history line that moved the money."""
    n = Column(Integer, primary_key=True, autoincrement=False)
    to: Named[str] = Column(Text)
    source: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(Text)
    part: Named[int] = Column(Integer)


ledger = Table("ledger", metadata, LedgerColumns)


class RoomColumns(TypedColumns):
    """Where the parties of a dispute write to each other: one room for each dispute."""

    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    opened_at = Column(Instant, primary_key=True)
    code: Named[str] = Column(Text)
    """The word by which the parties know that a message is from here."""


rooms = Table("rooms", metadata, RoomColumns, sqlite_with_rowid=False)


class LetterColumns(TypedColumns):
    """What somebody wrote in a dispute, in every version: `n` counts them from 1.

    `chat` and `message` are those of the writer. Retention empties `salt` and `body`; the digest
    stays.
    """

    chat = Column(BigInteger, primary_key=True, autoincrement=False)
    message = Column(BigInteger, primary_key=True, autoincrement=False)
    n = Column(Integer, primary_key=True, autoincrement=False)
    case_id = Column(BigInteger, ForeignKey("cases.id"), index=True, nullable=False)
    at: Named[datetime] = Column(Instant)
    by: Named[str] = Column(Text)
    person: Named[int] = Column(BigInteger)
    to: Named[str] = Column(Text)
    """The roles it went to, JSON."""
    salt: Named[str] = Column(Text)
    body: Named[str] = Column(Text)
    digest: Named[str] = Column(Text)
    """Over all of this, and over the salted digest of the body."""


letters = Table("letters", metadata, LetterColumns)


class RatingColumns(TypedColumns):
    """How customers rated the handling. Retention takes the word, the figure stays."""

    case_id = Column(Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seller: Named[str] = Column(Text)
    stars: Named[int] = Column(Integer)
    word: Named[str | None] = Column(Text)
    at: Named[datetime] = Column(Instant)
    told: Named[int | None] = Column(Integer)
    """The stars as the seller sees them in the figures; none before they were told."""


ratings = Table(
    "ratings",
    metadata,
    RatingColumns,
    Index("ix_ratings_seller", "seller", "stars"),
    Index("ix_ratings_worded", "case_id", **some(WORDED)),
)
