"""What people read: whole sentences in their language, with every value escaped.

A message is its English sentence; `locales/<language>/messages.po` holds the others and is read
at start. `t("Return {number}", number=…)` gives HTML for Telegram: its values are cleaned,
shortened and escaped, except `Html`, which `bot.texts` has made itself. `t.plain(…)` gives text
without markup, for buttons and toasts. Dates, money and plurals come from Babel, in the reader's
language and time zone.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALES: Final = Path(__file__).parent.parent / "locales"
SOURCE: Final = "en"
"""The language the messages are written in, and the one for people whose own is not spoken."""

VALUE_LIMIT: Final = 200
"""Longest value within a sentence, in escaped UTF-16 units, as Telegram counts."""

# Controls, lone surrogates, and what turns the direction of a text or hides in it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
# What needs none of the cleaning below, as most values: words with single spaces, sums, instants,
# and our own marks before them.
_SIMPLE = re.compile(r"[\w·–✔▶○•-]+(?:(?:[,:]? |\xa0|[.,:](?=\d))[\w·–%=₽€-]+)*")
_GAP = re.compile(r"[ \t\n]+")
# A unit stays on the line of its number, and a dash on that of the word before it.
_BOUND = re.compile(r"(?<=[\d}]) (?=%|(?:[MK]B|h|min|[МК]Б|ч|мин)\b|[sс]\.)| (?=— )")
# What Telegram would make a link, a mention, a command or a hashtag of. A word joiner prevents it.
_LIVE = re.compile(
    r"(?<!\w)[@/#$](?=[^\W_])|\+(?=\d)|(?<=\w)@(?=\w)|(?<=\w)\.(?=[^\W\d_]{2})|:(?=//)"
)


class Html(str):
    """Text for Telegram's HTML mode that is already escaped."""

    __slots__ = ()


class Whole(str):
    """Somebody's words on a page, which has room for all of them: cleaned, and never cut."""

    __slots__ = ()


class Amount(Protocol):
    """A sum of money: `bot.domain.money.Money` is one."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


Value = str | int | Html
Plural = Callable[[int], int]


def said(message: str) -> str:
    """Marks a sentence for the catalogues where it is kept as a constant."""
    return message


def joined(parts: Iterable[Html | str | None], separator: str = "\n") -> Html:
    """The parts that are not empty, one below the other. Plain parts are escaped."""
    return Html(separator.join([_escaped(part) for part in parts if part]))


def cleaned(text: str) -> str:
    """The text without unseen characters, lines kept."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()


def shortened(text: str, limit: int) -> str:
    """The text cut so that its escaped form has at most `limit` UTF-16 units, with `…`."""
    if len(text) * 5 <= limit:
        return text
    room = limit
    keep = 0
    for at, letter in enumerate(text):
        room -= len(escape(letter, quote=False)) + (letter > "\uffff")
        if room >= 1:
            keep = at + 1
        if room < 0:
            return text[:keep].rstrip() + "…"
    return text


def _is_simple(value: object) -> bool:
    """Whether nothing of a value needs care: a number, which is in every question, or words."""
    if type(value) is int:
        return True
    return type(value) is str and len(value) * 2 <= VALUE_LIMIT and bool(_SIMPLE.fullmatch(value))


def _line(value: object) -> str:
    if isinstance(value, Enum):
        raise TypeError(f"{value!r} has a label, it is not written out")
    line = _GAP.sub(" ", cleaned(str(value)))
    return line if isinstance(value, Whole) else shortened(line, VALUE_LIMIT)


def _escaped(value: Value) -> str:
    if isinstance(value, Html):
        return value
    if _is_simple(value):
        return str(value)
    return escape(_LIVE.sub(_defused, _line(value)), quote=False)


def _bound(text: str) -> str:
    return _BOUND.sub("\xa0", text)


def _defused(found: re.Match[str]) -> str:
    return found[0] + "\u2060"


class Catalogue:
    """The messages of one language."""

    def __init__(
        self, language: str, messages: Mapping[str, str | tuple[str, ...]], plural: Plural
    ) -> None:
        self.language = language
        self._messages = messages
        self._plural = plural

    @classmethod
    @cache
    def read(cls, path: Path, language: str) -> Catalogue:
        """Read a `.po` file, once in a process. Raises OSError, or ValueError if it is none."""
        from babel.messages.pofile import PoFileError, read_po

        try:
            with path.open("rb") as file:
                catalog = read_po(file, locale=language)
        except PoFileError as error:
            raise ValueError(f"{path}: {error}") from error
        messages: dict[str, str | tuple[str, ...]] = {}
        for message in catalog:
            if message.id and message.string and not message.fuzzy:
                id = message.id if isinstance(message.id, str) else message.id[0]
                text = message.string
                messages[id] = _bound(text) if isinstance(text, str) else tuple(map(_bound, text))
        return cls(language, messages, gettext.c2py(catalog.plural_expr))

    def one(self, message: str) -> str:
        """The sentence in this language."""
        found = self._messages.get(message, message)
        return found if isinstance(found, str) else found[0]

    def of(self, singular: str, plural: str, count: int) -> str:
        """The form of the sentence for this number."""
        found = self._messages.get(singular)
        if not isinstance(found, tuple):
            return singular if count == 1 else plural
        return found[self._plural(abs(count))]


class Catalogues:
    """All languages, read once at start."""

    def __init__(self, folder: Path = LOCALES, *, entities: bool = True) -> None:
        """`entities`: wrap instants into Telegram's date-time entity, around the same words."""
        self._all = {
            path.parent.name: Catalogue.read(path, path.parent.name)
            for path in sorted(folder.glob("*/messages.po"))
        }
        if SOURCE not in self._all:
            raise FileNotFoundError(f"no {SOURCE}/messages.po in {folder}")
        self._entities = entities
        self.texts = lru_cache(maxsize=4096)(self._texts)
        """`texts(language, zone="UTC")`: the words for a reader, kept for the next time."""
        self._renderings = lru_cache(maxsize=256)(
            lambda message: frozenset(each.one(message) for each in self._all.values())
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that are spoken, the source first."""
        return (SOURCE, *(code for code in self._all if code != SOURCE))

    def renderings(self, message: str) -> frozenset[str]:
        """A plain sentence without values in every language: labels that people send back."""
        return self._renderings(message)

    def nearest(self, code: str | None) -> str:
        """The spoken language for Telegram's `language_code`: `ru-RU` gives `ru`."""
        language = (code or "").replace("_", "-").split("-")[0].lower()
        return language if language in self._all else SOURCE

    def _texts(self, language: str, zone: str = "UTC") -> Texts:
        catalogue = self._all[self.nearest(language)]
        return Texts(catalogue, zone, entities=self._entities)


class Texts:
    """The words for one reader: a language and a time zone (an IANA name, else UTC)."""

    def __init__(self, catalogue: Catalogue, zone: str = "UTC", *, entities: bool = False) -> None:
        self._catalogue = catalogue
        self._entities = entities
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone, self._zone = "UTC", ZoneInfo("UTC")
        self.zone = zone

    @property
    def language(self) -> str:
        """The code of the language."""
        return self._catalogue.language

    def __call__(self, message: str, **values: Value) -> Html:
        """The sentence as HTML, its values escaped."""
        return Html(self._catalogue.one(message).format_map(_Safe(values)))

    def n(self, singular: str, plural: str, count: int, **values: Value) -> Html:
        """The sentence in the form for `count`, which is also the value `{count}`."""
        form = self._catalogue.of(singular, plural, count)
        return Html(form.format_map(_Safe({"count": count, **values})))

    def plain(self, message: str, **values: Value) -> str:
        """The sentence without markup, for buttons and toasts. Values may not be `Html`."""
        return self._catalogue.one(message).format_map(_Plain(values))

    def plain_n(self, singular: str, plural: str, count: int, **values: Value) -> str:
        """`n` without markup."""
        form = self._catalogue.of(singular, plural, count)
        return form.format_map(_Plain({"count": count, **values}))

    def quote(self, text: str, limit: int = 700) -> Html:
        """Somebody's words, apart from ours; lines kept, at most `limit` escaped units."""
        words = re.sub(r"\n{3,}", "\n\n", cleaned(text))
        inner = escape(_LIVE.sub(_defused, shortened(words, limit)), quote=False)
        return Html(f"<blockquote>{inner}</blockquote>")

    def code(self, text: str) -> Html:
        """A text to be copied with a tap."""
        return Html(f"<code>{escape(_line(text), quote=False)}</code>")

    def bold(self, text: str | Html) -> Html:
        """The text in bold."""
        return Html(f"<b>{_escaped(text)}</b>")

    def money(self, sum: Amount) -> str:
        """`1,800.00 RUB`, `1 800,00 ₽`."""
        return _money(sum.amount, sum.currency, self.language)

    def decimal(self, number: float) -> str:
        """`4.6`, `4,6`: to one digit."""
        from babel.numbers import format_decimal

        return format_decimal(number, "0.0", locale=self.language)

    def moment(self, instant: datetime, *, year: bool = False) -> str:
        """`Tue 3 March, 13:00 (Almaty)` as plain text, to the second where it is not full.

        For what must be exact: exports and the audit. People are told minutes.
        """
        here = instant.astimezone(self._zone)
        pattern = "HH:mm:ss" if here.second else "HH:mm"
        day = _day(here.date(), self.language, year)
        clock = _clock(here.time(), pattern, self.language)
        return f"{day}, {clock} ({_zone_name(self.zone, self.language, str(here.utcoffset()))})"

    def when(self, instant: datetime) -> Html:
        """The minute of `moment` as HTML, never later than it is.

        Where it is switched on, Telegram's date-time entity is around it, with the instant itself.
        """
        return self._told(_minute(instant), instant)

    def opening(self, instant: datetime) -> Html:
        """`when` of what begins: the first minute in which it has begun, never too early."""
        minute = _minute(instant)
        return self._told(minute if minute == instant else minute + timedelta(minutes=1), instant)

    def _told(self, minute: datetime, instant: datetime) -> Html:
        text = escape(self.moment(minute), quote=False)
        if not self._entities:
            return Html(text)
        return Html(f'<tg-time unix="{int(instant.timestamp())}">{text}</tg-time>')

    def date_of(self, instant: datetime) -> date:
        """The reader's day of an instant."""
        return instant.astimezone(self._zone).date()

    def day(self, day: date, near: date | None = None, *, year: bool = False) -> str:
        """`Tue 3 March`, with the year where it is more than half a year from `near`."""
        year = year or (near is not None and abs(day - near) > timedelta(days=180))
        return _day(day, self.language, year)

    def until(self, end: datetime, near: date | None = None) -> str:
        """The last day before an exclusive end; the moment, where the reader's day ends later."""
        here = end.astimezone(self._zone)
        if here.time() == time.min:
            return self.day(here.date() - timedelta(days=1), near)
        return self.moment(_minute(end))

    def span(self, span: timedelta) -> str:
        """`2 days 5 h`, `5 h 20 min`: whole units, never more than there is; "" for none."""
        minutes = max(0, int(span.total_seconds())) // 60
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        parts = []
        if days:
            parts.append(self.plain_n("{count} day", "{count} days", days))
        if hours:
            parts.append(self.plain_n("{count} h", "{count} h", hours))
        if minutes and not days:
            parts.append(self.plain_n("{count} min", "{count} min", minutes))
        return " ".join(parts)

    def left(self, span: timedelta) -> str:
        """`2 days 5 h left`, as `span`."""
        time = self.span(span)
        return (
            self.plain("{time} left", time=time) if time else self.plain("less than a minute left")
        )

    def list(self, items: Iterable[str | Html]) -> Html:
        """`a, b and c`."""
        from babel.lists import format_list

        return Html(format_list([_escaped(item) for item in items], locale=self.language))


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


class _Safe(dict[str, Value]):
    """Values as `format_map` takes them: escaped when a sentence asks for them."""

    def __getitem__(self, name: str) -> str:
        return _escaped(super().__getitem__(name))


class _Plain(dict[str, Value]):
    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if isinstance(value, Html):
            raise TypeError(f"{name} is HTML, a plain text has no markup")
        return str(value) if _is_simple(value) else _line(value)


_DAY: Final = {"en": "EEE d MMMM{year}", "ru": "d MMMM{year} (EEE)"}
"""In Russian the day comes first: its genitive fits any sentence, a weekday's nominative none."""


@lru_cache(maxsize=4096)
def _day(day: date, language: str, year: bool) -> str:
    from babel.dates import format_date

    pattern = _DAY.get(language, _DAY[SOURCE]).format(year=" y" * year)
    return format_date(day, pattern, locale=language)


@lru_cache(maxsize=4096)
def _clock(here: time, pattern: str, language: str) -> str:
    """`here` has no zone: instants that are equal in two zones would share a place in the cache."""
    from babel.dates import format_time

    return format_time(here, pattern, locale=language)


@lru_cache(maxsize=1024)
def _zone_name(zone: str, language: str, offset: str) -> str:
    """The city of a zone; zones without one are called by their name."""
    from babel.dates import get_timezone_location

    if "/" not in zone or zone.startswith("Etc/"):
        return zone
    return get_timezone_location(zone, locale=language, return_city=True).rpartition("/")[2]


@lru_cache(maxsize=8192)
def _money(amount: Decimal, currency: str, language: str) -> str:
    from babel.numbers import format_currency, get_currency_symbol

    # Babel sets a code close to its number: RUB1,800.00.
    spelled = get_currency_symbol(currency, language)[-1].isalpha()
    return format_currency(amount, currency, "#,##0.00\xa0¤" if spelled else None, locale=language)
