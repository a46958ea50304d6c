"""What happens next: told of every scene to everybody, and true (N-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.cases import CLOCK, TERMINAL, Action, Event, Party, Status
from bot.domain.checks import divisible
from bot.domain.foresight import if_nobody_acts, if_one_acts
from bot.domain.lifecycle import available_actions, decide
from bot.domain.timers import waits_for_address
from bot.screens.ahead import prospect
from bot.screens.screen import Screen
from bot.services.views import Prospect
from tests.domain.life import Life
from tests.screens.checks import check
from tests.screens.scenes import LANGUAGES, READERS, SCENES, texts

LEFT_OUT = {
    Action.OVERRIDE,
    Action.REOPEN,
    Action.TRACK,
    Action.PAYMENT_FAILED,
    Action.SETTLE,
    Action.GET_CODE,
    Action.PROVE,
}
PAGES_STAFF = {Status.DISPUTE, Status.REFUND_DUE, Status.COMP_ACCEPTED}
"""What no clock can end (2.9)."""
MINUTE = timedelta(minutes=1)


def foretold(life: Life, reader: Party, language: str) -> Screen:
    """The screen a minute after the last thing that happened."""
    now = life.log[-1][0] + MINUTE
    ahead = Prospect(
        case=life.case,
        role=reader.role,
        silent=if_nobody_acts(life.case, life.policy),
        acts=if_one_acts(life.case, reader, now, life.policy),
    )
    return prospect(ahead, texts(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES)
def test_everybody_can_read_what_happens_next(scene: str, language: str) -> None:
    life = SCENES[scene]()
    if not life.case.timers:
        return
    for reader in READERS:
        assert check(foretold(life, reader, language))


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_foretold_of_silence_comes_true(scene: str) -> None:
    life = SCENES[scene]()
    case = life.case
    told = if_nobody_acts(case, life.policy)
    for step in told.steps:
        assert step.owes is case.owes
        event = Event(Action.FIRE, CLOCK, timer=step.kind)
        case = decide(case, event, step.at, life.policy).case
        assert case.status is step.to
    assert case == told.end
    assert case.status in TERMINAL | PAGES_STAFF or waits_for_address(case)


@pytest.mark.parametrize("scene", SCENES)
def test_every_action_is_foretold_once_and_of_a_decision_every_answer(scene: str) -> None:
    life = SCENES[scene]()
    now = life.log[-1][0] + MINUTE
    for reader in READERS:
        options = [
            option
            for option in available_actions(life.case, reader, now, life.policy)
            if option.opens is None
            and option.action not in LEFT_OUT
            and (option.action is not Action.VERDICT or divisible(life.case))
        ]
        told = if_one_acts(life.case, reader, now, life.policy)
        repeated = {Action.PAID} if life.case.refund and life.case.refund.ref else set()
        assert {option.action for option in options} - repeated == {each.action for each in told}
        assert len({(each.action, each.ruling, each.of) for each in told}) == len(told)


def test_the_seller_reads_the_whole_way_to_the_end() -> None:
    text = check(foretold(SCENES["new"](), READERS[1], "en"))
    assert "If you do not decide by Mon 2 March, 15:00 (Almaty)" in text
    assert "Rule D-07" in text
    assert text.index("Rule D-07") < text.index("Rule ST-08") < text.index("Rule X-52")
    assert "There it ends: overdue." in text
    assert "gets 2,500.00\N{NO-BREAK SPACE}RUB and keeps the product" in text
