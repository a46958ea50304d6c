"""Proposals on the table of a dispute (N-5): what binds whom, and how the dispute then ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.cases import Action, Goods, Party, Role, Status, Terms
from bot.domain.lifecycle import available_actions
from bot.domain.money import Money

from .life import (
    ADMIN,
    COMMENT,
    CUSTOMER,
    MODERATOR,
    SELLER,
    Life,
    march,
    refused_after_receipt,
    rejected,
    shipped,
)

PROPOSE, ACCEPT = Action.SETTLE, Action.ACCEPT


def refusal() -> Life:
    """A dispute about a rejection; the product is with the customer."""
    return rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE)


def on_the_way(**more: Any) -> Life:
    """A dispute about a parcel that has not come."""
    return shipped(**more).do(march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND)


def after_receipt() -> Life:
    """A dispute about a defective product that the seller has and refuses; postage was 300."""
    life = refused_after_receipt(reason="defective", receipt="300")
    return life.do(march(23), CUSTOMER, Action.OPEN_DISPUTE)


def arrived() -> Life:
    """A dispute about a parcel that has come meanwhile."""
    return on_the_way().do(march(20, 11), SELLER, Action.RECEIVE)


Ends = tuple[Callable[[], Life], Terms, Status, Goods, str]
ENDS: tuple[Ends, ...] = (
    (refusal, Terms.RETURN, Status.APPROVED, Goods.WITH_CUSTOMER, "0.00"),
    (refusal, Terms.PART, Status.COMP_ACCEPTED, Goods.KEPT_BY_CUSTOMER, "900.00"),
    (refusal, Terms.FULL, Status.REFUND_DUE, Goods.KEPT_BY_CUSTOMER, "2500.00"),
    (refusal, Terms.REJECT, Status.REJECTED_FINAL, Goods.WITH_CUSTOMER, "0.00"),
    (on_the_way, Terms.FULL, Status.REFUND_DUE, Goods.IN_TRANSIT, "2500.00"),
    (on_the_way, Terms.PART, Status.REFUND_DUE, Goods.IN_TRANSIT, "900.00"),
    (on_the_way, Terms.REJECT, Status.IN_TRANSIT, Goods.IN_TRANSIT, "0.00"),
    (arrived, Terms.REJECT, Status.RECEIVED, Goods.WITH_SELLER, "0.00"),
    (after_receipt, Terms.FULL, Status.REFUND_DUE, Goods.WITH_SELLER, "2800.00"),
    (after_receipt, Terms.PART, Status.REFUND_DUE, Goods.WITH_SELLER, "900.00"),
    (after_receipt, Terms.REJECT, Status.REJECTED_MUTUAL, Goods.RETURNING_TO_CUSTOMER, "0.00"),
)


def given(terms: Terms) -> dict[str, Any]:
    """What is proposed."""
    return {"terms": terms} | ({"amount": Money.of("900")} if terms is Terms.PART else {})


def soon(life: Life) -> Any:
    """Some minutes after the last thing that happened, whatever day that was."""
    at = life.log[-1][0]
    return at.replace(minute=at.minute + 1)


@pytest.mark.parametrize("first", [CUSTOMER, SELLER], ids=str)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: f"{end[0].__name__}, {end[1]}")
def test_what_both_parties_want_ends_the_dispute_and_is_paid_once(end: Ends, first: Party) -> None:
    """Whoever proposes, and whether the other accepts it or proposes the same."""
    opens, terms, status, goods, money = end
    second = SELLER if first is CUSTOMER else CUSTOMER
    for action, also in ((ACCEPT, {}), (PROPOSE, given(terms))):
        life = opens()
        life.do(soon(life), first, PROPOSE, **given(terms))
        assert life.status is Status.DISPUTE
        life.do(soon(life), second, action, **also)
        assert (life.status, life.case.goods, life.paid_to_customer()) == (status, goods, money)
        assert life.case.dispute is None
        assert life.refused(soon(life), second, ACCEPT).code


def test_a_new_proposal_takes_the_place_of_the_own_and_of_no_other() -> None:
    life = refusal().do(march(2, 11), SELLER, PROPOSE, **given(Terms.PART))
    life.do(march(2, 12), CUSTOMER, PROPOSE, terms=Terms.FULL)
    life.do(march(2, 13), SELLER, PROPOSE, terms=Terms.PART, amount=Money.of("1200"))
    life.do(march(2, 14), ADMIN, PROPOSE, terms=Terms.RETURN)
    life.do(march(2, 15), MODERATOR, PROPOSE, terms=Terms.REJECT)
    assert life.case.dispute is not None
    held = {each.by: each.terms for each in life.case.dispute.proposals}
    assert held == {
        Role.CUSTOMER: Terms.FULL,
        Role.SELLER: Terms.PART,
        Role.MODERATOR: Terms.REJECT,
    }
    life.do(march(2, 16), CUSTOMER, ACCEPT, of=Role.SELLER)
    assert life.paid_to_customer() == "1200.00"


def test_a_moderators_proposal_binds_only_when_both_have_accepted_it() -> None:
    life = refusal().do(march(2, 11), MODERATOR, PROPOSE, terms=Terms.RETURN)
    life.do(march(2, 12), CUSTOMER, ACCEPT)
    assert life.case.dispute
    assert life.refused(march(2, 12), CUSTOMER, ACCEPT).code == "not_now"
    assert life.last is not None
    assert Role.SELLER in life.last.hears
    life.do(march(2, 13), SELLER, ACCEPT)
    assert life.status is Status.APPROVED


def test_who_proposes_what_the_moderator_proposes_has_not_bound_the_other() -> None:
    life = refusal().do(march(2, 11), MODERATOR, PROPOSE, terms=Terms.RETURN)
    life.do(march(2, 12), SELLER, PROPOSE, terms=Terms.RETURN)
    assert life.case.dispute
    life.do(march(2, 13), MODERATOR, PROPOSE, terms=Terms.REJECT)
    life.do(march(2, 14), CUSTOMER, ACCEPT, of=Role.SELLER)
    assert life.status is Status.APPROVED


def test_a_proposal_that_is_not_on_the_table_is_not_accepted() -> None:
    life = refusal().do(march(2, 11), SELLER, PROPOSE, **given(Terms.PART))
    for whose in (Role.CUSTOMER, Role.MODERATOR):
        assert life.refused(march(2, 12), CUSTOMER, ACCEPT, of=whose).code == "whose_missing"
    life.do(march(2, 12), CUSTOMER, ACCEPT, of=Role.SELLER)
    assert life.status is Status.COMP_ACCEPTED


def test_of_two_proposals_the_accepted_one_is_named() -> None:
    life = refusal().do(march(2, 11), SELLER, PROPOSE, **given(Terms.PART))
    life.do(march(2, 12), MODERATOR, PROPOSE, terms=Terms.RETURN)
    assert life.refused(march(2, 13), CUSTOMER, ACCEPT).code == "whose_missing"
    assert life.refused(march(2, 13), CUSTOMER, ACCEPT, of=Role.CUSTOMER).code == "whose_missing"
    assert life.refused(march(2, 13), MODERATOR, ACCEPT, of=Role.SELLER).code == "not_yours"
    life.do(march(2, 13), CUSTOMER, ACCEPT, of=Role.MODERATOR)
    life.do(march(2, 14), SELLER, ACCEPT, of=Role.CUSTOMER)
    assert life.status is Status.APPROVED


def test_a_proposal_fits_what_the_dispute_is_about() -> None:
    for opens, wrong in ((on_the_way, Terms.RETURN), (after_receipt, Terms.RETURN)):
        life = opens()
        assert life.refused(soon(life), SELLER, PROPOSE, terms=wrong).code == "terms_not_offered"
    life = refusal()
    for amount in (None, "0", "2500"):
        sum = Money.of(amount) if amount else None
        assert life.refused(march(2, 11), SELLER, PROPOSE, terms=Terms.PART, amount=sum).code in (
            "amount_missing",
            "amount_out_of_range",
        )


def test_a_proposal_stops_no_clock_and_falls_with_the_dispute() -> None:
    life = refusal().do(march(2, 11), CUSTOMER, PROPOSE, **given(Terms.PART))
    assert life.due == {"dispute_reply": march(4)}
    life.do(march(3), SELLER, Action.REPLY)
    life.do(march(3, 11), MODERATOR, Action.DECIDE, ruling="seller", text=COMMENT)
    assert life.status is Status.REJECTED_BY_PLATFORM
    assert life.case.dispute is not None
    assert life.case.dispute.proposals == ()
    listed = {each.action for each in available_actions(life.case, CUSTOMER, march(4), life.policy)}
    assert listed.isdisjoint({PROPOSE, ACCEPT})
