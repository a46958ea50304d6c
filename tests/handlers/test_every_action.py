"""The one form carries every action of the table, for every party that has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.domain.cases import Action, Event, Input, Option, Party, ReturnCase
from bot.domain.lifecycle import available_actions, decide
from bot.domain.transitions import TABLE
from bot.screens.buttons import DONE, SKIP
from bot.texts import Catalogues
from handlers.action_answers import taken
from handlers.action_draft import ActionDraft
from handlers.forms import shown_action
from tests.domain.life import Life
from tests.screens.scenes import READERS, SCENES

T = Catalogues().texts("ru")
OWN_FORMS = {Action.SUBMIT, Action.SET_ADDRESS}
"""Actions with forms of their own: the return, and the seller's address."""
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


def filled(form: ActionDraft, case: ReturnCase, now: datetime, *, skipping: bool) -> ActionDraft:
    """The form answered to the end, each question shown and kept on the way."""
    for _ in range(20):
        assert shown_action(form, case, T).text
        form = ActionDraft.model_validate_json(form.model_dump_json())
        asked = form.question
        if asked is None:
            return form
        if skipping and not asked.required:
            form = taken(form, SKIP, now, "UTC", pressed=True)
        elif asked.input is Input.PHOTOS:
            for number in range(max(1, asked.least)):
                form = form.with_photo(f"photo-{number}")
            form = taken(form, DONE, now, "UTC", pressed=True)
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
        form = filled(form, life.case, now, skipping=skipping)
        decide(life.case, Event(option.action, party, form.given), now, life.policy)


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
