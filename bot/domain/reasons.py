"""The catalogue of reasons: why a customer returns, why a seller refuses (X-37)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.cases import ReasonClass, Refused


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


def class_of(reason: str) -> ReasonClass:
    """What follows from a reason. Raises Refused("unknown_reason")."""
    try:
        return CLASSES[reason]
    except KeyError:
        raise Refused("unknown_reason", rule="D-01", reason=reason) from None
