"""R5 to R7: what comes twice, at once or poisoned."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.domain.cases import Action, Given, Refused, Role, Status
from bot.services.links import order_parameter
from bot.services.records import DueTimer
from storage import tables
from tests.torture.books import Books
from tests.torture.trial import BOTH, Report, Setting, Trial, awaited
from tests.world import OWNER, World, order, world


async def _presses(setting: Setting) -> Report:
    """One yes under 1 … `size` update ids at once: one effect, and every press is answered."""
    report, answered = Report(), 0
    async with world(await setting.database(), setting.folder) as w:
        emre = await w.seller()
        for k in range(1, setting.size + 1):
            anna = await w.customer(f"Anna {k}", order(f"10{k:02}"))
            await w.ask(anna)
            await w.press(emre, "Approve")
            button = next(b for b in emre.last.buttons if b.text.startswith("Yes"))
            presses = [emre.forge_press(button.data, emre.last.id) for _ in range(k)]
            await w.settle()
            history = [line.event for line in await w.history(k)]
            report.expect(history == ["submit", "approve"], f"{k} presses: {history}")
            missed = sum(not press.answered for press in presses)
            report.expect(not missed, f"{missed} of {k} presses were not answered")
            answered += k
    report.seen = f"{answered} presses answered, {setting.size} effects"
    return report


WHO: tuple[tuple[Role, Action, Given], ...] = (
    (Role.CUSTOMER, Action.CANCEL, Given()),
    (Role.SELLER, Action.APPROVE, Given()),
    (Role.SELLER, Action.REJECT, Given(reason="used", text="It has been worn.")),
    (Role.ADMIN, Action.OVERRIDE, Given(text="As agreed.", to=Status.APPROVED)),
)
AT_ONCE = 1_000


async def _race(setting: Setting) -> Report:
    """A thousand decisions on one return by four parties, and its timer: one of them counts."""
    report = Report()
    wins: Counter[str] = Counter()
    chance = random.Random(setting.seed)
    async with world(await setting.database(), setting.folder) as w:
        anna = await w.customer("Anna", *(order(f"{2000 + n}") for n in range(setting.size)))
        emre = await w.seller()
        for number in range(1, setting.size + 1):
            anna.start(order_parameter(f"{1999 + number}", w.running.settings.secret))
            await w.settle()
            await w.ask(anna)
            case = await w.case(number)
            timer = case.timers[0]
            accounts = {Role.CUSTOMER: anna.id, Role.SELLER: emre.id, Role.ADMIN: OWNER}
            drawn = [chance.choice((*WHO, None)) for _ in range(AT_ONCE)]
            results: list[str] = []
            async with w.running.clockwork.held():
                while drawn:
                    drawn = await _round(w, drawn, accounts, number, timer, results)
            history = [line.event for line in await w.history(number)]
            won = [each for each in results if each != "stale"]
            report.expect(len(won) == 1, f"{len(won)} of {AT_ONCE} decisions counted: {won[:5]}")
            report.expect(len(history) == 2, f"the history is {history}")
            wins.update(won)
            w.running.changed()
            # Nobody asks for so many returns within a minute: what came beyond a cap is shed.
            await w.later(minutes=2)
    report.seen = f"{AT_ONCE:,} at once each: " + ", ".join(f"{n} {w}" for w, n in wins.items())
    return report


async def _round(
    w: World,
    drawn: list[tuple[Role, Action, Given] | None],
    accounts: dict[Role, int],
    number: int,
    timer: Any,
    results: list[str],
) -> list[tuple[Role, Action, Given] | None]:
    """All of them in one transaction; those that came second are answered with how it stands."""
    async with w.running.memory.group() as group:
        units = [group.unit(w.clock()) for _ in drawn]
        accounts_of = {role: await units[0].accounts.get(id) for role, id in accounts.items()}

        async def one(unit: Any, what: tuple[Role, Action, Given] | None) -> str:
            try:
                if what is None:
                    due = DueTimer(number, timer.kind, timer.due_at, 1)
                    case = await unit.cases.get(number)
                    if case is None or case.version != 1:
                        return "stale"
                    await w.running.desk.fire(unit, due)
                    return "the clock"
                role, action, given = what
                account = accounts_of[role]
                assert account is not None
                await w.running.desk.act(unit, account, number, 1, action, given)
            except Refused as refused:
                return "stale" if refused.code == "stale" else f"refused {refused.code}"
            return f"{role} {action}"

        said = [await one(unit, what) for unit, what in zip(units, drawn, strict=True)]
        for unit in units:
            group.keep(unit)
        left_out = await group.commit()
    again = []
    for unit, what, each in zip(units, drawn, said, strict=True):
        if id(unit) in left_out:
            again.append(what)
        else:
            results.append(each)
    return again


# --------------------------------------------------------------------------------- R7: poison

POISONS: tuple[dict[str, Any], ...] = (
    {"message": {"message_id": "x", "chat": {"id": 1}}},
    {"callback_query": {"id": 1, "from": {"id": "?"}}},
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 5, "type": "private"}}},
    {"my_chat_member": {"chat": {}, "from": {}}},
)


async def _poison(setting: Setting) -> Report:
    """One poisoned update at a place among others: they are handled, it is put aside, and told."""
    report, chance = Report(), random.Random(setting.seed)
    slowest, runs = 0.0, 4
    for run in range(runs):
        async with world(await setting.database(), setting.place(f"run-{run}")) as w:
            people = [w.telegram.add_person(f"P{n}", "en") for n in range(setting.size - 1)]
            place = chance.randrange(setting.size)
            began = time.monotonic()
            for number, person in enumerate(people):
                if number == place:
                    w.telegram.updates.put_raw(dict(POISONS[run % len(POISONS)]))
                person.start()
            if place == len(people):
                w.telegram.updates.put_raw(dict(POISONS[run % len(POISONS)]))
            async with asyncio.timeout(120):
                while w.telegram.updates.pending or await w.running.memory.oldest_undone():
                    await asyncio.sleep(0.02)
                    w.clock.move(timedelta(seconds=1))
                    w.running.processor.wake()
            slowest = max(slowest, time.monotonic() - began)
            async with w.running.memory.reading(w.clock()):
                pass
            books = Books(w.running.settings.database_url)
            states = Counter(row.state for row in await books.rows(select(tables.inbox)))
            told = [
                row.payload
                for row in await books.rows(select(tables.outbox))
                if "quarantined" in row.key or "quarantined" in row.payload
            ]
            await books.close()
            report.expect(states["quarantine"] == 1, f"place {place}: {dict(states)}")
            report.expect(states["done"] == setting.size, f"place {place}: {dict(states)}")
            report.expect(bool(told), "the staff were not told")
    report.seen = f"{runs} places, {setting.size - 1} handled each in at most {slowest:.1f} s"
    return report


TRIALS = (
    Trial(
        name="presses",
        goals="R5",
        what="one press under k update ids: one effect, k answers",
        size=10,
        most=10,
        unit="k at most",
        run=awaited(_presses),
    ),
    Trial(
        name="race",
        goals="R6",
        what="1,000 decisions at once by customer, seller, admin and timer: one counts",
        size=10,
        most=200,
        unit="× 1,000",
        run=awaited(_race),
        on=BOTH,
    ),
    Trial(
        name="poison",
        goals="R7",
        what="one poisoned update anywhere among others: they go on, it is put aside and told",
        size=300,
        most=1_000,
        unit="updates",
        run=awaited(_poison),
    ),
)
