"""Inbox → dispatcher → unit: one update is one transaction, up to 64 chats share a commit.

Updates of one chat are handled in the order of their ids; updates of different chats run
concurrently inside one group, so that their reads are gathered and their writes batched. What a
handler returns becomes rows of the outbox in the same unit; the answer to a press is released
only after the commit. An update that raises is tried again and goes into quarantine after three
tries, without holding up the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update

from bot.domain.cases import Refused
from bot.screens.screen import Below, Reply, Screen, Toast, Wanted, dump_screen
from bot.services.again import Away, Overtaken, until_kept
from bot.services.announcing import document, redraw
from bot.services.memory import Group, Intake, Memory
from bot.services.ports import Clock, Unit
from bot.services.records import How, Outgoing, Received
from bot.services.shielding import to_the_end
from bot.workers.flood import Flood
from bot.workers.receiver import Put
from bot.workers.updates import Updates

GROUP = 64
TRIES = 3
_PAUSES = (timedelta(seconds=1), timedelta(seconds=10))

log = structlog.get_logger(__name__)

Answer = Callable[[str, Toast | None], Coroutine[Any, Any, None] | None]
"""Answers a press, best effort: (callback query id, what to show). What it gives back is left
to do for that."""


class Errors(Protocol):
    """Words for what went wrong: `handlers.errors` behind a Protocol."""

    async def refused(self, error: Refused, update: Update, unit: Unit) -> Iterable[Reply]: ...
    async def broken(self, update: Update, unit: Unit) -> Iterable[Reply]: ...
    async def quarantined(self, received: Received, error: str, unit: Unit) -> None:
        """Tell the staff."""


@dataclass(slots=True)
class _Run:
    """One update on its way through its unit."""

    received: Received
    unit: Unit
    update: Update | None = None
    error: str | None = None
    blameless: Exception | None = None
    """A fault of the memory: it is no try of the update."""
    toast: Toast | None = None
    messages: list[Outgoing] = field(default_factory=list)

    @property
    def result(self) -> str:
        """What came of it: done, again or quarantine."""
        if self.error is None:
            return "done"
        return "quarantine" if self.received.tries + 1 >= TRIES else "again"


class _Ahead:
    """An intake whose updates are read while the memory takes them."""

    def __init__(self, intake: Intake, updates: Updates, read: dict[str, Update]) -> None:
        self._intake = intake
        self._updates = updates
        self._read = read

    async def keep(
        self,
        updates: Sequence[Received],
        heartbeat: datetime | None = None,
        outage: tuple[datetime, datetime] | None = None,
    ) -> int:
        self._reading = asyncio.create_task(self._updates.ahead(updates, self._read))
        return await self._intake.keep(updates, heartbeat, outage)


class Processor:
    """Takes updates from the inbox and keeps what follows from them."""

    def __init__(
        self,
        memory: Memory,
        dispatcher: Dispatcher,
        bot: Bot,
        clock: Clock,
        *,
        errors: Errors,
        answer: Answer,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._memory = memory
        self._dispatcher = dispatcher
        self._bot = bot
        self._updates = Updates(bot)
        self._clock = clock
        self._errors = errors
        self._answer = answer
        self._committed = committed
        self._wake = asyncio.Event()
        self._flood = Flood()
        self._answers: set[asyncio.Task[None]] = set()
        self.results: Counter[str] = Counter()
        """Updates since the start, by what came of them: done, again or quarantine."""
        self.idle = asyncio.Event()

    def wake(self) -> None:
        """There is something new in the inbox."""
        self.idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a transaction that has begun is finished first."""
        while True:
            self._wake.clear()
            try:
                busy = await to_the_end(self.step())
            except Exception:
                log.exception("the inbox could not be worked on")
                await asyncio.sleep(1)
                continue
            if busy:
                continue
            self.idle.set()
            # Updates that wait for another try have no one to wake us.
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._wake.wait()

    async def step(self, limit: int = GROUP) -> int:
        """Handle one group. Answers how many updates were taken."""
        try:
            return await until_kept(partial(self._group, limit))
        except Away:
            raise
        except Exception:
            if limit == 1:
                raise
            # One of the group cannot be written: alone, it fails without the others.
            log.exception("a group could not be written", size=limit)
            return await self._one_by_one()

    async def receive(self, put: Put) -> None:
        """Commit what comes in together with what follows from it; without, if that fails.

        What is left then is handled by `run`.
        """
        came, taken = list[Received](), list[Received]()

        async def putting(intake: Intake) -> None:
            came[:] = await put(intake)

        try:
            await until_kept(partial(self._group, GROUP, taken, putting))
        except Away:
            raise
        except Exception:
            log.exception("what came in could not be handled at once")
            async with self._memory.receiving() as intake:
                await put(intake)
            taken.clear()
        if not {each.update_id for each in came} <= {each.update_id for each in taken}:
            self.wake()

    async def _group(
        self,
        limit: int,
        taken: list[Received] | None = None,
        putting: Callable[[Intake], Awaitable[None]] | None = None,
    ) -> int:
        """Handle a group; what it consists of is told in `taken`."""
        read: dict[str, Update] = {}
        async with self._memory.group(receives=putting is not None) as group:
            if putting:
                await putting(_Ahead(group.intake, self._updates, read))
            waiting = await group.pending(limit, self._clock())
            if taken is not None:
                taken[:] = waiting
            if not (waiting or putting):
                return 0
            let_in = await self._flood.let_in(group, waiting)
            await self._updates.ahead(let_in, read)
            runs = [_Run(each, group.unit(each.received_at), read.get(each.raw)) for each in let_in]
            await asyncio.gather(*(self._handle(run) for run in runs))
            for run in runs:
                if run.blameless:
                    raise run.blameless
                self._conclude(group, run)
            left_out = await group.commit()
        self._release(run for run in runs if id(run.unit) not in left_out)
        if left_out:
            self.wake()
        return len(waiting)

    async def _one_by_one(self) -> int:
        for handled in range(GROUP):
            if not await until_kept(self._single):
                return handled
        return GROUP

    async def _single(self) -> int:
        """Handle one update; that it cannot be written counts as a try."""
        taken: list[Received] = []
        try:
            return await self._group(1, taken)
        except (Away, Overtaken):
            raise
        except Exception as error:
            if not taken:
                raise
            log.exception("an update could not be written", update=taken[0].update_id)
            return await self._give_up(taken[0], error)

    async def _give_up(self, received: Received, error: Exception) -> int:
        async with self._memory.group() as group:
            if received not in await group.pending(1, self._clock()):
                # Another process has it by now.
                return 1
            run = _Run(received, group.unit(received.received_at), error=_worded(error))
            await self._broken(run)
            self._conclude(group, run)
            await group.commit()
        self._release([run])
        return 1

    async def _handle(self, run: _Run) -> None:
        try:
            run.update = run.update or self._updates.read(run.received)
            result = await self._dispatcher.feed_update(
                self._bot, run.update, unit=run.unit, now=run.unit.now
            )
            self._keep(run, [] if result is UNHANDLED else _replies(result))
        except Refused as refusal:
            run.unit.discard()
            if run.update is not None:
                self._keep(run, await self._errors.refused(refusal, run.update, run.unit))
        except (Away, Overtaken) as error:
            run.blameless = error
        except Exception as error:
            log.exception("an update failed", update=run.received.update_id)
            run.error = _worded(error)
            await self._broken(run)

    async def _broken(self, run: _Run) -> None:
        """Leave of the unit only the word to the staff and, at the last try, to the person."""
        run.unit.discard()
        run.messages.clear()
        run.toast = None
        if run.received.tries + 1 < TRIES or run.error is None:
            return
        try:
            await self._errors.quarantined(run.received, run.error, run.unit)
            if run.update is not None:
                self._keep(run, await self._errors.broken(run.update, run.unit))
        except Exception:
            log.exception("the failure itself could not be told", update=run.received.update_id)
            run.unit.discard()

    def _keep(self, run: _Run, replies: Iterable[Reply]) -> None:
        if run.update is None:
            return
        press = run.update.callback_query
        pressed = press.message.message_id if press and press.message else None
        for position, reply in enumerate(replies):
            match reply:
                case Toast():
                    run.toast = reply
                case Screen():
                    key = f"u:{run.received.update_id}:{position}"
                    message = outgoing(reply, run.received.chat, key, pressed, run.unit.now)
                    run.unit.outbox.put(message)
                case Wanted():
                    document(run.unit, run.received.chat, reply.document, reply.kind, reply.facts)
                case Below():
                    redraw(run.unit, reply.case, [(reply.person, reply.role)], anew=True)
                case None:
                    pass

    def _conclude(self, group: Group, run: _Run) -> None:
        if run.error is None:
            group.done(run.received, run.unit)
            return
        tries = run.received.tries
        last = run.result == "quarantine"
        group.failed(
            run.received,
            run.error,
            retry_at=None if last else self._clock() + _PAUSES[min(tries, len(_PAUSES) - 1)],
        )
        group.keep(run.unit)

    def _release(self, runs: Iterable[_Run]) -> None:
        for run in runs:
            self.results[run.result] += 1
            press = run.update.callback_query if run.update else None
            if press and (run.error is None or run.toast):
                self._answered(press.id, run.toast)
        self._committed()

    def _answered(self, query: str, toast: Toast | None) -> None:
        if left := self._answer(query, toast):
            task = asyncio.create_task(left)
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)


def outgoing(screen: Screen, chat: int, key: str, pressed: int | None, now: datetime) -> Outgoing:
    """The row of the outbox for a screen: a press edits what was pressed, a message is answered."""
    how = screen.how or (How.EDIT if pressed is not None else None)
    if how is None:
        how = How.RENEW if screen.slot else How.SEND
    delay = timedelta(seconds=screen.not_before_s)
    return Outgoing(
        chat=chat,
        kind="screen",
        payload=dump_screen(screen),
        key=key,
        slot=screen.slot,
        how=how,
        message=pressed if how is How.EDIT else None,
        silent=screen.silent,
        not_before=now + delay if delay else None,
    )


def _replies(result: Any) -> Sequence[Reply]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _worded(error: Exception) -> str:
    """The kind of the error and where it was raised: its message may hold what a person wrote."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_qualname}:{last.tb_lineno}" if last else "?"
    return f"{type(error).__name__} in {place}"
