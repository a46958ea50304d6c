"""What the table asks before a row may be taken.

A *condition* chooses between rows of one action: it is true or false. A *guard* refuses at this
moment, whatever the inputs are, and so also decides what `available_actions` lists. A *check*
refuses the inputs. Guards and checks raise `Refused`; `rule` is that of the row unless they name
another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from bot.domain import eligibility
from bot.domain.cases import (
    DisputeKind,
    Given,
    Goods,
    Refused,
    ReturnCase,
    Role,
    Route,
    Ruling,
    Status,
    TimerKind,
)
from bot.domain.money import Money
from bot.domain.reasons import class_of
from bot.domain.refunds import (
    automatic_offer,
    is_dear,
    nothing_in,
    paid_for,
    shipping_cap,
    shipping_limit,
)
from bot.domain.refusals import Code
from bot.domain.timers import begin
from bot.domain.turns import Moment

MONEY = frozenset({Status.COMP_ACCEPTED, Status.REFUND_DUE, Status.REFUNDED})
"""Statuses in which money has been promised or paid."""

IN_TRANSIT_KINDS = frozenset({DisputeKind.TRANSIT_CUSTOMER, DisputeKind.TRANSIT_AUTO})


# ---------------------------------------------------------------------------- conditions


def offered_at_once(moment: Moment) -> bool:
    """Row 03 goes before 04, but not for a flagged customer (2.12.1)."""
    case, _, now, policy = moment
    return not case.flagged and automatic_offer(case, policy, now.date()) is not None


def premoderated(moment: Moment) -> bool:
    return moment.case.premoderated or moment.case.flagged


def silence_needs_moderators(moment: Moment) -> bool:
    """X-03: who is flagged is not approved by silence."""
    case, _, now, policy = moment
    match policy.decision.on_expiry:
        case "auto":
            return False
        case "moderators":
            return True
    suspect = premoderated(moment) or case.blocked or case.photo_reused
    return suspect or is_dear(case, policy, now.date())


def customer_owes(moment: Moment) -> bool:
    return moment.case.owes is Role.CUSTOMER


def question_is_old(moment: Moment) -> bool:
    """X-13: the oldest open question has waited long enough to cost the request."""
    case, _, now, policy = moment
    return (
        policy.clarify.on_expiry == "who_owes_loses"
        and case.owes is Role.CUSTOMER
        and case.asked_at is not None
        and now - case.asked_at >= policy.clarify.floor_hours
    )


def clarify_to_moderators(moment: Moment) -> bool:
    return moment.policy.clarify.on_expiry == "moderators"


def premod_rounds_left(moment: Moment) -> bool:
    return moment.case.escalated + 1 < moment.policy.premod.rounds


def offer_is_automatic(moment: Moment) -> bool:
    offer = moment.case.offer
    return offer is not None and offer.by is Role.SYSTEM


def offer_is_a_persons(moment: Moment) -> bool:
    return not offer_is_automatic(moment)


def silence_cancels_offer(moment: Moment) -> bool:
    return moment.policy.offer.on_expiry == "cancel_inaction"


def goods_with_customer(moment: Moment) -> bool:
    return moment.case.goods is Goods.WITH_CUSTOMER


def proof_lodged(moment: Moment) -> bool:
    return moment.case.proof_date is not None


def address_unknown(moment: Moment) -> bool:
    return not moment.case.address_known


def _dispute(moment: Moment) -> tuple[DisputeKind, bool]:
    dispute = moment.case.dispute
    assert dispute is not None, "a DISPUTE without its dispute"
    return dispute.kind, dispute.arrived_at is not None


def about_refusal(moment: Moment) -> bool:
    return _dispute(moment)[0] is DisputeKind.REFUSAL


def about_receipt(moment: Moment) -> bool:
    return _dispute(moment)[0] is DisputeKind.AFTER_RECEIPT


def about_transit(moment: Moment) -> bool:
    return _dispute(moment)[0] in IN_TRANSIT_KINDS


def on_the_way(moment: Moment) -> bool:
    """A dispute about a parcel that has not arrived."""
    return about_transit(moment) and not _dispute(moment)[1]


def arrived_unanswered(moment: Moment) -> bool:
    """A dispute about a parcel that arrived while the reply was still awaited (2.12.17)."""
    return about_transit(moment) and _dispute(moment)[1]


def late_after_silence(moment: Moment) -> bool:
    """The parcel arrives after the seller's silence has lost the dispute (row 47)."""
    dispute = moment.case.dispute
    return on_the_way(moment) and dispute is not None and dispute.seller_silent


def settlement_offered(moment: Moment) -> bool:
    dispute = moment.case.dispute
    return dispute is not None and dispute.settlement is not None


def moderators_silence_wins(moment: Moment) -> bool:
    return moment.policy.dispute.moderator_silence == "customer_wins"


def moderators_silence_changes_nothing(moment: Moment) -> bool:
    """X-09, status_quo. A parcel on the way would only be disputed again: that stays with staff."""
    return moment.policy.dispute.moderator_silence == "status_quo" and not on_the_way(moment)


# ---------------------------------------------------------------------------- guards


def eligible(moment: Moment) -> None:
    """Row 06 without the reason: received, not blocked, units free, a route that is served."""
    case = moment.case
    if case.route is Route.PICKUP_POINT or case.profile != "ozon":
        raise Refused(Code.ROUTE_NOT_SERVED, rule="X-46")
    if not case.lines:
        raise Refused(Code.UNITS_OUT_OF_RANGE, rule="C-05")
    eligibility.check(_claim(moment, None))


def _claim(moment: Moment, reason: str | None) -> eligibility.Claim:
    case, _, now, policy = moment
    claim = eligibility.Claim.of_case(case, reason, now, policy)
    return replace(claim, outages=case.outages) if case.outages else claim


def address_set(moment: Moment) -> None:
    """The seller's first approval needs a return address (X-48)."""
    if not moment.case.address_known:
        raise Refused(Code.ADDRESS_MISSING, rule="X-48")


def refund_without_return_on(moment: Moment) -> None:
    if not moment.policy.decision.refund_without_return:
        raise Refused(Code.SWITCHED_OFF, rule="X-54")


def time_for_a_question(moment: Moment) -> None:
    """Row 13: an hour before the end there is no time for one more question."""
    timer = moment.case.timer(TimerKind.CLARIFY)
    if timer is not None:
        closed = timer.due_at - moment.policy.clarify.again_hours
        if moment.now > closed:
            raise Refused(Code.DEADLINE_PASSED, rule="D-12", closed=closed)


def rounds_left(moment: Moment) -> None:
    most = moment.policy.offer.max_rounds
    if most is not None and moment.case.offers_made >= most:
        raise Refused(Code.ROUNDS_USED_UP, rule="X-14", rounds=most)


def proof_in_time(moment: Moment) -> None:
    """Row 31: within 48 h after Overdue, once."""
    case, _, _, policy = moment
    if case.proof_date is not None:
        raise Refused(Code.ALREADY_LODGED, rule="X-52")
    if case.timer(TimerKind.LATE_PROOF) is None:
        assert case.since is not None
        closed = policy.due(TimerKind.LATE_PROOF, begin(case.since, case.outages))
        raise Refused(Code.DEADLINE_PASSED, rule="X-52", closed=closed)


def unlocked(moment: Moment) -> None:
    """Row 34: from the 15th day on, and not again within a week of "still in transit"."""
    timer = moment.case.timer(TimerKind.TRANSIT_UNLOCK)
    if timer is not None and moment.now < timer.due_at:
        raise Refused(Code.NOT_YET, rule="T-02", opens=timer.due_at)


def not_reported(moment: Moment) -> None:
    if moment.case.timer(TimerKind.DELIVERED) is not None:
        raise Refused(Code.ALREADY_REPORTED, rule="D-14")


def reply_awaited(moment: Moment) -> None:
    """Row 44: one reply, in time (2.12.18)."""
    dispute = moment.case.dispute
    assert dispute is not None
    if dispute.replied:
        raise Refused(Code.ALREADY_REPLIED, rule="X-09")
    if dispute.seller_silent or dispute.decidable:
        raise Refused(Code.DEADLINE_PASSED, rule="T-06", closed=dispute.silent_at)


def decidable(moment: Moment) -> None:
    """A dispute is decided after the reply, and after the arrival or the cap (2.12.19)."""
    case = moment.case
    assert case.dispute is not None
    if not case.dispute.decidable:
        cap = case.timer(TimerKind.TRANSIT_CAP)
        raise Refused(Code.NOT_DECIDABLE, rule="H-08", opens=cap.due_at if cap else None)


def window_open_or_admin(moment: Moment) -> None:
    """Row 57."""
    if moment.party.role is not Role.ADMIN:
        eligibility.check(_claim(moment, moment.case.reason))


# ---------------------------------------------------------------------------- checks


def enough_photos(moment: Moment, given: Given) -> None:
    """Row 02: the reason decides the window and the photos (X-40, X-49)."""
    assert given.reason is not None
    reason_class = class_of(given.reason)
    eligibility.check(_claim(moment, given.reason))
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


def in_currency(case: ReturnCase, amount: Money | None) -> Money:
    """The amount, in the currency of the case. Raises Refused("wrong_currency")."""
    assert amount is not None
    currency = nothing_in(case).currency
    if amount.currency != currency:
        raise Refused(Code.WRONG_CURRENCY, rule="X-55", currency=currency)
    return amount


def receipt_counts(moment: Moment, given: Given) -> None:
    """Row 29: a receipt is not for less than nothing."""
    if given.receipt_amount is not None and given.receipt_amount.minor < 0:
        raise Refused(Code.AMOUNT_OUT_OF_RANGE, rule="C-18")


def proof_date_of(case: ReturnCase, receipt_date: datetime) -> datetime:
    """When a late proof says that the parcel was sent: not before the approval (2.12.14)."""
    approved = case.approved_at or case.created_at
    assert approved is not None
    return max(receipt_date, approved)


def dated_in_time(moment: Moment, given: Given) -> None:
    """Row 31: dated from the day of the approval on, before the deadline."""
    case = moment.case
    assert given.receipt_date is not None
    assert case.since is not None
    approved = case.approved_at or case.since
    first = datetime.combine(approved.astimezone(UTC).date(), time.min, UTC)
    if not first <= given.receipt_date or proof_date_of(case, given.receipt_date) >= case.since:
        raise Refused(Code.RECEIPT_DATE_OUT_OF_RANGE, rule="X-52", since=first, closed=case.since)


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
    if not whole and (case.part != 1 or any(line.accepted is not None for line in case.lines)):
        raise Refused(Code.ALREADY_SPLIT, rule="X-56")


def ruling_fits(moment: Moment, given: Given) -> None:
    """Rows 49-51 (2.12.19)."""
    case = moment.case
    if given.ruling is Ruling.IN_TRANSIT:
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
    """The part that was offered or proposed last."""
    if case.dispute is not None and case.dispute.settlement is not None:
        return case.dispute.settlement
    return case.offer.amount if case.offer else None


def same_override(case: ReturnCase, given: Given) -> bool:
    """Whether this is the override that waits for its second person (2.12.35)."""
    waiting = case.override
    return waiting is not None and (waiting.to, waiting.amount) == (given.to, given.amount)
