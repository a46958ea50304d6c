"""Who is who, what each may do, and the forms that are being filled in."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Named, Table, Text, TypedColumns, true

from storage.tables.columns import BY_BEGINNING, Id, Instant, metadata, some

UNREACHABLE = "NOT reachable"
HELD = "state <> 'lifted'"


class AccountColumns(TypedColumns):
    id = Column(Id, primary_key=True, autoincrement=False)
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


accounts = Table(
    "accounts",
    metadata,
    AccountColumns,
    Index("ix_accounts_unreachable", "id", **some(UNREACHABLE)),
)


class AccountNameColumns(TypedColumns):
    """The words of people's names by which orders are found: `names.name_words`."""

    account = Column(BigInteger, primary_key=True, autoincrement=False)
    word = Column(Text, primary_key=True)


account_names = Table(
    "account_names",
    metadata,
    AccountNameColumns,
    Index("ix_account_names_word", "word", **BY_BEGINNING),
    sqlite_with_rowid=False,
)


class MembershipColumns(TypedColumns):
    account = Column(BigInteger, primary_key=True, autoincrement=False)
    role = Column(Text, primary_key=True)
    seller = Column(Text, primary_key=True, index=True)
    """Empty for staff."""
    since: Named[datetime | None] = Column(Instant)
    """None for those who were there before this was written down."""


memberships = Table("memberships", metadata, MembershipColumns, sqlite_with_rowid=False)


class InvitationColumns(TypedColumns):
    token_hash = Column(Text, primary_key=True)
    role: Named[str] = Column(Text)
    seller: Named[str | None] = Column(Text)
    by: Named[int] = Column(BigInteger)
    expires_at: Named[datetime] = Column(Instant)
    used_by: Named[int | None] = Column(BigInteger)


invitations = Table("invitations", metadata, InvitationColumns)


class MissColumns(TypedColumns):
    """Wrong codes and invitations. All updates of one poll have one instant: each miss counts."""

    id = Column(Id, primary_key=True)
    account: Named[int] = Column(BigInteger)
    at: Named[datetime] = Column(Instant)


misses = Table("misses", metadata, MissColumns, Index("ix_misses_recent", "account", "at"))


class BlockColumns(TypedColumns):
    """Who may open no returns, why, and what came of it (X-26)."""

    id = Column(Id, primary_key=True)
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
    Index("ix_blocks_held", "id", **some(HELD)),
)


class DraftColumns(TypedColumns):
    account = Column(Id, primary_key=True, autoincrement=False)
    kind: Named[str] = Column(Text)
    body: Named[str] = Column(Text)
    due_at: Named[datetime] = Column(Instant, index=True)
    remind_at: Named[datetime | None] = Column(Instant, index=True)


drafts = Table("drafts", metadata, DraftColumns)


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


class TemplateColumns(TypedColumns):
    """What a seller's team writes again and again when it rejects."""

    id = Column(Id, primary_key=True)
    seller: Named[str] = Column(Text, index=True)
    text: Named[str] = Column(Text)


templates = Table("templates", metadata, TemplateColumns)
