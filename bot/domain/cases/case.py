"""A return, its lines, its timers and what is open on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.domain.cases.words import (
    TERMINAL,
    DisputeKind,
    DisputeTopic,
    Goods,
    ReasonClass,
    Role,
    Route,
    Status,
    Terms,
    TimerKind,
    side,
)
from bot.domain.money import Money, Purse

Outages = tuple[tuple[datetime, datetime], ...]
"""Times in which nobody could reach us, each from … until, in the order of time (X-58)."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person in a role on a case. `id` is the account; clocks and services have none."""

    role: Role
    id: int = 0


CLOCK = Party(Role.CLOCK)


SYSTEM = Party(Role.SYSTEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Units of one SKU of the posting that the customer wants to send back."""

    sku: str
    title: str
    category: str
    unit_price: Money
    quantity: int = 1
    weight_g: int | None = None
    warranty_days: int | None = None
    accepted: int | None = None
    """Units accepted by the seller's verdict; None while there is none."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A running clock: it started at `since` and fires at `due_at`."""

    kind: TimerKind
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A partial compensation on the table. `round` counts the seller's offers (X-14)."""

    amount: Money
    by: Role
    round: int

    @property
    def automatic(self) -> bool:
        """Whether nobody has made it (D-09)."""
        return self.by is Role.SYSTEM


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one side proposes for the end of a dispute; `amount` belongs to PART alone."""

    by: Role
    terms: Terms
    amount: Money | None = None

    def same_as(self, other: Proposal) -> bool:
        """Whether both sides want the same."""
        return (self.terms, self.amount) == (other.terms, other.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """An open dispute and where to return to if it is withdrawn."""

    kind: DisputeKind
    opened_at: datetime
    previous: Status
    replied: bool = False
    seller_silent: bool = False
    silent_at: datetime | None = None
    """When the time for the seller's reply was up."""
    auto_due: datetime | None = None
    """When `transit_auto` would have fired, had the dispute not stopped it (row 53)."""
    decidable: bool = False
    arrived_at: datetime | None = None
    proposals: tuple[Proposal, ...] = ()
    """What is on the table: the customer, the seller and the moderators have one at most (N-5)."""

    def proposal_of(self, role: Role) -> Proposal | None:
        """What this side proposes at present; all staff are one side."""
        return next((each for each in self.proposals if each.by is side(role)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money promised to the customer. `decided_by`: seller, clock, moderator or system (X-17)."""

    decided_by: Role
    started_at: datetime
    goods: Money
    shipping: Money
    partial: bool = False
    """A compensation: the goods stay or the sum was settled."""
    shipping_open: bool = False
    """No rate or no sum tells what the receipt is worth: somebody must say it (2.8.0)."""
    funded_by: Purse = Purse.SELLER
    ref: str | None = None

    @property
    def total(self) -> Money:
        """What the customer gets."""
        return self.goods + self.shipping


@dataclass(frozen=True, slots=True)
class Capsule:
    """A code that was given to one party, to be photographed beside the product (N-7)."""

    by: Role
    code: str
    given_at: datetime
    until: datetime
    shown_at: datetime | None = None
    """When the photo with it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An override that moves money and waits for the second person (row 56)."""

    to: Status
    by: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The step that made this version of a case came with photos. The photos are content."""

    case: int
    version: int
    by: Party


@dataclass(frozen=True, kw_only=True)
class ReturnCase:
    """One customer's claim to send back lines of one posting (X-56)."""

    id: int = 0
    version: int = 0
    part: int = 1
    """1, or 2 for the child of a split case (row 38): a case of its own with its own number."""
    parent: int = 0
    """The case that a child was split from; 0 for all others."""
    policy: str = ""
    """The SHA-256 of the policy under which the case was opened."""
    profile: str = "ozon"
    route: Route = Route.MAIL
    order: str = ""
    posting: str = ""
    customer: int = 0
    seller: str = ""
    seller_country: str = "TR"
    delivered_at: datetime | None = None
    zone: str = "UTC"
    """The customer's time zone, frozen at delivery: windows end at its midnight."""
    lines: tuple[Line, ...] = ()

    premoderated: bool = False
    flagged: bool = False
    blocked: bool = False
    photo_reused: bool = False
    """A photo of the request was already evidence elsewhere: silence leads to moderators (X-03)."""
    address_known: bool = True
    """Whether the seller's return address is set (X-48)."""

    reason: str | None = None
    reason_class: ReasonClass | None = None
    status: Status = Status.DRAFT
    goods: Goods = Goods.WITH_CUSTOMER
    decided_by: Role | None = None
    """Who brought the case into its present status."""
    since: datetime | None = None
    """When it came into its present status."""
    row: str = ""
    """The row of the table that brought it there."""
    owes: Role | None = None
    """Who must act now, if a person must."""
    created_at: datetime | None = None
    """The submission; an outage credit moves it (`lifecycle.md` 2.12.9)."""
    timers: tuple[Timer, ...] = ()
    outages: Outages = ()
    """The credited outages (since, until) that this case, or its window, has seen (X-58)."""

    asked_at: datetime | None = None
    """The oldest unanswered question."""
    offer: Offer | None = None
    offers_made: int = 0
    escalated: int = 0
    """How often `premod` has been escalated to the admin."""
    approved_at: datetime | None = None
    shipped_at: datetime | None = None
    track: str | None = None
    tracked: int = 0
    """How many tracking events were seen: `in_transit` needs one (2.12.19)."""
    receipt: Money | None = None
    """Packaging and postage by the receipt."""
    receipt_unread: bool = False
    """The receipt was shown, and nobody has said yet what sum is on it."""
    proof_date: datetime | None = None
    dispute: Dispute | None = None
    topic: DisputeTopic | None = None
    """What the last dispute is or was about, if who opened it has said so."""
    refund: Refund | None = None
    override: Override | None = None
    capsules: tuple[Capsule, ...] = ()
    """The last code of each party that was given one."""
    shown: tuple[Shown, ...] = ()
    """The steps that came with photos, oldest first; a child's begin with its parent's."""

    def having(self, changes: Mapping[str, Any]) -> ReturnCase:
        """The case with other values of these fields.

        As `replace`, which hands all fields to the constructor and takes half of a decision.
        """
        if not changes.keys() <= self.__dict__.keys():
            raise TypeError(f"a case has no {sorted(changes.keys() - self.__dict__.keys())}")
        case = object.__new__(ReturnCase)
        case.__dict__.update(self.__dict__, **changes)
        return case

    @property
    def number(self) -> str:
        """What people quote: `R-000123`."""
        return return_number(self.id)

    @property
    def live(self) -> bool:
        """Whether it can still come to something: not ended, or a late proof waits (row 31)."""
        return self.status not in TERMINAL or self.proof_date is not None

    def timer(self, kind: TimerKind) -> Timer | None:
        """The running timer of this kind."""
        return next((timer for timer in self.timers if timer.kind is kind), None)


@cache
def _stored() -> TypeAdapter[ReturnCase]:
    return TypeAdapter(ReturnCase)


def dump_case(case: ReturnCase) -> str:
    """The case as one line of JSON: instants in ISO 8601, money in minor units."""
    return _stored().dump_json(case, exclude_none=True).decode()


def load_case(text: str) -> ReturnCase:
    """The case that `dump_case` wrote. Raises `pydantic.ValidationError` for anything else."""
    return _stored().validate_json(text)


def return_number(id: int) -> str:
    """`R-000123` from 123."""
    return f"R-{id:06d}"
