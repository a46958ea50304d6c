"""Rules in force, rules that were tried, and returns that are none: whole in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.cases import Action, Role, Status
from bot.domain.policy import Policy
from bot.domain.replay import Aspect, Difference, NotTaken
from bot.screens import notices, policies, simulation
from bot.services.comparing import Found
from bot.services.records import InForce, Trial
from bot.services.script import ScriptError
from bot.services.trying import tried
from bot.texts import Html
from tests.domain.life import approved, draft, march, received
from tests.screens.checks import check, labels
from tests.screens.scenes import LANGUAGES, texts

OLGA, BORIS = 1, 2
FOUND = Found(cases=12, unlike=(5,), outcome=tuple(range(1, 30)), deadline=(40,))
TRIAL = Trial(
    id=3, account=OLGA, name="<week>", digest="ab" * 32, at=march(9),
    found=FOUND.model_dump_json(),
)  # fmt: skip
NAMES = {OLGA: "Olga <b>", BORIS: "Boris", 0: "—"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_administrator_reads_what_is_left_to_do(language: str) -> None:
    t = texts(language)
    for asked_by, reader, ended, acts in (
        (None, OLGA, False, ("drop", "ask")),
        (OLGA, OLGA, False, ("drop",)),
        (OLGA, BORIS, False, ("drop", "confirm")),
        (OLGA, BORIS, True, ()),
    ):
        screen = policies.trial(replace(TRIAL, asked_by=asked_by, ended=ended), reader, NAMES, t)
        check(screen, "<week>")
        presses = [each.data for row in screen.rows for each in row if each.data]
        assert tuple(each.split(":")[2] for each in presses if each.startswith("tr:")) == acts
    rules = InForce(version=2, digest="cd" * 32, name="<week>", since=march(2))
    for each in (rules, replace(rules, asked_by=OLGA, confirmed_by=BORIS), None):
        check(policies.in_force(each, (TRIAL,), NAMES, t))
    for kind in ("unread", "broken"):
        facts = {"name": "a.toml", "waits": True, kind: True}
        check(notices.notice("rules_wrong", facts, t, march(1)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_be_different_is_paged_and_names_what_is_refused(language: str) -> None:
    t = texts(language)
    refused = NotTaken(march(3), 7, Action.SUBMIT, Role.CUSTOMER, "window_closed")
    for was, would in (
        (approved().case, draft()),
        (received().pass_until(march(30)).case, None),
        (replace(approved().case, status=Status.OVERDUE), approved().case),
    ):
        one = Difference(
            case=7, aspect=Aspect.OUTCOME, was=was, would=would, refused=(refused,) * 5
        )
        page = dict.fromkeys(range(1, 9), one)
        first = policies.differing(TRIAL, Aspect.OUTCOME, 0, page, t)
        check(first)
        last = policies.differing(TRIAL, Aspect.OUTCOME, 24, page, t)
        check(last)
        assert (len(labels(first)), len(labels(last))) == (2, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_simulation_is_whole_however_long_it_is(language: str) -> None:
    t = texts(language)
    for words in (
        "request",
        "request, seller approves, payment pays, nobody, nobody, customer sent",
    ):
        found = tried(words, march(1), Policy())
        check(simulation.timeline(found, lambda _: Html("—"), t))
        check(simulation.ahead(found, t))
    long = "request, seller refund_without_return, payment payment_failed 100d"
    played = tried(long, march(1), Policy())
    check(simulation.timeline(played, lambda _: Html("—"), t))
    check(simulation.ahead(tried("request, customer cancels", march(1), Policy()), t))
    for wrong in ("dance", "request, seller dances", "ship.dayz = 3, request", "[order]\nx = 1"):
        with pytest.raises(ScriptError) as caught:
            tried(wrong, march(1), Policy())
        check(simulation.ask(t, simulation.wrong(caught.value, t)))
