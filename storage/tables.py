"""The tables. Instants are integers of microseconds, money is minor units, bodies are JSON text.

`SCHEMA` is the revision that this program reads and writes; the newest migration has its name.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.types import TypeDecorator

SCHEMA = "0016"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC: the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


def instant(value: int) -> datetime:
    """The datetime of so many microseconds since 1970 UTC."""
    return EPOCH + timedelta(microseconds=value)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises ValueError for a datetime without an offset."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no offset: which instant is it?")
    return (at - EPOCH) // _MICROSECOND


# On SQLite an INTEGER primary key is the row's own place; any other needs an index beside it.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _some(condition: str) -> dict[str, Any]:
    """A partial index: only the rows under this condition are in it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


_BY_BEGINNING: dict[str, Any] = {"postgresql_ops": {"name_key": "text_pattern_ops"}}
"""An index that finds what begins with some letters, whatever the language of the database."""


# ------------------------------------------------------------------------ what comes and goes


# Conditions of partial indexes: a query uses such an index only where it says the same words.
UNDONE = "state = 'new'"
ASIDE = "state IN ('quarantine', 'shed')"
UNSENT = "state IN ('new', 'sending', 'unknown')"
DEAD = "state = 'dead'"
LIVE = "live"
STAFFS = "live AND (alarmed OR owes IN ('moderator', 'admin'))"
REFUNDS = "status IN ('REFUND_DUE', 'COMP_ACCEPTED')"
CLOSED_AND_KEPT = "NOT live AND purged < seq"
ORDERS_KEPT = "NOT purged"
UNREACHABLE = "NOT reachable"
WORDED = "word IS NOT NULL"
OPENED = "seq = 1"
IN_GROUPS = "chat < 0"
HELD = "state <> 'lifted'"
WITHHELD_WORK = "ref IS NULL OR state = 'contested'"
NOT_DONE = "NOT done"
LOST = (
    "before = 'DISPUTE' AND after IN ('APPROVED', 'REFUND_DUE')"
    " AND event IN ('decide', 'dispute_reply_due', 'receive', 'delivered_due')"
)
"""A dispute that was decided for the customer, by a moderator or by the seller's silence."""
UNSEEN = "picture IS NULL AND unseen IS NULL"
PICTURED = "picture IS NOT NULL"
UNCOMPARED = "NOT compared"


class InboxColumns(TypedColumns):
    update_id = Column(_Id, primary_key=True, autoincrement=False)
    chat = Column(BigInteger, nullable=False)
    kind: Named[str] = Column(Text)
    raw: Named[str] = Column(Text)
    received_at: Named[datetime] = Column(Instant)
    state: Named[str] = Column(Text, server_default="new")
    """new, done, shed or quarantine."""
    tries: Named[int] = Column(Integer, server_default="0")
    not_before: Named[datetime] = Column(Instant, server_default="0")
    error: Named[str | None] = Column(Text)


inbox = Table(
    "inbox",
    metadata,
    InboxColumns,
    Index("ix_inbox_undone", "chat", "update_id", **_some(UNDONE)),
    Index("ix_inbox_next", "update_id", **_some(UNDONE)),
    Index("ix_inbox_oldest", "received_at", **_some(UNDONE)),
    Index("ix_inbox_received_at", "received_at", "update_id"),
    Index("ix_inbox_aside", "state", **_some(ASIDE)),
)


class OutboxColumns(TypedColumns):
    id = Column(_Id, primary_key=True)
    key: Named[str] = Column(Text, unique=True)
    chat = Column(BigInteger, nullable=False)
    kind: Named[str] = Column(Text)
    payload: Named[str] = Column(Text)
    slot: Named[str | None] = Column(Text)
    how: Named[str] = Column(Text)
    message: Named[int | None] = Column(BigInteger)
    silent: Named[bool] = Column(Boolean)
    at_most_once: Named[bool] = Column(Boolean)
    created_at: Named[datetime] = Column(Instant)
    not_before: Named[datetime] = Column(Instant)
    state: Named[str] = Column(Text, server_default="new")
    """new, sending, unknown; then sent, dropped or dead."""
    tries: Named[int] = Column(Integer, server_default="0")
    held: Named[bool] = Column(Boolean, server_default=false())
    """Whether an attempt was made: then the row holds back what comes after it in its chat."""
    error: Named[str | None] = Column(Text)


outbox = Table(
    "outbox",
    metadata,
    OutboxColumns,
    Index("ix_outbox_unsent", "chat", "id", **_some(UNSENT)),
    Index("ix_outbox_next", "id", **_some(UNSENT)),
    Index("ix_outbox_dead", "chat", **_some(DEAD)),
    Index("ix_outbox_created_at", "created_at"),
)


class SlotColumns(TypedColumns):
    slot = Column(Text, primary_key=True)
    chat = Column(BigInteger, primary_key=True, autoincrement=False)
    message: Named[int] = Column(BigInteger)


slots = Table(
    "slots",
    metadata,
    SlotColumns,
    Index("ix_slots_in_groups", "chat", "message", **_some(IN_GROUPS)),
    sqlite_with_rowid=False,
)


class HeartbeatColumns(TypedColumns):
    name = Column(Text, primary_key=True)
    at: Named[datetime] = Column(Instant)


heartbeats = Table("heartbeats", metadata, HeartbeatColumns)


class OutageColumns(TypedColumns):
    id = Column(_Id, primary_key=True)
    since: Named[datetime] = Column(Instant, unique=True)
    until: Named[datetime] = Column(Instant)
    credited: Named[int] = Column(BigInteger, server_default="0")
    """Open cases up to this id have their credit."""
    finished: Named[bool] = Column(Boolean, server_default=false())


outages = Table("outages", metadata, OutageColumns)


class CounterColumns(TypedColumns):
    name = Column(Text, primary_key=True)
    value: Named[int] = Column(BigInteger)


counters = Table("counters", metadata, CounterColumns)


# ---------------------------------------------------------------------------------- the returns


class CaseColumns(TypedColumns):
    id = Column(_Id, primary_key=True, autoincrement=False)
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
    Index("ix_cases_queue", "seller", "due_at", **_some(LIVE)),
    Index("ix_cases_staff", "due_at", **_some(STAFFS)),
    Index("ix_cases_refunds", "status_since", **_some(REFUNDS)),
    Index("ix_cases_open", "id", **_some("due_at IS NOT NULL")),
    Index("ix_cases_status", "status", **_some(LIVE)),
    Index("ix_cases_kept", "status_since", **_some(CLOSED_AND_KEPT)),
    Index("ix_cases_track", "track", **_some("track IS NOT NULL")),
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
    person = Column(_Id, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Instant)
    """When the person was last reminded of something (2.3: one message an hour)."""
    facts: Named[str] = Column(Text)
    """What of, JSON."""


reminded = Table("reminded", metadata, RemindedColumns)


class OpenedOrderColumns(TypedColumns):
    """Orders that their customers have looked at: of these they are reminded (2.3, `window`)."""

    number = Column(Text, primary_key=True)
    account: Named[int] = Column(BigInteger)
    look_at: Named[datetime | None] = Column(Instant, index=True)
    """When a window may be about to close; None where none is known."""
    told: Named[str] = Column(Text)
    """The instants of reminders that need not be given any more, JSON."""


opened_orders = Table("opened_orders", metadata, OpenedOrderColumns, sqlite_with_rowid=False)


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
    Index("ix_history_opened", "at", **_some(OPENED)),
    Index("ix_history_lost", "at", **_some(LOST)),
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


class MarkColumns(TypedColumns):
    """What a history comes to, as `tallying.marks` answers it: counted again when it has grown."""

    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    n = Column(Integer, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Instant)
    seller: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    what: Named[str] = Column(Text)
    value: Named[int] = Column(BigInteger)


marks = Table(
    "marks",
    metadata,
    MarkColumns,
    Index("ix_marks_at", "at", "case_id", "n"),
    Index("ix_marks_seller", "seller", "at", "case_id", "n"),
    sqlite_with_rowid=False,
)


class TalliedColumns(TypedColumns):
    """Up to which line the history of a case has been counted."""

    case_id = Column(_Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seq: Named[int] = Column(Integer)


tallied = Table("tallied", metadata, TalliedColumns)


class MeterColumns(TypedColumns):
    """How each seller decides, as it was counted last (N-13)."""

    seller = Column(Text, primary_key=True)
    body: Named[str] = Column(Text)
    """JSON."""


meters = Table("meters", metadata, MeterColumns)


class SealColumns(TypedColumns):
    """Days whose histories have been sealed in the group of the staff (N-11)."""

    day = Column(Text, primary_key=True)
    at: Named[datetime] = Column(Instant)
    digest: Named[str] = Column(Text)
    count: Named[int] = Column(Integer)
    content: Named[str] = Column(Text)
    """The file that was posted; emptied after a while."""


seals = Table("seals", metadata, SealColumns)


class HeadColumns(TypedColumns):
    """Up to which line the history of a case is in a day that was sealed."""

    case_id = Column(_Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seq: Named[int] = Column(Integer)


heads = Table("heads", metadata, HeadColumns)


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


class PolicyColumns(TypedColumns):
    digest = Column(Text, primary_key=True)
    canonical: Named[str] = Column(Text)
    kept_at: Named[datetime] = Column(Instant)


policies = Table("policies", metadata, PolicyColumns)


class RulesColumns(TypedColumns):
    """Which policy was in force from when on. The last one is; 0 stands for the settings."""

    version = Column(Integer, primary_key=True, autoincrement=False)
    digest: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    since: Named[datetime] = Column(Instant)
    asked_by: Named[int] = Column(BigInteger)
    confirmed_by: Named[int] = Column(BigInteger)


rules = Table("rules", metadata, RulesColumns)


class TrialColumns(TypedColumns):
    """Policies that were tried on the past, and what would have differed, as JSON."""

    id = Column(Integer, primary_key=True, autoincrement=False)
    account: Named[int] = Column(BigInteger)
    name: Named[str] = Column(Text)
    digest: Named[str] = Column(Text)
    at: Named[datetime] = Column(Instant)
    found: Named[str] = Column(Text)
    asked_by: Named[int | None] = Column(BigInteger)
    ended: Named[bool] = Column(Boolean)


trials = Table("trials", metadata, TrialColumns)


class RatingColumns(TypedColumns):
    """How customers rated the handling. Retention takes the word, the figure stays."""

    case_id = Column(_Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seller: Named[str] = Column(Text)
    stars: Named[int] = Column(Integer)
    word: Named[str | None] = Column(Text)
    at: Named[datetime] = Column(Instant)


ratings = Table(
    "ratings",
    metadata,
    RatingColumns,
    Index("ix_ratings_seller", "seller", "stars"),
    Index("ix_ratings_worded", "case_id", **_some(WORDED)),
)


# ----------------------------------------------------------------------------------- people


class AccountColumns(TypedColumns):
    id = Column(_Id, primary_key=True, autoincrement=False)
    name: Named[str] = Column(Text)
    language: Named[str] = Column(Text)
    zone: Named[str] = Column(Text)
    role: Named[str] = Column(Text)
    phone: Named[str | None] = Column(Text, index=True)
    reachable: Named[bool] = Column(Boolean, server_default=true())
    blocked: Named[bool] = Column(Boolean)
    blocked_until: Named[datetime | None] = Column(Instant)
    """When the block ends by itself; None: when it is lifted."""
    flagged: Named[bool] = Column(Boolean)
    started_at: Named[datetime | None] = Column(Instant)
    called_at: Named[datetime | None] = Column(Instant)
    """When the person last called support."""
    name_key: Named[str | None] = Column(Text)
    """The name as it is searched for: `finding.name_key`."""


accounts = Table(
    "accounts",
    metadata,
    AccountColumns,
    Index("ix_accounts_unreachable", "id", **_some(UNREACHABLE)),
    Index("ix_accounts_name", "name_key", **_BY_BEGINNING),
)


class MembershipColumns(TypedColumns):
    account = Column(BigInteger, primary_key=True, autoincrement=False)
    role = Column(Text, primary_key=True)
    seller = Column(Text, primary_key=True, index=True)
    """Empty for staff."""
    since: Named[datetime | None] = Column(Instant)
    """None for those who were there before this was written down."""


memberships = Table("memberships", metadata, MembershipColumns, sqlite_with_rowid=False)


class SellerColumns(TypedColumns):
    code = Column(Text, primary_key=True)
    name: Named[str] = Column(Text)
    country: Named[str] = Column(Text)
    zone: Named[str] = Column(Text)
    address: Named[str | None] = Column(Text)
    premoderated: Named[bool] = Column(Boolean)
    """At the seller's own request (X-50)."""
    premod_by: Named[int | None] = Column(BigInteger)
    """Who of the staff has decided it; None: nobody."""
    premod_until: Named[datetime | None] = Column(Instant)
    """Until when the staff's decision holds; None: until it is taken back."""


sellers = Table("sellers", metadata, SellerColumns)


class BlockColumns(TypedColumns):
    """Who may open no returns, why, and what came of it (X-26)."""

    id = Column(_Id, primary_key=True)
    account: Named[int] = Column(BigInteger)
    by: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(Instant)
    reason: Named[str] = Column(Text)
    until: Named[datetime | None] = Column(Instant)
    state: Named[str] = Column(Text)
    confirmed_by: Named[int | None] = Column(BigInteger)
    confirmed_at: Named[datetime | None] = Column(Instant)
    appeal: Named[str | None] = Column(Text)
    appealed_at: Named[datetime | None] = Column(Instant)
    ruled_by: Named[int | None] = Column(BigInteger)


blocks = Table(
    "blocks",
    metadata,
    BlockColumns,
    Index("ix_blocks_account", "account", "id"),
    Index("ix_blocks_held", "id", **_some(HELD)),
)


class DeskTimerColumns(TypedColumns):
    """Clocks of what is no return: a block to be confirmed, a deduction to be contested."""

    kind = Column(Text, primary_key=True)
    subject = Column(BigInteger, primary_key=True, autoincrement=False)
    due_at: Named[datetime] = Column(Instant)
    look_at: Named[datetime] = Column(Instant, index=True)
    """The next reminder, or `due_at`."""


desk_timers = Table("desk_timers", metadata, DeskTimerColumns, sqlite_with_rowid=False)


class WithholdingColumns(TypedColumns):
    """Products that were missing from a delivered parcel: the seller pays for them (O-08)."""

    id = Column(_Id, primary_key=True, autoincrement=False)
    order_number: Named[str] = Column(Text, index=True)
    posting: Named[str] = Column(Text)
    sku: Named[str] = Column(Text)
    title: Named[str] = Column(Text)
    units: Named[int] = Column(Integer)
    minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(Text)
    seller: Named[str] = Column(Text)
    customer: Named[int] = Column(BigInteger)
    by: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(Instant)
    state: Named[str] = Column(Text)
    contest: Named[str | None] = Column(Text)
    photos: Named[str] = Column(Text)
    """Keys of files, JSON."""
    contested_by: Named[int | None] = Column(BigInteger)
    contested_at: Named[datetime | None] = Column(Instant)
    ruled_by: Named[int | None] = Column(BigInteger)
    ruled_at: Named[datetime | None] = Column(Instant)
    ruling: Named[str | None] = Column(Text)
    ref: Named[str | None] = Column(Text)
    """Of the payment to the customer."""


withholdings = Table(
    "withholdings",
    metadata,
    WithholdingColumns,
    Index("ix_withholdings_seller", "seller", "id"),
    Index("ix_withholdings_work", "id", **_some(WITHHELD_WORK)),
)


class WithheldMoneyColumns(TypedColumns):
    """The ledger of the deductions: balanced lines, as in `ledger`."""

    withholding = Column(
        BigInteger, ForeignKey("withholdings.id"), primary_key=True, autoincrement=False
    )
    n = Column(Integer, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Instant)
    to: Named[str] = Column(Text)
    source: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    minor: Named[int] = Column(BigInteger)
    currency: Named[str] = Column(Text)


withheld_money = Table("withheld_money", metadata, WithheldMoneyColumns)


class ImportColumns(TypedColumns):
    """Files of orders or of rules that the staff have sent in the chat."""

    id = Column(_Id, primary_key=True)
    account: Named[int] = Column(BigInteger)
    file_id: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    at: Named[datetime] = Column(Instant)
    done: Named[bool] = Column(Boolean, server_default=false())
    kind: Named[str] = Column(Text, server_default="orders")


imports = Table(
    "imports", metadata, ImportColumns, Index("ix_imports_waiting", "id", **_some(NOT_DONE))
)


class AuditColumns(TypedColumns):
    """What the staff have done and looked at. Rows are only ever added: a trigger sees to it."""

    id = Column(_Id, primary_key=True)
    at: Named[datetime] = Column(Instant)
    by: Named[int] = Column(BigInteger)
    """0: at the machine itself."""
    deed: Named[str] = Column(Text)
    case_id: Named[int] = Column(BigInteger)
    """0 for what is about no return."""
    person: Named[int] = Column(BigInteger)
    """On whom it was; 0 for nobody."""
    thing: Named[str] = Column(Text)
    """The order, the seller or the file that it was about; ids, no names and no words."""
    facts: Named[str] = Column(Text)


audit = Table(
    "audit",
    metadata,
    AuditColumns,
    Index("ix_audit_by", "by", "id"),
    Index("ix_audit_case", "case_id", "id", **_some("case_id > 0")),
)


class TemplateColumns(TypedColumns):
    """What a seller's team writes again and again when it rejects."""

    id = Column(_Id, primary_key=True)
    seller: Named[str] = Column(Text, index=True)
    text: Named[str] = Column(Text)


templates = Table("templates", metadata, TemplateColumns)


class InvitationColumns(TypedColumns):
    token_hash = Column(Text, primary_key=True)
    role: Named[str] = Column(Text)
    seller: Named[str | None] = Column(Text)
    by: Named[int] = Column(BigInteger)
    expires_at: Named[datetime] = Column(Instant)
    used_by: Named[int | None] = Column(BigInteger)


invitations = Table("invitations", metadata, InvitationColumns)


class DraftColumns(TypedColumns):
    account = Column(_Id, primary_key=True, autoincrement=False)
    kind: Named[str] = Column(Text)
    body: Named[str] = Column(Text)
    due_at: Named[datetime] = Column(Instant, index=True)
    remind_at: Named[datetime | None] = Column(Instant, index=True)


drafts = Table("drafts", metadata, DraftColumns)


# ------------------------------------------------------------------------ orders and evidence


class OrderColumns(TypedColumns):
    number = Column(Text, primary_key=True)
    owner: Named[int | None] = Column(BigInteger)
    phone: Named[str | None] = Column(Text)
    created_at: Named[datetime] = Column(Instant)
    body: Named[str] = Column(Text)
    purged: Named[bool] = Column(Boolean, server_default=false())
    """Whether retention has taken name, phone and code out; a later file brings them back."""
    name_key: Named[str | None] = Column(Text)
    """The customer's name as it is searched for."""


orders = Table(
    "orders",
    metadata,
    OrderColumns,
    Index("ix_orders_kept", "created_at", **_some(ORDERS_KEPT)),
    Index("ix_orders_owner", "owner", "created_at"),
    Index(None, "phone"),
    Index("ix_orders_name", "name_key", **_BY_BEGINNING),
)


class MissColumns(TypedColumns):
    """Wrong codes and invitations. All updates of one poll have one instant: each miss counts."""

    id = Column(_Id, primary_key=True)
    account: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(Instant)


misses = Table("misses", metadata, MissColumns, Index("ix_misses_recent", "account", "at"))


class FileColumns(TypedColumns):
    key = Column(Text, primary_key=True)
    file_id: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    size: Named[int | None] = Column(BigInteger)
    sent_by: Named[int] = Column(BigInteger)
    sent_at: Named[datetime | None] = Column(Instant)
    forwarded: Named[bool] = Column(Boolean, server_default=false())
    sha256: Named[str | None] = Column(Text, index=True)
    picture: Named[int | None] = Column(BigInteger)
    unseen: Named[str | None] = Column(Text)


files = Table(
    "files",
    metadata,
    FileColumns,
    # Of what shows no picture it would find too much.
    Index("ix_files_picture", "picture", **_some(PICTURED)),
    Index("ix_files_unseen", "sha256", "sent_at", **_some(UNSEEN)),
)


class PictureColumns(TypedColumns):
    id = Column(_Id, primary_key=True, autoincrement=False)
    views: Named[str] = Column(Text)
    """How it looks as a whole and in parts: pairs of hashes, JSON."""


pictures = Table("pictures", metadata, PictureColumns)


class LookColumns(TypedColumns):
    """Each view of each picture under the bands of its first hash."""

    band = Column(Integer, primary_key=True, autoincrement=False)
    picture = Column(BigInteger, primary_key=True, autoincrement=False)
    view = Column(Integer, primary_key=True, autoincrement=False)
    hash: Named[int] = Column(BigInteger)
    """The first hash, as a signed number."""


looks = Table("looks", metadata, LookColumns, sqlite_with_rowid=False)


class EvidenceColumns(TypedColumns):
    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    file = Column(Text, primary_key=True, index=True)
    compared: Named[bool] = Column(Boolean, server_default=false())
    """Whether it was looked for in all other cases."""
    receipt: Named[bool] = Column(Boolean, server_default=false())
    """Whether it came as the receipt of a parcel: its looks say nothing."""


evidence = Table(
    "evidence",
    metadata,
    EvidenceColumns,
    Index("ix_evidence_uncompared", "case_id", "file", **_some(UNCOMPARED)),
    sqlite_with_rowid=False,
)


class ReuseColumns(TypedColumns):
    """Photos of two cases that staff have been told of."""

    case_id = Column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    file = Column(Text, primary_key=True)
    older = Column(
        BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False, index=True
    )
    older_file = Column(Text, primary_key=True)
    how: Named[str] = Column(Text)
    bits: Named[int] = Column(Integer)


reuses = Table("reuses", metadata, ReuseColumns, sqlite_with_rowid=False)
