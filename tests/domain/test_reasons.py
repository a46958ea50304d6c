"""The catalogue of reasons is complete, and every reason has one class."""

import pytest

from bot.domain.cases import ReasonClass, Refused
from bot.domain.reasons import CLASSES, GROUPS, Reason, RejectReason, class_of

# Typed by hand from lifecycle.md 2.11.
SAID = {
    "proper": {"changed_mind", "does_not_fit"},
    "improper": {"defective", "spoiled", "incomplete"},
    "seller_fault": {"wrong_item", "not_as_described"},
    "carrier_fault": {"damaged_in_transit"},
}


def test_the_reasons_and_their_classes_are_those_of_the_specification() -> None:
    assert {each.value: set(map(str, GROUPS[each])) for each in ReasonClass} == SAID
    assert set(CLASSES) == set(Reason)


def test_the_sellers_reasons_are_those_of_the_specification() -> None:
    assert [each.value for each in RejectReason] == [
        "used",
        "packaging_damaged",
        "not_returnable",
        "reason_mismatch",
        "defect_not_found",
        "photos_insufficient",
        "other",
    ]


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        class_of("far_fetched")
    assert (refused.value.code, refused.value.rule) == ("unknown_reason", "D-01")
    assert refused.value.facts == {"reason": "far_fetched"}
