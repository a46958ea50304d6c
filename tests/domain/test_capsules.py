"""Codes on paper beside the product (N-7): whose, of which case, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain import capsules
from bot.domain.cases import Action, Party
from bot.domain.policy import Policy
from bot.domain.refusals import Code
from tests.domain.life import CUSTOMER, SELLER, Life
from tests.screens.scenes import SCENES

ON = Policy().with_overrides({"capsule.mode": "on"})


def coded(scene: str, party: Party, code: str = "C7XK") -> Life:
    """A life in which this party has been given a code."""
    life = SCENES[scene]()
    life.policy = ON
    return life.do(after(life, 1), party, Action.GET_CODE, text=code)


def after(life: Life, minutes: int) -> datetime:
    return life.log[-1][0] + timedelta(minutes=minutes)


@pytest.mark.parametrize(("scene", "party"), [("approved", CUSTOMER), ("received", SELLER)])
def test_a_code_is_photographed_in_time_by_whom_it_was_given(scene: str, party: Party) -> None:
    life = coded(scene, party)
    given = life.case.capsules[0]
    assert given.until - given.given_at == timedelta(minutes=60)
    status, timers = life.case.status, life.case.timers
    life.do(after(life, 59), party, Action.PROVE, text=" \u04417\u0445\u043a ", photos=("p",))
    assert life.case.capsules[0].shown_at == life.log[-1][0]
    assert (life.case.status, life.case.timers) == (status, timers), "nothing else changes"


def test_a_code_that_is_too_old_or_of_another_case_is_refused() -> None:
    life = coded("approved", CUSTOMER)
    for minutes, text, code in (
        (58, "KKKK", Code.CODE_OF_ANOTHER),
        (60, "KKKK", Code.CODE_OF_ANOTHER),
        (60, "C7XK", Code.CODE_EXPIRED),
    ):
        at = after(life, minutes)
        refused = life.refused(at, CUSTOMER, Action.PROVE, text=text, photos=("p",))
        assert refused.code is code
    life.do(after(life, 61), CUSTOMER, Action.GET_CODE, text="DDDD")
    refused = life.refused(after(life, 1), CUSTOMER, Action.PROVE, text="C7XK", photos=("p",))
    assert refused.code is Code.CODE_OF_ANOTHER, "a new one takes the place of the last"


def test_one_code_was_shown_and_new_ones_were_drawn_without_end() -> None:
    life = coded("approved", CUSTOMER)
    until = life.case.capsules[0].until
    photo = {"text": "C7XK", "photos": ("p",)}
    for _ in range(2):
        refused = life.refused(after(life, 1), CUSTOMER, Action.GET_CODE, text="DDDD")
        assert (refused.code, refused.opens) == (Code.CODE_STILL_COUNTS, until)
        if not life.case.capsules[0].shown_at:
            life.do(after(life, 1), CUSTOMER, Action.PROVE, **photo)
    assert life.refused(after(life, 1), CUSTOMER, Action.PROVE, **photo).code is Code.CODE_SHOWN
    life.do(until, CUSTOMER, Action.GET_CODE, text="DDDD")
    assert life.case.capsules[-1].shown_at is None


def test_what_was_photographed_with_a_code_stays_when_a_new_one_is_drawn() -> None:
    life = coded("approved", CUSTOMER)
    life.do(after(life, 1), CUSTOMER, Action.PROVE, text="C7XK", photos=("p",))
    life.do(after(life, 60), CUSTOMER, Action.GET_CODE, text="DDDD")
    life.do(after(life, 60), CUSTOMER, Action.GET_CODE, text="FFFF")
    assert [each.code for each in life.case.capsules] == ["C7XK", "FFFF"]
    assert life.case.capsules[0].shown_at is not None


def test_without_a_code_or_where_it_is_off_there_is_nothing_to_prove() -> None:
    life = SCENES["approved"]()
    code, photo = {"text": "C7XK"}, {"text": "C7XK", "photos": ("p",)}
    assert life.refused(after(life, 1), CUSTOMER, Action.GET_CODE, **code).code is Code.NOT_NOW
    life.policy = ON
    refused = life.refused(after(life, 1), CUSTOMER, Action.PROVE, **photo)
    assert refused.code is Code.CODE_NOT_GIVEN


def test_codes_are_of_signs_that_nobody_misreads() -> None:
    assert capsules.draw(lambda below: below - 1) == "9999"
    assert not set(capsules.SIGNS) & set("0OQ1I2Z5S6G8BUVAEY")
    assert all(capsules.read(sign.lower()) == sign for sign in capsules.SIGNS)
