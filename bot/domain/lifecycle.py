"""The one pure core: what may happen to a return, and what follows from it.

The bot, the clock, the simulator and the tests all decide here; the rows are those of
`transitions.TABLE`. Nothing reads a clock, saves or notifies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.domain.cases import (
    CLOCK,
    PEOPLE,
    SYSTEM,
    Action,
    Decision,
    Event,
    Happened,
    Option,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
    Timer,
    TimerKind,
)
from bot.domain.forms import check_inputs
from bot.domain.money import LedgerLine
from bot.domain.policy import Policy
from bot.domain.refusals import Code
from bot.domain.timers import DEADLINES, in_order, owner_of
from bot.domain.transitions import ACTIONS, BY_CLOCK, FIRST, INDEX, Transition
from bot.domain.turns import Moment, Turn

_MONEY_MOVES = frozenset({Role.CUSTOMER, Role.SELLER})


class Silence(NamedTuple):
    """What happens if nobody acts: the timer that decides, when, who owes, where it leads."""

    kind: TimerKind
    due_at: datetime
    owes: Role | None
    status: Status
    rule: str


def decide(case: ReturnCase, event: Event, now: datetime, policy: Policy) -> Decision:
    """What follows if this happens now. Raises Refused, and then nothing has changed.

    `policy` is the one that the case was opened under. A timer counts at its due instant, however
    late it is fired; an act counts at `now`, which must be before every deadline that has not
    fired yet (X-57). A case in DRAFT is opened by SUBMIT.
    """
    return _decision(*_played(case, event, now, policy))


def written(
    case: ReturnCase, events: Sequence[Event], now: datetime, policy: Policy
) -> list[LedgerLine]:
    """The ledger of what `decide` decides on events, one after the other, and nothing else of it.

    Raises Refused.
    """
    lines: list[LedgerLine] = []
    *before, last = events
    for event in before:
        turn, _ = _played(case, event, now, policy)
        lines += turn.ledger
        case = turn.result()
    turn, _ = _played(case, last, now, policy)
    return lines + turn.ledger


def _played(
    case: ReturnCase, event: Event, now: datetime, policy: Policy
) -> tuple[Turn, Transition]:
    if event.timer is not None:
        timer = _due(case, event.timer, now)
        now = timer.due_at
    else:
        _refuse_after_deadline(case, now)
    moment = Moment(case, event.by, now, policy)
    row = _row_for(moment, event)
    if event.timer is None:
        if row.guard is not None:
            row.guard(moment)
        check_inputs(row.form.asks(moment), event.given, row.rule, policy)
        if row.form.check is not None:
            row.form.check(moment, event.given)
    turn = Turn(case, event, now, policy, row.row)
    if event.timer is not None:
        turn.stop(event.timer)
    if len(row.to) == 1 and row.to[0] is not case.status:
        turn.enter(row.to[0])
    if row.effect is not None:
        row.effect(turn)
    return turn, row


def _decision(turn: Turn, row: Transition) -> Decision:
    before, after = turn.case, turn.result()
    happened = Happened(
        turn.event.name, turn.event.by, row.row, row.rule, before.status, after.status
    )
    hears = set() if turn.quiet else set(row.hears - {turn.event.by.role})
    acts_anew = after.status is not before.status or after.owes is not before.owes
    if acts_anew and after.owes in PEOPLE:
        hears.add(after.owes)
    if turn.ledger:
        hears |= _MONEY_MOVES
    return Decision(
        case=after,
        happened=(happened, *turn.extra),
        ledger=tuple(turn.ledger),
        hears=frozenset(hears),
        alarms=tuple(turn.alarms),
        child=turn.child,
    )


def _due(case: ReturnCase, kind: TimerKind, now: datetime) -> Timer:
    timer = case.timer(kind)
    if timer is None:
        raise Refused(Code.NOT_RUNNING, rule="X-57", timer=kind)
    if now < timer.due_at:
        raise Refused(Code.NOT_DUE, rule="X-57", opens=timer.due_at)
    return timer


def _refuse_after_deadline(case: ReturnCase, now: datetime) -> None:
    """At exactly the deadline, the deadline wins (X-57)."""
    for timer in case.timers:
        if timer.due_at <= now and timer.kind in DEADLINES:
            rule = INDEX[case.status, f"{timer.kind}_due"][-1].rule
            raise Refused(Code.DEADLINE_PASSED, rule=rule, closed=timer.due_at)


def _acts_as(party: Party, row: Transition) -> bool:
    """An admin may act as a moderator (`lifecycle.md` 2.12.4)."""
    roles = row.roles
    return party.role in roles or (party.role is Role.ADMIN and Role.MODERATOR in roles)


def _row_for(moment: Moment, event: Event) -> Transition:
    others = False
    for row in INDEX.get((moment.case.status, event.name), ()):
        if event.timer is None and not _acts_as(moment.party, row):
            others = True
        elif row.when is not None and not row.when(moment):
            continue
        elif row.ruling is None or event.given.ruling in (None, row.ruling):
            return row
    raise _why_not(moment, event, others)


def _why_not(moment: Moment, event: Event, others: bool) -> Refused:
    """The deadline that ended the chance, or else: not yours, or not now."""
    case, party = moment.case, moment.party
    if case.decided_by is Role.CLOCK and event.timer is None:
        ended = BY_CLOCK.get(case.row)
        for source in ended.sources if ended else ():
            if any(_acts_as(party, row) for row in INDEX.get((source, event.name), ())):
                assert ended is not None
                return Refused(Code.DEADLINE_PASSED, rule=ended.rule, closed=case.since)
    first = FIRST.get(event.name)
    code = Code.NOT_YOURS if others else Code.NOT_NOW
    return Refused(code, rule=first.rule if first else "X-57", status=case.status)


def available_actions(
    case: ReturnCase, party: Party, now: datetime, policy: Policy
) -> tuple[Option, ...]:
    """What a party may do now, each once and with its inputs, in the order of the table.

    What time alone forbids is listed with the instant at which it `opens`. Whatever `decide`
    accepts at an instant is listed at it.
    """
    if any(timer.due_at <= now and timer.kind in DEADLINES for timer in case.timers):
        return ()
    return tuple(_options(Moment(case, party, now, policy)))


def _options(moment: Moment) -> Iterator[Option]:
    listed: set[Action] = set()
    for row in ACTIONS[moment.case.status]:
        action = row.trigger
        assert isinstance(action, Action)
        if (
            action in listed
            or not _acts_as(moment.party, row)
            or (row.when is not None and not row.when(moment))
        ):
            continue
        opens: datetime | None = None
        if row.guard is not None:
            try:
                row.guard(moment)
            except Refused as refused:
                if refused.opens is None:
                    continue
                opens = refused.opens
        listed.add(action)
        yield Option(action, row.form.asks(moment), opens, row.form.facts(moment))


def address_known(case: ReturnCase, now: datetime, policy: Policy) -> Decision | None:
    """What follows for a case when its seller has set a return address (X-48).

    An approved case begins its time to ship; None where the address changes nothing.
    """
    try:
        return decide(case, Event(Action.SET_ADDRESS, SYSTEM), now, policy)
    except Refused:
        return None


def what_happens_on_silence(case: ReturnCase, policy: Policy) -> Silence | None:
    """What the clock will do next if nobody acts; None where no timer runs.

    It is the first timer that changes the status; where none does, the first that somebody owes,
    or else the first.
    """
    found: list[Silence] = []
    for timer in sorted(case.timers, key=in_order):
        event = Event(Action.FIRE, CLOCK, timer=timer.kind)
        decision = decide(case, event, timer.due_at, policy)
        owes = owner_of(case, timer.kind)
        after, rule = decision.case.status, decision.happened[0].rule
        silence = Silence(timer.kind, timer.due_at, owes, after, rule)
        if after is not case.status:
            return silence
        found.append(silence)
    return next((one for one in found if one.owes is not None), found[0] if found else None)
