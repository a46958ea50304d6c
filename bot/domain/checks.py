"""What is checked of the inputs, beyond their presence. A check raises `Refused`."""

from __future__ import annotations

from datetime import UTC, datetime, time

from bot.domain import eligibility, tracks
from bot.domain.cases import Given, Refused, ReturnCase, Role, Ruling, Status, Terms
from bot.domain.guards import about_refusal, about_transit, acceptable, claim_of, on_the_way
from bot.domain.money import Money
from bot.domain.reasons import class_of
from bot.domain.refunds import nothing_in, paid_for, shipping_cap, shipping_limit
from bot.domain.refusals import Code
from bot.domain.turns import Moment


def enough_photos(moment: Moment, given: Given) -> None:
    """Row 02: the reason decides the window and the photos (X-40, X-49)."""
    assert given.reason is not None
    reason_class = class_of(given.reason)
    eligibility.check(claim_of(moment, given.reason))
    least = moment.policy.min_photos(reason_class)
    if len(given.photos) < least:
        raise Refused(Code.TOO_FEW_PHOTOS, rule="X-49", least=least)


def part_of_price(moment: Moment, given: Given) -> None:
    """Row 09: above nothing, below the price paid, above the last offer (X-14, X-55)."""
    case, _, _, policy = moment
    amount = in_currency(case, given.amount)
    paid = paid_for(case)
    if not policy.allows_offer(amount, paid):
        raise Refused(Code.AMOUNT_OUT_OF_RANGE, rule="X-55", below=paid)
    if case.status is not Status.DISPUTE and case.offer and amount <= case.offer.amount:
        raise Refused(Code.AMOUNT_NOT_HIGHER, rule="X-14", above=case.offer.amount)


def sum_of_terms(moment: Moment, given: Given) -> None:
    """Row 52: a part is one (X-55); whatever else is proposed has no sum of its own."""
    if given.terms is Terms.PART:
        part_of_price(moment, given)


def on_the_table(moment: Moment, given: Given) -> None:
    """Row 52: whose proposal is accepted, if that is said, has one that can be (N-5)."""
    proposals = acceptable(moment.case, moment.party.role)
    if given.of is not None and given.of not in {each.by for each in proposals}:
        raise Refused(Code.WHOSE_MISSING, rule="D-17")


def in_currency(case: ReturnCase, amount: Money | None) -> Money:
    """The amount, in the currency of the case. Raises Refused("wrong_currency")."""
    assert amount is not None
    currency = nothing_in(case).currency
    if amount.currency != currency:
        raise Refused(Code.WRONG_CURRENCY, rule="X-55", currency=currency)
    return amount


def parcel_counts(moment: Moment, given: Given) -> None:
    """Row 29: a possible track number, and a receipt not for less than nothing."""
    assert given.track is not None
    if not tracks.possible(given.track):
        raise Refused(Code.TRACK_INVALID, rule="C-18")
    if given.receipt_amount is not None and given.receipt_amount.minor < 0:
        raise Refused(Code.AMOUNT_OUT_OF_RANGE, rule="C-18")


def proof_date_of(case: ReturnCase, receipt_date: datetime) -> datetime:
    """When a late proof says that the parcel was sent: not before the approval (2.12.14)."""
    approved = case.approved_at or case.created_at
    assert approved is not None
    return max(receipt_date, approved)


def proof_dates(case: ReturnCase) -> tuple[datetime, datetime]:
    """Row 31: the day of the approval (midnight UTC), and the deadline that was missed."""
    assert case.since is not None
    approved = case.approved_at or case.since
    return datetime.combine(approved.astimezone(UTC).date(), time.min, UTC), case.since


def dated_in_time(moment: Moment, given: Given) -> None:
    """Row 31: dated from the day of the approval on, before the deadline."""
    case = moment.case
    assert given.receipt_date is not None
    first, until = proof_dates(case)
    if not first <= given.receipt_date or proof_date_of(case, given.receipt_date) >= until:
        raise Refused(Code.RECEIPT_DATE_OUT_OF_RANGE, rule="X-52", since=first, closed=until)


def shipping_within_limit(moment: Moment, given: Given) -> None:
    """Row 36: not above the receipt, nor the cap; nothing for a thing of proper quality."""
    case, _, now, policy = moment
    limit = shipping_limit(case, policy, now.date())
    if given.shipping is None:
        if limit is None:
            raise Refused(Code.SHIPPING_MISSING, rule="R-04")
        return
    shipping = in_currency(case, given.shipping)
    if limit is None:
        limit = shipping_cap(case, policy, now.date())
    if shipping.minor < 0 or (limit is not None and shipping > limit):
        raise Refused(Code.SHIPPING_TOO_HIGH, rule="R-05", most=limit)


def divisible(case: ReturnCase) -> bool:
    """Whether there is a part to accept: one unit, or what was split before, stays whole (X-56)."""
    return not _split_before(case) and sum(line.quantity for line in case.lines) > 1


def _split_before(case: ReturnCase) -> bool:
    return case.part != 1 or any(line.accepted is not None for line in case.lines)


def units_of_the_case(moment: Moment, given: Given) -> None:
    """Row 38: some of the units; all of them are a refund, none of them a rejection."""
    case = moment.case
    accepted = given.accepted or {}
    known = {line.sku: line.quantity for line in case.lines}
    if any(not 0 <= units <= known.get(sku, -1) for sku, units in accepted.items()) or not any(
        accepted.values()
    ):
        raise Refused(Code.UNITS_OUT_OF_RANGE, rule="X-56")
    whole = sum(accepted.values()) == sum(known.values())
    if not whole and _split_before(case):
        raise Refused(Code.ALREADY_SPLIT, rule="X-56")
    shipping_within_limit(moment, given)


def ruling_fits(moment: Moment, given: Given) -> None:
    """Rows 49-51 (2.12.19)."""
    case = moment.case
    if given.ruling is Ruling.IN_TRANSIT:
        if not about_transit(moment):
            raise Refused(Code.NOT_NOW, rule="H-08", status=case.status)
        if not on_the_way(moment):
            raise Refused(Code.GOODS_ARRIVED, rule="H-08")
        if not case.tracked:
            raise Refused(Code.NOTHING_TRACKED, rule="H-08")
    elif given.ruling is Ruling.CUSTOMER and not about_refusal(moment):
        shipping_within_limit(moment, given)


def same_payment(moment: Moment, given: Given) -> None:
    """Row 54: the same payment again is accepted, another one is not (2.12.24)."""
    refund = moment.case.refund
    if refund is not None and refund.ref is not None and refund.ref != given.ref:
        raise Refused(Code.ALREADY_PAID, rule="R-10")


def override_possible(moment: Moment, given: Given) -> None:
    """Row 56: to another status; with an amount where the status needs one; by two people."""
    case, party, _, _ = moment
    if turns_down(case, given):
        return
    if given.to in (Status.DRAFT, case.status):
        raise Refused(Code.STATUS_NOT_OFFERED, rule="M-01")
    if given.amount is not None or (
        given.to in (Status.OFFERED, Status.COMP_ACCEPTED) and amount_on_table(case) is None
    ):
        if given.amount is None:
            raise Refused(Code.AMOUNT_MISSING, rule="M-01")
        amount = in_currency(case, given.amount)
        if not moment.policy.allows_offer(amount, paid_for(case)):
            raise Refused(Code.AMOUNT_OUT_OF_RANGE, rule="X-55", below=paid_for(case))
    if same_override(case, given) and case.override and case.override.by == party.id:
        raise Refused(Code.SECOND_PERSON_NEEDED, rule="M-01")


def amount_on_table(case: ReturnCase) -> Money | None:
    """The part that the seller has offered or proposed last."""
    proposal = case.dispute.proposal_of(Role.SELLER) if case.dispute else None
    if proposal is not None and proposal.amount is not None:
        return proposal.amount
    return case.offer.amount if case.offer else None


def turns_down(case: ReturnCase, given: Given) -> bool:
    """Whether this leaves a case as it is, so that an override that waits is forgotten."""
    return case.override is not None and given.to is case.status


def same_override(case: ReturnCase, given: Given) -> bool:
    """Whether this is the override that waits for its second person (2.12.35)."""
    waiting = case.override
    return waiting is not None and (waiting.to, waiting.amount) == (given.to, given.amount)
