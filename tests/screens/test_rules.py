"""Whatever the clock does, it can say by which rule (N-12)."""

from __future__ import annotations

import re

import pytest

from bot.domain.cases import Alarm, TimerKind
from bot.domain.policy import Policy
from bot.domain.rulebook import RULES
from bot.domain.transitions import TABLE
from bot.screens.cases import card
from bot.screens.notices import notice
from bot.screens.rules import BEHIND, CITED, rule
from bot.services.records import InForce
from tests.domain.life import CUSTOMER, march
from tests.screens.checks import check, labels
from tests.screens.scenes import LANGUAGES, scene, texts, view

BY_ITSELF = {row.rule for row in TABLE if isinstance(row.trigger, TimerKind)} | {"D-09", "X-48"}
"""Rules of every timer, of the automatic offer, and of an address that starts a clock."""


def test_a_rule_and_a_card_name_the_policy_by_its_name_and_version() -> None:
    case, week = scene("approved").case, InForce(version=3, digest="a", name="week", since=march(1))
    said = check(rule(case, Policy(), "ST-04", texts(), named=week, on_card=True))
    assert "was opened (week, version 3);" in said
    assert Policy().digest[:8] not in said
    at_once = check(card(view("offered at once", CUSTOMER, rules=week), texts()))
    assert "50\xa0% of the price is our own assumption (rules: week, version 3)." in at_once


def test_every_step_that_nobody_presses_can_show_its_rule() -> None:
    assert BY_ITSELF <= CITED <= set(RULES)
    assert set(BEHIND.values()) <= CITED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", sorted(CITED))
def test_a_rule_says_what_holds_for_this_return_and_where_it_stands(id: str, language: str) -> None:
    t = texts(language)
    case = scene("approved").case
    text = check(rule(case, Policy(), id, t, on_card=True))
    assert id in text
    assert case.number in text
    assert Policy().digest[:8] in text
    stands = RULES[id].source
    assert stands in text or stands == "-"
    assert all(line.rstrip().endswith((".", id, case.number)) for line in text.split("\n\n"))
    if language == "ru":
        words = text.replace(Policy().digest[:8], "").replace("RUB", "")
        assert not re.search("[A-Za-z]{3,}", words), words


def test_the_figures_are_those_of_the_policy_of_the_case() -> None:
    policy = Policy.parse("[decision]\nhours = 36\n\n[autocomp]\noffer_percent = 40\n")
    case = scene("approved").case
    assert "1 day 12\xa0h" in rule(case, policy, "D-07", texts(), on_card=True).text
    assert "40\xa0% of the price" in rule(case, policy, "D-09", texts(), on_card=True).text


def test_the_way_back_leads_to_where_the_rule_was_opened() -> None:
    case = scene("approved").case
    assert labels(rule(case, Policy(), "D-07", texts(), on_card=True)) == ["← Back"]
    assert labels(rule(case, Policy(), "D-07", texts(), on_card=False)) == ["Open R-000007"]


def test_a_notice_of_the_clock_offers_its_rule() -> None:
    late = notice(Alarm.REFUND_LATE.value, {"case": 7}, texts(), march(1))
    assert labels(late) == ["Open R-000007", "Show the rule"]
    assert labels(notice("unreachable", {"case": 7}, texts(), march(1))) == ["Open R-000007"]
