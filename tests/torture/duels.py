"""R6, S3: two processes that have both decided before either of them writes.

What two people press in the same moment is handled in two processes. A lock of ours holds both at
the row that they want to change, until each has read what the other one is about to make old. Then
one of them comes first, and the other one has to see that.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import func, select

from bot.domain.cases import Action, Role
from bot.playground.people import Person
from bot.screens.buttons import Act, Confirm
from bot.services.links import token_hash
from storage import lead, tables
from storage.database import Database, open_database
from tests.torture import checker
from tests.torture.plan import Plan
from tests.torture.rivals import greeted, invited, joined, together
from tests.torture.stage import Stage, Stuck, stage
from tests.torture.stored import put, request
from tests.torture.trial import POSTGRESQL, Report, Setting, Trial

PATIENCE_S = 10.0
"""After which the two do not meet."""
_CASE = "SELECT 1 FROM cases WHERE id = $1 FOR UPDATE"
_INVITATION = "SELECT 1 FROM invitations WHERE token_hash = $1 FOR UPDATE"
_HELD = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event IN ('transactionid', 'tuple')"""

Press = tuple[Person, str]
"""Who presses, and what."""
Meet = Callable[[int], Awaitable[None]]
"""Waits until so many transactions are held."""


@asynccontextmanager
async def _holding(url: str, row: str, key: object) -> AsyncIterator[Meet]:
    """Hold whoever wants to change a row, until the end."""
    holding, looking = await asyncpg.connect(url), await asyncpg.connect(url)

    async def held(count: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while await looking.fetchval(_HELD) < count:
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise Stuck(f"there were never {count} who wanted to change {key}") from None

    try:
        async with holding.transaction():
            await holding.fetchval(row, key)
            yield held
    finally:
        await holding.close()
        await looking.close()


async def _both_known(url: str) -> None:
    """Until the one that leads knows that it is not alone: alone it takes one press at a time."""
    looking = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await looking.fetchval(lead.WORKING, *lead.WORKS) < 2:
                await asyncio.sleep(0.05)
    finally:
        await looking.close()
    await asyncio.sleep(3 * lead.BEAT_S)


async def _meeting(on: Stage, held: Meet, one: Press, other: Press) -> None:
    """Both press; the second one only when the process of the first is held."""
    for count, (person, data) in enumerate((one, other), 1):
        person.forge_press(data, person.last.id)
        await held(count)


async def _duels(on: Stage, setting: Setting, url: str, memory: Database) -> None:
    chance = random.Random(setting.seed)
    customers = await greeted(on, "C", setting.size)
    sellers = await greeted(on, "S", setting.size)
    guests = await greeted(on, "G", setting.size)
    now = on.clock()
    await joined(memory, sellers, now)
    cases = [request(n, each.id, now) for n, each in enumerate(customers, 1)]
    await put(memory, cases, now)
    for case, customer, seller, guest in zip(cases, customers, sellers, guests, strict=True):
        wishes = [(customer, Action.CANCEL), (seller, Action.APPROVE)]
        chance.shuffle(wishes)
        for person, action in wishes:
            act = Act(case=case.id, version=case.version, action=action)
            person.forge_press(act.pack(), person.last.id)
        await on.settle()
        yes = [
            (person, Confirm(case=case.id, version=case.version, action=action).pack())
            for person, action in wishes
        ]
        async with _holding(url, _CASE, case.id) as held:
            await _meeting(on, held, *yes)
        await on.settle()
        token = await invited(memory, now)
        async with _holding(url, _INVITATION, token_hash(token)) as held:
            await _meeting(on, held, (customer, f"i:{token}"), (guest, f"i:{token}"))
        await on.settle()


def _played(setting: Setting) -> Report:
    report = Report()
    won: Counter[str] = Counter()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        async with stage(url, setting.folder, setting.launcher, plan) as on:
            on.up()
            await on.story.arrive()
            async with await open_database(url) as memory, together(on, setting.launcher):
                await _both_known(url)
                await _duels(on, setting, url, memory)
            lines = select(tables.history.c.case_id, tables.history.c.event)
            for number in range(1, setting.size + 1):
                query = lines.where(tables.history.c.case_id == number)
                events = [line.event for line in await on.books.rows(query)]
                report.expect(len(events) == 2, f"case {number} has {events}")
                won.update(events[1:])
            members = select(func.count().label("n")).where(
                tables.memberships.c.role == Role.MODERATOR
            )
            (came,) = await on.books.rows(members)
            report.expect(came.n == setting.size, f"{came.n} came in by {setting.size} invitations")
            silent = [
                press
                for p in on.telegram.people.values()
                for press in p.presses
                if not press.answered
            ]
            report.expect(not silent, f"{len(silent)} presses were not answered")
            await on.down()
            log = await asyncio.to_thread(Path(on.start.log).read_text)
            # Who comes second sees it: nothing is refused by the database as the last resort.
            report.expect('"level": "error"' not in log, f"errors in the log:\n{log[-2000:]}")
            found = await checker.faults(url, on.telegram, on.clock())
            # Nobody was told of the requests that were put there.
            report.faults += [each for each in found if not each.endswith("has no card")]

    asyncio.run(played(setting.fresh()))
    report.seen = (
        f"each time both had decided: {', '.join(f'{n} {event}' for event, n in won.items())}; "
        f"and {setting.size} of {2 * setting.size} came in"
    )
    return report


TRIALS = (
    Trial(
        name="duels",
        goals="R6 S3",
        what="two processes, both held when they have decided: one comes first, the other sees it",
        size=20,
        most=1_000,
        unit="duels",
        run=_played,
        on=POSTGRESQL,
    ),
)
