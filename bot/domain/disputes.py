"""What a dispute does to a case: rows 40 to 53. Effects, as in `effects.py`."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import (
    Alarm,
    Dispute,
    DisputeKind,
    Goods,
    Role,
    Status,
    TimerKind,
)
from bot.domain.effects import promise_all, refunded_by_clock
from bot.domain.guards import IN_TRANSIT_KINDS, dispute_of
from bot.domain.turns import Turn


def opened(turn: Turn, kind: DisputeKind) -> None:
    auto = turn.case.timer(TimerKind.TRANSIT_AUTO)
    turn.set(
        dispute=Dispute(
            kind=kind,
            opened_at=turn.now,
            previous=turn.case.status,
            auto_due=auto.due_at if auto else None,
        ),
        topic=turn.given.topic,
    )
    _keep_delivered(turn)


def _keep_delivered(turn: Turn) -> None:
    """What the carrier has reported runs on, into the dispute and out of it."""
    delivered = turn.case.timer(TimerKind.DELIVERED)
    if delivered is not None:
        turn.timers[TimerKind.DELIVERED] = delivered
        turn.set(owes=Role.SELLER)


def disputed_refusal(turn: Turn) -> None:
    opened(turn, DisputeKind.REFUSAL)


def disputed_receipt(turn: Turn) -> None:
    opened(turn, DisputeKind.AFTER_RECEIPT)


def disputed_transit(turn: Turn) -> None:
    opened(turn, DisputeKind.TRANSIT_CUSTOMER)


def disputed_by_clock(turn: Turn) -> None:
    opened(turn, DisputeKind.TRANSIT_AUTO)


def replied(turn: Turn) -> None:
    """Row 44: decidable now, or paused until the parcel arrives or the cap is reached."""
    dispute = replace(dispute_of(turn.case), replied=True)
    turn.stop(TimerKind.DISPUTE_REPLY)
    if dispute.kind in IN_TRANSIT_KINDS and dispute.arrived_at is None:
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
    dispute = replace(dispute_of(turn.case), seller_silent=True, silent_at=turn.now)
    turn.set(dispute=dispute, owes=None)
    turn.start(TimerKind.TRANSIT_CAP, since=turn.case.shipped_at)


def cap_reached(turn: Turn) -> None:
    """Row 48: a parcel that never arrives is judged by tracking and receipt (X-10)."""
    _make_decidable(turn, dispute_of(turn.case))
    turn.alarms.append(Alarm.TRANSIT_CAP)


def arrived(turn: Turn) -> None:
    """Row 48: what arrives before the reply waits for it (2.12.17)."""
    dispute = replace(dispute_of(turn.case), arrived_at=turn.now)
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
    if dispute_of(turn.case).kind is DisputeKind.REFUSAL:
        turn.enter(Status.APPROVED)
    else:
        turn.enter(Status.REFUND_DUE)
        promise_all(turn, by, shipping=turn.given.shipping)
    turn.set(dispute=None)


def decided_for_seller(turn: Turn) -> None:
    """Row 50: what the seller has goes back to the customer; the kind is kept (2.12.22, X-08)."""
    turn.set(dispute=replace(dispute_of(turn.case), proposals=()))
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
    dispute = dispute_of(turn.case)
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
    """The dispute is possible again from where it was; `transit_auto` is never past."""
    due, shipped = turn.policy.due, turn.case.shipped_at or turn.now
    unlock = due(TimerKind.TRANSIT_UNLOCK, shipped)
    if unlock > turn.now:
        turn.run(TimerKind.TRANSIT_UNLOCK, unlock)
    else:
        turn.stop(TimerKind.TRANSIT_UNLOCK)
    auto = dispute.auto_due or due(TimerKind.TRANSIT_AUTO, shipped)
    again = turn.now + turn.policy.transit.again_days
    turn.run(TimerKind.TRANSIT_AUTO, auto if auto > turn.now else again)
    _keep_delivered(turn)


def undecided(turn: Turn) -> None:
    """The staff's own silence never decides a dispute: it pages (X-09)."""
    turn.alarms.append(Alarm.DISPUTE_UNDECIDED)
