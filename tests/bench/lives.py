"""Lives of returns on the core alone: nothing sent, nothing stored, no clock but a virtual one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from bot.domain.cases import CLOCK, Action, Event, Given, Party, ReturnCase, Ruling, Status
from bot.domain.lifecycle import decide
from bot.domain.policy import Policy
from bot.domain.timers import next_timer
from tests.bench.kept import NotDone
from tests.bench.measuring import Figure
from tests.domain.life import COMMENT, CUSTOMER, MODERATOR, PAYMENT, SELLER, draft, march

Step = tuple[int, Party, Action, Given]
"""Hours after the last step, who, what."""

_SUBMIT: Step = (0, CUSTOMER, Action.SUBMIT, Given(reason="changed_mind", photos=("a", "b")))
_SENT: Step = (
    72,
    CUSTOMER,
    Action.SENT,
    Given(track="RB123456785CN", photos=("receipt",)),
)
LIVES: tuple[tuple[Step, ...], ...] = (
    # Everybody does what is asked, and the money comes.
    (
        _SUBMIT,
        (3, SELLER, Action.APPROVE, Given()),
        _SENT,
        (240, SELLER, Action.RECEIVE, Given()),
        (20, SELLER, Action.REFUND, Given()),
        (5, PAYMENT, Action.PAID, Given(ref="B-1")),
    ),
    # Nobody does anything: approved by the clock, never sent.
    (_SUBMIT,),
    # Refused, disputed and decided for the customer, who never sends it.
    (
        _SUBMIT,
        (3, SELLER, Action.REJECT, Given(reason="used", text=COMMENT)),
        (20, CUSTOMER, Action.OPEN_DISPUTE, Given(text=COMMENT)),
        (9, SELLER, Action.REPLY, Given(text=COMMENT)),
        (30, MODERATOR, Action.DECIDE, Given(ruling=Ruling.CUSTOMER, text=COMMENT)),
    ),
    # Sent, and the seller is silent when the parcel has come: the clock refunds.
    (
        _SUBMIT,
        (3, SELLER, Action.APPROVE, Given()),
        _SENT,
        (240, SELLER, Action.RECEIVE, Given()),
        (200, PAYMENT, Action.PAID, Given(ref="B-1")),
    ),
)

ENDS = (Status.REFUNDED, Status.OVERDUE, Status.OVERDUE, Status.REFUNDED)


def live(life: tuple[Step, ...], policy: Policy) -> tuple[ReturnCase, int]:
    """A return from its draft until nothing is due any more. Answers the number of decisions."""
    case, now, decisions = draft(), march(1), 0
    for hours, by, action, given in life:
        now += timedelta(hours=hours)
        case, fired = passed(case, now, policy)
        case = decide(case, Event(action, by, given), now, policy).case
        decisions += fired + 1
    case, fired = passed(case, now + timedelta(days=365), policy)
    return case, decisions + fired


def passed(case: ReturnCase, until: datetime, policy: Policy) -> tuple[ReturnCase, int]:
    """The case when all timers up to an instant have fired, and how many did."""
    fired = 0
    while (timer := next_timer(case)) is not None and timer.due_at <= until:
        event = Event(Action.FIRE, CLOCK, timer=timer.kind)
        case = decide(case, event, timer.due_at, policy).case
        fired += 1
    return case, fired


def lives_per_second(seconds: float) -> tuple[Figure, float]:
    """How many lives are lived in a second, in tenths of this time, and decisions in a life."""
    policy, rates, lived, decisions = Policy(), [], 0, 0
    ends = tuple(live(life, policy)[0].status for life in LIVES)
    if ends != ENDS:
        raise NotDone(f"the lives end as {', '.join(ends)}")
    for _ in range(10):
        before, started = lived, time.perf_counter()
        while time.perf_counter() - started < seconds / 10:
            decisions += live(LIVES[lived % len(LIVES)], policy)[1]
            lived += 1
        rates.append((lived - before) / (time.perf_counter() - started))
    return Figure.of(rates), decisions / lived
