"""What the staff work with: rules, files, clocks of what is no return, and their audit."""

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

NOT_DONE = "NOT done"


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


class ImportColumns(TypedColumns):
    """Files of orders or of rules that the staff have sent in the chat."""

    id = Column(Id, primary_key=True)
    account: Named[int] = Column(BigInteger)
    file_id: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    at: Named[datetime] = Column(Instant)
    done: Named[bool] = Column(Boolean, server_default=false())
    kind: Named[str] = Column(Text, server_default="orders")


imports = Table(
    "imports", metadata, ImportColumns, Index("ix_imports_waiting", "id", **some(NOT_DONE))
)


class DeskTimerColumns(TypedColumns):
    """Clocks of what is no return: a block to be confirmed, a deduction to be contested."""

    kind = Column(Text, primary_key=True)
    subject = Column(BigInteger, primary_key=True, autoincrement=False)
    due_at: Named[datetime] = Column(Instant)
    look_at: Named[datetime] = Column(Instant, index=True)
    """The next reminder, or `due_at`."""


desk_timers = Table("desk_timers", metadata, DeskTimerColumns, sqlite_with_rowid=False)


class AuditColumns(TypedColumns):
    """What the staff have done and looked at. Rows are only ever added: a trigger sees to it."""

    id = Column(Id, primary_key=True)
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
    Index("ix_audit_case", "case_id", "id", **some("case_id > 0")),
)
