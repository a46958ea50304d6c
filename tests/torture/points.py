"""R2: every n-th statement and every n-th call of a story fails once, and dies once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from itertools import count
from pathlib import Path

from tests.torture.kills import IN_A_RUN
from tests.torture.plan import Plan
from tests.torture.run import run
from tests.torture.scenario import CYCLE, QUARREL, SILENCE, WHOLE_RETURN, Scenario
from tests.torture.trial import BOTH, Report, Setting, Trial
from tests.torture.wall import Blow, Blows, Kind

Stride = tuple[Kind, Blow, str, int, int]

STRIDES: tuple[Stride, ...] = (
    ("statement", "dies", "UPDATE inbox", 5, 1),
    # What comes in is written once more by itself if it could not be handled at once.
    ("statement", "fails", "INSERT inbox", 7, 2),
    ("statement", "fails", "", 101, 1),
    ("statement", "dies", "", 211, 1),
    ("call", "fails", "", 37, 1),
    ("call", "dies", "", 61, 1),
    ("statement", "dies", "COMMIT", 41, 1),
)
"""What strikes which points, how many lie between two blows, and how many in a row each strikes:
enough for a start, which takes 35 commits, to come up and an update to come through. Points of
their own are those where two things must happen at once."""
STORIES = (WHOLE_RETURN, QUARREL, SILENCE)
_IN_CYCLE: tuple[Stride, ...] = (
    ("statement", "dies", "", 401, 1),
    ("call", "dies", "", 61, 1),
    ("statement", "fails", "", 211, 1),
    ("statement", "dies", "COMMIT", 61, 1),
)
"""A start on a server takes more statements, as it also has to come to lead."""


def _points(setting: Setting) -> Report:
    """As many points as the size says, one kind of blow after the other."""
    report = Report()
    chance = random.Random(setting.seed)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    struck = runs = 0
    passed: Counter[str] = Counter()
    orders = [chance.sample(range(1, each[3] + 1), each[3]) for each in STRIDES]
    for number in count():
        if struck >= setting.size:
            break
        kind, blow, at, stride, times = STRIDES[number % len(STRIDES)]
        # What comes after a poll that failed counts as received at the one before, which a clock
        # that was moved by a day in between puts a day too early: there no clock is moved.
        story = QUARREL if blow == "fails" else STORIES[number // len(STRIDES) % len(STORIES)]
        order = orders[number % len(STRIDES)]
        first = order[number // (len(STRIDES) * len(STORIES)) % stride]
        here = setting.place(f"run-{number}")
        blows = Blows(kind, blow, first, stride, str(here), at, times)
        # Every second round Telegram posts.
        webhook = number // len(STRIDES) % 2 == 1
        sound, points = _struck(setting, here, story, blows, report, webhook=webhook)
        for point in points:
            table[point][blow] += 1
            table[point]["recovered"] += sound
        if not at:
            what = f"{story.name}, {kind}s"
            passed[what] = max(passed[what], blows.passed())
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


def _struck(
    setting: Setting,
    here: Path,
    story: Scenario,
    blows: Blows,
    report: Report,
    *,
    webhook: bool = False,
) -> tuple[bool, list[str]]:
    """Play a story under these blows: whether it came out sound, and the points that were struck.

    What was wrong goes into the report.
    """
    plan = Plan(setting.seed, {}, {}, blows=blows)
    outcome = asyncio.run(
        run(setting.fresh(), here, setting.launcher, story, plan, webhook=webhook)
    )
    points = blows.struck()
    if outcome.faults:
        named = f"{story.name}: {blows.kind} {blows.blow} from {blows.first} every {blows.stride}"
        report.faults.append(f"{named}, {points}\n{outcome}")
    return not outcome.faults, points


def _cycle(setting: Setting) -> Report:
    """Kills and points in turns, until there were as many as the size says."""
    report = Report()
    chance = random.Random(setting.seed)
    kills = struck = 0
    for number in count():
        if kills + struck >= setting.size:
            break
        here = setting.place(f"run-{number}")
        turn = number % (len(_IN_CYCLE) + 1)
        if turn:
            kind, blow, at, stride, times = _IN_CYCLE[turn - 1]
            first = chance.randint(1, stride)
            blows = Blows(kind, blow, first, stride, str(here), at, times)
            struck += len(_struck(setting, here, CYCLE, blows, report)[1])
            continue
        plan = CYCLE.plan(setting.seed + number, min(IN_A_RUN, setting.size - kills), rough=True)
        outcome = asyncio.run(run(setting.fresh(), here, setting.launcher, CYCLE, plan))
        kills += plan.kills
        if outcome.faults:
            report.faults.append(str(outcome))
    report.seen = f"{kills} kills and {struck} points in {number} stories"
    return report


TRIALS = (
    Trial(
        name="points",
        goals="R2",
        what="every n-th statement and call fails once and dies once, and what came of it",
        size=250,
        most=2000,
        unit="points",
        run=_points,
    ),
    Trial(
        name="cycle",
        goals="R1 R2",
        what="a dispute that comes again and a desk that works: killed, and struck at points",
        size=60,
        most=600,
        unit="kills",
        run=_cycle,
        on=BOTH,
    ),
)
