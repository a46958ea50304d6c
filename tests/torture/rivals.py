"""R6, S3: two processes on one PostgreSQL, and nobody comes first twice.

They share inbox and timers. What is pressed at the same moment in two chats is handled in either of
them; now and then one is killed and comes back.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.domain.cases import Action, ReturnCase, Role
from bot.playground.cast import ANATOLIA, OLGA
from bot.playground.people import Person
from bot.screens.buttons import Act, Confirm
from bot.services.links import new_invitation, token_hash
from bot.services.records import Invitation
from storage import tables
from storage.database import Database, open_database
from tests.cutting import cutting
from tests.torture import checker
from tests.torture.launcher import Launcher
from tests.torture.plan import Plan
from tests.torture.stage import Stage, stage
from tests.torture.stored import put, request
from tests.torture.trial import POSTGRESQL, Report, Setting, Trial

AT_ONCE = 10
"""Cases that are decided, and people with one invitation, in a round."""
DELAY_S = 0.001
"""From a process to the server, and back."""
APART_S = 0.02
"""Two press at most so long after one another."""


@asynccontextmanager
async def together(on: Stage, first: Launcher) -> AsyncIterator[list[Launcher]]:
    """The program in a second process beside that of the stage."""
    second = first.another()
    second.start(on.start)
    try:
        yield [first, second]
        await second.stop()
    finally:
        if second.running:
            second.kill()


async def _rivals(on: Stage, setting: Setting, url: str, report: Report) -> None:
    chance = random.Random(setting.seed)
    won: Counter[str] = Counter()
    kills = 0
    on.up()
    await on.story.arrive()
    async with (
        await open_database(url) as memory,
        together(on, setting.launcher) as launchers,
    ):
        sellers = await greeted(on, "S")
        await joined(memory, sellers, on.clock())
        for round_ in range(setting.size // AT_ONCE):
            people = await greeted(on, f"R{round_}-")
            first = round_ * AT_ONCE + 1
            now = on.clock()
            cases = [request(first + n, each.id, now) for n, each in enumerate(people)]
            await put(memory, cases, now)
            token = await invited(memory, now)
            await _decided(on, chance, cases, people, sellers)
            await _redeemed(on, chance, people, token)
            await on.settle()
            if chance.random() < 0.5:
                killed = chance.choice(launchers)
                killed.kill()
                on.telegram.starts += 1
                killed.start(on.start)
                kills += 1
        await on.settle()
    history = tables.history.c
    lines = await on.books.rows(select(history.case_id, history.event).order_by(history.seq))
    for number in range(1, setting.size // AT_ONCE * AT_ONCE + 1):
        events = [line.event for line in lines if line.case_id == number]
        report.expect(len(events) == 2, f"case {number} has {events}")
        won.update(events[1:2])
    members = select(func.count().label("n")).where(tables.memberships.c.role == Role.MODERATOR)
    (came,) = await on.books.rows(members)
    invitations = setting.size // AT_ONCE
    report.expect(came.n == invitations, f"{came.n} came in by {invitations} invitations")
    unanswered = sum(not press.answered for p in on.telegram.people.values() for press in p.presses)
    report.expect(unanswered <= 2 * kills, f"{unanswered} presses were not answered")
    report.seen = (
        f"2 processes, {kills} kills, one of each: "
        + ", ".join(f"{number} {event}" for event, number in won.items())
        + f"; {came.n} of {setting.size} came in by {invitations} invitations"
    )
    report.expect(len(won) > 1, f"only one side ever won: {won}")


async def greeted(on: Stage, name: str, count: int = AT_ONCE) -> list[Person]:
    """People who have opened the bot."""
    people = [on.telegram.add_person(f"{name}{n}", "en") for n in range(count)]
    for person in people:
        person.start()
    await on.settle()
    return people


async def joined(memory: Database, people: Sequence[Person], now: datetime) -> None:
    """They are of the seller's team from now on."""
    async with memory.group() as group:
        unit = group.unit(now)
        for person in people:
            unit.accounts.join(person.id, Role.SELLER, ANATOLIA.code)
        group.keep(unit)
        await group.commit()


async def invited(memory: Database, now: datetime) -> str:
    """An invitation to be a moderator."""
    token = new_invitation()
    async with memory.group() as group:
        unit = group.unit(now)
        unit.accounts.invite(
            Invitation(
                token_hash=token_hash(token),
                role=Role.MODERATOR,
                seller=None,
                by=OLGA.id,
                expires_at=now + timedelta(days=1),
            )
        )
        group.keep(unit)
        await group.commit()
    return token


async def _decided(
    on: Stage,
    chance: random.Random,
    cases: Sequence[ReturnCase],
    customers: Sequence[Person],
    sellers: Sequence[Person],
) -> None:
    """Each customer cancels and each seller approves, and both say yes at the same moment."""
    for button in (Act, Confirm):
        presses = [
            (person, button(case=case.id, version=case.version, action=action))
            for case, customer, seller in zip(cases, customers, sellers, strict=True)
            for person, action in ((customer, Action.CANCEL), (seller, Action.APPROVE))
        ]
        if chance.random() < 0.5:
            presses.reverse()
        for person, data in presses:
            person.forge_press(data.pack(), person.last.id)
            await asyncio.sleep(chance.uniform(0, APART_S))
        await on.settle()


async def _redeemed(on: Stage, chance: random.Random, people: Sequence[Person], token: str) -> None:
    """All of them want in by one invitation, on the message that greeted them and not on a card."""
    for person in people:
        greeting = next(each.id for each in person.chat.messages if each.from_bot)
        person.forge_press(f"i:{token}", greeting)
        await asyncio.sleep(chance.uniform(0, APART_S))


def _played(setting: Setting) -> Report:
    report = Report()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        async with (
            stage(url, setting.folder, setting.launcher, plan) as on,
            cutting(url) as wire,
        ):
            # The longer a transaction takes, the more often another one comes in between.
            on.start.settings["database_url"], wire.delay_s = wire.url, DELAY_S
            await _rivals(on, setting, url, report)
            await on.down()
            found = await checker.faults(url, on.telegram, on.clock())
            # Nobody was told of the requests that were put there.
            report.faults += [each for each in found if not each.endswith("has no card")]

    asyncio.run(played(setting.fresh()))
    return report


TRIALS = (
    Trial(
        name="rivals",
        goals="R6 S3 D3",
        what="two processes, killed in turn: of two who decide, and of ten with an invitation, one",
        size=60,
        most=1_000,
        unit="cases",
        run=_played,
        on=POSTGRESQL,
    ),
)
