"""What people have shown, and how it looks (N-6)."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    false,
)

from storage.tables.columns import Id, Instant, metadata, some

UNSEEN = "picture IS NULL AND unseen IS NULL"
UNCOMPARED = "NOT compared"


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
    Index("ix_files_picture", "picture", **some("picture IS NOT NULL")),
    Index("ix_files_unseen", "sha256", "sent_at", **some(UNSEEN)),
)


class PictureColumns(TypedColumns):
    id = Column(Id, primary_key=True, autoincrement=False)
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
    Index("ix_evidence_uncompared", "case_id", "file", **some(UNCOMPARED)),
    sqlite_with_rowid=False,
)


class DisplayColumns(TypedColumns):
    """Photos that are shown outside returns."""

    spot = Column(Text, primary_key=True)
    """The code of a `Spot`."""
    file = Column(Text, primary_key=True, index=True)
    compared: Named[bool] = Column(Boolean, server_default=false())
    """Whether it was looked for everywhere else."""


displays = Table(
    "displays",
    metadata,
    DisplayColumns,
    Index("ix_displays_uncompared", "spot", "file", **some(UNCOMPARED)),
    sqlite_with_rowid=False,
)


class SightingColumns(TypedColumns):
    """Photos in two spots that staff have been told of."""

    spot = Column(Text, primary_key=True)
    """The code of a `Spot`; of two returns the newer."""
    file = Column(Text, primary_key=True)
    older = Column(Text, primary_key=True, index=True)
    older_file = Column(Text, primary_key=True)
    how: Named[str] = Column(Text)
    bits: Named[int] = Column(Integer)


sightings = Table("sightings", metadata, SightingColumns, sqlite_with_rowid=False)
