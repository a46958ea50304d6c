"""R4 to R8, R10: what comes twice, at once, poisoned or in a flood."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from bot.domain.cases import Action, Given, Refused, Role, Status
from bot.playground.faults import Limits, too_many
from bot.playground.people import Person
from bot.services.links import order_parameter
from bot.services.records import DueTimer
from bot.workers.receiver import read_update
from storage import tables
from storage.database import open_database
from tests.torture import checker
from tests.torture.books import Books
from tests.torture.plan import Plan
from tests.torture.stage import stage
from tests.torture.trial import BOTH, Report, Setting, Trial, awaited
from tests.workers.local_bot import Clock, in_process
from tests.workers.post_office import PostOffice
from tests.world import OWNER, START, World, order, world

PAGE = 100
ORDER = 8_000
"""The number of the first customer's order."""


# ------------------------------------------------------------------------- R4: again and again


async def _recorded(w: World) -> list[str]:
    """What Telegram brings of one customer's request, as text."""
    raw: list[str] = []
    put = w.telegram.put_update

    def keep(kind: str, payload: Any) -> int | None:
        raw.append(json.dumps({kind: payload}))
        return put(kind, payload)

    w.telegram.put_update = keep  # type: ignore[method-assign]
    anna = await w.customer("Anna", order(str(ORDER)))
    await w.ask(anna, photos=2)
    w.telegram.put_update = put  # type: ignore[method-assign]
    return [each.replace(str(anna.id), "@ID@") for each in raw]


def _of(template: Sequence[str], number: int, secret: str) -> list[dict[str, Any]]:
    """The same updates of another customer."""
    mine = str(ORDER + number)
    link, own = order_parameter(str(ORDER), secret), order_parameter(mine, secret)
    found = []
    for each in template:
        text = each.replace(link, own).replace("@ID@", str(6_000_000_000 + number))
        text = re.sub(r'("file_(?:unique_)?id": ")', rf"\g<1>{number}-", text)
        found.append(json.loads(text.replace(f"{ORDER}", mine)))
    return found


async def _again(setting: Setting) -> Report:
    """Every update one to five times, chats shuffled: the same rows, to the byte."""
    report, chance = Report(), random.Random(setting.seed)
    async with world(await setting.database(), setting.place("template")) as w:
        template, secret = await _recorded(w), w.running.settings.secret
    people = max(2, setting.size // (3 * len(template)))
    chats = [_of(template, number, secret) for number in range(people)]
    numbered = iter(range(1, 10**9))
    shuffled = [number for number, chat in enumerate(chats) for _ in chat]
    chance.shuffle(shuffled)
    once = [{"update_id": next(numbered), **chats[number].pop(0)} for number in shuffled]
    pages = [once[at : at + PAGE] for at in range(0, len(once), PAGE)]
    dumps, delivered = [], 0
    for repeats in (False, True):
        url = await setting.database()
        async with world(url, setting.place(f"repeats-{repeats}")) as w:
            await w.know(*(order(str(ORDER + number)) for number in range(people)))
        received = 0
        async with world(url, setting.place(f"repeats-{repeats}")) as w:
            past: list[dict[str, Any]] = []
            for page in pages:
                past += page
                again = chance.choices(past, k=2 * len(page)) if repeats else []
                mixed = page + again
                # The first time an update comes, it comes in its order; the copies come anywhere.
                rows = [r for each in mixed if (r := read_update(each, START))]
                received += len(rows)
                await w.running.memory.receive(rows, START)
                w.running.processor.wake()
                while await w.running.memory.oldest_undone() is not None:
                    await asyncio.sleep(0.002)
            delivered = received
        dumps.append(await _dumped(url))
    for name in dumps[0]:
        report.expect(dumps[0][name] == dumps[1][name], f"{name} are others after repetition")
    requests = len(dumps[0]["cases"])
    report.expect(requests == people, f"{requests} requests of {people} people")
    report.seen = f"{len(once):,} updates of {people} chats, delivered {delivered:,} times"
    return report


_TABLES = (tables.cases, tables.case_units, tables.timers, tables.reminders, tables.ledger,
           tables.drafts, tables.orders, tables.evidence)  # fmt: skip


async def _dumped(url: str) -> dict[str, list[str]]:
    """What the tables hold, by order and not by the number that chance gave a case."""
    books = Books(url)
    cases = {row.id: row.order_number for row in await books.rows(select(tables.cases))}
    found: dict[str, list[str]] = {}
    for table in _TABLES:
        rows = []
        for row in await books.rows(select(table)):
            values = dict(row._mapping)
            if "case_id" in values:
                values["case_id"] = cases[values["case_id"]]
            if table is tables.cases:
                body = json.loads(values.pop("body"))
                body["id"] = 0
                values = {**values, "id": 0, "digest": "", "body": json.dumps(body)}
            rows.append(repr(sorted(values.items(), key=lambda item: item[0])))
        found[table.name] = sorted(rows)
    lines = [
        f"{cases[row.case_id]} {row.seq} {row.event} {row.by} {row.after} {row.facts}"
        for row in await books.rows(select(tables.history))
    ]
    found["history"] = sorted(lines)
    said = await books.rows(
        select(tables.outbox.c.chat, func.count().label("n")).group_by(tables.outbox.c.chat)
    )
    # Reply by reply: how many rows each person has caused.
    found["messages"] = sorted(f"{row.chat} {row.n}" for row in said if row.chat > 6 * 10**9 - 1)
    await books.close()
    return found


# --------------------------------------------------------------- R5, R6: one press, one winner


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


# ------------------------------------------------------------------------ R8: a stop in flight


def _stop(setting: Setting) -> Report:
    """SIGTERM with so many updates in flight, and again: nothing lost, nothing twice."""
    report = Report()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        slowest = 0.0
        async with stage(url, setting.folder, setting.launcher, plan) as on:
            people: list[Person] = []
            for turn in range(3):
                on.up()
                crowd = [on.telegram.add_person(f"P{turn}-{n}", "en") for n in range(setting.size)]
                people += crowd
                for person in crowd:
                    person.start()
                await asyncio.sleep(0.02 + 0.15 * turn)
                began = time.monotonic()
                status = await on.down()
                slowest = max(slowest, time.monotonic() - began)
                report.expect(status == 0, f"it ended with {status}")
            on.up()
            await on.calm()
            await on.down()
            report.faults += await checker.faults(url, on.telegram, on.clock())
            greeted = Counter(len(person.texts()) for person in people)
            report.expect(set(greeted) == {1}, f"greetings by person: {dict(greeted)}")
        report.expect(slowest <= 10, f"a stop took {slowest:.1f} s")
        report.seen = f"3 stops, at most {slowest:.1f} s, {len(people)} people greeted once"

    asyncio.run(played(setting.fresh()))
    return report


# ----------------------------------------------------------------------------- R10: the limits


async def _flood(setting: Setting) -> Report:
    """Messages to many chats under Telegram's limits, by a virtual clock; then a 429."""
    report = Report()
    clock = Clock()
    limits = Limits(now=clock.steady)
    telegram, bot = in_process(clock, limits)
    async with await open_database(await setting.database()) as memory:
        office = PostOffice(memory, clock, telegram, bot)
        people = [office.person(f"P{n}") for n in range(max(2, setting.size // 25))]
        began = clock()
        for at in range(0, setting.size, 250):
            rows = [
                office.screen(people[n % len(people)].id, f"message {n}")
                for n in range(at, min(at + 250, setting.size))
            ]
            await office.put(*rows)
        await office.deliver(setting.size / 3600)
        spent = (list(telegram.calls)[-1].at - began).total_seconds()
        got = sum(len(person.texts()) for person in people)
        report.expect(limits.refused == 0, f"{limits.refused} messages met the limits")
        report.expect(got == setting.size, f"{got} of {setting.size} messages came")
        for person in people:
            numbers = [int(text.split()[1]) for text in person.texts()]
            report.expect(numbers == sorted(numbers), f"{person.name} got them out of order")
        first, second = people[0], people[1]
        clock.pass_by(60)
        telegram.faults.next("sendMessage", too_many(30), chat_id=first.id)
        await office.put(office.screen(first.id, "message 0 late"))
        await office.put(office.screen(second.id, "message 1 soon"))
        calls = len(telegram.calls)
        await office.deliver(0.02)
        later = [call for call in list(telegram.calls)[calls:] if call.method == "sendMessage"]
        mine = [c for c in later if int(c.params["chat_id"]) == first.id]
        others = [c for c in later if int(c.params["chat_id"]) == second.id]
        report.expect(len(mine) == 2, f"the chat was tried {len(mine)} times")
        pause = (mine[-1].at - mine[0].at).total_seconds()
        report.expect(pause >= 30, f"it was tried again after {pause} s of 30")
        delay = (others[0].at - mine[0].at).total_seconds() if others else 99
        report.expect(delay <= 1, f"another chat waited {delay} s")
    rate = f"{setting.size / spent:.1f} a second"
    report.seen = (
        f"to {len(people)} chats, {rate} of the clock, 0 met a limit, 429 kept to {pause:.0f} s"
    )
    return report


TRIALS = (
    Trial(
        name="again",
        goals="R4",
        what="each update one to five times, shuffled across chats: the same state to the byte",
        size=6_000,
        most=100_000,
        unit="deliveries",
        run=awaited(_again),
    ),
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
    Trial(
        name="limits",
        goals="R10",
        what="many messages meet no limit; a 429 holds its chat and no other",
        size=2_000,
        most=10_000,
        unit="messages",
        run=awaited(_flood),
    ),
)
