"""The orders of the marketplace, and what was missing from them."""

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

from storage.tables.columns import BY_BEGINNING, Id, Instant, metadata, some

ORDERS_KEPT = "NOT purged"
WITHHELD_WORK = "ref IS NULL OR state = 'contested'"


class OrderColumns(TypedColumns):
    number = Column(Text, primary_key=True)
    owner: Named[int | None] = Column(BigInteger)
    phone: Named[str | None] = Column(Text)
    created_at: Named[datetime] = Column(Instant)
    body: Named[str] = Column(Text)
    purged: Named[bool] = Column(Boolean, server_default=false())
    """Whether retention has taken name, phone and code out; a later file brings them back."""


orders = Table(
    "orders",
    metadata,
    OrderColumns,
    Index("ix_orders_kept", "created_at", **some(ORDERS_KEPT)),
    Index("ix_orders_owner", "owner", "created_at"),
    Index(None, "phone"),
)


class OrderNameColumns(TypedColumns):
    """The words of customers' names by which orders are found: `names.name_words`."""

    number = Column(Text, primary_key=True)
    word = Column(Text, primary_key=True)


order_names = Table(
    "order_names",
    metadata,
    OrderNameColumns,
    Index("ix_order_names_word", "word", **BY_BEGINNING),
    sqlite_with_rowid=False,
)


class OpenedOrderColumns(TypedColumns):
    """Orders that their customers have looked at: of these they are reminded (2.3, `window`)."""

    number = Column(Text, primary_key=True)
    account: Named[int] = Column(BigInteger)
    look_at: Named[datetime | None] = Column(Instant, index=True)
    """When a window may be about to close; None where none is known."""
    told: Named[str] = Column(Text)
    """The instants of reminders that need not be given any more, JSON."""


opened_orders = Table("opened_orders", metadata, OpenedOrderColumns, sqlite_with_rowid=False)


class WithholdingColumns(TypedColumns):
    """Products that were missing from a delivered parcel: the seller pays for them (O-08)."""

    id = Column(Id, primary_key=True, autoincrement=False)
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
    Index("ix_withholdings_work", "id", **some(WITHHELD_WORK)),
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
