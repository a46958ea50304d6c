"""R1 and R3: the program as a process, killed again and again while everything else fails, too."""

from __future__ import annotations

import asyncio
from functools import partial
from math import sqrt

from tests.torture.run import Outcome, run
from tests.torture.scenario import SCENARIOS
from tests.torture.trial import BOTH, Report, Setting, Trial

IN_A_RUN = 20
"""Kills in one story; a run of more begins anew."""
HIT = 0.6
"""Of the kills so many must hit unfinished work."""
MET = 0.5
"""Of the forged presses so many must meet a live case at the version they name."""


def _least(share: float, of: int) -> float:
    """So many must be the case, at least one, where chance takes two deviations of that share."""
    return max(of * share - 2 * sqrt(of * share * (1 - share)), 1)


def _kills(setting: Setting, *, webhook: bool = False) -> Report:
    report, outcomes, left = Report(), list[Outcome](), setting.size
    while left > 0:
        now, number = min(left, IN_A_RUN), len(outcomes)
        left -= now
        scenario = SCENARIOS[number % len(SCENARIOS)]
        planned = scenario.plan(setting.seed + number, now, rough=True)
        here = setting.place(f"run-{number}")
        outcome = asyncio.run(
            run(setting.fresh(), here, setting.launcher, scenario, planned, webhook=webhook)
        )
        outcomes.append(outcome)
        if outcome.faults:
            report.faults.append(str(outcome))
    kills, hits = sum(each.plan.kills for each in outcomes), sum(each.hits for each in outcomes)
    forged, met = sum(each.forged for each in outcomes), sum(each.met for each in outcomes)
    # Of few kills chance may take most.
    many = kills >= 2 * IN_A_RUN
    report.expect(
        hits >= (_least(HIT, kills) if many else 1),
        f"only {hits} of {kills} kills hit unfinished work",
    )
    report.expect(
        met >= (_least(MET, forged) if many else 0),
        f"only {met} of {forged} forged presses met a live case",
    )
    disturbed = sum(each.disturbed for each in outcomes)
    report.seen = (
        f"{hits} hit work, {disturbed} failed calls and doubled taps, "
        f"{met} of {forged} forged presses met a live case, "
        f"{sum(each.confirmed for each in outcomes)} updates, "
        f"{sum(each.repeated for each in outcomes)} messages twice"
    )
    if webhook:
        posters = [each.posts for each in outcomes if each.posts]
        refused, lost = sum(each.refused for each in posters), sum(each.lost for each in posters)
        report.seen += f", {lost} answers to posts lost, {refused} strangers turned away"
        report.expect(lost > 0 and refused > 0, "no post was lost, or no stranger came")
    return report


TRIALS = (
    Trial(
        name="kills",
        goals="R1 R3",
        what="kill -9 over whole stories, with faults of the line, doubled taps and forgeries",
        size=100,
        most=1000,
        unit="kills",
        run=_kills,
        on=BOTH,
    ),
    Trial(
        name="posts",
        goals="R1 R3",
        what="the same where Telegram posts: answers are lost, strangers know the address",
        size=40,
        most=1000,
        unit="kills",
        run=partial(_kills, webhook=True),
        on=BOTH,
    ),
)
