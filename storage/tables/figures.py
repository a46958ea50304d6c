"""What is counted of histories and what was sealed of them (N-11, N-13)."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
)

from storage.tables.columns import Id, Instant, metadata


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

    case_id = Column(Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
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

    case_id = Column(Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    seq: Named[int] = Column(Integer)


heads = Table("heads", metadata, HeadColumns)
