"""What the rows of the table do, beyond bringing the case into their status.

An effect works on a `Turn` after the case has entered the row's only target; where a row has
several targets, or none, the effect itself enters what it must. `turn.case` stays the case as it
was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.cases import (
    SYSTEM,
    Alarm,
    Dispute,
    DisputeKind,
    Goods,
    Happened,
    Line,
    Offer,
    Override,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.guards import MONEY, amount_on_table, proof_date_of, same_override
from bot.domain.money import Money, Purse
from bot.domain.reasons import class_of
from bot.domain.refunds import automatic_offer, nothing_in, paid_for, shipping_limit
from bot.domain.turns import Turn

DAILY = timedelta(days=1)

# ---------------------------------------------------------------------------- the request


def submitted(turn: Turn) -> None:
    reason = turn.given.reason
    assert reason is not None
    turn.set(
        reason=reason,
        reason_class=class_of(reason),
        created_at=turn.begins(),
        policy=turn.case.policy or turn.policy.digest,
    )


def submitted_and_offered(turn: Turn) -> None:
    """Row 03: the program offers a part at once (D-09)."""
    submitted(turn)
    amount = automatic_offer(turn.case, turn.policy, turn.now.date())
    assert amount is not None
    turn.set(offer=Offer(amount, Role.SYSTEM, 0), decided_by=Role.SYSTEM)
    offered = Status.OFFERED
    turn.extra.append(Happened("offer", SYSTEM, turn.row, "D-09", offered, offered))


def offered(turn: Turn) -> None:
    amount = turn.given.amount
    assert amount is not None
    made = turn.case.offers_made + 1
    turn.set(offer=Offer(amount, turn.role, made), offers_made=made)
    turn.start(TimerKind.OFFER)


def asked(turn: Turn) -> None:
    """Row 11: the clock of the decision becomes three days from the request (X-02).

    Where those are over already (a policy with longer moderation), three days from the question.
    """
    now, created = turn.begins(), turn.case.created_at
    turn.set(asked_at=now)
    if turn.policy.clarify.anchor == "created" and created is not None:
        due = turn.policy.due(TimerKind.CLARIFY, created)
        if due > now:
            turn.run(TimerKind.CLARIFY, due)


def asked_again(turn: Turn) -> None:
    """Row 13: the age of a question runs from the oldest that is open (2.12.3)."""
    turn.set(owes=Role.CUSTOMER, asked_at=turn.case.asked_at or turn.begins())


def answered(turn: Turn) -> None:
    turn.set(owes=Role.SELLER, asked_at=None)


def escalated(turn: Turn) -> None:
    """Row 19a: the moderators were silent, now the admin owes the decision."""
    turn.set(owes=Role.ADMIN, escalated=turn.case.escalated + 1)
    turn.alarms.append(Alarm.PREMOD_ESCALATED)
    turn.start(TimerKind.PREMOD)


def address_arrived(turn: Turn) -> None:
    """X-48: the time to ship begins when the customer can be told where to."""
    turn.set(address_known=True)
    if turn.case.status is Status.APPROVED:
        turn.set(owes=Role.CUSTOMER)
        turn.start(TimerKind.SHIP)


# ---------------------------------------------------------------------------- shipping


def sent(turn: Turn) -> None:
    turn.set(shipped_at=turn.now, track=turn.given.track, receipt=turn.given.receipt_amount)


def proof_lodged(turn: Turn) -> None:
    """Row 31: the proof waits for the staff, the 48 hours no longer matter (2.12.14)."""
    date = turn.given.receipt_date
    assert date is not None
    turn.set(
        proof_date=proof_date_of(turn.case, date),
        owes=Role.MODERATOR,
        track=turn.given.track or turn.case.track,
        receipt=turn.given.receipt_amount or turn.case.receipt,
    )
    turn.stop(TimerKind.LATE_PROOF)
    turn.start(TimerKind.PROOF)


def proof_confirmed(turn: Turn) -> None:
    """Row 31: the transit counts from the date of the receipt."""
    shipped = turn.case.proof_date
    turn.set(shipped_at=shipped, proof_date=None)
    turn.start(TimerKind.TRANSIT_UNLOCK, since=shipped)
    turn.start(TimerKind.TRANSIT_AUTO, since=shipped)


def proof_denied(turn: Turn) -> None:
    turn.set(proof_date=None, owes=None)
    turn.stop(TimerKind.PROOF)


def proof_waits(turn: Turn) -> None:
    turn.alarms.append(Alarm.PROOF_WAITS)


def tracked(turn: Turn) -> None:
    turn.set(tracked=turn.case.tracked + 1)


def reported(turn: Turn) -> None:
    """Row 33: the carrier says delivered; the seller has three days to say so (2.12.15)."""
    turn.set(owes=Role.SELLER)
    turn.start(TimerKind.DELIVERED)


# ---------------------------------------------------------------------------- receipt


def refunded_by_seller(turn: Turn) -> None:
    """Row 36: without a word about the shipping, the most that is refundable (2.12.25)."""
    _verdict_on_all(turn)
    _promise_all(turn, Role.SELLER, shipping=turn.given.shipping)


def split(turn: Turn) -> None:
    """Row 38: the accepted units are refunded, the refused ones go on as a case of their own.

    The postage is paid on the parent (2.12.27).
    """
    accepted = turn.given.accepted or {}
    kept, refused = _divided(turn.case, accepted)
    if not refused:
        refunded_by_seller(turn)
        return
    parent = replace(turn.case, lines=kept)
    turn.set(lines=kept)
    limit = shipping_limit(parent, turn.policy, turn.now.date())
    shipping = turn.given.shipping if turn.given.shipping is not None else limit
    turn.promise(paid_for(parent), shipping or nothing_in(parent), Role.SELLER)
    child = replace(
        turn.case,
        id=0,
        version=0,
        part=2,
        parent=turn.case.id,
        lines=refused,
        timers=(),
        receipt=None,
    )
    own = Turn(child, turn.event, turn.now, turn.policy, turn.row)
    own.enter(Status.REFUSED_AFTER_RECEIPT)
    turn.child = own.result()


def _divided(
    case: ReturnCase, accepted: Mapping[str, int]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    kept, refused = [], []
    for line in case.lines:
        taken = accepted.get(line.sku, 0)
        if taken:
            kept.append(replace(line, quantity=taken, accepted=taken))
        if taken < line.quantity:
            refused.append(replace(line, quantity=line.quantity - taken, accepted=0))
    return tuple(kept), tuple(refused)


def _verdict_on_all(turn: Turn) -> None:
    lines = tuple(replace(line, accepted=line.quantity) for line in turn.case.lines)
    turn.set(lines=lines)


def _promise_all(turn: Turn, by: Role, shipping: Money | None = None) -> None:
    """The price paid, and what the receipt says of the postage, unless a sum is given."""
    case = turn.case
    if shipping is None:
        shipping = shipping_limit(case, turn.policy, turn.now.date())
        if shipping is None:
            turn.alarms.append(Alarm.RECEIPT_UNCONFIRMED)
            shipping = nothing_in(case)
    turn.promise(paid_for(case), shipping, by)


def kept_by_customer(turn: Turn) -> None:
    """Row 10: the money goes back and the goods stay."""
    turn.set(goods=Goods.KEPT_BY_CUSTOMER)
    turn.promise(paid_for(turn.case), nothing_in(turn.case), turn.role)


def refunded_by_clock(turn: Turn) -> None:
    _promise_all(turn, Role.CLOCK)


# ---------------------------------------------------------------------------- compensation


def part_accepted(turn: Turn) -> None:
    """Row 20: the part is paid and the goods stay."""
    offer = turn.case.offer
    assert offer is not None
    automatic = offer.by is Role.SYSTEM
    funder = Purse(turn.policy.autocomp.funded_by) if automatic else Purse.SELLER
    turn.promise(offer.amount, nothing_in(turn.case), offer.by, partial=True, funded_by=funder)


def settlement_proposed(turn: Turn) -> None:
    turn.set(dispute=replace(_dispute(turn.case), settlement=turn.given.amount))


def settled(turn: Turn) -> None:
    """Row 52: goods with the customer stay there; else the part is a refund (2.12.23)."""
    amount = _dispute(turn.case).settlement
    assert amount is not None
    with_customer = turn.case.goods is Goods.WITH_CUSTOMER
    turn.enter(Status.COMP_ACCEPTED if with_customer else Status.REFUND_DUE)
    turn.set(dispute=None)
    turn.promise(amount, nothing_in(turn.case), Role.SELLER, partial=True)


# ---------------------------------------------------------------------------- disputes


def _dispute(case: ReturnCase) -> Dispute:
    assert case.dispute is not None, "a DISPUTE without its dispute"
    return case.dispute


def _open(turn: Turn, kind: DisputeKind) -> None:
    auto = turn.case.timer(TimerKind.TRANSIT_AUTO)
    turn.set(
        dispute=Dispute(
            kind=kind,
            opened_at=turn.now,
            previous=turn.case.status,
            auto_due=auto.due_at if auto else None,
        )
    )
    _keep_delivered(turn)


def _keep_delivered(turn: Turn) -> None:
    """What the carrier has reported runs on, into the dispute and out of it."""
    delivered = turn.case.timer(TimerKind.DELIVERED)
    if delivered is not None:
        turn.timers[TimerKind.DELIVERED] = delivered
        turn.set(owes=Role.SELLER)


def disputed_refusal(turn: Turn) -> None:
    _open(turn, DisputeKind.REFUSAL)


def disputed_receipt(turn: Turn) -> None:
    _open(turn, DisputeKind.AFTER_RECEIPT)


def disputed_transit(turn: Turn) -> None:
    _open(turn, DisputeKind.TRANSIT_CUSTOMER)


def disputed_by_clock(turn: Turn) -> None:
    _open(turn, DisputeKind.TRANSIT_AUTO)


def replied(turn: Turn) -> None:
    """Row 44: decidable now, or paused until the parcel arrives or the cap is reached."""
    dispute = replace(_dispute(turn.case), replied=True)
    turn.stop(TimerKind.DISPUTE_REPLY)
    transit = dispute.kind in (DisputeKind.TRANSIT_CUSTOMER, DisputeKind.TRANSIT_AUTO)
    if transit and dispute.arrived_at is None:
        turn.set(dispute=dispute, owes=None)
        turn.start(TimerKind.TRANSIT_CAP, since=turn.case.shipped_at)
    else:
        _make_decidable(turn, dispute)


def _make_decidable(turn: Turn, dispute: Dispute) -> None:
    turn.stop(TimerKind.TRANSIT_CAP, TimerKind.DISPUTE_REPLY)
    turn.set(dispute=replace(dispute, decidable=True), owes=Role.MODERATOR)
    turn.start(TimerKind.DISPUTE_DECIDE)


def lost_by_silence(turn: Turn) -> None:
    """Row 47, not arrived: lost, but paid only when the parcel arrives (T-06, T-07)."""
    dispute = replace(_dispute(turn.case), seller_silent=True, silent_at=turn.now)
    turn.set(dispute=dispute, owes=None)
    turn.start(TimerKind.TRANSIT_CAP, since=turn.case.shipped_at)


def cap_reached(turn: Turn) -> None:
    """Row 48: a parcel that never arrives is judged by tracking and receipt (X-10)."""
    _make_decidable(turn, _dispute(turn.case))
    turn.alarms.append(Alarm.TRANSIT_CAP)


def arrived(turn: Turn) -> None:
    """Row 48: what arrives before the reply waits for it (2.12.17)."""
    dispute = replace(_dispute(turn.case), arrived_at=turn.now)
    turn.stop(TimerKind.DELIVERED)
    turn.set(goods=Goods.WITH_SELLER, dispute=dispute)
    if dispute.replied and not dispute.decidable:
        _make_decidable(turn, dispute)


def arrived_after_silence(turn: Turn) -> None:
    """Row 47: the dispute was lost by silence; the arrival pays."""
    turn.enter(Status.REFUND_DUE, by=Role.CLOCK)
    turn.set(goods=Goods.WITH_SELLER, dispute=None)
    refunded_by_clock(turn)


def approved_in_dispute(turn: Turn) -> None:
    turn.set(dispute=None)


def refunded_in_dispute(turn: Turn) -> None:
    turn.set(dispute=None)
    refunded_by_clock(turn)


def decided_for_customer(turn: Turn) -> None:
    """Row 49, and the moderators' silence where the policy says that it loses (X-09)."""
    by = Role.CLOCK if turn.role is Role.CLOCK else Role.MODERATOR
    if _dispute(turn.case).kind is DisputeKind.REFUSAL:
        turn.enter(Status.APPROVED)
    else:
        turn.enter(Status.REFUND_DUE)
        _promise_all(turn, by, shipping=turn.given.shipping)
    turn.set(dispute=None)


def decided_for_seller(turn: Turn) -> None:
    """Row 50: what the seller has goes back to the customer; the kind is kept (2.12.22, X-08)."""
    if turn.case.goods is Goods.WITH_SELLER:
        turn.set(goods=Goods.RETURNING_TO_CUSTOMER)


def still_in_transit(turn: Turn) -> None:
    """Row 51: a week without a new dispute (2.12.20)."""
    again = turn.now + turn.policy.transit.again_days
    shipped = turn.case.shipped_at
    assert shipped is not None
    turn.run(TimerKind.TRANSIT_UNLOCK, again)
    turn.run(TimerKind.TRANSIT_AUTO, max(turn.policy.due(TimerKind.TRANSIT_AUTO, shipped), again))
    turn.set(dispute=None)
    _keep_delivered(turn)


def withdrawn(turn: Turn) -> None:
    """Row 53: back to where the dispute came from, with the clock as it was (2.12.21)."""
    dispute = _dispute(turn.case)
    match dispute.kind:
        case DisputeKind.REFUSAL:
            turn.enter(Status.REJECTED_FINAL)
        case DisputeKind.AFTER_RECEIPT:
            turn.enter(Status.REJECTED_MUTUAL)
        case _ if dispute.arrived_at is not None:
            turn.enter(Status.RECEIVED)
        case _:
            turn.enter(Status.IN_TRANSIT)
            _transit_as_left(turn, dispute)
    turn.set(dispute=None)


def _transit_as_left(turn: Turn, dispute: Dispute) -> None:
    turn.stop(TimerKind.TRANSIT_UNLOCK)
    left = dispute.auto_due or turn.policy.due(
        TimerKind.TRANSIT_AUTO, turn.case.shipped_at or turn.now
    )
    past = left <= turn.now
    turn.run(TimerKind.TRANSIT_AUTO, turn.now + turn.policy.transit.again_days if past else left)
    _keep_delivered(turn)


def undecided(turn: Turn) -> None:
    """The staff's own silence never decides a dispute: it pages (X-09)."""
    turn.alarms.append(Alarm.DISPUTE_UNDECIDED)


# ---------------------------------------------------------------------------- money and staff


def paid(turn: Turn) -> None:
    """Row 54: the same payment twice is one payment (2.12.24)."""
    if turn.case.status is not Status.REFUNDED:
        turn.enter(Status.REFUNDED)
        refund = turn.case.refund
        assert refund is not None
        turn.set(refund=replace(refund, ref=turn.given.ref))


def payment_failed(turn: Turn) -> None:
    turn.alarms.append(Alarm.PAYMENT_FAILED)


def refund_late(turn: Turn) -> None:
    """Row 55a: every day until it is paid."""
    turn.alarms.append(Alarm.REFUND_LATE)
    turn.run(TimerKind.REFUND_ETA, turn.now + DAILY)


def overridden(turn: Turn) -> None:
    """Row 56: two people where money moves; all that the new status needs is made up."""
    case, to = turn.case, turn.given.to
    assert to is not None
    if (case.status in MONEY or to in MONEY) and not same_override(case, turn.given):
        turn.set(override=Override(to=to, by=turn.event.by.id, amount=turn.given.amount))
        turn.alarms.append(Alarm.SECOND_PERSON)
        return
    turn.enter(to)
    turn.set(dispute=None, proof_date=None, asked_at=None)
    if case.status in MONEY and not (to is Status.REFUNDED and case.refund):
        turn.take_back()
    _made_up(turn, to)


def _made_up(turn: Turn, to: Status) -> None:
    """What a case that comes into a status out of turn still lacks."""
    case = turn.case
    amount = turn.given.amount or amount_on_table(case)
    match to:
        case Status.CLARIFY:
            turn.set(asked_at=turn.begins())
        case Status.OFFERED:
            assert amount is not None
            turn.set(offer=Offer(amount, turn.role, case.offers_made))
        case Status.COMP_ACCEPTED:
            assert amount is not None
            turn.promise(amount, nothing_in(case), turn.role, partial=True)
        case Status.REFUND_DUE:
            _promise_all(turn, turn.role)
        case Status.REFUNDED if case.refund is None:
            _promise_all(turn, turn.role)
        case Status.IN_TRANSIT:
            turn.set(shipped_at=case.shipped_at or turn.now)
        case Status.DISPUTE:
            _override_into_dispute(turn)


def _override_into_dispute(turn: Turn) -> None:
    match turn.case.goods:
        case Goods.IN_TRANSIT:
            _open(turn, DisputeKind.TRANSIT_CUSTOMER)
        case Goods.WITH_SELLER | Goods.RETURNING_TO_CUSTOMER:
            _open(turn, DisputeKind.AFTER_RECEIPT)
        case _:
            turn.set(goods=Goods.WITH_CUSTOMER)
            _open(turn, DisputeKind.REFUSAL)


def reopened(turn: Turn) -> None:
    """Row 57: the request begins anew, with its creation (2.12.35)."""
    turn.enter(turn.given.to or Status.NEW)
    turn.set(
        created_at=turn.begins(),
        asked_at=turn.begins() if turn.given.to is Status.CLARIFY else None,
        offer=None,
        offers_made=0,
        escalated=0,
        dispute=None,
        proof_date=None,
        refund=None,
    )
