"""The words of a return: roles, statuses, actions, clocks, and what else has a fixed list."""

from __future__ import annotations

from enum import StrEnum


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
PEOPLE = frozenset({Role.CUSTOMER, Role.SELLER, *STAFF})
"""Who can owe something on a case, and be told of it."""


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


class DisputeTopic(StrEnum):
    """What a dispute is about, by the word of who opens it; which kind has which: `reasons.py`."""

    REASON_UNTRUE = "reason_untrue"
    """The customer does not agree with the seller's reason (ST-10)."""
    NOT_AS_DESCRIBED = "not_as_described"
    FAULTY = "faulty"
    WRONG_ITEM = "wrong_item"
    DAMAGED_ON_THE_WAY = "damaged_on_the_way"
    PARCEL_LOST = "parcel_lost"
    REFUND_MISSING = "refund_missing"
    """"Where is the refund" of the source (T-02), and a refund that is too small."""
    SWAPPED = "swapped"
    """What the seller shows is not what the customer has sent."""
    OTHER = "other"


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
    TOPIC = "topic"
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
