"""What the table asks before a row may be taken.

A *condition* chooses between rows of one event: it is true or false. A *guard* raises `Refused` at
this moment, whatever the inputs are, and so also decides what `available_actions` lists.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import eligibility
from bot.domain.cases import (
    Dispute,
    DisputeKind,
    Goods,
    Proposal,
    Refused,
    ReturnCase,
    Role,
    Route,
    Status,
    TimerKind,
)
from bot.domain.policy import Policy
from bot.domain.refunds import automatic_offer, is_dear
from bot.domain.refusals import Code
from bot.domain.timers import begin, moved
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
    return offer is not None and offer.automatic


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


def dispute_of(case: ReturnCase) -> Dispute:
    """The dispute of a case in DISPUTE."""
    assert case.dispute is not None, "a DISPUTE without its dispute"
    return case.dispute


def about_refusal(moment: Moment) -> bool:
    return dispute_of(moment.case).kind is DisputeKind.REFUSAL


def about_receipt(moment: Moment) -> bool:
    return dispute_of(moment.case).kind is DisputeKind.AFTER_RECEIPT


def about_transit(moment: Moment) -> bool:
    return dispute_of(moment.case).kind in IN_TRANSIT_KINDS


def on_the_way(moment: Moment) -> bool:
    """A dispute about a parcel that has not arrived."""
    return about_transit(moment) and dispute_of(moment.case).arrived_at is None


def arrived_unanswered(moment: Moment) -> bool:
    """A dispute about a parcel that arrived while the reply was still awaited (2.12.17)."""
    return about_transit(moment) and not on_the_way(moment)


def late_after_silence(moment: Moment) -> bool:
    """The parcel arrives after the seller's silence has lost the dispute (row 47)."""
    return on_the_way(moment) and dispute_of(moment.case).seller_silent


def acceptable(case: ReturnCase, role: Role) -> tuple[Proposal, ...]:
    """What a party may accept: what others propose and is not the own proposal already.

    The other party's comes first; a moderator's is left out where it is the same.
    """
    proposals = case.dispute.proposals if case.dispute else ()
    own = next((each for each in proposals if each.by is role), None)
    found: list[Proposal] = []
    for each in sorted(proposals, key=lambda proposal: proposal.by is Role.MODERATOR):
        known = [own, *found] if own else found
        if each.by is not role and not any(each.same_as(other) for other in known):
            found.append(each)
    return tuple(found)


def something_to_accept(moment: Moment) -> bool:
    return bool(acceptable(moment.case, moment.party.role))


def shipping_open(moment: Moment) -> bool:
    refund = moment.case.refund
    return refund is not None and refund.shipping_open


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
    eligibility.check(claim_of(moment, None))


def claim_of(moment: Moment, reason: str | None) -> eligibility.Claim:
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


def offers_left(case: ReturnCase, policy: Policy) -> int | None:
    """How many offers can still be made; None where they are not counted (X-14)."""
    most = policy.offer.max_rounds
    return None if most is None else max(0, most - case.offers_made)


def rounds_left(moment: Moment) -> None:
    if offers_left(moment.case, moment.policy) == 0:
        raise Refused(Code.ROUNDS_USED_UP, rule="X-14", rounds=moment.policy.offer.max_rounds)


def proof_in_time(moment: Moment) -> None:
    """Row 31: within 48 h after Overdue, once."""
    case, _, now, policy = moment
    if case.proof_date is not None:
        raise Refused(Code.ALREADY_LODGED, rule="X-52")
    if case.timer(TimerKind.LATE_PROOF) is None:
        assert case.since is not None
        begun = begin(case.since, case.outages)
        closed = moved(policy.due(TimerKind.LATE_PROOF, begun), begun, case.outages)
        if now < closed:
            raise Refused(Code.PROOF_DENIED, rule="X-52")
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
    dispute = dispute_of(moment.case)
    if dispute.replied:
        raise Refused(Code.ALREADY_REPLIED, rule="X-09")
    if dispute.seller_silent or dispute.decidable:
        raise Refused(Code.DEADLINE_PASSED, rule="T-06", closed=dispute.silent_at)


def decidable(moment: Moment) -> None:
    """A dispute is decided after the reply, and after the arrival or the cap (2.12.19)."""
    case = moment.case
    if not dispute_of(case).decidable:
        cap = case.timer(TimerKind.TRANSIT_CAP)
        raise Refused(Code.NOT_DECIDABLE, rule="H-08", opens=cap.due_at if cap else None)


def window_open_or_admin(moment: Moment) -> None:
    """Row 57."""
    if moment.party.role is not Role.ADMIN:
        eligibility.check(claim_of(moment, moment.case.reason))
