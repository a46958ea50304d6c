"""The stage: the playground in this process, the program in another, one clock for both."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

from bot import demo
from bot.playground import cast
from bot.playground.people import Person
from bot.playground.server import make_app, serve
from bot.playground.story import Story
from bot.texts import Catalogues
from storage.database import open_database
from tests.torture.books import Books
from tests.torture.child import Start
from tests.torture.clock import SharedClock
from tests.torture.launcher import Launcher
from tests.torture.mischief import LIVE, TOGGLES, Mischief
from tests.torture.plan import Kill, Moment, Plan
from tests.torture.poster import Poster
from tests.torture.witness import WatchedTelegram

PATIENCE_S = 30.0
LOOKS = 2_000
"""After this time and so many looks a program that still has something to do is stuck: where the
machine is busy with something else, looks take longer, too."""
SOON = timedelta(seconds=2)
"""What is due within this time is awaited before the program counts as idle."""
AWAITED_S = 0.5
"""After which a kill no longer waits for its moment."""
STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}
RETRY = timedelta(minutes=30)
"""What waits for another try within this time is not waited for: the clock moves."""
SPEED = 5.0
"""How much faster pauses pass where the line fails."""


S = TypeVar("S", bound=Story)


class Stuck(Exception):
    """The program does not come to rest."""


@dataclass(frozen=True, slots=True)
class Wreck:
    """What a kill found: where, and what was unfinished."""

    place: str
    kill: Kill
    in_hand: int
    """Updates that the program has got from Telegram and not committed."""
    undone: int
    unsent: int
    sending: int

    @property
    def hit(self) -> bool:
        """Whether the program, or its database, held unfinished work."""
        return self.in_hand + self.undone + self.unsent > 0


@dataclass(eq=False)
class Stage:
    """What a scenario plays on. Every act ends with `settle`, during which the kills come."""

    telegram: WatchedTelegram
    clock: SharedClock
    books: Books
    plan: Plan
    links: Mapping[int, str]
    texts: Catalogues
    _launcher: Launcher
    _start: Start
    mischief: Mischief | None = None
    poster: Poster | None = None
    """Telegram's side of a webhook, if the program does not poll."""
    wrecks: list[Wreck] = field(default_factory=list)
    acts: int = 0
    moves: int = 0
    falls: int = 0
    """How often the program has ended by itself."""
    _issued: int = 0
    _pressed: int = 0
    """The id of the last press that somebody made of their own accord."""
    _pressing: Person | None = None
    """Whose press the act is; none once they have typed or shown something."""

    # ------------------------------------------------------------------ what a scenario asks for

    @property
    def story(self) -> Story:
        """The story of `returndesk demo --play`, told on this stage."""
        return self.tell(Story)

    def tell(self, kind: type[S]) -> S:
        """A story of this kind."""
        t = self.texts.texts("en")
        return kind(self.telegram, t, self.links, self.advance, self.settle, _nobody)

    async def advance(self, by: str) -> None:
        """Move the clock by "1h", "1d" or to the "next" timer."""
        if by == "next":
            at = await self.books.next_timer()
            if at is None:
                raise Stuck("no timer is running")
            by_time = max(at - self.clock(), timedelta(0))
        else:
            by_time = STEPS[by]
        self.clock.ask(by_time)
        self.moves += 1
        await self._kill_at(f"move {self.moves}", self.plan.at_moves.get(self.moves, ()))
        await self._rest()

    async def settle(self) -> None:
        """Wait until nothing is left to do. If somebody has acted, the kills of the act come."""
        issued = len(self.telegram.issued)
        if issued != self._issued:
            self.acts += 1
            self._pressing = self._who_presses()
            await self._disturb()
            await self._kill_at(f"act {self.acts}", self.plan.at_acts.get(self.acts, ()))
            self._pressing = None
        await self._rest()
        if self.mischief and self.mischief.aimed:
            self.mischief.count(await self.books.rows(LIVE))
        self._issued = len(self.telegram.issued)

    async def calm(self) -> None:
        """Let the line be sound again, and everything that waits for it come through."""
        self.telegram.faults.clear()
        await self._rest(retry=timedelta(hours=5))

    # ------------------------------------------------------------------ the program

    @property
    def settings(self) -> Mapping[str, str]:
        """What the program is started with, by the names of `Settings`."""
        return self._start.settings

    @property
    def start(self) -> Start:
        """A start of the program, for another process of it."""
        return self._start

    def up(self) -> None:
        """Start the program, unless it runs."""
        if not self._launcher.running:
            self.telegram.starts += 1
            self.telegram.handed = frozenset()
            self._launcher.start(self._start)

    async def _up_again(self) -> None:
        """Start the program, unless it runs; look first what it left, if it struck a wall."""
        if self.plan.blows and self._launcher.fell():
            self.falls += 1
            await self._look_for_halves(f"fall {self.falls}")
        self.up()

    async def _look_for_halves(self, place: str) -> None:
        if half := await self.books.half_done():
            self.telegram.evidence.broken.append(f"at {place} half of {half} was kept")

    def kill(self) -> None:
        """End the program at once."""
        self._launcher.kill()

    async def down(self) -> int:
        """Stop the program, if it runs, as a deploy does. Answers its exit status."""
        if self.plan.blows and self._launcher.fell():
            return 0
        return await self._launcher.stop() if self._launcher.running else 0

    async def _kill_at(self, place: str, kills: Sequence[Kill]) -> None:
        for kill in kills:
            self.up()
            await self._kill(place, kill)
        if not kills or kills[-1].moment != "idle":
            await self._up_again()

    async def _kill(self, place: str, kill: Kill) -> None:
        shown = dict(self.telegram.shown)
        await self._moment(kill.moment)
        await asyncio.sleep(kill.delay_s)
        self._launcher.kill()
        # What it had sent is still heard, and as its own word.
        await asyncio.sleep(0.005)
        in_hand = len(await self._in_hand())
        found = await self.books.unfinished(self.clock())
        await self._look_for_halves(place)
        self.wrecks.append(Wreck(place, kill, in_hand, found.undone, found.unsent, found.sending))
        if kill.again:
            self._press_again(shown)

    async def _moment(self, moment: Moment) -> None:
        if moment == "idle":
            await self._rest(SOON)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(AWAITED_S):
                while moment == "received" and not (
                    await self._in_hand() or await self.books.unfinished(self.clock())
                ):
                    pass
                if moment == "told":
                    await self.telegram.next_told()

    async def _in_hand(self) -> frozenset[int]:
        """The updates that the program has been given and has not committed."""
        handed = self.telegram.handed
        return handed - await self.books.received(handed) if handed else handed

    async def _disturb(self) -> None:
        """What else happens in the moment of an act."""
        if self.mischief is None:
            return
        if self._pressing is not None:
            self.mischief.tap_twice(self._pressing, self._label(self._pressing))
        self.mischief.forge(await self.books.rows(LIVE))

    def _who_presses(self) -> Person | None:
        """Who has pressed of their own accord since the last act."""
        forged = self.mischief.presses if self.mischief else frozenset()
        pressed = (
            person
            for person in self.telegram.people.values()
            if person.presses
            and person.presses[-1].id not in forged
            and int(person.presses[-1].id) > self._pressed
        )
        last = max(pressed, key=lambda person: int(person.presses[-1].id), default=None)
        if last is not None:
            self._pressed = int(last.presses[-1].id)
        return last

    def _press_again(self, shown: Mapping[int, int]) -> None:
        """Who has pressed and sees nothing happen presses once more; a box is not ticked twice."""
        last = self._pressing
        if last is None or last.presses[-1].answered or self._label(last).startswith(TOGGLES):
            return
        if self.telegram.shown[last.id] == shown.get(last.id, 0):
            again = last.forge_press(last.presses[-1].data, last.presses[-1].message_id)
            self._pressed = int(again.id)

    def _label(self, person: Person) -> str:
        press = person.presses[-1]
        message = person.chat.find(press.message_id)
        buttons = message.buttons if message else []
        return next((each.text for each in buttons if each.data == press.data), "")

    async def _rest(self, ahead: timedelta = timedelta(0), retry: timedelta = RETRY) -> None:
        until = time.monotonic() + PATIENCE_S
        for look in count():
            if not await self._busy(ahead):
                at = await self.books.next_try(self.clock(), retry)
                if not self.plan.hurried or at is None:
                    return
                self.clock.ask(max(at - self.clock(), timedelta(0)))
            if look > LOOKS and time.monotonic() > until:
                break
            await self._up_again()
            await asyncio.sleep(0.005)
        left = await self.books.unfinished(self.clock())
        log = await asyncio.to_thread(Path(self._start.log).read_text)
        raise Stuck(f"after act {self.acts}: {left}\n{log[-4000:]}")

    async def _busy(self, ahead: timedelta) -> bool:
        if self.clock.behind or self.telegram.updates.pending:
            return True
        return bool(await self.books.unfinished(self.clock() + ahead))


def _nobody(_: str) -> None:
    """Nobody listens to the story's progress."""


@asynccontextmanager
async def stage(
    database_url: str,
    folder: Path,
    launcher: Launcher,
    plan: Plan,
    *,
    token: str = demo.TOKEN,
    level: str = "INFO",
    ticks: bool = True,
    webhook: bool = False,
) -> AsyncIterator[Stage]:
    """The cast and its shop on a migrated, empty database. The program is not started.

    `token`, `level`, `ticks` and `webhook` are those of its starts.
    """
    clock = SharedClock(folder / "clock")
    books = Books(database_url)
    telegram = WatchedTelegram(clock, token, demo.USERNAME, books)
    telegram.speed = SPEED if plan.hurried else 1.0
    cast.assemble(telegram, "en")
    async with await open_database(database_url) as memory:
        received = await demo.stock(memory, clock(), demo.TOKEN, "en")
    server = await serve(make_app(telegram))
    settings = {
        "bot_token": token,
        "api_base": server.url,
        "database_url": database_url,
        "link_secret": demo.TOKEN,
        "owner_ids": str(cast.OLGA.id),
        "orders_folder": str(folder / "orders"),
        "evidence_folder": str(folder / "evidence"),
    }
    poster = Poster(telegram, random.Random(plan.seed) if plan.rough else None) if webhook else None
    if poster:
        settings |= poster.settings
    on = Stage(
        telegram,
        clock,
        books,
        plan,
        {id: str(each[0]["payload"]) for id, each in received.items() if each},
        Catalogues(),
        launcher,
        Start(
            settings,
            str(folder / "clock"),
            str(folder / "program.log"),
            level=level,
            speed=telegram.speed,
            blows=asdict(plan.blows) if plan.blows else None,
            ticks=ticks,
        ),
        Mischief.of(telegram, plan.seed) if plan.rough else None,
        poster,
    )
    try:
        async with poster.open() if poster else nullcontext():
            yield on
    finally:
        if launcher.running and not launcher.fell():
            launcher.kill()
        await server.close()
        await books.close()
