"""What would have become of a return under other rules: its past decided anew (N-10).

What people did is taken from the history, at the instants at which they did it; what the clock
did is not: the clock follows the rules that are tried. An act that those rules refuse is left
out and named, and the return goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from bot.domain.cases import CLOCK, Action, Event, Line, Outages, Refused, ReturnCase, Role, Status
from bot.domain.forms import COMMENT_LENGTH
from bot.domain.lifecycle import address_known, decide
from bot.domain.money import Money
from bot.domain.policy import Policy
from bot.domain.timers import credit_outage, credited, in_order

_FORGOTTEN: Final = "." * COMMENT_LENGTH


class Deed(NamedTuple):
    """What somebody did on a case. `forgotten`: the words and photos are not kept any more."""

    at: datetime
    case: int
    event: Event
    forgotten: bool = False


class Past(NamedTuple):
    """All that happened to a request: how it stands, what was split from it, and each deed."""

    case: ReturnCase
    deeds: tuple[Deed, ...]
    children: tuple[ReturnCase, ...] = ()


class NotTaken(NamedTuple):
    """A deed that other rules refuse, and why."""

    at: datetime
    case: int
    action: Action
    by: Role
    code: str


class Aspect(StrEnum):
    """What of a case would differ; where several do, the first counts."""

    OUTCOME = "outcome"
    SUM = "sum"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A case as it is and as it would be; None where there is or would be none."""

    case: int
    aspect: Aspect
    was: ReturnCase | None
    would: ReturnCase | None
    refused: tuple[NotTaken, ...] = ()


def differences(
    past: Past, own: Policy, new: Policy, outages: Outages, now: datetime
) -> tuple[Difference, ...]:
    """What of a request and of its children would differ at an instant under the new rules.

    `own` are the rules under which it was opened.
    """
    if own == new:
        return ()
    would, was = _played(past, new, outages, now), _played(past, own, outages, now)
    found = []
    for id in sorted({*was.cases, *would.cases}):
        before, after = was.cases.get(id), would.cases.get(id)
        aspect = _aspect(before, after)
        if aspect is not None:
            refused = tuple(each for each in would.refused if each.case == id)
            found.append(
                Difference(case=id, aspect=aspect, was=before, would=after, refused=refused)
            )
    return tuple(found)


def comes_out(past: Past, own: Policy, outages: Outages, now: datetime) -> bool:
    """Whether the past, decided anew under its own rules, is what it was.

    Where it is not, somebody or something else had a hand in it, and nothing can be compared.
    """
    run = _played(past, own, outages, now)
    return all(
        case.id in run.cases and _stand(run.cases[case.id]) == _stand(case)
        for case in (past.case, *past.children)
    )


def promised(case: ReturnCase) -> Money | None:
    """The sum that the customer gets, or is offered at present."""
    if case.refund is not None:
        return case.refund.total
    return case.offer.amount if case.offer and case.status is Status.OFFERED else None


def _aspect(was: ReturnCase | None, would: ReturnCase | None) -> Aspect | None:
    if was is None or would is None or (was.status, was.goods) != (would.status, would.goods):
        return Aspect.OUTCOME
    if promised(was) != promised(would):
        return Aspect.SUM
    return None if _stand(was) == _stand(would) else Aspect.DEADLINE


def _stand(case: ReturnCase) -> tuple[object, ...]:
    timers = {timer.kind: timer.due_at for timer in case.timers}
    return case.status, case.goods, case.since, promised(case), timers


def _played(past: Past, policy: Policy, outages: Outages, until: datetime) -> _Run:
    run = _Run(past, policy, outages)
    run.play(until)
    return run


@dataclass(slots=True)
class _Run:
    """One request under one policy."""

    past: Past
    policy: Policy
    outages: Outages
    cases: dict[int, ReturnCase] = field(default_factory=dict)
    refused: list[NotTaken] = field(default_factory=list)

    def play(self, until: datetime) -> None:
        """Everything up to an instant."""
        known = credited(self.outages, self.policy)
        opened = self.past.deeds[0].at
        draft = _draft(self.past, self._known_at(opened), _over(known, opened))
        self.cases[draft.id] = draft
        for at, happens in self._stream(known, opened):
            if at > until:
                break
            self._fire_until(at)
            if isinstance(happens, Deed):
                self._act(happens, known)
            else:
                for case in [*self.cases.values()]:
                    self._put(credit_outage(case, *happens, self.policy))
        self._fire_until(until)

    def _stream(
        self, known: Outages, opened: datetime
    ) -> Iterator[tuple[datetime, Deed | tuple[datetime, datetime]]]:
        """Outages from where they begin, and deeds: the last one before it goes first."""
        dark = [(each[0], each) for each in known if each[1] > opened]
        deeds = [(deed.at, deed) for deed in self.past.deeds]
        return iter(sorted([*deeds, *dark], key=lambda one: one[0]))

    def _fire_until(self, until: datetime) -> None:
        while due := [
            (in_order(timer), case.id, timer)
            for case in self.cases.values()
            for timer in case.timers
            if timer.due_at <= until
        ]:
            _, id, timer = min(due, key=lambda one: one[:2])
            fires = Event(Action.FIRE, CLOCK, timer=timer.kind)
            self._put(decide(self.cases[id], fires, timer.due_at, self.policy).case)

    def _act(self, deed: Deed, known: Outages) -> None:
        case = self.cases.get(deed.case)
        if case is None:
            self._not_taken(deed, "not_found")
            return
        if deed.event.action is Action.SET_ADDRESS:
            goes_on = address_known(case, deed.at, self.policy)
            self._put(goes_on.case if goes_on else replace(case, address_known=True))
            return
        if deed.event.action is Action.REOPEN:
            case = replace(
                case, address_known=self._known_at(deed.at), outages=_over(known, deed.at)
            )
        try:
            decision = decide(case, self._as_it_would_be(case, deed), deed.at, self.policy)
        except Refused as refused:
            self._not_taken(deed, str(refused.code))
            return
        self._put(decision.case)
        if decision.child is not None:
            self._put(replace(decision.child, id=self._child_of(deed)))

    def _as_it_would_be(self, case: ReturnCase, deed: Deed) -> Event:
        """Who is not late yet does not prove to be in time, but has simply sent it."""
        event = deed.event
        if event.action is Action.LATE_PROOF and case.status is Status.APPROVED:
            event = replace(event, action=Action.SENT)
        if deed.forgotten:
            least = max(self.policy.evidence.min_photos.model_dump().values())
            photos = event.given.photos or ("",) * max(1, least)
            text = event.given.text or _FORGOTTEN
            event = replace(event, given=replace(event.given, text=text, photos=photos))
        return event

    def _known_at(self, at: datetime) -> bool:
        """Whether the return address was set: it is said only if a case waits for it."""
        later = any(
            deed.at > at and deed.event.action is Action.SET_ADDRESS for deed in self.past.deeds
        )
        return self.past.case.address_known and not later

    def _child_of(self, deed: Deed) -> int:
        """The number that the child of a split has in fact, or none that another has."""
        own = [each.id for each in self.past.children if each.parent == deed.case]
        return next((id for id in own if id not in self.cases), -deed.case)

    def _not_taken(self, deed: Deed, code: str) -> None:
        event = deed.event
        self.refused.append(NotTaken(deed.at, deed.case, event.action, event.by.role, code))

    def _put(self, case: ReturnCase) -> None:
        self.cases[case.id] = case


def _over(outages: Outages, at: datetime) -> Outages:
    """The outages that had ended by an instant."""
    return tuple(each for each in outages if each[1] <= at)


def _draft(past: Past, address: bool, outages: Outages) -> ReturnCase:
    """The request before it was sent: what the order, the seller and the customer were then."""
    case = past.case
    return ReturnCase(
        id=case.id,
        part=case.part,
        policy=case.policy,
        profile=case.profile,
        route=case.route,
        order=case.order,
        posting=case.posting,
        customer=case.customer,
        seller=case.seller,
        seller_country=case.seller_country,
        delivered_at=case.delivered_at,
        zone=case.zone,
        lines=_asked_for((case, *past.children)),
        premoderated=case.premoderated,
        flagged=case.flagged,
        blocked=case.blocked,
        photo_reused=case.photo_reused,
        address_known=address,
        outages=outages,
    )


def _asked_for(cases: Iterable[ReturnCase]) -> tuple[Line, ...]:
    """The lines as they were before a verdict divided them."""
    lines: dict[str, Line] = {}
    for case in cases:
        for line in case.lines:
            known = lines.get(line.sku)
            count = line.quantity + (known.quantity if known else 0)
            lines[line.sku] = replace(line, quantity=count, accepted=None)
    return tuple(lines.values())
