"""People and their forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.cases import Role


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
