"""The arithmetic of the clock: whose timers they are, outages, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import STAFF, TERMINAL, Outages, ReturnCase, Role, Status, Timer, TimerKind
from bot.domain.policy import Policy

OWNERS: Mapping[TimerKind, Role | None] = {
    TimerKind.DECISION: Role.SELLER,
    TimerKind.PREMOD: Role.MODERATOR,
    TimerKind.CLARIFY: Role.SELLER,
    TimerKind.OFFER: Role.CUSTOMER,
    TimerKind.COUNTER: Role.SELLER,
    TimerKind.SHIP: Role.CUSTOMER,
    TimerKind.LATE_PROOF: Role.CUSTOMER,
    TimerKind.PROOF: Role.MODERATOR,
    TimerKind.TRANSIT_UNLOCK: None,
    TimerKind.TRANSIT_AUTO: None,
    TimerKind.TRANSIT_CAP: Role.MODERATOR,
    TimerKind.DELIVERED: Role.SELLER,
    TimerKind.APPEAL: Role.CUSTOMER,
    TimerKind.DISPUTE_REPLY: Role.SELLER,
    TimerKind.DISPUTE_DECIDE: Role.MODERATOR,
    TimerKind.INSPECT: Role.SELLER,
    TimerKind.REFUND_ETA: None,
}
"""Who owes while a timer runs (2.3). A person's timers are moved by an outage, nobody's are not."""

PERSONAL = frozenset(kind for kind, owner in OWNERS.items() if owner is not None)
"""The timers that somebody could have missed because we could not be reached (X-58)."""

DEADLINES = PERSONAL - {
    TimerKind.PROOF,
    TimerKind.TRANSIT_CAP,
    TimerKind.DISPUTE_DECIDE,
} | {TimerKind.TRANSIT_AUTO}
"""The timers after which the case is another one: from their instant on nobody acts before they
have fired (X-57). The others only page, tell or unlock."""

_BOTH = frozenset({TimerKind.TRANSIT_AUTO})
"""Nobody owes, and both sides are reminded."""

_ADDRESS_REMINDER = timedelta(days=1)
_ADDRESS_REMINDERS = 7


def owner_of(case: ReturnCase, kind: TimerKind) -> Role | None:
    """Who owes while this timer of the case runs; None for nobody."""
    if kind is TimerKind.CLARIFY or (kind is TimerKind.PREMOD and case.owes in STAFF):
        return case.owes
    return OWNERS[kind]


def in_order(timer: Timer) -> tuple[datetime, int]:
    """The order in which timers fire: by due instant, then as `TimerKind` lists them."""
    return timer.due_at, _RANKS[timer.kind]


_RANKS = {kind: rank for rank, kind in enumerate(TimerKind)}


def next_timer(case: ReturnCase) -> Timer | None:
    """The timer that fires next."""
    return min(case.timers, key=in_order, default=None)


def next_look(due_at: datetime, reminders: Iterable[timedelta], now: datetime) -> datetime:
    """When to look at a clock that ends at `due_at`: at its next reminder, or at its end."""
    return min((at for before in reminders if (at := due_at - before) > now), default=due_at)


def begin(now: datetime, outages: Outages) -> datetime:
    """When a person's time begins: at the end of a credited outage, if in one (2.12.10)."""
    for since, until in outages:
        if since <= now < until:
            now = until
    return now


def credited(outages: Outages, policy: Policy) -> Outages:
    """The outages that are given back: none with the setting off, and no short one (X-58)."""
    clock = policy.clock
    return tuple(
        (since, until)
        for since, until in outages
        if clock.outage_credit and until - since > clock.outage_threshold
    )


def moved(due_at: datetime, since: datetime, outages: Outages) -> datetime:
    """Where a person's deadline is that ran from `since`, after all credited outages."""
    for dark, until in outages:
        if since < until and dark < due_at:
            due_at += until - max(dark, since)
    return due_at


def credit_outage(case: ReturnCase, since: datetime, until: datetime, policy: Policy) -> ReturnCase:
    """The case after an outage, with its version one higher; the same case if nothing is owed.

    Every person's timer that was running is moved by the outage's length, and with it the
    request's creation and the time of an open question (X-58; `lifecycle.md` 2.12.9-11). The
    outage stays with the case, so that a person's timer that begins in it begins at its end.
    An outage up to the threshold, or with the setting off, changes nothing.
    """
    outage = (since, until)
    ended = case.status in TERMINAL and not case.timers
    if ended or outage in case.outages or not credited((outage,), policy):
        return case

    def lost(start: datetime) -> timedelta:
        return until - max(since, start) if start < until else timedelta(0)

    timers = tuple(
        replace(timer, due_at=moved(timer.due_at, timer.since, (outage,)))
        if timer.kind in PERSONAL
        else timer
        for timer in case.timers
    )
    created, asked = case.created_at, case.asked_at
    return replace(
        case,
        version=case.version + 1 if case.version else 0,
        timers=timers,
        created_at=created and created + lost(created),
        asked_at=asked and asked + lost(asked),
        outages=(*case.outages, outage),
    )


SILENCE_TURNED = "silence_to_moderators"
"""What the history says then: not why, which only staff are told."""


def photo_found_again(case: ReturnCase) -> ReturnCase:
    """The case, once a photo of it was found in another: silence leads to moderators (X-03).

    The same case where nothing is decided by silence any more, or that is known.
    """
    if case.photo_reused or case.timer(TimerKind.DECISION) is None:
        return case
    return replace(case, photo_reused=True, version=case.version + 1)


def reminders_of(case: ReturnCase, policy: Policy) -> tuple[tuple[datetime, TimerKind, Role], ...]:
    """When whom to remind of which timer, in order of time: (at, kind, who owes).

    Relative to what the customer was told: the grace of `ship` is not spoken of. An approved case
    without a return address has no clock; its seller is reminded daily for a week (X-48).
    """
    found: list[tuple[datetime, TimerKind, Role]] = []
    for timer in case.timers:
        told = timer.due_at
        if timer.kind is TimerKind.SHIP:
            told -= policy.ship.grace_days
        for before in policy.reminders(timer.kind):
            at = told - before
            if at > timer.since:
                found.extend((at, timer.kind, role) for role in _reminded(case, timer.kind))
    if waits_for_address(case) and case.since:
        found.extend(
            (case.since + _ADDRESS_REMINDER * day, TimerKind.SHIP, Role.SELLER)
            for day in range(1, _ADDRESS_REMINDERS + 1)
        )
    return tuple(sorted(found, key=lambda one: one[0]))


def _reminded(case: ReturnCase, kind: TimerKind) -> tuple[Role, ...]:
    if kind in _BOTH:
        return (Role.CUSTOMER, Role.SELLER)
    owner = owner_of(case, kind)
    return (owner,) if owner else ()


def waits_for_address(case: ReturnCase) -> bool:
    """Whether the case is approved and nobody knows where to (X-48)."""
    return case.status is Status.APPROVED and not case.address_known
