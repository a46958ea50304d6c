"""The one form carries every action of the table, for every party that has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from bot.domain.cases import (
    TERMINAL,
    Action,
    Decision,
    Event,
    Given,
    Goods,
    Input,
    Option,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.guards import acceptable
from bot.domain.lifecycle import Silence, available_actions, decide, what_happens_on_silence
from bot.domain.policy import Policy
from bot.domain.refunds import paid_for, refunds_shipping, shipping_cap
from bot.domain.transitions import TABLE
from bot.screens import labels
from bot.screens.buttons import DONE, SKIP
from bot.screens.words import small
from bot.texts import Catalogues
from handlers.action_answers import taken
from handlers.action_draft import SECOND_LOOK, ActionDraft
from handlers.forms import shown_action
from tests.domain.life import OTHER_ADMIN, Life
from tests.screens.scenes import READERS, SCENES

T = Catalogues().texts("ru")
OWN_FORMS = {Action.SUBMIT, Action.SET_ADDRESS, Action.GET_CODE}
"""Actions with forms of their own: the return, the seller's address; a code is drawn at once."""
PEOPLE = {party.role for party in READERS}


def instant(life: Life) -> datetime:
    """A minute after the last thing that happened."""
    return life.log[-1][0] + timedelta(minutes=1)


def moments(scene: str) -> Iterator[tuple[Life, datetime]]:
    """The scene as it is, and as it is when something opens that has been too early."""
    life = SCENES[scene]()
    yield life, instant(life)
    for opens in {option.opens for _, option in _listed(life, instant(life)) if option.opens}:
        yield SCENES[scene]().pass_until(opens), opens


def _listed(life: Life, now: datetime) -> Iterator[tuple[Party, Option]]:
    for party in READERS:
        for option in available_actions(life.case, party, now, life.policy):
            yield party, option


def options(scene: str) -> Iterator[tuple[Life, datetime, Party, Option]]:
    """What anybody can do at any of these moments."""
    for life, now in moments(scene):
        for party, option in _listed(life, now):
            if option.opens is None:
                yield life, now, party, option


def typed(form: ActionDraft, case: ReturnCase, now: datetime) -> str:
    """Something that a person would answer to the present question."""
    assert form.question is not None
    below, above = form.limit("below"), form.limit("above")
    since = (case.approved_at or case.created_at or now) + timedelta(days=1)
    match form.question.input:
        case Input.TEXT if form.action is Action.PROVE:
            return "C7XK"
        case Input.AMOUNT:
            low, high = (above.minor if above else 0), (below.minor if below else 100_000)
            return f"{(low + high) / 200:.2f}"
        case Input.SHIPPING:
            return "0"
        case Input.RECEIPT_AMOUNT:
            return "350"
        case Input.RECEIPT_DATE:
            return min(since, now).date().isoformat()
        case Input.TRACK:
            return "RR123456785AZ"
        case Input.ACCEPTED:
            return "1"
        case _ if form.question.choices:
            return form.question.choices[0]
        case _:
            return "It is as I have described."


def filled(
    form: ActionDraft,
    life: Life,
    party: Party,
    now: datetime,
    *,
    skipping: bool,
    pick: str | None = None,
) -> ActionDraft:
    """The form answered to the end, each question shown and kept on the way. `pick`: a choice."""
    case = life.case
    for _ in range(20):
        assert shown_action(form, case, life.policy, party, now, T).text
        form = ActionDraft.model_validate_json(form.model_dump_json())
        asked = form.question
        if asked is None:
            return form
        if skipping and not asked.required:
            form = taken(form, SKIP, now, "UTC", pressed=True)
        elif asked.input is Input.PHOTOS:
            for number in range(max(1, asked.least)):
                form = form.with_photo(f"photo-{number}", life.policy.evidence.max_photos)
            form = taken(form, DONE, now, "UTC", pressed=True)
        elif pick in asked.choices:
            form = taken(form, pick, now, "UTC")
        else:
            form = taken(form, typed(form, case, now), now, "UTC")
    raise AssertionError(f"{form.action} asks for ever")


@pytest.mark.parametrize("skipping", [False, True], ids=["all", "least"])
@pytest.mark.parametrize("scene", SCENES)
def test_what_the_form_gives_is_what_the_rules_accept(scene: str, skipping: bool) -> None:
    for life, now, party, option in options(scene):
        if option.action in OWN_FORMS or option.facts.get("repeats"):
            continue  # not this form; a payment that only repeats itself
        form = ActionDraft.opened(life.case, option, party.role)
        form = filled(form, life, party, now, skipping=skipping)
        decide(life.case, Event(option.action, party, form.given), now, life.policy)


# ------------------------------------------------- what is said before the last yes (N-2, N-3)

ENGLISH = Catalogues(entities=False).texts("en")
SUM = re.compile(r"[0-9,]+\.[0-9]{2}\xa0RUB")
BIG = {Input.RULING, Input.STATUS, Input.TERMS, Input.OF}
"""The inputs whose every choice leads elsewhere."""


@dataclass(frozen=True)
class Yes:
    """A yes, what was read before it, and what came of it."""

    life: Life
    action: Action
    read: str
    decision: Decision
    seconded: Decision
    """The same; or what comes when another person does the same, or accepts what is proposed."""
    now: datetime

    def can(self, role: Role, action: Action) -> bool:
        """Whether the party has the action then, on the case or on what was split from it."""
        cases = [self.decision.case, *([self.decision.child] if self.decision.child else [])]
        return any(
            action is option.action and option.opens is None
            for case in cases
            for option in available_actions(case, Party(role, 77), self.now, self.life.policy)
        )

    @property
    def silence(self) -> Silence | None:
        return what_happens_on_silence(self.decision.case, self.life.policy)


def every_yes(scene: str) -> Iterator[Yes]:
    """Each last look that anybody can have in a scene, with each choice that leads to it."""
    for life, now, party, option in options(scene):
        if option.action not in SECOND_LOOK or option.facts.get("repeats"):
            continue
        choices = [pick for asked in option.asks if asked.input in BIG for pick in asked.choices]
        for pick, skipping in product(choices or ("",), (False, True)):
            form = ActionDraft.opened(life.case, option, party.role)
            if skipping and pick in (Status.OFFERED, Status.COMP_ACCEPTED):
                continue  # without a sum there may be no last look: see below
            form = filled(form, life, party, now, skipping=skipping, pick=pick)
            read = shown_action(form, life.case, life.policy, party, now, ENGLISH).text
            event = Event(option.action, party, form.given)
            decision = seconded = decide(life.case, event, now, life.policy)
            if option.action is Action.OVERRIDE and decision.case.override:
                again = replace(event, by=OTHER_ADMIN)
                seconded = decide(decision.case, again, now, life.policy)
            proposes = option.action in (Action.SETTLE, Action.ACCEPT)
            if proposes:
                seconded = accepted(decision, party, now, life.policy)
            effect = " ".join(read.split("\n\n")[-3 if proposes else -2 :])
            yield Yes(life, option.action, effect, decision, seconded, now)


def accepted(decision: Decision, by: Party, now: datetime, policy: Policy) -> Decision:
    """What comes of a proposal once all whom it binds accept it."""
    dispute = decision.case.dispute
    wanted = dispute.proposal_of(by.role) if dispute else None
    for role in (Role.CUSTOMER, Role.SELLER) if wanted else ():
        for each in acceptable(decision.case, role):
            if wanted and each.same_as(wanted) and decision.case.status is Status.DISPUTE:
                yes = Event(Action.ACCEPT, Party(role), Given(of=each.by))
                decision = decide(decision.case, yes, now, policy)
    return decision


TRUE_ONLY_IF: Mapping[str, Callable[[Yes], object]] = {
    "and keep the product": lambda yes: yes.seconded.case.goods is Goods.KEPT_BY_CUSTOMER,
    "can open a dispute": lambda yes: yes.can(Role.CUSTOMER, Action.OPEN_DISPUTE),
    "can only raise it": lambda yes: yes.can(Role.SELLER, Action.OFFER),
    "can then offer more": lambda yes: yes.can(Role.SELLER, Action.OFFER),
    "silence approves": lambda yes: yes.silence and yes.silence.status is Status.APPROVED,
    "is refunded by itself": lambda yes: yes.silence and yes.silence.status is Status.REFUND_DUE,
    "your time runs to check": lambda yes: yes.decision.case.status is Status.RECEIVED,
    "time to reply runs on": lambda yes: yes.decision.case.timer(TimerKind.DISPUTE_REPLY),
    "moderator decides the dispute now": lambda yes: yes.can(Role.MODERATOR, Action.DECIDE),
    "A moderator can decide": lambda yes: yes.can(Role.MODERATOR, Action.DECIDE),
    "the return with it": lambda yes: yes.seconded.case.status in TERMINAL,
    "return goes on": lambda yes: yes.seconded.case.status is Status.IN_TRANSIT,
    "parcel is on its way": lambda yes: yes.seconded.case.status is Status.IN_TRANSIT,
    "sends the product back and": lambda yes: yes.seconded.case.status is Status.APPROVED,
    "sends the product back to you": lambda yes: (
        yes.seconded.case.goods is Goods.RETURNING_TO_CUSTOMER
    ),
    "Nothing changes until another": lambda yes: yes.decision.case.override,
    "set a return address": lambda yes: not yes.decision.case.address_known,
}


def sums_of(yes: Yes) -> set[str]:
    """What the money is that the yes moves, part by part and in all; of an approval what it may."""
    case, refund = yes.life.case, yes.seconded.case.refund
    paid = yes.seconded.case.status is Status.REFUNDED
    confirmed = yes.action is Action.CONFIRM_SHIPPING
    if refund and (yes.seconded.ledger or paid or confirmed):
        whole = {refund.total} if yes.action is Action.PAID else set()
        parts = {refund.goods, refund.shipping, refund.total} if refund.shipping else set()
        return {ENGLISH.money(each) for each in whole or parts or {refund.total}}
    if case.refund and not refund:
        return {ENGLISH.money(case.refund.total)}
    by_agreement = yes.action in (Action.SETTLE, Action.ACCEPT)
    approves = by_agreement or yes.action in (Action.APPROVE, Action.DECIDE)
    if yes.seconded.case.status is Status.APPROVED and approves:
        cap = shipping_cap(case, yes.life.policy, yes.now.date())
        caps = {cap} if cap and refunds_shipping(case) else set()
        return {ENGLISH.money(each) for each in {paid_for(case), *caps}}
    return set()


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_said_before_the_last_yes_is_what_then_happens(scene: str) -> None:
    for yes in every_yes(scene):
        after, told = yes.decision.case, yes.read
        status = small(labels.status(after.status, ENGLISH))
        stays = after.status is yes.life.case.status
        assert f"{'The status stays' if stays else 'Status after that'}: {status}." in told
        assert set(SUM.findall(told)) == sums_of(yes), told
        for phrase, holds in TRUE_ONLY_IF.items():
            assert phrase not in told or holds(yes), told
        due = yes.silence.due_at if yes.silence and yes.silence.owes else None
        if after.owes in PEOPLE and due:
            span = ENGLISH.span(due - yes.now)
            assert f"has {span} " in told or f"have {span} " in told or ENGLISH.moment(due) in told
        else:
            assert "next step" not in told


def test_nobody_is_asked_to_say_yes_to_what_the_rules_refuse() -> None:
    life, now, party, option = next(
        each for each in options("new") if each[-1].action is Action.OVERRIDE
    )
    form = ActionDraft.opened(life.case, option, party.role)
    with pytest.raises(Refused, match="amount_missing"):
        filled(form, life, party, now, skipping=True, pick=Status.COMP_ACCEPTED)


def test_each_claim_of_a_last_look_is_met_in_the_scenes() -> None:
    told = [yes.read for scene in SCENES for yes in every_yes(scene)]
    assert [phrase for phrase in TRUE_ONLY_IF if not any(phrase in each for each in told)] == []


def test_every_action_that_a_person_has_in_the_table_is_met_in_the_scenes() -> None:
    table = {
        f"{status} {row.trigger}"
        for row in TABLE
        if isinstance(row.trigger, Action) and row.roles & PEOPLE and row.trigger not in OWN_FORMS
        for status in row.sources
    }
    met = {
        f"{life.case.status} {option.action}"
        for scene in SCENES
        for life, _, _, option in options(scene)
    }
    assert sorted(table - met) == []


@pytest.mark.parametrize("scene", SCENES)
def test_whoever_owes_has_something_to_press(scene: str) -> None:
    owes = SCENES[scene]().case.owes
    assert owes is None or owes in {party.role for *_, party, _ in options(scene)}
