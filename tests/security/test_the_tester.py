"""The same seed gives the same trace, and every planted defect still fits the program (T1, T2)."""

from __future__ import annotations

import random
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from tests.torture import deeds
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


OLGA, BORIS = 1, 2


def _line(deed: str, by: int, facts: str, case_id: int = 0, person: int = 0) -> SimpleNamespace:
    return SimpleNamespace(deed=deed, by=by, case_id=case_id, person=person, facts=facts)


def _block(**changes: Any) -> SimpleNamespace:
    block = {"id": 7, "by": OLGA, "state": "stands", "confirmed_by": BORIS, "ruled_by": None}
    return SimpleNamespace(**block | changes)


def _step(person: int, after: str, sum_: int = 500) -> SimpleNamespace:
    return SimpleNamespace(
        case_id=3,
        version=person,
        event="override",
        by="admin",
        person=person,
        before="NEW",
        after=after,
        facts=f'{{"to":"COMP_ACCEPTED","amount":[{sum_},"RUB"]}}',
    )


SAID = _line("blocked", OLGA, '{"block":7}')
AGREED = _line("confirmed_block", BORIS, '{"block":7}')
UPHELD = _line("upheld_block", BORIS, '{"block":7}')
LIFTED = _line("unblocked", BORIS, '{"block":7}')
_OVERRIDE = '{"action":"override"}'
SET = [_line("acted", OLGA, _OVERRIDE, 3), _line("acted", BORIS, _OVERRIDE, 3, person=OLGA)]
ALONE = [SET[0], _line("acted", BORIS, _OVERRIDE, 3)]
ASKED, DONE = _step(OLGA, "NEW"), _step(BORIS, "COMP_ACCEPTED")


@pytest.mark.parametrize(
    ("audit", "left", "said"),
    [
        ([SAID, AGREED], {"blocks": [_block()]}, None),
        ([SAID, UPHELD], {"blocks": [_block(ruled_by=BORIS)]}, None),
        ([SAID, UPHELD, LIFTED], {"blocks": [_block(ruled_by=BORIS, state="lifted")]}, None),
        ([SAID], {"blocks": [_block()]}, "does not tell of confirmed_block by 2: 7"),
        ([SAID, AGREED, AGREED], {"blocks": [_block()]}, "tells of confirmed_block by 2: 7"),
        ([SAID, AGREED, LIFTED], {"blocks": [_block()]}, "tells of unblocked by 2: 7"),
        ([SAID], {"blocks": [_block(by=BORIS)]}, "said and confirmed by 2"),
        (SET, {"history": [ASKED, DONE]}, None),
        (SET[1:], {"history": [ASKED, DONE]}, "does not tell of acted by 1: (3, 'override', 0)"),
        (ALONE, {"history": [ASKED, DONE]}, "does not tell of acted by 2: (3, 'override', 1)"),
        (SET[1:], {"history": [DONE]}, "R-000003 was set to COMP_ACCEPTED by 2 alone"),
        (SET, {"history": [_step(OLGA, "NEW", 400), DONE]}, "COMP_ACCEPTED by 2 alone"),
        (SET, {"history": [_step(OLGA, "APPROVED"), DONE]}, "COMP_ACCEPTED by 2 alone"),
    ],
)
async def test_deeds_are_in_the_audit_once_and_two_people_s_have_two_names(
    audit: list[Any], left: dict[str, list[Any]], said: str | None
) -> None:
    class Kept:
        async def rows(self, query: Any) -> list[Any]:
            (table,) = query.get_final_froms()
            return audit if table.name == "audit" else left.get(table.name, [])

    found = await deeds.faults(Kept())  # type: ignore[arg-type]
    assert any(said in each for each in found) if said else not found


def test_the_table_has_every_scenario() -> None:
    table = (ROOT / "tests/torture/README.md").read_text(encoding="utf-8")
    assert [trial.name for trial in TRIALS if f"`{trial.name}`" not in table] == []


def test_there_are_twenty_defects_at_least() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 20
