"""What will follow if somebody acts now: the core decides it, and it is told before the yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.cases import (
    PEOPLE,
    Action,
    Decision,
    Event,
    Given,
    Party,
    Refund,
    Refused,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.guards import acceptable
from bot.domain.lifecycle import available_actions, decide, what_happens_on_silence
from bot.domain.money import Money
from bot.domain.policy import Policy
from bot.domain.refunds import paid_for, refunds_shipping, shipping_cap
from bot.domain.timers import begin

_SECOND: Final = Party(Role.ADMIN, -1)
"""Whoever confirms an override that moves money (row 56)."""
_WORDS: Final = "The same."
"""Long enough for a reason: what follows does not depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Who must act next: within `span`, if that time begins with the act, else by `due_at`."""

    owes: Role
    due_at: datetime
    span: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The case as it would be, and what people read of it before they say yes."""

    after: ReturnCase
    child: ReturnCase | None = None
    """The units that a verdict does not accept, as the case that they become (row 38)."""
    refund: Refund | None = None
    """The money that is promised or paid then; of an override, when it is seconded."""
    price: Money
    """What was paid for the units of the case."""
    shipping: Money | None = None
    """The most that is refunded for postage beside the price; None: nothing, or no rate tells."""
    refunds_shipping: bool = False
    next: NextStep | None = None
    sellers: frozenset[Action] = frozenset()
    """What the seller can do then."""
    running: frozenset[TimerKind] = frozenset()
    """The timers that run then."""
    refund_days: tuple[int, int]
    """Within how many days of the promise money usually comes."""
    agreed: Outlook | None = None
    """Of a proposal that the dispute goes on with: what follows once both parties want it."""


def outlook(case: ReturnCase, event: Event, now: datetime, policy: Policy) -> Outlook:
    """What follows if this happens now. Raises Refused where the rules do not allow it."""
    decision = decide(case, event, now, policy)
    after = decision.case
    seller = Party(Role.SELLER)
    options = available_actions(after, seller, now, policy)
    shipping = refunds_shipping(case)
    return Outlook(
        after=after,
        child=decision.child,
        refund=_promised(decision, event, now, policy),
        price=paid_for(case),
        shipping=shipping_cap(case, policy, now.date()) if shipping else None,
        refunds_shipping=shipping,
        next=_next_step(after, now, policy),
        sellers=frozenset(option.action for option in options if option.opens is None),
        running=frozenset(timer.kind for timer in after.timers),
        refund_days=(policy.refund_eta.earliest_days.days, policy.refund_eta.length.days),
        agreed=_agreed(after, event, now, policy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an override that waits does to the money once it is seconded (row 56)."""

    gets: Money | None = None
    """What the customer is then promised or paid."""
    open: bool = False
    """Whether the sum for shipping is still to be confirmed."""
    takes_back: Money | None = None
    """What was promised, and then is no more."""


def moved_by(case: ReturnCase, now: datetime, policy: Policy) -> Moved | None:
    """The money of the override that waits; None where there is none, or it could not be taken."""
    waiting = case.override
    if waiting is None:
        return None
    given = Given(to=waiting.to, amount=waiting.amount, text=_WORDS)
    try:
        after = decide(case, Event(Action.OVERRIDE, _SECOND, given), now, policy).case
    except Refused:
        return None
    if after.refund is None:
        return Moved(takes_back=case.refund.total if case.refund else None)
    if after.refund == case.refund and after.status is not Status.REFUNDED:
        return Moved()
    return Moved(gets=after.refund.total, open=after.refund.shipping_open)


def _promised(decision: Decision, event: Event, now: datetime, policy: Policy) -> Refund | None:
    after = decision.case
    if after.override is None or event.action is not Action.OVERRIDE:
        return after.refund
    try:
        again = Event(event.action, _SECOND, event.given)
        return decide(after, again, now, policy).case.refund
    except Refused:
        return None


def _agreed(after: ReturnCase, event: Event, now: datetime, policy: Policy) -> Outlook | None:
    """What comes of a proposal once the parties that have not said yes to it do (N-5)."""
    dispute = after.dispute if event.action in (Action.SETTLE, Action.ACCEPT) else None
    wanted = dispute.proposal_of(event.by.role) if dispute else None
    if wanted is None:
        return None
    for role in (Role.CUSTOMER, Role.SELLER):
        of = next((each.by for each in acceptable(after, role) if each.same_as(wanted)), None)
        if of is not None:
            yes = Event(Action.ACCEPT, Party(role), Given(of=of))
            ahead = outlook(after, yes, now, policy)
            return ahead.agreed or ahead
    return None


def _next_step(case: ReturnCase, now: datetime, policy: Policy) -> NextStep | None:
    silence = what_happens_on_silence(case, policy)
    owes = case.owes
    if silence is None or owes not in PEOPLE or silence.owes is None:
        return None
    begins = begin(now, case.outages)
    anew = silence.due_at == policy.due(silence.kind, begins)
    return NextStep(owes=owes, due_at=silence.due_at, span=silence.due_at - now if anew else None)
