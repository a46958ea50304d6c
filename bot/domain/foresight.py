"""What lies ahead of a case: if nobody ever acts, and if somebody does one thing now (N-9).

Nothing is guessed: the core decides it all on copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from bot.domain.cases import (
    CLOCK,
    Action,
    Asked,
    Event,
    Given,
    Input,
    Option,
    Party,
    Refused,
    ReturnCase,
    Role,
    Ruling,
    Status,
    TimerKind,
)
from bot.domain.checks import divisible
from bot.domain.forms import COMMENT_LENGTH
from bot.domain.lifecycle import available_actions, decide
from bot.domain.money import Money
from bot.domain.outlook import Outlook, outlook
from bot.domain.policy import Policy
from bot.domain.refunds import nothing_in
from bot.domain.timers import next_timer

_OPEN_ENDED: Final = frozenset(
    {
        Action.OVERRIDE,
        Action.REOPEN,
        Action.TRACK,
        Action.PAYMENT_FAILED,
        Action.SETTLE,
        Action.GET_CODE,
        Action.PROVE,
    }
)
"""What they lead to is in the answers alone, or nothing follows from them."""

_TRACK: Final = "RR123456785AZ"


class Foreseen(NamedTuple):
    """What the clock will do: `kind` fires at `at` while `owes` acts, and leads to `to`."""

    kind: TimerKind
    at: datetime
    owes: Role | None
    to: Status
    rule: str


class Possible(NamedTuple):
    """What a party can do now, and what follows.

    `ruling`: which of the moderator's decisions; `of`: whose proposal, where there are two.
    """

    action: Action
    ruling: Ruling | None
    of: Role | None
    ahead: Outlook


class Unmoved(NamedTuple):
    """What the clock alone makes of a case: its steps in order, and the case as it is then."""

    steps: tuple[Foreseen, ...]
    end: ReturnCase


def if_nobody_acts(case: ReturnCase, policy: Policy) -> Unmoved:
    """Every step of the clock from now on; an alarm that repeats stands once."""
    steps: list[Foreseen] = []
    while (timer := next_timer(case)) is not None:
        decision = decide(case, Event(Action.FIRE, CLOCK, timer=timer.kind), timer.due_at, policy)
        after = decision.case.status
        if any((step.kind, step.to) == (timer.kind, after) for step in steps):
            break
        steps.append(
            Foreseen(timer.kind, timer.due_at, case.owes, after, decision.happened[0].rule)
        )
        case = decision.case
    return Unmoved(tuple(steps), case)


def if_one_acts(
    case: ReturnCase, party: Party, now: datetime, policy: Policy
) -> tuple[Possible, ...]:
    """What each action that the party has now would lead to, whatever the answers to its form.

    Actions whose answers decide everything (an override) are left out. A sum of shipping that
    only the party can name counts as not yet confirmed.
    """
    return tuple(
        possible
        for option in available_actions(case, party, now, policy)
        if option.opens is None
        and option.action not in _OPEN_ENDED
        and (option.action is not Action.VERDICT or divisible(case))
        for possible in _possible(case, party, option, now, policy)
    )


def _possible(
    case: ReturnCase, party: Party, option: Option, now: datetime, policy: Policy
) -> Iterator[Possible]:
    for given in _choices(option):
        for asked in option.asks:
            if asked.required and (not asked.only_after or given.ruling in asked.only_after):
                given = replace(given, **_answer(asked, option, case))
        try:
            ahead = outlook(case, Event(option.action, party, given), now, policy)
        except Refused:  # a refund that needs an answer which no other form would take
            continue
        named = any(each.input is Input.SHIPPING and each.required for each in option.asks)
        if named and ahead.refund is not None:
            unknown = replace(ahead.refund, shipping=nothing_in(case), shipping_open=True)
            ahead = replace(ahead, refund=unknown)
        yield Possible(option.action, given.ruling, given.of, ahead)


def _choices(option: Option) -> Iterator[Given]:
    """Each answer that sets what follows: which ruling, whose proposal."""
    for asked in option.asks:
        if asked.input is Input.RULING:
            yield from (Given(ruling=Ruling(each)) for each in asked.choices)
            return
        if asked.input is Input.OF:
            yield from (Given(of=Role(each)) for each in asked.choices)
            return
    yield Given()


def _answer(asked: Asked, option: Option, case: ReturnCase) -> dict[str, Any]:
    """An answer that the form takes: what follows is the same with any other."""
    match asked.input:
        case Input.TEXT:
            return {"text": "." * max(asked.least, COMMENT_LENGTH)}
        case Input.PHOTOS:
            return {"photos": ("",) * max(asked.least, 1)}
        case Input.AMOUNT:
            return {"amount": _between(option)}
        case Input.REASON:
            return {"reason": asked.choices[0]}
        case Input.TRACK:
            return {"track": _TRACK}
        case Input.RECEIPT_DATE:
            return {"receipt_date": case.approved_at}
        case Input.ACCEPTED:
            return {"accepted": {case.lines[0].sku: 1}}
        case Input.SHIPPING:
            return {"shipping": nothing_in(case)}
        case Input.ADDRESS:
            return {"address": "."}
        case Input.REF:
            return {"ref": "."}
        case _:
            return {}


def _between(option: Option) -> Money:
    """A sum above the last offer and below the price (X-14)."""
    below, above = option.facts["below"], option.facts.get("above")
    assert isinstance(below, Money)
    least = above.minor if isinstance(above, Money) else 0
    return Money((least + below.minor + 1) // 2, below.currency)
