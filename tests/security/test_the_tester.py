"""The same seed gives the same trace, and every planted defect still fits the program (T1, T2)."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from tests.torture.defects import DEFECTS, Defect
from tests.torture.launcher import ROOT
from tests.torture.lives import lived
from tests.torture.nonsense import nonsense
from tests.torture.scenario import SCENARIOS, Scenario
from tests.torture.trials import TRIALS


def test_the_same_seed_lives_the_same_lives() -> None:
    traces = [lived([f"{seed}-{number}" for number in range(50)]) for seed in (7, 7, 8)]
    assert traces[0] == traces[1]
    assert traces[0][2] != traces[2][2]
    assert traces[0][1] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_same_seed_kills_at_the_same_moments(scenario: Scenario) -> None:
    drawn = [scenario.plan(seed, 20, rough=True) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_same_seed_types_the_same_nonsense() -> None:
    typed = [list(islice(nonsense(random.Random(seed)), 200)) for seed in (7, 7, 8)]
    assert typed[0] == typed[1] != typed[2]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.name)
def test_a_planted_defect_fits_the_program(defect: Defect) -> None:
    for file, old, _ in defect.changes:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"plant it anew in {file}"
    assert defect.by[0] in {trial.name for trial in TRIALS}


def test_there_are_twenty_defects_at_least() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 20
