"""The catalogue of reasons: why customers return, sellers refuse, and both disagree (X-37)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.cases import DisputeKind, DisputeTopic, ReasonClass, Refused


class Reason(StrEnum):
    """Why the customer returns."""

    CHANGED_MIND = "changed_mind"
    DOES_NOT_FIT = "does_not_fit"
    DEFECTIVE = "defective"
    SPOILED = "spoiled"
    INCOMPLETE = "incomplete"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"


class RejectReason(StrEnum):
    """Why the seller refuses, before shipping or after receipt."""

    USED = "used"
    PACKAGING_DAMAGED = "packaging_damaged"
    NOT_RETURNABLE = "not_returnable"
    REASON_MISMATCH = "reason_mismatch"
    DEFECT_NOT_FOUND = "defect_not_found"
    PHOTOS_INSUFFICIENT = "photos_insufficient"
    OTHER = "other"


CLASSES: Mapping[str, ReasonClass] = {
    Reason.CHANGED_MIND: ReasonClass.PROPER,
    Reason.DOES_NOT_FIT: ReasonClass.PROPER,
    Reason.DEFECTIVE: ReasonClass.IMPROPER,
    Reason.SPOILED: ReasonClass.IMPROPER,
    Reason.INCOMPLETE: ReasonClass.IMPROPER,
    Reason.WRONG_ITEM: ReasonClass.SELLER_FAULT,
    Reason.NOT_AS_DESCRIBED: ReasonClass.SELLER_FAULT,
    Reason.DAMAGED_IN_TRANSIT: ReasonClass.CARRIER_FAULT,
}

GROUPS: Mapping[ReasonClass, tuple[Reason, ...]] = {
    each: tuple(reason for reason in Reason if CLASSES[reason] is each) for each in ReasonClass
}
"""The reasons as the form shows them: one group for each class, in this order."""

STORY_REQUIRED = frozenset({ReasonClass.IMPROPER, ReasonClass.SELLER_FAULT})
"""Classes for which the customer must say what happened."""

TOPICS: Mapping[DisputeKind, tuple[DisputeTopic, ...]] = {
    DisputeKind.REFUSAL: (
        DisputeTopic.REASON_UNTRUE,
        DisputeTopic.NOT_AS_DESCRIBED,
        DisputeTopic.FAULTY,
        DisputeTopic.WRONG_ITEM,
        DisputeTopic.DAMAGED_ON_THE_WAY,
        DisputeTopic.OTHER,
    ),
    DisputeKind.TRANSIT_CUSTOMER: (
        DisputeTopic.REFUND_MISSING,
        DisputeTopic.PARCEL_LOST,
        DisputeTopic.OTHER,
    ),
    DisputeKind.AFTER_RECEIPT: (
        DisputeTopic.REASON_UNTRUE,
        DisputeTopic.SWAPPED,
        DisputeTopic.DAMAGED_ON_THE_WAY,
        DisputeTopic.REFUND_MISSING,
        DisputeTopic.OTHER,
    ),
}
"""What a customer's dispute of each kind can be about, in the order of the form."""


def class_of(reason: str) -> ReasonClass:
    """What follows from a reason. Raises Refused("unknown_reason")."""
    try:
        return CLASSES[reason]
    except KeyError:
        raise Refused("unknown_reason", rule="D-01", reason=reason) from None
