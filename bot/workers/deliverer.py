"""Outbox → Telegram: in order per chat, within the limits, every failure classified.

A row is marked `sending` before its call leaves, so a kill leaves it unknown and not lost. At
most one new message is under way while the backlog is small, which is how many a kill can
double; in a backlog as many as Telegram's limit lets out while one is on its way there and back.
No transaction is open while something is sent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil, inf
from typing import Any

import structlog
from aiogram import Bot

from bot.screens.screen import Screen, Toast, load_screen
from bot.services.memory import Mailbag
from bot.services.ports import Clock
from bot.services.records import OutboxRow, Outcome
from bot.services.shielding import to_the_end
from bot.workers.link import NOT_ACCEPTED, Alert, Pulse, Stopped, steady
from bot.workers.messages import (
    Call,
    Document,
    Rendered,
    Wording,
    answering,
    calls_of,
    has_dates,
    message_ids,
)
from bot.workers.outcomes import (
    AFTERWARDS,
    Conclusion,
    Fate,
    Result,
    Verdict,
    conclude,
    edited_by,
    try_again,
    verdict,
)
from bot.workers.permits import Permits, Rates

SMALL = 20
"""A backlog up to this has one new message under way at a time."""
RECENT = 5
"""Over about so many answers the time of a call is smoothed."""
PATIENCE_S = 2.0
"""A row whose chat is free only later than this goes back until then."""
CALL_S = 20
ANSWER_S = 10
WIND_UP_S = 5.0
"""How long a stop waits for the answers of calls under way."""
IDLE_S = 60.0
_MOST_UNREACHABLE = 10_000
"""People who are known to be unreachable: of more, the staff may hear a second time."""

log = structlog.get_logger(__name__)

Render = Callable[[Sequence[OutboxRow]], Awaitable[Sequence[Rendered | BaseException]]]
"""What cards, albums, notices and command menus say now, or why that cannot be told."""


@dataclass(slots=True, eq=False)
class _Letter:
    """A row in hand, with the calls that are still to make for it."""

    row: OutboxRow
    said: Rendered
    wording: Wording
    calls: list[Call]
    ids: list[int] = field(default_factory=list)


class Deliverer:
    """Sends what the outbox holds. One per database."""

    def __init__(
        self,
        bot: Bot,
        mailbag: Mailbag,
        clock: Clock,
        *,
        render: Render,
        alert: Alert,
        rates: Rates | None = None,
        steady: Callable[[], float] = steady,
    ) -> None:
        self._bot = bot
        self._mailbag = mailbag
        self._clock = clock
        self._render = render
        self._alert = alert
        self._steady = steady
        self._pulse = Pulse(bot, steady)
        self._rates = rates or Rates()
        self._permits = Permits(steady, self._rates)
        self._call_s = 0.001
        """From a call to its answer, as the last few took."""
        self._in_hand = 2 * self._rates.at_once
        """Rows taken and not yet reported, at most: what can be sent, and as much again."""
        self._wake = asyncio.Event()
        self._hand: list[_Letter] = []
        self._under_way: dict[asyncio.Task[None], Call] = {}
        self._new_under_way = 0
        self._making: dict[asyncio.Task[None], OutboxRow] = {}
        """Documents that are not ready to be sent: meanwhile the others go on."""
        self._outcomes: list[Outcome] = []
        self._alerts: list[tuple[str, dict[str, Any]]] = []
        self._unreachable: set[int] = set()
        self.ends: Counter[str] = Counter()
        """Calls since the start, by what became of them: `arrived`, or a fate."""
        self._recover = True
        self._look = True
        self._look_at = -inf
        self._filling = False
        self._full_dates = True
        self._refused = False

    def wake(self) -> None:
        """There is something new in the outbox, or the clock was moved."""
        self._look = True
        self._wake.set()

    @property
    def under_way(self) -> tuple[Call, ...]:
        """The calls that have not been answered."""
        return tuple(self._under_way.values())

    @property
    def idle(self) -> bool:
        """Whether nothing is being taken, in hand, under way or unreported."""
        held = self._hand or self._under_way or self._making or self._outcomes or self._alerts
        return not (held or self._look or self._filling)

    async def run(self) -> None:
        """Deliver until cancelled; calls under way are then awaited for five seconds.

        Raises Stopped where Telegram does not accept the token.
        """
        # Another process may have been the deliverer meanwhile.
        self._recover = self._look = True
        try:
            while True:
                self._wake.clear()
                try:
                    pause = await self.step()
                except Stopped:
                    raise
                except Exception:
                    log.exception("the outbox could not be worked on")
                    await asyncio.sleep(1)
                    continue
                # Not `wait_for`, which before Python 3.12 may swallow a cancellation.
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            await self._wind_up()

    async def step(self) -> float:
        """Report what has ended, take what is due and start what is permitted.

        Answers after how many seconds another step is worth while, if nothing wakes it before.
        """
        if self._pulse.doubtful:
            self._hand_back()
        await self._tell_the_staff()
        if self._pulse.doubtful or self._refused:
            await self._report()
        if self._refused:
            raise Stopped(NOT_ACCEPTED)
        if self._pulse.doubtful and (pause := await self._pulse.ask()) > 0:
            return pause
        await self._take()
        self._start()
        return self._pause()

    async def _wind_up(self) -> None:
        for making, row in self._making.items():
            if making.cancel():
                self._end(row, "stop", counts=False)
        self._hand_back()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=WIND_UP_S)
            for task in late:
                task.cancel()
        self._hand_back()
        await self._report()

    async def answer(self, query_id: str, toast: Toast | None = None) -> None:
        """Answer a press, best effort: it is no row, waits for no permit and is never retried."""
        try:
            await answering(query_id, toast).emit(self._bot, ANSWER_S)
        except Exception as error:
            log.debug("a press was not answered", reason=type(error).__name__)

    # ------------------------------------------------------------------ rows in, outcomes out

    async def _tell_the_staff(self) -> None:
        alerts, self._alerts = self._alerts, []
        for name, facts in alerts:
            try:
                await self._alert(name, facts)
            except Exception:
                # Nothing that is to be sent waits for an alert.
                log.exception("the staff could not be alerted", alert=name, **facts)

    async def _report(self) -> None:
        if self._outcomes:
            await to_the_end(self._exchange(0))

    async def _take(self) -> None:
        if self._recover:
            await self._report()
            if self._hand or self._under_way or self._making:
                return
            unknown = await to_the_end(self._mailbag.recover_sending(self._clock()))
            self._recover = False
            if unknown:
                log.warning("deliveries were cut off", rows=unknown)
        room = self._room()
        if room > 0 and (self._look or self._outcomes or self._steady() >= self._look_at):
            self._filling = True
            try:
                await to_the_end(self._exchange(room))
            finally:
                self._filling = False
        else:
            await self._report()

    async def _exchange(self, room: int) -> None:
        """Report what has ended and take up to `room` rows, in one commit."""
        now = self._clock()
        self._look = False
        try:
            taken = await self._mailbag.exchange(self._outcomes, now, room)
        except Exception:
            # The commit may have come through: its rows would stay `sending` for ever.
            self._look = self._recover = True
            raise
        del self._outcomes[: taken.reported]
        if len(taken.rows) == room:
            # There may be more, such as the next rows of the chats whose rows have ended.
            self._look = True
        elif taken.next_at is not None:
            self._look_at = self._steady() + max((taken.next_at - now).total_seconds(), 0.02)
        else:
            self._look_at = inf
        self._hand.extend(await self._letters(taken.rows))

    async def _letters(self, rows: Sequence[OutboxRow]) -> list[_Letter]:
        """The rows with their calls, as things are now, without those that are concluded."""
        for row in rows:
            if row.kind == "document":
                self._make(row)
        rows = [row for row in rows if row.kind != "document"]
        drawn = [row for row in rows if row.kind != "screen" and row.kind not in AFTERWARDS]
        says: Sequence[Rendered | BaseException] = ()
        try:
            says = await self._render(drawn) if drawn else ()
        except Exception as error:
            says = [error] * len(drawn)
        said = {row.id: each for row, each in zip(drawn, says, strict=True)}
        letters = (self._letter(row, said.get(row.id)) for row in rows)
        return [letter for letter in letters if letter]

    def _letter(self, row: OutboxRow, said: Rendered | BaseException) -> _Letter | None:
        wording = Wording.FULL if self._full_dates else Wording.NO_DATES
        try:
            if isinstance(said, BaseException):
                raise said
            if row.kind == "screen":
                said = load_screen(row.payload)
            calls = calls_of(row, said, wording)
        except Exception as error:
            log.exception("a row cannot be rendered", row=row.id, kind=row.kind)
            reason = f"{type(error).__name__} while rendering"
            self._conclude(row, try_again(row, "wait", reason, self._clock()))
            return None
        if not calls:
            self._end(row, "drop")
            return None
        return _Letter(row, said, wording, list(calls))

    def _make(self, row: OutboxRow) -> None:
        task = asyncio.create_task(self._made(row))
        self._making[task] = row
        task.add_done_callback(self._ready)

    async def _made(self, row: OutboxRow) -> None:
        said: Rendered | BaseException
        try:
            (said,) = await self._render([row])
        except Exception as error:
            said = error
        if letter := self._letter(row, said):
            self._hand.append(letter)

    def _ready(self, task: asyncio.Task[None]) -> None:
        del self._making[task]
        self._wake.set()

    def _room(self) -> int:
        return self._in_hand - len(self._hand) - len(self._under_way) - len(self._making)

    # ------------------------------------------------------------------ calls

    def _start(self) -> None:
        now = self._steady()
        for letter in list(self._hand):
            call, chat = letter.calls[0], letter.row.chat
            bot_ready_at = self._permits.bot_ready_at(call.messages)
            ready_at = max(bot_ready_at, self._permits.chat_ready_at(chat))
            if now + PATIENCE_S < ready_at < inf and not letter.ids:
                self._hand.remove(letter)
                retry_at = self._clock() + timedelta(seconds=ready_at - now)
                self._end(letter.row, "wait", retry_at=retry_at, counts=False)
            elif bot_ready_at > now:
                # An album waits for many permits: nobody may overtake it for ever.
                return
            elif ready_at <= now and not (call.new and self._window_full()):
                self._hand.remove(letter)
                self._permits.take(chat, call.messages)
                task = asyncio.create_task(self._deliver(letter, call, now))
                self._under_way[task] = call
                self._new_under_way += call.new > 0
                task.add_done_callback(self._landed)

    def _window_full(self) -> bool:
        backlog = len(self._hand) + len(self._under_way)
        if backlog <= SMALL:
            # What has arrived and is not on record yet would be repeated by a kill as well.
            return self._new_under_way >= 1 or bool(self._outcomes)
        # Of the permits in use so many belong to calls that are not answered yet.
        share = self._call_s / (self._call_s + self._rates.held_s)
        return self._new_under_way >= 1 + ceil(self._rates.at_once * share)

    def _pause(self) -> float:
        now = self._steady()
        at = now + IDLE_S
        if self._room() > 0 and not self._recover:
            at = min(at, now if self._look else self._look_at)
        full = self._window_full()
        for letter in self._hand:
            if not (full and letter.calls[0].new):
                chat_at = self._permits.chat_ready_at(letter.row.chat)
                at = min(at, max(self._permits.bot_ready_at(letter.calls[0].messages), chat_at))
        return 0.0 if self._outcomes or self._alerts else max(at - now, 0.0)

    async def _deliver(self, letter: _Letter, call: Call, called_at: float) -> None:
        try:
            result = await call.method.emit(self._bot, CALL_S)
            ids = message_ids(call, result)
        except Exception as error:
            self._failed(letter, verdict(error))
        else:
            self._call_s += (self._steady() - called_at - self._call_s) / RECENT
            self._arrived(letter, ids)
        finally:
            self._permits.give_back(letter.row.chat, call.messages)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._new_under_way -= self._under_way.pop(task).new > 0
        self._wake.set()

    def _arrived(self, letter: _Letter, ids: Sequence[int]) -> None:
        row = letter.row
        self.ends["arrived"] += 1
        letter.ids.extend(ids)
        del letter.calls[0]
        if letter.wording is Wording.NO_DATES and self._full_dates:
            log.warning("this server knows no date-time entities, they are switched off")
            self._full_dates = False
        self._unreachable.discard(row.chat)
        if letter.calls:
            self._hand.insert(0, letter)
            return
        self._end(row, "sent", message_ids=tuple(letter.ids) or edited_by(row))

    def _failed(self, letter: _Letter, found: Verdict) -> None:
        row = letter.row
        self.ends[found.fate.name.lower()] += 1
        if found.fate is not Fate.SUCCESS:
            log.info("not delivered", row=row.id, fate=found.fate.name, reason=found.reason)
        if found.fate is Fate.PLAIN and letter.wording is not Wording.PLAIN:
            self._reword(letter)
            return
        if found.fate in (Fate.SAFE, Fate.UNKNOWN):
            self._pulse.doubt()
        elif found.fate is Fate.STOP:
            self._refused = True
        elif found.fate is Fate.WAIT and self._permits.told_to_wait(row.chat, found.wait_s):
            log.warning("the bot is sending too much", pause_s=found.wait_s)
        elif found.fate is Fate.BUG and isinstance(letter.said, Document):
            self._say_instead(letter, letter.said.otherwise)
            return
        new = letter.calls[0].new > 0
        self._conclude(row, conclude(row, found, self._clock(), new=new))

    def _reword(self, letter: _Letter) -> None:
        """Say it with less markup: without dates first, then as plain text."""
        dates = letter.wording is Wording.FULL and has_dates(letter.said)
        letter.wording = Wording.NO_DATES if dates else Wording.PLAIN
        letter.calls = list(calls_of(letter.row, letter.said, letter.wording))
        letter.ids.clear()
        self._hand.insert(0, letter)
        if not dates:
            self._tell(letter.row, "markup_refused", {"row": letter.row.id})

    def _say_instead(self, letter: _Letter, screen: Screen) -> None:
        """A document that Telegram does not take: the person is told so."""
        log.error("a document was refused", row=letter.row.id)
        letter.said = screen
        letter.calls = list(calls_of(letter.row, screen, letter.wording))
        self._hand.insert(0, letter)

    # ------------------------------------------------------------------ outcomes

    def _conclude(self, row: OutboxRow, conclusion: Conclusion) -> None:
        outcome = conclusion.outcome
        self._outcomes.append(outcome)
        if outcome.result == "dead":
            log.error("a message was given up", row=row.id, kind=row.kind, reason=outcome.error)
        if outcome.unreachable and row.chat in self._unreachable:
            return
        if outcome.unreachable:
            if len(self._unreachable) >= _MOST_UNREACHABLE:
                self._unreachable.clear()
            self._unreachable.add(row.chat)
        if conclusion.alert:
            self._tell(row, conclusion.alert, conclusion.facts or {})

    def _tell(self, row: OutboxRow, alert: str, facts: dict[str, Any]) -> None:
        """Alert the staff, but never about the alert itself."""
        if row.kind != "notice" or row.payload.get("notice") != alert:
            self._alerts.append((alert, facts))

    def _hand_back(self) -> None:
        """Rows in hand are new again; a half-sent album counts as unknown."""
        for letter in self._hand:
            if letter.ids:
                cut = try_again(letter.row, "unknown", "cut off between parts", self._clock())
                self._conclude(letter.row, cut)
            else:
                self._end(letter.row, "stop", counts=False)
        self._hand.clear()

    def _end(self, row: OutboxRow, result: Result, **facts: Any) -> None:
        self._outcomes.append(Outcome(row=row.id, result=result, **facts))
