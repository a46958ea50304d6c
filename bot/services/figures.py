"""Figures of a period, and the fairness meter of a seller: sums of marks, and nothing else (N-13).

Sums of money are kept apart by currency; a length is the middle one of all, not their mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

from bot.domain.cases import Role
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Account, Seller
from bot.services.reporting import Period, month_of
from bot.services.shielding import to_the_end
from bot.services.tallying import BY_SELLER, SELLERS, Decided, Ended, Kind, Mark, Meter, Turn

SPAN = timedelta(days=180)
"""What a fairness meter looks back at."""
ENOUGH = 20
"""Decisions from which a customer is told how a seller decides: fewer would name cases (N-13)."""
MOST_WEEKS = 16
"""Of a longer time the money is counted by months, of more than two years by years."""


@dataclass(slots=True)
class Figures:
    """What the marks of a time come to."""

    zone: str = "UTC"
    asked: Counter[str] = field(default_factory=Counter)
    """Returns that were asked for, by reason."""
    decided: Counter[str] = field(default_factory=Counter)
    decided_after: list[int] = field(default_factory=list)
    """Seconds from the request to a decision, of every request that waited for one."""
    kept: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    answered_after: list[int] = field(default_factory=list)
    """Seconds that the seller took for each answer."""
    disputes: Counter[str] = field(default_factory=Counter)
    money: Counter[tuple[date, str]] = field(default_factory=Counter)
    """Minor units by day, where the reader is, and currency."""

    def add(self, found: Iterable[Mark]) -> Figures:
        """Count these marks, too."""
        for mark in found:
            self._add(mark)
        return self

    def _add(self, mark: Mark) -> None:
        match mark.kind:
            case Kind.ASKED:
                self.asked[mark.what] += 1
            case Kind.DECIDED:
                self.decided[mark.what] += 1
                if mark.what != Decided.AUTOMATIC:
                    self.decided_after.append(mark.value)
            case Kind.KEPT:
                self.kept[mark.what] += 1
                if mark.what in SELLERS:
                    self.answered_after.append(mark.value)
            case Kind.MISSED:
                self.missed[mark.what] += 1
            case Kind.ENDED:
                self.disputes[mark.what] += 1
            case Kind.MONEY:
                day = mark.at.astimezone(ZoneInfo(self.zone)).date()
                self.money[day, mark.what] += mark.value

    @property
    def empty(self) -> bool:
        """Whether nothing was counted."""
        return not any(
            (self.asked, self.decided, self.kept, self.missed, self.disputes, self.money)
        )

    @property
    def sums(self) -> dict[str, int]:
        """All money, in minor units, by currency."""
        found: Counter[str] = Counter()
        for (_, currency), minor in self.money.items():
            found[currency] += minor
        return dict(sorted(found.items()))


def meter(figures: Figures) -> Meter:
    """The fairness meter of the figures of one seller."""
    kept, missed = figures.kept, figures.missed
    first = (Turn.DECISION, Turn.CLARIFY)
    in_time = sum(kept[turn] for turn in first)
    silent = sum(missed[turn] for turn in SELLERS)
    shown = (*BY_SELLER, Decided.SILENCE, Decided.SUPPORT)
    return Meter(
        decided={each.value: figures.decided[each] for each in shown if figures.decided[each]},
        response=middle(figures.answered_after),
        asked_in_time=in_time,
        asked_of=in_time + sum(missed[turn] for turn in first),
        silent=silent,
        silent_of=silent + sum(kept[turn] for turn in SELLERS),
        lost=figures.disputes[Ended.LOST],
        disputes=figures.disputes.total(),
    )


def middle(seconds: Sequence[int]) -> int | None:
    """One of them, such that half of all are no longer; None of none."""
    return median_low(seconds) if seconds else None


def parts_of(figures: Figures, period: Period, currency: str) -> tuple[tuple[Period, int], ...]:
    """The money of a currency by weeks from Monday; of a longer time by months, or by years."""
    known = sorted(at for at, each in figures.money if each == currency)
    if not known:
        return ()
    long = (period.last - period.first).days >= 7 * MOST_WEEKS
    day, last = (known[0].replace(day=1), known[-1]) if long else (period.first, period.last)
    by_year = long and (last - day).days > 366 * 2
    found = []
    while day <= last:
        end = month_of(day.replace(month=12) if by_year else day).last if long else _sunday(day)
        part = Period(day, end if long else min(end, last))
        inside = (
            minor
            for (at, each), minor in figures.money.items()
            if each == currency and part.first <= at <= part.last
        )
        found.append((part, sum(inside)))
        day = end + timedelta(days=1)
    return tuple(found)


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


# ---------------------------------------------------------------------------- from the memory


async def bring_up_to_date(memory: Memory) -> None:
    """Count what has happened since it was last counted, a few returns at a time."""
    after: int | None = 0
    while after is not None:
        after = await to_the_end(memory.tally(after))


async def counted(
    memory: Memory, since: datetime, until: datetime, seller: str | None
) -> AsyncIterator[tuple[str, Mark]]:
    """The stored marks of a time with their sellers; `seller` None: of all."""
    place = (since, 0, 0)
    while True:
        rows, following = await memory.marks(place, until, seller)
        for row in rows:
            yield row
        if following is None:
            return
        place = following


async def figures_of(memory: Memory, period: Period, zone: str, seller: str | None) -> Figures:
    """The figures of days where the reader is, as of this moment."""
    await bring_up_to_date(memory)
    since, until = period.instants(zone)
    figures = Figures(zone)
    async for _, mark in counted(memory, since, until, seller):
        figures.add((mark,))
    return figures


async def meters_of(
    memory: Memory, period: Period, zone: str, sellers: Sequence[str] | None
) -> dict[str, Meter]:
    """The meters of these sellers, or of all, for days where the reader is, as of this moment."""
    await bring_up_to_date(memory)
    found = {seller: Figures(zone) for seller in sellers or ()}
    for seller in [None] if sellers is None else sellers:
        async for code, mark in counted(memory, *period.instants(zone), seller):
            found.setdefault(code, Figures(zone)).add((mark,))
    return {seller: meter(figures) for seller, figures in found.items()}


async def own_meters(
    unit: Unit, account: Account, role: Role
) -> tuple[tuple[Seller, Meter | None], ...]:
    """A seller's own meters, as they were counted last; the staff have none."""
    if role is not Role.SELLER:
        return ()
    found = []
    for code in account.sellers:
        seller = await unit.accounts.seller(code) or Seller(code=code)
        found.append((seller, await unit.cases.meter(code)))
    return tuple(found)


async def count_meters(memory: Memory, clock: Clock) -> None:
    """The meters of all sellers over `SPAN`, as they are at this moment."""
    await bring_up_to_date(memory)
    now = clock()
    found: dict[str, Figures] = {}
    async for seller, mark in counted(memory, now - SPAN, now, None):
        found.setdefault(seller, Figures()).add((mark,))
    meters = {seller: meter(figures) for seller, figures in found.items()}
    await to_the_end(memory.keep_meters(meters, now))
