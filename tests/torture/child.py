"""The program as a process to kill: `python -m tests.torture.child`.

Importing takes seconds and twenty starts would take a minute, so everything is imported once and
each start is a fork. What is forked has no thread, no loop and no open file yet: it opens the
database, reads the policy and the texts, and meets Telegram, like any start.

    stdin                     stdout
    {"settings": …, …}        the process id of a new start
    wait ID                   how this one ended: its exit status, or minus the signal
    look ID                   the same if it has ended, else an empty line
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiogram.exceptions import AiogramError

from bot import app
from bot.app import Program, program
from bot.logs import configure_logs
from bot.settings import read_settings
from bot.workers.permits import Rates
from storage.errors import StorageError
from tests.torture import hasty
from tests.torture.clock import SharedClock
from tests.torture.wall import Blows, build

LOOK_S = 0.01
TRIES = 5
STOPS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Start:
    """What a start needs: settings as plain values, the file of the clock, the file of its log.

    `speed`: how much faster its pauses pass, see `hasty.py`.
    """

    settings: dict[str, str]
    clock: str
    log: str
    level: str = "INFO"
    speed: float = 1.0
    blows: dict[str, Any] | None = None
    """The `Blows` of `wall.py`, if some of its statements or calls are to fail."""
    ticks: bool = True
    """Whether it looks every few seconds for what nobody has told it of."""

    def line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))


def main() -> None:
    """Start what stdin asks for, until it ends."""
    running: set[int] = set()
    for line in sys.stdin:
        word, _, id_ = line.partition(" ")
        if word in ("wait", "look"):
            ended, status = os.waitpid(int(id_), 0 if word == "wait" else os.WNOHANG)
            running.discard(ended)
            print(os.waitstatus_to_exitcode(status) if ended else "", flush=True)
            continue
        # Who is told to stop while it starts hears it as soon as it can.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        started = os.fork()
        if started == 0:
            _become(Start(**json.loads(line)))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        running.add(started)
        print(started, flush=True)
    for each in running:
        os.kill(each, signal.SIGKILL)


def _become(start: Start) -> None:
    """The forked process: never returns."""
    with Path(start.log).open("ab", buffering=0) as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    status = 1
    try:
        if start.blows:
            build(Blows(**start.blows))
        if not start.ticks:
            app.TICK = timedelta(days=1)  # type: ignore[attr-defined]
        configure_logs(start.level, "json")
        hasty.run(_run(start), start.speed)
        status = 0
    except Exception:
        # Where it ends by itself, its log tells why.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


async def _run(start: Start) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in STOPS:
        loop.add_signal_handler(each, stop.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    clock = SharedClock(Path(start.clock))
    settings = read_settings(**start.settings, _env_file=None)
    webhook = settings.webhook_url is not None
    async with program(settings, clock, rates=Rates(held_s=0.0), webhook=webhook) as desk:
        await _follow(desk, clock)
        following = asyncio.create_task(_follow_on(desk, clock))
        try:
            await desk.run(stop)
        finally:
            following.cancel()


async def _follow_on(desk: Program, clock: SharedClock) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        # What comes after a failed poll counts as received at the last good one: a move between
        # the two would make it a day old.
        if desk.contact.settled:
            with suppress(StorageError):  # a statement may be made to fail: the next look moves it
                await _follow(desk, clock)


async def _follow(desk: Program, clock: SharedClock) -> None:
    if clock.behind:
        # A move is no outage: people could reach us until the very instant that it leads to.
        await desk.memory.receive([], clock.asked)

        def move() -> None:
            clock.make()
            desk.contact.last_poll = clock()

        # Until Telegram's time is heard timers wait, where the line is dark for the next answer.
        for _ in range(TRIES):
            with suppress(AiogramError):
                await desk.jump(move)
                return


if __name__ == "__main__":
    main()
