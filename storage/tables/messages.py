"""What comes in and goes out, and how the program itself is."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    false,
)

from storage.tables.columns import Id, Instant, metadata, some

UNDONE = "state = 'new'"
ASIDE = "state IN ('quarantine', 'shed')"
UNSENT = "state IN ('new', 'sending', 'unknown')"
DEAD = "state = 'dead'"
IN_GROUPS = "chat < 0"


class InboxColumns(TypedColumns):
    update_id = Column(Id, primary_key=True, autoincrement=False)
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
    Index("ix_inbox_undone", "chat", "update_id", **some(UNDONE)),
    Index("ix_inbox_next", "update_id", **some(UNDONE)),
    Index("ix_inbox_oldest", "received_at", **some(UNDONE)),
    Index("ix_inbox_received_at", "received_at", "update_id"),
    Index("ix_inbox_aside", "state", **some(ASIDE)),
)


class OutboxColumns(TypedColumns):
    id = Column(Id, primary_key=True)
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
    Index("ix_outbox_unsent", "chat", "id", **some(UNSENT)),
    Index("ix_outbox_next", "id", **some(UNSENT)),
    Index("ix_outbox_dead", "chat", **some(DEAD)),
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
    Index("ix_slots_in_groups", "chat", "message", **some(IN_GROUPS)),
    sqlite_with_rowid=False,
)


class HeartbeatColumns(TypedColumns):
    name = Column(Text, primary_key=True)
    at: Named[datetime] = Column(Instant)


heartbeats = Table("heartbeats", metadata, HeartbeatColumns)


class OutageColumns(TypedColumns):
    id = Column(Id, primary_key=True)
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
