"""What a button costs by the card is what the ledger says afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cases import Action, Event, Given, Line, Party, Status
from bot.domain.costs import OFFERED_PERCENT, Cost, costs
from bot.domain.lifecycle import available_actions, decide, written
from bot.domain.money import LedgerLine, Money, Purse
from bot.domain.policy import Policy
from bot.domain.refunds import paid_for
from tests.domain.life import (
    ADMIN,
    COMMENT,
    CUSTOMER,
    MODERATOR,
    PAYMENT,
    SELLER,
    Life,
    draft,
    line,
    march,
)

TRACK = "RB123456785CN"
POLICY = Policy.parse('[autocomp]\nmax_price = "0"\n\n[rates.TRY]\n"2026-01-01" = "2.5"\n')
"""No automatic offer, and Turkish receipts have a rate."""
LINES = st.lists(
    st.tuples(st.integers(1, 9_000_000), st.integers(1, 5)), min_size=1, max_size=3
).map(
    lambda each: tuple(
        Line(sku=f"A-{n}", title="A", category="other", unit_price=Money(p, "RUB"), quantity=q)
        for n, (p, q) in enumerate(each)
    )
)
REASONS = st.sampled_from(["changed_mind", "defective", "wrong_item", "damaged_in_transit"])
RECEIPTS = st.none() | st.builds(
    Money, st.integers(0, 900_000), st.sampled_from(["RUB", "TRY", "USD"])
)


def opened(lines: tuple[Line, ...], reason: str, policy: Policy = POLICY) -> Life:
    photos = ("one.jpg", "two.jpg")
    life = Life(draft(*lines), policy)
    return life.do(march(1), CUSTOMER, Action.SUBMIT, reason=reason, photos=photos)


def told(life: Life, party: Party = SELLER) -> Mapping[tuple[Action, int], Cost]:
    now = life.log[-1][0]
    options = available_actions(life.case, party, now, life.policy)
    found = costs(life.case, party, options, now, life.policy)
    return {(cost.action, cost.percent): cost for cost in found}


def paid_by_seller(life: Life) -> Money:
    total = Money(0, "RUB")
    for each in life.ledger:
        if each.source is Purse.SELLER:
            total += each.amount
    return total


def total(cost: Cost) -> Money:
    assert cost.shipping is not None
    return cost.goods + cost.shipping


def sent(life: Life, receipt: Money | None) -> Life:
    """Approved, sent with this receipt, and received."""
    if life.status is Status.NEW:
        life.do(march(1, 12), SELLER, Action.APPROVE)
    return life.do(
        march(2),
        CUSTOMER,
        Action.SENT,
        track=TRACK,
        receipt_amount=receipt,
        photos=("receipt.jpg",),
    ).do(march(9), SELLER, Action.RECEIVE)


@settings(max_examples=30, deadline=None)
@given(LINES, REASONS, RECEIPTS)
def test_a_cost_by_the_card_is_what_the_ledger_says_afterwards(
    lines: tuple[Line, ...], reason: str, receipt: Money | None
) -> None:
    def begun() -> Life:
        return opened(lines, reason)

    card = told(begun())
    for percent in OFFERED_PERCENT:
        cost = card.get((Action.OFFER, percent))
        if cost is None:
            continue
        assert cost.goods == paid_for(begun().case).percent(percent)
        life = begun().do(march(1, 11), SELLER, Action.OFFER, amount=cost.goods)
        assert total(cost) == paid_by_seller(life.do(march(2), CUSTOMER, Action.ACCEPT))
    kept = begun().do(march(1, 11), SELLER, Action.REFUND_WITHOUT_RETURN)
    assert total(card[Action.REFUND_WITHOUT_RETURN, 0]) == paid_by_seller(kept)

    approval = total(card[Action.APPROVE, 0])
    dearest = sent(begun(), Money.of("9000")).do(march(10), SELLER, Action.REFUND)
    assert approval == paid_by_seller(dearest)
    came = sent(begun(), receipt)
    after = told(came)[Action.REFUND, 0]
    shipping = None
    if came.case.receipt_unread or (receipt is not None and receipt.currency == "USD"):
        shipping = after.shipping
    came.do(march(10), SELLER, Action.REFUND, shipping=shipping)
    assert total(after) == paid_by_seller(came) <= approval


def test_the_ledger_alone_is_that_of_the_decisions() -> None:
    life = opened((line("2500"),), "defective")
    steps = (
        Event(Action.APPROVE, SELLER),
        Event(Action.SENT, CUSTOMER, Given(track=TRACK, receipt_amount=Money.of("300"))),
        Event(Action.RECEIVE, SELLER),
        Event(Action.REFUND, SELLER),
        Event(Action.PAID, PAYMENT, Given(ref="P-1")),
    )
    case, lines = life.case, list[LedgerLine]()
    for upto, step in enumerate(steps, 1):
        decision = decide(case, step, march(1, 12), POLICY)
        case, lines = decision.case, [*lines, *decision.ledger]
        assert written(life.case, steps[:upto], march(1, 12), POLICY) == lines
    assert len(lines) == 2


def test_a_moderator_reads_what_a_decision_costs_the_seller() -> None:
    def begun() -> Life:
        life = Life(draft(line("2500"), premoderated=True, address_known=False), POLICY)
        photos = ("one.jpg", "two.jpg")
        return life.do(march(1), CUSTOMER, Action.SUBMIT, reason="defective", photos=photos)

    card = told(begun(), MODERATOR)
    assert [*card] == [(Action.APPROVE, 0), *((Action.OFFER, each) for each in OFFERED_PERCENT)]
    assert told(begun()) == told(begun(), CUSTOMER) == {}
    offered = begun().do(march(1, 12), MODERATOR, Action.OFFER, amount=Money.of("750"))
    accepted = offered.do(march(2), CUSTOMER, Action.ACCEPT)
    assert total(card[Action.OFFER, 30]) == paid_by_seller(accepted)
    approved = begun().do(march(1, 12), MODERATOR, Action.APPROVE)
    approved.do(march(1, 13), SELLER, Action.SET_ADDRESS, address="A street")
    came = sent(approved, Money.of("9000")).do(march(10), SELLER, Action.REFUND)
    assert total(card[Action.APPROVE, 0]) == paid_by_seller(came)


def test_what_no_rate_values_has_no_sum() -> None:
    dollars = Line(sku="A", title="A", category="other", unit_price=Money.of("20", "USD"))
    life = opened((dollars,), "defective", Policy())
    assert told(life)[Action.APPROVE, 0].shipping is None
    assert told(opened((dollars,), "changed_mind", Policy()))[Action.APPROVE, 0].shipping == Money(
        0, "USD"
    )
    assert told(sent(life, Money.of("5", "EUR")))[Action.REFUND, 0].shipping is None


def test_only_a_raise_is_told_of_a_second_offer() -> None:
    life = opened((line("1000"),), "changed_mind")
    life.do(march(1, 11), SELLER, Action.OFFER, amount=Money.of("300"))
    assert [percent for _, percent in told(life)] == [50, 70]
    life.do(march(1, 12), CUSTOMER, Action.DECLINE)
    assert [percent for action, percent in told(life) if action is Action.OFFER] == [50, 70]
    for day, sum in ((2, "400"), (3, "800")):
        life.do(march(day), SELLER, Action.OFFER, amount=Money.of(sum))
        life.do(march(day, 12), CUSTOMER, Action.DECLINE)
    assert [action for action, _ in told(life)] == [Action.APPROVE]


def test_an_approval_that_only_lacks_the_address_is_told() -> None:
    life = Life(draft(address_known=False), POLICY)
    photos = ("one.jpg",)
    life.do(march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind", photos=photos)
    assert total(told(life)[Action.APPROVE, 0]) == Money.of("2500")
    life.do(march(1, 12), SELLER, Action.REJECT, reason="used", text=COMMENT)
    assert life.status is Status.REJECTED
    assert told(life) == {}


def test_a_return_that_came_back_without_an_address_has_costs() -> None:
    life = Life(draft(address_known=False), POLICY)
    life = life.do(march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind", photos=("one.jpg",))
    life = life.do(march(1, 12), ADMIN, Action.OVERRIDE, to=Status.RECEIVED, text=COMMENT)
    assert life.case.status is Status.RECEIVED
    assert {action for action, _ in told(life)} == {Action.REFUND}
