"""R8: a stop while updates are in flight."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from bot.playground.people import Person
from tests.torture import checker
from tests.torture.plan import Plan
from tests.torture.stage import stage
from tests.torture.trial import BOTH, Report, Setting, Trial

PATIENCE_S = 60.0


def _stop(setting: Setting) -> Report:
    """SIGTERM with so many updates in flight, and again: nothing lost, nothing twice."""
    report = Report()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        slowest, waiting = 0.0, list[int]()
        async with stage(url, setting.folder, setting.launcher, plan) as on:
            people: list[Person] = []
            for turn, met in enumerate((1, setting.size // 4, setting.size // 2)):
                on.up()
                crowd = [on.telegram.add_person(f"P{turn}-{n}", "en") for n in range(setting.size)]
                people += crowd
                for person in crowd:
                    person.start()
                async with asyncio.timeout(PATIENCE_S):
                    while sum(bool(person.texts()) for person in crowd) < met:
                        await asyncio.sleep(0.001)
                began = time.monotonic()
                status = await on.down()
                waiting.append(sum(not person.texts() for person in crowd))
                slowest = max(slowest, time.monotonic() - began)
                report.expect(status == 0, f"it ended with {status}")
            on.up()
            await on.calm()
            await on.down()
            report.faults += await checker.faults(url, on.telegram, on.clock())
            greeted = Counter(len(person.texts()) for person in people)
            report.expect(set(greeted) == {1}, f"greetings by person: {dict(greeted)}")
        report.expect(slowest <= 10, f"a stop took {slowest:.1f} s")
        report.expect(min(waiting) > 0, f"at a stop nothing was in flight: {waiting}")
        report.seen = (
            f"3 stops, at most {slowest:.1f} s, with {', '.join(map(str, waiting))} not answered; "
            f"{len(people)} people greeted once"
        )

    asyncio.run(played(setting.fresh()))
    return report


TRIALS = (
    Trial(
        name="stop",
        goals="R8",
        what="SIGTERM with updates in flight: quick, nothing lost, nothing twice",
        size=100,
        most=100,
        unit="in flight",
        run=_stop,
        on=BOTH,
    ),
)
