"""D1 and T2: simulated returns across clock changes, leap days and year ends, in the pure core.

Every life is drawn from a seed. It is held against arithmetic of its own: a second is a second,
and a timer of n days fires n · 86,400 s after it began, wherever its people live.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.cases import (
    CLOCK,
    TERMINAL,
    Action,
    Event,
    Given,
    Party,
    Refused,
    Ruling,
    Status,
    TimerKind,
    dump_case,
    load_case,
)
from bot.domain.lifecycle import decide
from bot.domain.money import Money, Purse
from bot.domain.policy import Policy
from bot.domain.refusals import Code
from bot.domain.timers import DEADLINES, next_timer
from tests.domain.life import ADMIN, COMMENT, CUSTOMER, MODERATOR, PAYMENT, SELLER, draft
from tests.torture.trial import Report, Setting, Trial

PROCESSES = 2
CHUNK = 500
TICK = timedelta(milliseconds=1)
H = 3600
LENGTHS: dict[TimerKind, int] = {
    TimerKind.DECISION: 24 * H,
    TimerKind.PREMOD: 24 * H,
    TimerKind.OFFER: 72 * H,
    TimerKind.COUNTER: 72 * H,
    TimerKind.SHIP: 96 * H,
    TimerKind.LATE_PROOF: 48 * H,
    TimerKind.TRANSIT_UNLOCK: 14 * 24 * H,
    TimerKind.TRANSIT_AUTO: 31 * 24 * H,
    TimerKind.APPEAL: 5 * 24 * H,
    TimerKind.DISPUTE_REPLY: 48 * H,
    TimerKind.DISPUTE_DECIDE: 72 * H,
    TimerKind.INSPECT: 7 * 24 * H,
    TimerKind.REFUND_ETA: 10 * 24 * H,
}
"""Seconds, as `lifecycle.md` 2.5 has them. A question's timer depends on when it was asked."""
STARTS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 3, 28, 12),  # Europe springs forward in the night
        (2026, 10, 24, 12),  # … and falls back
        (2026, 3, 7, 12),  # the United States do
        (2028, 2, 27, 12),  # a leap day comes
        (2027, 12, 30, 12),  # a year ends
        (2026, 9, 5, 12),  # Chile springs forward at midnight
    )
)
ACTS: tuple[tuple[Party, Action, Given], ...] = (
    (SELLER, Action.APPROVE, Given()),
    (SELLER, Action.REJECT, Given(reason="used", text=COMMENT, photos=("p",))),
    (SELLER, Action.OFFER, Given(amount=Money.of("700"))),
    (SELLER, Action.ASK, Given(text=COMMENT)),
    (CUSTOMER, Action.ANSWER, Given(text=COMMENT)),
    (CUSTOMER, Action.ACCEPT, Given()),
    (CUSTOMER, Action.DECLINE, Given()),
    (CUSTOMER, Action.CANCEL, Given()),
    (CUSTOMER, Action.SENT, Given(track="RB123456785CN", photos=("r",))),
    (SELLER, Action.RECEIVE, Given()),
    (SELLER, Action.REFUND, Given()),
    (CUSTOMER, Action.OPEN_DISPUTE, Given(text=COMMENT)),
    (CUSTOMER, Action.WHERE_IS_THE_REFUND, Given(text=COMMENT)),
    (SELLER, Action.REPLY, Given(text=COMMENT)),
    (MODERATOR, Action.DECIDE, Given(ruling=Ruling.CUSTOMER, text=COMMENT)),
    (MODERATOR, Action.DECIDE, Given(ruling=Ruling.SELLER, text=COMMENT)),
    (CUSTOMER, Action.WITHDRAW, Given()),
    (ADMIN, Action.PAID, Given(ref="B-1")),
    (PAYMENT, Action.PAID, Given(ref="B-1")),
)


class Life:
    """One return from its draft to its end, with everything that is asserted on the way."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.policy = Policy()
        self.tally: Counter[str] = Counter()
        self.faults: list[str] = []
        self.trace: list[str] = []
        self.money = 0
        start = self.chance.choice(STARTS)
        self.now = start + timedelta(microseconds=self.chance.randrange(10**6 * 3 * 24 * H))
        self.case = draft(delivered_at=self.now - timedelta(days=self.chance.randrange(1, 6)))

    def live(self) -> None:
        """From the request to the end, or to where nothing runs any more."""
        self.act(CUSTOMER, Action.SUBMIT, Given(reason="changed_mind", photos=("a", "b")))
        for _ in range(30):
            timer = next_timer(self.case)
            if timer is None:
                break
            if self.chance.random() < 0.55:
                self._people(timer.due_at)
            if self.chance.random() < 0.1:
                self.case = load_case(dump_case(self.case))  # the program is started again
            timer = next_timer(self.case)
            if timer is not None and self.chance.random() < 0.6:
                self._edge(timer.kind, timer.due_at)
        promised = self.case.refund.total.minor if self.case.refund else 0
        if self.money != promised:
            self.wrong(f"{promised} was promised and {self.money} moved")
        self.tally["over"] += self.case.status in TERMINAL

    def _people(self, before: datetime) -> None:
        """Somebody acts before the next timer, perhaps in its last millisecond."""
        room = before - self.now
        if room <= TICK:
            return
        late = self.chance.random() < 0.2
        self.now = before - TICK if late else self.now + room * self.chance.random() * 0.9
        for party, action, given in self.chance.sample(ACTS, 4):
            self.act(party, action, given)

    def _edge(self, kind: TimerKind, due_at: datetime) -> None:
        """A millisecond early it must not fire; at its instant nobody is before it; then it fires,
        and however late that is noticed, it counts at its instant and once."""
        fire = Event(Action.FIRE, CLOCK, timer=kind)
        if self.refusal(fire, due_at - TICK) != Code.NOT_DUE:
            self.wrong(f"{kind} fires a millisecond early")
        if kind in DEADLINES:
            for party, action, given in self.chance.sample(ACTS, 3):
                if self.refusal(Event(action, party, given), due_at) is None:
                    self.wrong(f"{action} at the very deadline of {kind} is taken")
        noticed = due_at + timedelta(seconds=self.chance.choice((0, 3, 3600, 30 * 24 * H)))
        before = self.case
        self.step(fire, noticed)
        self.now = max(self.now, due_at)
        self.tally["fired"] += 1
        for timer in self.case.timers:
            if timer not in before.timers and timer.since != due_at:
                self.wrong(f"{timer.kind} begins at {timer.since}, {kind} fired at {due_at}")
        running = self.case.timer(kind)
        if (running is not None and running.due_at == due_at) or (
            running is None and self.refusal(fire, noticed) != Code.NOT_RUNNING
        ):
            self.wrong(f"{kind} of {due_at} fires twice")

    def act(self, party: Party, action: Action, given: Given) -> None:
        """Let a party act now, if the rules let it."""
        event = Event(action, party, given)
        if self.refusal(event, self.now) is None:
            self.step(event, self.now)
            self.tally["acts"] += 1

    def refusal(self, event: Event, at: datetime) -> str | None:
        """The code with which this would be refused."""
        try:
            decide(self.case, event, at, self.policy)
        except Refused as refused:
            return refused.code
        return None

    def step(self, event: Event, at: datetime) -> None:
        """Let it happen, and look at every timer that this has started."""
        before = self.case
        decision = decide(before, event, at, self.policy)
        self.case = decision.case
        for line in decision.ledger:
            to, source = line.to is Purse.CUSTOMER, line.source is Purse.CUSTOMER
            self.money += line.amount.minor * (to - source)
        if self.case.version != before.version + 1:
            self.wrong(f"{event.name} makes version {self.case.version} of {before.version}")
        for timer in self.case.timers:
            length = LENGTHS.get(timer.kind)
            new = timer not in before.timers
            if event.timer is timer.kind:
                continue  # what pages once pages again after a time of its own
            if before.status is Status.DISPUTE and timer.kind is TimerKind.TRANSIT_AUTO:
                continue  # a parcel that goes on travelling has what was left, or a week
            ran = (timer.due_at - timer.since).total_seconds()
            if new and length and ran != length:
                self.wrong(f"{timer.kind} of {timer.since} is due at {timer.due_at}")
            if new and timer.due_at.utcoffset() != timedelta(0):
                self.wrong(f"{timer.kind} is not in UTC")
        self.trace.append(f"{at.isoformat()} {event.name} {self.case.status}")

    def wrong(self, what: str) -> None:
        """Keep what is wrong with how it came to it."""
        self.faults.append(f"{what}, after {'; '.join(self.trace[-6:])}")


def lived(seeds: Sequence[str]) -> tuple[Counter[str], list[str], str]:
    """The lives of these seeds: what happened how often, what is wrong, and a digest of all."""
    tally, faults, digest = Counter[str](), list[str](), hashlib.sha256()
    for seed in seeds:
        life = Life(seed)
        try:
            life.live()
        except Exception as error:
            life.wrong(repr(error))
        tally += life.tally
        faults += [f"life {seed}: {fault}" for fault in life.faults[:1]]
        digest.update("\n".join(life.trace).encode())
    return tally, faults[:3], digest.hexdigest()


def _chunks(seed: int, size: int) -> list[list[str]]:
    seeds = [f"{seed}-{number}" for number in range(size)]
    return [seeds[at : at + CHUNK] for at in range(0, size, CHUNK)]


def _lives(setting: Setting) -> Report:
    report, tally, digest = Report(), Counter[str](), hashlib.sha256()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for part, faults, trace in pool.imap(lived, _chunks(setting.seed, setting.size)):
            tally += part
            report.faults += faults
            digest.update(trace.encode())
    report.seen = (
        f"{tally['fired']:,} timers fired, {tally['acts']:,} acts, {tally['over']:,} ended, "
        f"trace {digest.hexdigest()[:12]}"
    )
    report.expect(tally["fired"] > setting.size, "hardly a timer fired")
    return report


TRIALS = (
    Trial(
        name="lives",
        goals="D1 T2",
        what="returns across clock changes: no timer early, missed or twice; by the seed the same",
        size=100_000,
        most=1_000_000,
        unit="lives",
        run=_lives,
    ),
)
