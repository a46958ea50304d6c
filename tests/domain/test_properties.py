"""The invariants of `lifecycle.md` 2.9, held against random lives.

`RETURNDESK_HEAVY=1` plays some hundred times as many.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.cases import (
    CLOCK,
    TERMINAL,
    Action,
    Alarm,
    Decision,
    DisputeTopic,
    Event,
    Given,
    Goods,
    Input,
    Line,
    Option,
    Party,
    ReasonClass,
    Refused,
    ReturnCase,
    Role,
    Ruling,
    Status,
    Terms,
    TimerKind,
    dump_case,
    load_case,
)
from bot.domain.lifecycle import available_actions, decide, what_happens_on_silence
from bot.domain.money import LedgerLine, Money, Purse
from bot.domain.policy import Policy
from bot.domain.reasons import Reason, RejectReason
from bot.domain.replay import Deed, Past, comes_out
from bot.domain.rulebook import RULES
from bot.domain.timers import credit_outage, next_timer, reminders_of

from .life import march

SECRET = "Call me at +7 900 000-00-00, it was never worn."
CAP = Money.of("5000.00").minor
PAYING = {TimerKind.REFUND_ETA, TimerKind.TRANSIT_AUTO, TimerKind.TRANSIT_CAP}
POLICIES = [
    Policy(),
    Policy().with_overrides({"clarify.on_expiry": "moderators"}),
    Policy().with_overrides({"offer.on_expiry": "cancel_inaction", "ship.grace_days": 3}),
    Policy().with_overrides({"clock.mode": "calendar", "clarify.anchor": "asked"}),
    Policy().with_overrides({"late_proof.hours": 0, "decision.on_expiry": "moderators"}),
    Policy().with_overrides({"dispute.moderator_silence": "status_quo", "transit_cap.days": 20}),
    Policy().with_overrides({"dispute.moderator_silence": "customer_wins"}),
]
SELDOM = {Action.OVERRIDE, Action.CANCEL, Action.TRACK, Action.REOPEN, Action.SET_ADDRESS}
PEOPLE = [
    Party(Role.CUSTOMER, 1),
    Party(Role.SELLER, 2),
    Party(Role.MODERATOR, 3),
    Party(Role.ADMIN, 4),
    Party(Role.ADMIN, 5),
    Party(Role.CARRIER),
    Party(Role.PAYMENT),
    Party(Role.WAREHOUSE),
]


def of_minor(minor: int) -> Money:
    return Money(minor, "RUB")


amounts = st.integers(1, 700_000).map(of_minor)
givens = st.builds(
    Given,
    reason=st.none() | st.sampled_from([*Reason, *RejectReason]).map(str),
    text=st.none() | st.sampled_from(["no", SECRET]),
    photos=st.integers(0, 3).map(lambda count: tuple(f"photo-{n}" for n in range(count))),
    amount=st.none() | amounts,
    track=st.none() | st.just("RB123456785CN"),
    receipt_amount=st.none() | amounts,
    receipt_date=st.none() | st.integers(1, 40).map(lambda day: march(day, 0)),
    shipping=st.none() | amounts,
    accepted=st.none() | st.dictionaries(st.sampled_from("AB"), st.integers(0, 2)),
    ruling=st.none() | st.sampled_from(Ruling),
    terms=st.none() | st.sampled_from(Terms),
    topic=st.none() | st.sampled_from(DisputeTopic),
    of=st.none() | st.sampled_from(Role),
    ref=st.none() | st.sampled_from(["p-1", "p-2"]),
    to=st.none() | st.sampled_from(Status),
    address=st.none() | st.just("A street"),
)
lines = st.lists(
    st.builds(
        Line,
        sku=st.just(""),
        title=st.just("thing"),
        category=st.sampled_from(["other", "books", "technically_complex"]),
        unit_price=st.sampled_from(["0.01", "900.00", "1800.00", "1800.01", "2500.00"]).map(
            Money.of
        ),
        quantity=st.integers(1, 2),
    ),
    min_size=1,
    max_size=2,
)


def between(facts: Mapping[str, Any]) -> st.SearchStrategy[Money]:
    """A sum that may be offered; any sum where none may."""
    least = facts["above"].minor + 1 if facts.get("above") else 1
    most = facts["below"].minor - 1
    return (
        st.integers(least, least + (most - least) // 3).map(of_minor) if most >= least else amounts
    )


def fitting(draw: st.DataObject, case: ReturnCase, option: Option) -> Given:
    """Inputs as the generic form would bring them."""
    values: dict[str, Any] = {}
    for asked in option.asks:
        match asked.input:
            case Input.REASON:
                values["reason"] = draw.draw(st.sampled_from(asked.choices))
            case Input.TEXT:
                values["text"] = SECRET
            case Input.PHOTOS:
                values["photos"] = tuple(f"photo-{n}" for n in range(max(asked.least, 2)))
            case Input.AMOUNT if option.action is Action.OVERRIDE:
                values["amount"] = draw.draw(st.none() | amounts)
            case Input.AMOUNT:
                values["amount"] = draw.draw(between(option.facts))
            case Input.TRACK:
                values["track"] = "RB123456785CN"
            case Input.RECEIPT_AMOUNT:
                values["receipt_amount"] = draw.draw(amounts)
            case Input.RECEIPT_DATE:
                assert case.since is not None
                values["receipt_date"] = case.since - draw.draw(
                    st.integers(1, 60).map(lambda hours: timedelta(hours=hours))
                )
            case Input.ACCEPTED:
                values["accepted"] = draw.draw(
                    st.fixed_dictionaries(
                        {line.sku: st.integers(0, line.quantity) for line in case.lines}
                    )
                )
            case Input.RULING:
                values["ruling"] = Ruling(draw.draw(st.sampled_from(asked.choices)))
            case Input.TERMS:
                values["terms"] = Terms(draw.draw(st.sampled_from(asked.choices)))
            case Input.TOPIC:
                topics = st.none() | st.sampled_from(asked.choices).map(DisputeTopic)
                values["topic"] = draw.draw(topics)
            case Input.OF:
                values["of"] = Role(draw.draw(st.sampled_from(asked.choices)))
            case Input.REF:
                values["ref"] = draw.draw(st.sampled_from(["p-1", "p-2"]))
            case Input.STATUS:
                values["to"] = Status(draw.draw(st.sampled_from(asked.choices)))
            case Input.ADDRESS:
                values["address"] = "A street"
            case _:
                pass
    return Given(**values)


class Lives(RuleBasedStateMachine):
    """A request, perhaps split in two, with people, a clock and outages around it."""

    policy: Policy
    now: datetime

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[ReturnCase] = []
        self.ledger: list[LedgerLine] = []
        self.replay: list[tuple[int, Any, datetime]] = []
        self.first: ReturnCase | None = None
        self.outages: list[tuple[datetime, datetime]] = []

    @initialize(
        lines=lines,
        policy=st.sampled_from(POLICIES),
        reason=st.sampled_from(Reason),
        flags=st.fixed_dictionaries(
            {
                name: st.booleans()
                for name in ("flagged", "premoderated", "photo_reused", "address_known")
            }
        ),
    )
    def submit(
        self, lines: list[Line], policy: Policy, reason: Reason, flags: dict[str, Any]
    ) -> None:
        named = tuple(replace(each, sku=sku) for each, sku in zip(lines, "AB", strict=False))
        self.policy, self.now = policy, march(1)
        self.first = ReturnCase(
            id=1, lines=named, delivered_at=march(1, 8), customer=1, seller="s", **flags
        )
        self.cases = [self.first]
        self.paid = sum(each.unit_price.minor * each.quantity for each in named)
        given = Given(reason=reason, text=SECRET, photos=("one", "two"))
        self.decided(0, Event(Action.SUBMIT, PEOPLE[0], given))

    def decided(self, place: int, event: Event, now: datetime | None = None) -> Decision:
        """Decide, and remember it for the replay."""
        at = now or self.now
        before = self.cases[place]
        decision = decide(before, event, at, self.policy)
        assert decision.case.version == before.version + 1
        assert load_case(dump_case(decision.case)) == decision.case
        assert {happened.rule for happened in decision.happened} <= RULES.keys()
        self.replay.append((place, event, at))
        self.cases[place] = decision.case
        if decision.child is not None:
            self.cases.append(replace(decision.child, id=len(self.cases) + 1))
        self.ledger += decision.ledger
        return decision

    # ------------------------------------------------------------------ what happens

    @rule(data=st.data(), acts=st.integers(1, 6))
    def people_act(self, data: st.DataObject, acts: int) -> None:
        """Parties press buttons, fill in their forms and take their time."""
        for _ in range(acts):
            place = data.draw(st.integers(0, len(self.cases) - 1))
            self.somebody_acts(data, place)
            self.now += timedelta(hours=data.draw(st.sampled_from([0, 1, 20])))
            for each in range(len(self.cases)):
                self.fire_until_now(each)

    def somebody_acts(self, data: st.DataObject, place: int) -> None:
        case = self.cases[place]
        often = data.draw(st.integers(0, 7)) > 0
        buttons = {
            (option.action, party.role, party.id): (party, option)
            for party in PEOPLE
            for option in available_actions(case, party, self.now, self.policy)
            if option.opens is None and not (often and option.action in SELDOM)
        }
        if buttons:
            party, option = buttons[data.draw(st.sampled_from(sorted(buttons)))]
            given = fitting(data, case, option)
            self.tried(place, Event(option.action, party, given))

    @rule(
        place=st.integers(0, 1),
        party=st.sampled_from(PEOPLE),
        action=st.sampled_from([each for each in Action if each is not Action.FIRE]),
        given=givens,
    )
    def somebody_forges(self, place: int, party: Party, action: Action, given: Given) -> None:
        """A party sends anything at all."""
        self.tried(place % len(self.cases), Event(action, party, given))

    def tried(self, place: int, event: Event) -> None:
        case = self.cases[place]
        offered = available_actions(case, event.by, self.now, self.policy)
        if (refused := self.refusal(place, event)) is None:
            assert event.action in {each.action for each in offered if each.opens is None}
            self.fire_until_now(place)
            return
        assert refused.code
        assert refused.rule in RULES
        assert refused.code != "not_yet" or refused.opens is not None
        timed = refused.code in ("deadline_passed", "window_closed")
        assert not timed or refused.closed is not None

    def refusal(self, place: int, event: Event) -> Refused | None:
        """Decide; the refusal, if it is refused."""
        try:
            self.decided(place, event)
        except Refused as refused:
            return refused
        return None

    @rule(hours=st.sampled_from([1, 5, 11, 25, 49, 80, 170, 400]))
    def time_passes(self, hours: int) -> None:
        """A slow sweep: everything that is due by now fires, late and in due order."""
        self.now += timedelta(hours=hours)
        for place in range(len(self.cases)):
            self.fire_until_now(place)

    @rule()
    def the_next_deadline_comes(self) -> None:
        """And not a second more."""
        dues = [timer.due_at for case in self.cases for timer in case.timers]
        if dues:
            self.now = max(self.now, min(dues))
            for place in range(len(self.cases)):
                self.fire_until_now(place)

    def fire_until_now(self, place: int) -> None:
        while (timer := next_timer(self.cases[place])) is not None and timer.due_at <= self.now:
            event = Event(Action.FIRE, CLOCK, timer=timer.kind)
            on_time = decide(self.cases[place], event, timer.due_at, self.policy)
            silence = what_happens_on_silence(self.cases[place], self.policy)
            assert self.decided(place, event) == on_time
            assert silence is not None
            if silence.kind is timer.kind:
                assert silence.status is self.cases[place].status

    @precondition(lambda self: any(case.timers for case in self.cases))
    @rule(hours=st.sampled_from([0.2, 1, 30, 100]))
    def the_service_is_down(self, hours: float) -> None:
        """Deadlines of people move by the outage, and those of nobody do not."""
        since, self.now = self.now, self.now + timedelta(hours=hours)
        self.outages.append((since, self.now))
        for place, case in enumerate(self.cases):
            after = credit_outage(case, since, self.now, self.policy)
            for old, new in zip(case.timers, after.timers, strict=True):
                moved = new.due_at - old.due_at
                nobodys = old.kind in (TimerKind.TRANSIT_AUTO, TimerKind.REFUND_ETA)
                assert moved == timedelta(0) or (moved == self.now - since and not nobodys)
            if after is not case:
                self.replay.append((place, (since, self.now), self.now))
            self.cases[place] = after
            self.fire_until_now(place)

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def one_party_owes_or_a_clock_runs(self) -> None:
        for case in self.cases:
            if case.status not in TERMINAL:
                assert case.owes is not None or {timer.kind for timer in case.timers} & PAYING

    @invariant()
    def whoever_owes_can_act(self) -> None:
        for case in self.cases:
            if case.status not in TERMINAL and case.owes is not None:
                mine = available_actions(case, Party(case.owes, 9), self.now, self.policy)
                assert [each for each in mine if each.action is not Action.OVERRIDE]

    @invariant()
    def nothing_is_overdue(self) -> None:
        for case in self.cases:
            assert all(timer.due_at > self.now for timer in case.timers) or self.now == march(1)
            assert list(reminders_of(case, self.policy)) == sorted(
                reminders_of(case, self.policy), key=lambda one: one[0]
            )

    @invariant()
    def silence_leads_to_an_end_or_pages(self) -> None:
        for case in self.cases:
            alarms: list[Alarm] = []
            for _ in range(40):
                timer = next_timer(case)
                if case.status in TERMINAL or timer is None:
                    break
                event = Event(Action.FIRE, CLOCK, timer=timer.kind)
                decision = decide(case, event, timer.due_at, self.policy)
                case = decision.case
                alarms += decision.alarms
            if case.status in TERMINAL:
                continue
            if case.status is Status.APPROVED:
                assert not case.address_known
            elif case.status is Status.DISPUTE:
                assert case.dispute is not None
                assert case.dispute.decidable
                assert case.owes is Role.MODERATOR
            else:
                assert case.status in (Status.REFUND_DUE, Status.COMP_ACCEPTED)
                assert alarms

    @invariant()
    def no_unit_is_in_two_cases(self) -> None:
        assert self.first is not None
        had = Counter({line.sku: line.quantity for line in self.first.lines})
        have: Counter[str] = Counter()
        for case in self.cases:
            for line in case.lines:
                have[line.sku] += line.quantity
        assert have == had

    @invariant()
    def no_more_is_refunded_than_was_paid_and_the_cap(self) -> None:
        got = sum(
            one.amount.minor if one.to is Purse.CUSTOMER else -one.amount.minor
            for one in self.ledger
        )
        assert 0 <= got <= self.paid + CAP
        promised = sum(case.refund.total.minor for case in self.cases if case.refund)
        assert got == promised
        assert all(one.to is not one.source and one.amount.minor > 0 for one in self.ledger)
        proper = all(case.reason_class is ReasonClass.PROPER for case in self.cases)
        assert not proper or got <= self.paid

    @invariant()
    def each_side_proposes_one_thing_and_the_parties_not_the_same(self) -> None:
        for case in self.cases:
            proposals = case.dispute.proposals if case.dispute else ()
            sides = [each.by for each in proposals]
            assert len(set(sides)) == len(sides)
            assert set(sides) <= {Role.CUSTOMER, Role.SELLER, Role.MODERATOR}
            parties = [each for each in proposals if each.by is not Role.MODERATOR]
            assert len({(each.terms, each.amount) for each in parties}) == len(parties)
            assert all((each.terms is Terms.PART) is bool(each.amount) for each in proposals)
            assert not proposals or case.status is Status.DISPUTE

    @invariant()
    def kept_goods_are_paid_for(self) -> None:
        for case in self.cases:
            if case.status is Status.COMP_ACCEPTED:
                assert case.goods is Goods.KEPT_BY_CUSTOMER
                assert case.refund is not None

    @invariant()
    def a_case_holds_no_personal_content(self) -> None:
        for case in self.cases:
            assert SECRET not in dump_case(case)

    def teardown(self) -> None:
        """The log, played again, gives the same cases byte for byte; and so do the deeds alone."""
        if self.first is None:
            return
        cases, ledger = [self.first], list[LedgerLine]()
        for place, event, at in self.replay:
            if isinstance(event, Event):
                decision = decide(cases[place], event, at, self.policy)
                cases[place] = decision.case
                if decision.child is not None:
                    cases.append(replace(decision.child, id=len(cases) + 1))
                ledger += decision.ledger
            else:
                since, until = event
                cases[place] = credit_outage(cases[place], since, until, self.policy)
        assert [dump_case(case) for case in cases] == [dump_case(case) for case in self.cases]
        assert ledger == self.ledger
        if self.cases[0].version:
            deeds = tuple(
                Deed(at, place + 1, event)
                for place, event, at in self.replay
                if isinstance(event, Event) and event.timer is None
            )
            past = Past(self.cases[0], deeds, tuple(self.cases[1:]))
            assert comes_out(past, self.policy, tuple(self.outages), self.now)


def test_random_lives_keep_every_invariant() -> None:
    heavy = bool(os.environ.get("RETURNDESK_HEAVY"))
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=5000 if heavy else 60,
            stateful_step_count=60 if heavy else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
