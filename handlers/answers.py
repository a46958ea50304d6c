"""What a person typed or pressed, read as the value that an input takes.

Each reader answers with a plain value or raises Refused with a code that `errors.py` words.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.numbers import get_territory_currencies

from bot.domain.cases import Refused
from bot.domain.money import Money, digits_of

LONGEST_TEXT = 2000
"""Characters; what people write is quoted on screens of at most 4,096."""

_AMOUNT = re.compile(
    r"(?P<before>[A-Za-z₽$€₺₼₸]{1,4}\.?)?\s*(?P<digits>\d[\d\s.,'_\u00a0\u202f]*)\s*"
    r"(?P<after>[A-Za-zА-Яа-я₽$€₺₼₸]{1,5}\.?)?"
)
_CODES = {
    "₽": "RUB", "р": "RUB", "руб": "RUB", "rub": "RUB", "$": "USD", "€": "EUR",
    "₺": "TRY", "₼": "AZN", "₸": "KZT",
}  # fmt: skip
_PART = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)[\s\u00a0\u202f]*%", re.ASCII)
_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?")


def text_of(typed: str | None, least: int, most: int = LONGEST_TEXT) -> str:
    """A text of `least` to `most` characters. Raises `text_expected`, `text_too_short/long`."""
    if typed is None:
        raise Refused("text_expected")
    text = typed.strip()
    if len(text) < least:
        raise Refused("text_too_short", least=least)
    if len(text) > most:
        raise Refused("text_too_long", most=most)
    return text


def amount_of(typed: str | None, currency: str) -> Money:
    """`1 234,50`, `1,234.5 RUB` or `350 TRY` as money, in `currency` unless another is named.

    Raises `amount_expected`.
    """
    found = _AMOUNT.fullmatch(typed.strip()) if typed else None
    if found is None or (found["before"] and found["after"]):
        raise Refused("amount_expected")
    named = (found["before"] or found["after"] or currency).rstrip(".")
    code = _CODES.get(named.lower(), named.upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Refused("amount_expected")
    value = _decimal(found["digits"], digits_of(code))
    if value is None or value >= 10**12:
        raise Refused("amount_expected")
    return Money.of(value, code)


def part_of(typed: str | None, whole: Money) -> Money | None:
    """`35 %` or `12,5%` of a sum, half up to its smallest unit; None if it is no percentage."""
    found = _PART.fullmatch(typed.strip()) if typed else None
    return whole.percent(Decimal(found[1].replace(",", "."))) if found else None


def currency_at(zone: str, on: datetime | None) -> str | None:
    """What people of a time zone pay with that day; None where the zone tells no country."""
    country = get_global("zone_territories").get(zone)
    if country is None or on is None:
        return None
    day = on.date()
    return next(iter(get_territory_currencies(country, day, day)), None)


def _decimal(digits: str, places: int) -> Decimal | None:
    """The number, whichever of `.` and `,` its writer uses for thousands."""
    plain = re.sub(r"[\s'_\u00a0\u202f]", "", digits)
    whole, mark, rest = plain, "", ""
    last = max(plain.rfind("."), plain.rfind(","))
    # A last group of exactly three digits after the only kind of mark is a thousand: 1,234.
    if last >= 0 and (len(plain) - last - 1 <= places):
        whole, mark, rest = plain[:last], plain[last], plain[last + 1 :]
    thousands = set(whole) & {".", ","}
    if len(thousands) > 1 or mark in thousands:
        return None
    if thousands and not re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", whole):
        return None
    whole = re.sub(r"[.,]", "", whole)
    return Decimal(f"{whole}.{rest or 0}") if whole.isdecimal() and whole.isascii() else None


def date_of(typed: str | None, now: datetime, zone: str) -> datetime:
    """`today`, `2026-03-05`, `05.03.2026` or `5.3` as midnight UTC of that day (2.12.14).

    A day without a year is the last such day. Raises `date_expected`, `date_in_future`.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    day = _day(typed.strip().lower() if typed else "", today)
    if day is None:
        raise Refused("date_expected")
    if day > today:
        raise Refused("date_in_future")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(typed: str, today: date) -> date | None:
    if typed in ("today", "yesterday"):
        return today - timedelta(days=typed == "yesterday")
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed):
            return date.fromisoformat(typed)
        found = _DATE.fullmatch(typed)
        if found is None:
            return None
        year = int(found[3]) if found[3] else today.year
        day = date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
    except ValueError:
        return None
    return day.replace(year=day.year - 1) if not found[3] and day > today else day


def count_of(typed: str | None, most: int) -> int:
    """A number of units from 0 to `most`. Raises `count_expected`."""
    if not typed or not re.fullmatch(r"[0-9]{1,6}", typed.strip()) or int(typed) > most:
        raise Refused("count_expected", most=most)
    return int(typed)


def choice_of(typed: str | None, choices: tuple[str, ...]) -> str:
    """One of the choices. Raises `choice_expected`."""
    if typed not in choices:
        raise Refused("choice_expected")
    return typed
