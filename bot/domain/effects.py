"""What the rows of the table do, beyond bringing the case into their status.

An effect works on a `Turn` after the case has entered the row's only target; where a row has
several targets, or none, the effect itself enters what it must. `turn.case` stays the case as it
was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.cases import (
    SYSTEM,
    Alarm,
    Goods,
    Happened,
    Line,
    Offer,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.checks import proof_date_of
from bot.domain.money import LedgerKind, Money, Purse
from bot.domain.reasons import class_of
from bot.domain.refunds import (
    automatic_offer,
    nothing_in,
    paid_for,
    refunds_shipping,
    shipping_limit,
)
from bot.domain.turns import Turn

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
    turn.set(shipped_at=turn.now, track=turn.given.track)
    _receipt_given(turn)


def _receipt_given(turn: Turn) -> None:
    """What is on the receipt; one that is only shown somebody must read (2.8.0)."""
    given, case = turn.given, turn.case
    receipt = case.receipt if given.receipt_amount is None else given.receipt_amount
    unread = receipt is None and bool(given.photos) and refunds_shipping(case)
    turn.set(receipt=receipt, receipt_unread=unread)


def proof_lodged(turn: Turn) -> None:
    """Row 31: the proof waits for the staff, the 48 hours no longer matter (2.12.14)."""
    date = turn.given.receipt_date
    assert date is not None
    turn.set(
        proof_date=proof_date_of(turn.case, date),
        owes=Role.MODERATOR,
        track=turn.given.track or turn.case.track,
    )
    _receipt_given(turn)
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
    promise_all(turn, Role.SELLER, shipping=turn.given.shipping)


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
        topic=None,
    )
    own = Turn(child, turn.event, turn.now, turn.policy, turn.row)
    own.enter(Status.REFUSED_AFTER_RECEIPT)
    turn.child = replace(own.result(), shown=turn.shown)


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


def promise_all(turn: Turn, by: Role, shipping: Money | None = None) -> None:
    """The price paid, and what the receipt says of the postage, unless a sum is given."""
    case = turn.case
    if shipping is None:
        shipping = shipping_limit(case, turn.policy, turn.now.date())
    turn.promise(paid_for(case), shipping or nothing_in(case), by)
    if shipping is None:
        turn.alarms.append(Alarm.RECEIPT_UNCONFIRMED)
        turn.set(refund=replace(turn.changes["refund"], shipping_open=True))


def shipping_confirmed(turn: Turn) -> None:
    """2.8.0: somebody says what a receipt without a rate or a sum is worth."""
    refund, shipping = turn.case.refund, turn.given.shipping
    assert refund is not None
    assert shipping is not None
    turn.set(refund=replace(refund, shipping=shipping, shipping_open=False))
    turn.move(Purse.SELLER, LedgerKind.SHIPPING, shipping)


def kept_by_customer(turn: Turn) -> None:
    """Row 10: the money goes back and the goods stay."""
    turn.set(goods=Goods.KEPT_BY_CUSTOMER)
    turn.promise(paid_for(turn.case), nothing_in(turn.case), turn.role)


def refunded_by_clock(turn: Turn) -> None:
    promise_all(turn, Role.CLOCK)


def part_accepted(turn: Turn) -> None:
    """Row 20: the part is paid and the goods stay."""
    offer = turn.case.offer
    assert offer is not None
    funder = Purse(turn.policy.autocomp.funded_by) if offer.automatic else Purse.SELLER
    turn.promise(offer.amount, nothing_in(turn.case), offer.by, partial=True, funded_by=funder)
