"""The returns report: which returns were asked for in a period, read a page at a time.

A period is whole days where the reader lives. A return belongs to the day on which it was asked
for, whatever became of it since; it is one row, so that its sums can be added up.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from bot.domain.cases import STAFF, Refused, ReturnCase, Role
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Account

MOST = 50_000
"""Returns in one report."""
STEP = 200
"""Returns that are read together."""

EVER = date(2000, 1, 1)
"""Before this day nothing was sold here."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS = re.compile(rf"(?:{_DAY.pattern}|{_MONTH.pattern}|[_–—-]|\.\.)+")


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the last one included."""

    first: date
    last: date

    @property
    def code(self) -> str:
        """`2026-03-01_2026-03-31`: in buttons and names of files."""
        return f"{self.first}_{self.last}"

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """The instants, UTC, at which it begins and at which it is over, in a zone."""
        here, after = ZoneInfo(zone), self.last + timedelta(days=1)
        return tuple(  # type: ignore[return-value]
            datetime.combine(day, time.min, here).astimezone(UTC) for day in (self.first, after)
        )


def period_of(typed: str) -> Period:
    """`2026-03`, `2026-03-05`, `2026-03-01 2026-03-31`, also with dots. Raises period_expected."""
    try:
        if month := _MONTH.fullmatch(typed.strip()):
            return month_of(date(int(month[1]), int(month[2]), 1))
        days = [_day(found) for found in _DAY.findall(typed)]
        if not 1 <= len(days) <= 2 or re.sub(r"[\s_–—-]|\.\.", "", _DAY.sub("", typed)):
            raise Refused("period_expected")
        return Period(min(days), max(days))
    except (ValueError, OverflowError):
        raise Refused("period_expected") from None


def _day(typed: str) -> date:
    if "." not in typed:
        return date.fromisoformat(typed)
    day, month, year = map(int, typed.split("."))
    return date(year, month, day)


def recent(name: str, today: date) -> Period:
    """`7`, `30` or `90` days up to today, this `month`, the `last` one, or `all` the time.

    Raises period_expected.
    """
    match name:
        case "7" | "30" | "90":
            return Period(today - timedelta(days=int(name) - 1), today)
        case "month":
            return Period(today.replace(day=1), today)
        case "last":
            return month_of(today.replace(day=1) - timedelta(days=1))
        case "all":
            return Period(EVER, today)
    raise Refused("period_expected")


def period_and_rest(typed: str) -> tuple[str, str]:
    """`("2026-03-01 2026-03-31", "acme")`: the days at the beginning, and what follows them."""
    words = typed.split()
    days = [*takewhile(_DAYS.fullmatch, words)]
    return " ".join(days), " ".join(words[len(days) :])


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - timedelta(days=1))


def sellers_of(account: Account, role: Role) -> tuple[str, ...] | None:
    """Whose returns the person's report in this role is about; None: everybody's."""
    return None if role in STAFF else account.sellers


async def count(unit: Unit, period: Period, account: Account, role: Role) -> int:
    """How many returns the report would have. Raises Refused("period_too_long")."""
    since, until = period.instants(account.zone)
    found = await unit.cases.opened(since, until, sellers_of(account, role))
    if found > MOST:
        raise Refused("period_too_long", most=MOST)
    return found


async def returns(
    memory: Memory, clock: Clock, period: Period, zone: str, sellers: Sequence[str] | None
) -> AsyncIterator[tuple[datetime, ReturnCase]]:
    """When each return was asked for, and how it stands; a transaction for every few of them."""
    since, until = period.instants(zone)
    after, left = 0, MOST
    while left > 0:
        async with memory.reading(clock()) as unit:
            rows = await unit.cases.opened_after(after, since, until, sellers, min(STEP, left))
        for asked_at, case in rows:
            yield asked_at, case
        if len(rows) < min(STEP, left):
            return
        after, left = rows[-1][1].id, left - len(rows)
