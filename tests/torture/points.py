"""R2: every n-th statement and every n-th call of a story fails once, and dies once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from itertools import count

from tests.torture.run import run
from tests.torture.scenario import QUARREL, SILENCE, WHOLE_RETURN
from tests.torture.plan import Plan
from tests.torture.trial import Report, Setting, Trial
from tests.torture.wall import Blow, Blows, Kind

STRIDES: dict[tuple[Kind, Blow], int] = {
    ("statement", "fails"): 101,
    ("statement", "dies"): 211,
    ("call", "fails"): 37,
    ("call", "dies"): 61,
}
"""Points between two blows: enough for a start to come up and an update to come through."""
STORIES = (WHOLE_RETURN, QUARREL, SILENCE)


def _points(setting: Setting) -> Report:
    """As many points as the size says, a quarter of each kind and blow."""
    report = Report()
    chance = random.Random(setting.seed)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    struck = runs = 0
    kinds = list(STRIDES)
    firsts = {each: chance.sample(range(1, STRIDES[each] + 1), STRIDES[each]) for each in kinds}
    passed: Counter[str] = Counter()
    for number in count():
        if struck >= setting.size or number >= sum(STRIDES.values()) * len(STORIES):
            break
        kind, blow = kinds[number % len(kinds)]
        story = STORIES[number // len(kinds) % len(STORIES)]
        places = firsts[kind, blow]
        first = places[number // (len(kinds) * len(STORIES)) % len(places)]
        here = setting.place(f"run-{number}")
        blows = Blows(kind, blow, first, STRIDES[kind, blow], str(here))
        plan = Plan(setting.seed, {}, {}, blows=blows)
        outcome = asyncio.run(run(setting.fresh(), here, setting.launcher, story, plan))
        points = blows.struck()
        for point in points:
            table[point][blow] += 1
            table[point]["recovered"] += not outcome.faults
        if outcome.faults:
            named = f"{story.name}: {kind} {blow} from {first} every {blows.stride}"
            report.faults.append(f"{named}, {points}\n{outcome}")
        passed[f"{story.name}, {kind}s"] = max(passed[f"{story.name}, {kind}s"], blows.passed())
        struck, runs = struck + len(points), runs + 1
    report.seen = f"{struck} points struck in {runs} runs, {len(table)} kinds of point"
    report.lines = [
        "points of a story: " + "; ".join(f"{name} {most}" for name, most in passed.items()),
        f"{'point':44} {'failed':>6} {'died':>6} {'recovered':>9}",
        *(
            f"{point:44} {row['fails']:6} {row['dies']:6} {row['recovered']:9}"
            for point, row in sorted(table.items())
        ),
    ]
    return report


TRIALS = (
    Trial(
        name="points",
        goals="R2",
        what="every n-th statement and call fails once and dies once, and what came of it",
        size=400,
        most=2000,
        unit="points",
        run=_points,
    ),
)
