"""D2, D4, D5, R9: late after a long stop, a clock that is wrong, what people are told of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.domain.policy import Policy
from bot.domain.timers import next_timer
from bot.screens.cases import card
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import DueTimer
from bot.workers.clockwork import Clockwork
from storage import tables
from storage.database import open_database
from tests.domain.life import CUSTOMER, SELLER
from tests.screens.scenes import CATALOGUES, LANGUAGES, SCENES, scene, view
from tests.torture import checker
from tests.torture.books import Books
from tests.torture.plan import Plan
from tests.torture.stage import SPEED, Stage, stage
from tests.torture.stored import START, put, request
from tests.torture.trial import BOTH, Report, Setting, Trial, awaited

DOWN = timedelta(days=30)
LIMIT_S = 60.0
TICK = timedelta(milliseconds=1)
_told = re.compile(r'<tg-time unix="(\d+)">')


class StillClock:
    """The same instant until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Reached:
    """The way to Telegram is open and its clock agrees."""

    settled = True
    disagreement = timedelta(0)
    last_answer: datetime | None = None


class RememberingDesk(ReturnDesk):
    """Remembers the order in which timers fired."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.fired: list[DueTimer] = []

    async def fire(self, unit: Unit, due: DueTimer) -> None:
        """As the desk does."""
        self.fired.append(due)
        await super().fire(unit, due)


async def _late(setting: Setting) -> Report:
    """Requests of one day; a month of silence; then every timer that fell due, in order, once."""
    report, url = Report(), await setting.database()
    began = START
    desk, clock = RememberingDesk(Policy()), StillClock(began)
    spread = [timedelta(seconds=n * 86_000 / setting.size) for n in range(setting.size)]
    cases = [request(n + 1, 1_000 + n, began + since) for n, since in enumerate(spread)]
    async with await open_database(url) as memory:
        await put(memory, cases, began)
        clockwork = Clockwork(memory, desk, clock, Reached())
        first = next_timer(cases[0])
        assert first is not None
        clock.now = first.due_at - TICK
        await clockwork.tick()
        report.expect(not desk.fired, f"{len(desk.fired)} timers fired a millisecond early")
        clock.now = first.due_at + DOWN
        started = time.monotonic()
        await clockwork.tick()
        seconds = time.monotonic() - started
        fired = len(desk.fired)
        await clockwork.tick()
        report.expect(len(desk.fired) == fired, "timers fired twice")
        left = await memory.next_due()
        report.expect(left is None or left > clock.now, f"what was due at {left} did not fire")
    decided = [each.due_at for each in desk.fired if each.kind == first.kind]
    report.expect(len(decided) == setting.size, f"{len(decided)} of {setting.size} fired")
    report.expect(decided == sorted(decided), "they did not fire in due order")
    report.expect(len(set(desk.fired)) == fired, "a timer was fired twice")
    books = Books(url)
    query = select(func.count().label("n")).where(tables.history.c.event == "decision_due")
    (told,) = await books.rows(query)
    report.expect(told.n == setting.size, f"{told.n} of {setting.size} timers decided something")
    wrong = [fault for fault in await checker.decided(books, clock.now) if "later" not in fault]
    await books.close()
    report.faults += wrong[:5]
    report.seen = f"{fired:,} timers in {seconds:.1f} s, {fired / seconds:,.0f} a second"
    return report


def _on_stage(setting: Setting, play: Callable[[Stage, Report], Awaitable[None]]) -> Report:
    """A request on the stage, and what comes of it when this is played."""
    report = Report()

    async def played(url: str) -> None:
        plan = Plan(setting.seed, {}, {}, calm=True)
        async with stage(url, setting.folder, setting.launcher, plan) as on:
            on.up()
            await on.story.arrive()
            await on.story.ask()
            await play(on, report)
            await on.down()
            report.faults += await checker.faults(url, on.telegram, on.clock(), struck=True)

    asyncio.run(played(setting.fresh()))
    return report


async def _events(on: Stage) -> list[str]:
    rows = await on.books.rows(select(tables.history.c.event).order_by(tables.history.c.seq))
    return [row.event for row in rows]


async def _wrong_clock(on: Stage, report: Report) -> None:
    """Telegram's clock is ten minutes behind: nothing fires, the staff hear, and it goes on."""
    on.telegram.clock_skew = timedelta(minutes=-10)
    at = await on.books.next_timer()
    assert at is not None
    on.clock.ask(at - on.clock() + timedelta(seconds=1))
    began = time.monotonic()
    heard = 0.0
    while time.monotonic() - began < 15 and not heard:
        await asyncio.sleep(0.05)
        if any("clock" in text.lower() for text in on.story.olga.texts()):
            heard = time.monotonic() - began
    report.expect(bool(heard), "the staff did not hear of the wrong clock")
    report.expect("decision_due" not in await _events(on), "a timer fired by a wrong clock")
    on.telegram.clock_skew = timedelta(0)
    on.story.olga.send("/menu")  # any answer tells Telegram's time
    await on.calm()
    report.expect("decision_due" in await _events(on), "it did not go on by itself")
    report.seen = f"0 timers fired, staff told after {heard * SPEED:.0f} s, then it went on"


async def _dark(on: Stage, report: Report) -> None:
    """Telegram is dark for a day: the seller's time moves by it, and everything is said once."""
    (case,) = await on.books.rows(select(tables.timers.c.due_at))
    due = case.due_at
    on.telegram.faults.dark = True
    since = on.clock()
    # A restart in the dark: it knows only from its books how long nobody could be reached.
    on.kill()
    on.clock.ask(timedelta(days=1))
    on.clock.make()
    on.up()
    await asyncio.sleep(1)
    on.story.aygun.send("/returns")
    on.telegram.faults.dark = False
    began = time.monotonic()
    await on.calm()
    seconds = time.monotonic() - began
    away = on.clock() - since
    (case,) = await on.books.rows(select(tables.timers.c.due_at))
    moved = case.due_at - due
    report.expect(
        abs(moved - away) < timedelta(minutes=2),
        f"the seller's deadline moved by {moved} after {away}",
    )
    report.expect(await _events(on) == ["submit", "outage_credit"], f"{await _events(on)}")
    reminders = [text for text in on.story.emre.texts() if "R-000001" in text and "left" in text]
    report.seen = f"deadline moved by {moved}, all said {seconds:.1f} s after the return"
    report.expect(len(reminders) <= 3, f"{len(reminders)} stale reminders")


def _exact(setting: Setting) -> Report:
    """What a card says of the next automatic decision, against the row."""
    report, cards = Report(), 0
    for name in SCENES:
        for reader in (CUSTOMER, SELLER):
            shown = view(name, reader)
            if shown.silence is None or shown.silence.due_at <= shown.now:
                continue
            timer = shown.silence.due_at
            told_of = {timer, *(each.due_at for each in scene(name).case.timers)}
            grace = scene(name).policy.ship.grace_days
            told_of |= {each - grace for each in told_of}
            for language in LANGUAGES:
                for zone in ("Asia/Almaty", "America/St_Johns", "Australia/Lord_Howe"):
                    text = card(shown, CATALOGUES.texts(language, zone)).text
                    instants = {int(each) for each in _told.findall(text)}
                    cards += bool(instants)
                    future = {each for each in instants if each > shown.now.timestamp()}
                    known = {int(each.timestamp()) for each in told_of}
                    rounded = {each - each % 60 for each in known} | {
                        each + -each % 60 for each in known
                    }
                    if strange := future - known - rounded:
                        report.faults.append(f"{name} tells {reader.role} of {strange}")
    report.expect(cards >= setting.size, f"only {cards} cards tell an instant")
    report.seen = f"{cards} cards tell instants, each one of the rows, to the minute"
    return report


TRIALS = (
    Trial(
        name="late",
        goals="D2",
        what="a month down: everything that fell due fires, in order, once, and none early",
        size=1_000,
        most=10_000,
        unit="cases",
        run=awaited(_late),
        on=BOTH,
    ),
    Trial(
        name="wrong-clock",
        goals="D4",
        what="the local clock disagrees with Telegram's: timers wait, the staff hear",
        size=1,
        most=1,
        unit="disagreement",
        run=lambda setting: _on_stage(setting, _wrong_clock),
    ),
    Trial(
        name="dark",
        goals="R9",
        what="Telegram dark for a day: people's deadlines move by it, all is said in order, once",
        size=24,
        most=24,
        unit="hours",
        run=lambda setting: _on_stage(setting, _dark),
    ),
    Trial(
        name="told",
        goals="D5",
        what="the instants that cards tell are those of the rows",
        size=100,
        most=100,
        unit="cards",
        run=_exact,
    ),
)
