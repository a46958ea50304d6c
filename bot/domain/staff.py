"""What payments and the staff do to a case: rows 54 to 57. Effects, as in `effects.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import (
    Alarm,
    DisputeKind,
    Goods,
    Offer,
    Override,
    ReturnCase,
    Status,
    TimerKind,
)
from bot.domain.checks import amount_on_table, same_override, turns_down
from bot.domain.disputes import opened
from bot.domain.effects import promise_all
from bot.domain.guards import MONEY
from bot.domain.policy import Policy
from bot.domain.refunds import nothing_in
from bot.domain.turns import Turn

DAILY = timedelta(days=1)
"""How often a late refund pages (row 55a)."""

OVERRIDE_LAPSED = "override_lapsed"
"""What the history says when who asked for an override may not any more."""


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


def told_late(case: ReturnCase, at: datetime, policy: Policy) -> bool:
    """Whether the customer, too, hears of a refund that is late at this instant (row 55a).

    On the day, and then once a week: the daily call is for those who can pay.
    """
    late = at - policy.due(TimerKind.REFUND_ETA, case.since) if case.since else timedelta()
    return late // DAILY % 7 == 0


def overridden(turn: Turn) -> None:
    """Row 56: two people where money moves; all that the new status needs is made up."""
    case, to = turn.case, turn.given.to
    assert to is not None
    if turns_down(case, turn.given):
        turn.set(override=None)
        turn.quiet = True
        return
    if (case.status in MONEY or to in MONEY) and not same_override(case, turn.given):
        turn.set(override=Override(to=to, by=turn.event.by.id, amount=turn.given.amount))
        turn.alarms.append(Alarm.SECOND_PERSON)
        turn.quiet = True
        return
    turn.enter(to)
    turn.set(dispute=None, proof_date=None, asked_at=None)
    if case.status in MONEY and not (to is Status.REFUNDED and case.refund):
        turn.take_back()
    _made_up(turn, to)


def lapsed(case: ReturnCase) -> ReturnCase:
    """The case without the override that waited: it does not count any more (row 56)."""
    return replace(case, override=None, version=case.version + 1)


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
            promise_all(turn, turn.role)
        case Status.REFUNDED if case.refund is None:
            promise_all(turn, turn.role)
        case Status.IN_TRANSIT:
            turn.set(shipped_at=case.shipped_at or turn.now)
        case Status.DISPUTE:
            _override_into_dispute(turn)


def _override_into_dispute(turn: Turn) -> None:
    match turn.case.goods:
        case Goods.IN_TRANSIT:
            opened(turn, DisputeKind.TRANSIT_CUSTOMER)
        case Goods.WITH_SELLER | Goods.RETURNING_TO_CUSTOMER:
            opened(turn, DisputeKind.AFTER_RECEIPT)
        case _:
            turn.set(goods=Goods.WITH_CUSTOMER)
            opened(turn, DisputeKind.REFUSAL)


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
        topic=None,
        proof_date=None,
        refund=None,
    )
