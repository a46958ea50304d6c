"""The values of a return: a case, its lines, its timers, the parties and the events.

Everything here is frozen. `lifecycle.decide` returns a new case and never changes one.
Instants are timezone-aware UTC datetimes; money is `Money`; personal content (texts, photos,
addresses) is not part of a case, only of the event that brought it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from bot.domain.money import LedgerLine, Money, Purse


class Role(StrEnum):
    """Who acts. The people are customer … warehouse; the rest act without a person."""

    CUSTOMER = "customer"
    SELLER = "seller"
    MODERATOR = "moderator"
    ADMIN = "admin"
    POINT = "point"
    WAREHOUSE = "warehouse"
    CLOCK = "clock"
    SYSTEM = "system"
    CARRIER = "carrier"
    PAYMENT = "payment"
    SERVICE = "service"


STAFF = frozenset({Role.MODERATOR, Role.ADMIN})


def side(role: Role) -> Role:
    """The side of a dispute on which somebody in this role is: all staff are on one."""
    return Role.MODERATOR if role in STAFF else role


class Status(StrEnum):
    """Where the decision stands (`lifecycle.md` 2.2)."""

    DRAFT = "DRAFT"
    NEW = "NEW"
    PREMOD = "PREMOD"
    CLARIFY = "CLARIFY"
    OFFERED = "OFFERED"
    COUNTER = "COUNTER"
    COMP_ACCEPTED = "COMP_ACCEPTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REJECTED_FINAL = "REJECTED_FINAL"
    OVERDUE = "OVERDUE"
    CANCELED_BY_CUSTOMER = "CANCELED_BY_CUSTOMER"
    CANCELED_INACTION = "CANCELED_INACTION"
    IN_TRANSIT = "IN_TRANSIT"
    DISPUTE = "DISPUTE"
    REJECTED_BY_PLATFORM = "REJECTED_BY_PLATFORM"
    RECEIVED = "RECEIVED"
    REFUSED_AFTER_RECEIPT = "REFUSED_AFTER_RECEIPT"
    REJECTED_MUTUAL = "REJECTED_MUTUAL"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"


TERMINAL = frozenset(
    {
        Status.REJECTED_FINAL,
        Status.OVERDUE,
        Status.CANCELED_BY_CUSTOMER,
        Status.CANCELED_INACTION,
        Status.REJECTED_BY_PLATFORM,
        Status.REJECTED_MUTUAL,
        Status.REFUNDED,
    }
)


class Goods(StrEnum):
    """Where the thing is, a track of its own beside the status."""

    WITH_CUSTOMER = "WITH_CUSTOMER"
    IN_TRANSIT = "IN_TRANSIT"
    WITH_SELLER = "WITH_SELLER"
    RETURNING_TO_CUSTOMER = "RETURNING_TO_CUSTOMER"
    KEPT_BY_CUSTOMER = "KEPT_BY_CUSTOMER"
    LOST = "LOST"


class ReasonClass(StrEnum):
    """What follows from a reason: windows, photos, who pays the shipping (X-37)."""

    PROPER = "proper"
    IMPROPER = "improper"
    SELLER_FAULT = "seller_fault"
    CARRIER_FAULT = "carrier_fault"


class Route(StrEnum):
    """How the thing travels back."""

    MAIL = "mail"
    COURIER = "courier"
    PICKUP_POINT = "pickup_point"


class DisputeKind(StrEnum):
    """Why a dispute was opened (X-07)."""

    REFUSAL = "refusal"
    TRANSIT_CUSTOMER = "transit_customer"
    TRANSIT_AUTO = "transit_auto"
    AFTER_RECEIPT = "after_receipt"


class Action(StrEnum):
    """What a party does; the names of `lifecycle.md` 2.11."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    OFFER = "offer"
    REFUND_WITHOUT_RETURN = "refund_without_return"
    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"
    SENT = "sent"
    LATE_PROOF = "late_proof"
    TRACK = "track"
    RECEIVE = "receive"
    WHERE_IS_THE_REFUND = "where_is_the_refund"
    REFUND = "refund"
    VERDICT = "verdict"
    CONFIRM_SHIPPING = "confirm_shipping"
    OPEN_DISPUTE = "open_dispute"
    REPLY = "reply"
    DECIDE = "decide"
    SETTLE = "settle"
    WITHDRAW = "withdraw"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    OVERRIDE = "override"
    REOPEN = "reopen"
    SET_ADDRESS = "set_address"
    GET_CODE = "get_code"
    PROVE = "prove"
    FIRE = "fire"
    """A timer fires: the event names which one."""


class TimerKind(StrEnum):
    """The clocks of a case; the keys of `lifecycle.md` 2.3 that this life uses."""

    DECISION = "decision"
    PREMOD = "premod"
    CLARIFY = "clarify"
    OFFER = "offer"
    COUNTER = "counter"
    SHIP = "ship"
    LATE_PROOF = "late_proof"
    PROOF = "proof"
    TRANSIT_UNLOCK = "transit_unlock"
    TRANSIT_AUTO = "transit_auto"
    TRANSIT_CAP = "transit_cap"
    DELIVERED = "delivered"
    APPEAL = "appeal"
    DISPUTE_REPLY = "dispute_reply"
    DISPUTE_DECIDE = "dispute_decide"
    INSPECT = "inspect"
    REFUND_ETA = "refund_eta"


class Input(StrEnum):
    """What an action asks of the party; one generic form can ask for each of them."""

    REASON = "reason"
    TEXT = "text"
    PHOTOS = "photos"
    AMOUNT = "amount"
    TRACK = "track"
    RECEIPT_AMOUNT = "receipt_amount"
    RECEIPT_DATE = "receipt_date"
    SHIPPING = "shipping"
    ACCEPTED = "accepted"
    RULING = "ruling"
    TERMS = "terms"
    OF = "of"
    REF = "ref"
    PLACE = "place"
    STATUS = "status"
    ADDRESS = "address"


class Ruling(StrEnum):
    """How a moderator decides a dispute."""

    CUSTOMER = "customer"
    SELLER = "seller"
    IN_TRANSIT = "in_transit"


class Terms(StrEnum):
    """How a dispute may end by agreement (N-5)."""

    FULL = "full"
    """All the money; what is with the customer stays there."""
    PART = "part"
    """A sum, without shipping; what is with the customer stays there."""
    RETURN = "return"
    """The product goes back and is refunded then, as after an approval."""
    REJECT = "reject"
    """No money for the dispute: as if it were withdrawn."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    outages: tuple[tuple[datetime, datetime], ...] = ()
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
    refund: Refund | None = None
    override: Override | None = None
    capsules: tuple[Capsule, ...] = ()
    """The last code of each party that was given one."""
    shown: tuple[Shown, ...] = ()
    """The steps that came with photos, oldest first; a child's begin with its parent's."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The inputs that came with an event. Photos are keys of files, texts are as typed."""

    reason: str | None = None
    text: str | None = None
    photos: tuple[str, ...] = ()
    amount: Money | None = None
    track: str | None = None
    receipt_amount: Money | None = None
    receipt_date: datetime | None = None
    shipping: Money | None = None
    accepted: Mapping[str, int] | None = None
    ruling: Ruling | None = None
    terms: Terms | None = None
    of: Role | None = None
    """Whose proposal is accepted, where there are two."""
    ref: str | None = None
    place: str | None = None
    to: Status | None = None
    address: str | None = None


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody does something: the only way a case changes."""

    action: Action
    by: Party
    given: Given = NOTHING
    timer: TimerKind | None = None
    """Which timer, when the action is FIRE."""

    @property
    def name(self) -> str:
        """`approve`, or `decision_due` for a timer: the word of scripts and histories."""
        return f"{self.timer}_due" if self.timer else str(self.action)


class Alarm(StrEnum):
    """What pages the staff (2.9: a status that no clock can leave must)."""

    PREMOD_ESCALATED = "premod_escalated"
    PROOF_WAITS = "proof_waits"
    DISPUTE_UNDECIDED = "dispute_undecided"
    TRANSIT_CAP = "transit_cap"
    REFUND_LATE = "refund_late"
    PAYMENT_FAILED = "payment_failed"
    NO_ADDRESS = "no_address"
    NO_SELLER = "no_seller"
    SECOND_PERSON = "second_person"
    RECEIPT_UNCONFIRMED = "receipt_unconfirmed"


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of the table that was taken: one line of the history."""

    event: str
    by: Party
    row: str
    """The row's number in `lifecycle.md` 2.4."""
    rule: str
    """The rule id cited (N-12)."""
    before: Status
    after: Status


@dataclass(frozen=True, slots=True)
class Decision:
    """What `decide` answers: the new case and all that follows from it.

    `happened` has one item, or two where the program answers at once (the automatic offer).
    `hears` are the roles whose card must come anew with sound; all other cards are edited.
    """

    case: ReturnCase
    happened: tuple[Happened, ...]
    ledger: tuple[LedgerLine, ...] = ()
    hears: frozenset[Role] = frozenset()
    alarms: tuple[Alarm, ...] = ()
    child: ReturnCase | None = None


class Refused(Exception):
    """The rules do not allow this. `code` is stable; `opens` or `closed` when time is the reason.

    `rule` is the rule id that refuses; `facts` are plain values for the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        rule: str = "",
        opens: datetime | None = None,
        closed: datetime | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.rule = rule
        self.opens = opens
        self.closed = closed
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Asked:
    """One input that an action takes. `least` is the minimum length of a text or of an album."""

    input: Input
    required: bool = True
    least: int = 1
    choices: tuple[str, ...] = ()
    instead: Input | None = None
    """Another input that, given, makes this one unnecessary."""
    of: Input | None = None
    """Another input: a form asks for this one only where that one is given, and then needs it."""
    only_after: tuple[str, ...] = ()
    """The choices of an earlier input after which alone this one is asked for; (): always."""


@dataclass(frozen=True, slots=True)
class Option:
    """An action that a party has on a case: now, or from `opens` on."""

    action: Action
    asks: tuple[Asked, ...] = ()
    opens: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
