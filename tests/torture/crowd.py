"""R5, R8: everybody who says or presses something is answered, in rest and in a crowd.

A wake-up that is lost is made up for by the next one, and every few seconds by a tick. So the
program has no ticks here, and nothing left to do between two exchanges of one; with fifty people
it hardly ever rests.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.playground.people import Person
from storage import tables
from tests.torture import checker
from tests.torture.plan import Plan
from tests.torture.stage import Stage, stage
from tests.torture.trial import BOTH, Report, Setting, Trial

CROWDS = (1, 2, 7, 50)
PATIENCE_S = 20.0
"""After which an exchange counts as never answered."""
ACTS = 100
"""Of one person: a bucket of tokens holds more."""
PAUSE_S = 0.004
"""Somebody acts again at most so long after the answer."""


@dataclass(slots=True)
class Crowd:
    """People who wait for each answer before they act again."""

    on: Stage
    chance: random.Random
    left: int
    answered: int = 0
    longest_s: float = 0.0
    unanswered: list[str] = field(default_factory=list)

    async def gather(self, people: int) -> None:
        """So many at once, until all exchanges are made or one is not answered."""
        await asyncio.gather(*(self._converse() for _ in range(people)))

    async def _converse(self) -> None:
        """One after the other, so that nobody comes near the cap of one person."""
        while self.left > 0 and not self.unanswered:
            person = self.on.telegram.add_person(f"P{len(self.on.telegram.people)}", "en")
            person.start()
            for _ in range(ACTS):
                if not await self._answered(person) or self.left <= 0:
                    return
                self.left -= 1
                await asyncio.sleep(self.chance.uniform(0, PAUSE_S))
                if self.chance.random() < 0.5:
                    person.send("/help")
                else:
                    person.forge_press("m:home", person.last.id)

    async def _answered(self, person: Person) -> bool:
        telegram, began = self.on.telegram, time.monotonic()
        update, asked = telegram.issued[-1], person.chat.history[-1]
        press = next((each for each in person.presses[-1:] if not each.answered), None)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not press.answered if press else person.chat.history[-1] is asked:
                    await telegram.changed(telegram.version)
        except TimeoutError:
            what = "a press" if press else "a message"
            self.unanswered.append(f"{what} was not answered: {await self._traced(update, person)}")
            return False
        self.answered += 1
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        return not self.unanswered

    async def _traced(self, update: int, person: Person) -> str:
        """How far what should be answered has come."""
        books, inbox, outbox = self.on.books, tables.inbox.c, tables.outbox.c
        received = await books.rows(select(inbox.state).where(inbox.update_id == update))
        said = select(outbox.key, outbox.state).where(outbox.chat == person.id)
        last = (await books.rows(said.order_by(outbox.id.desc()).limit(2)))[::-1]
        return f"update {update} is {[*map(tuple, received)]}, its messages {[*map(tuple, last)]}"


def _crowd(setting: Setting) -> Report:
    """Exchanges of one, two, seven and fifty people at once: every one is answered."""
    report = Report()
    crowds: list[Crowd] = []

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {})
        async with stage(url, setting.folder, setting.launcher, plan, ticks=False) as on:
            on.up()
            for people in CROWDS:
                chance = random.Random(f"{setting.seed} {people}")
                crowds.append(Crowd(on, chance, setting.size // len(CROWDS)))
                await crowds[-1].gather(people)
                report.faults += crowds[-1].unanswered
                if report.faults:
                    return
            await on.settle()
            await on.down()
            report.faults += await checker.faults(url, on.telegram, on.clock())

    asyncio.run(played(setting.fresh()))
    longest = max(each.longest_s for each in crowds)
    report.seen = (
        f"{sum(each.answered for each in crowds):,} exchanges answered, the slowest in "
        f"{longest * 1000:.0f} ms"
    )
    return report


TRIALS = (
    Trial(
        name="crowd",
        goals="R5",
        what="everybody who says or presses something is answered, alone and in a crowd",
        size=2_000,
        most=100_000,
        unit="exchanges",
        run=_crowd,
        on=BOTH,
    ),
)
