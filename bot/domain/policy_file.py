"""Reading a policy: TOML keys in every spelling that the specification uses, and their lines.

A policy in the hand of this module is flat: dotted keys to values. Two spellings of one key,
a preset and its keys, and a unit of time and its length all end as one key here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.texts import said

UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60}
"""What a length may be written in, and its seconds."""

LONGEST = timedelta(days=36_500)

# The names of `rules.md` 1.14 for timers that `lifecycle.md` 2.3 names otherwise.
_ALIASES = {
    "overdue.late_proof_hours": "late_proof.hours",
    "transit.auto_dispute_days": "transit_auto.days",
    "dispute.reply_hours": "dispute_reply.hours",
    "dispute.decide_days": "dispute_decide.days",
    "dispute.transit_cap_days": "transit_cap.days",
    "receipt.dispute_minutes": "receipt.minutes",
}

# The named choices that are more than one key.
_PRESETS: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "ship": {
        "seller_table": {"ship.days": 4, "ship.grace_days": 0},
        "customer_guide": {"ship.days": 4, "ship.grace_days": 3},
        "legacy_abroad": {"ship.days": 10, "ship.grace_days": 0},
    },
}

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s)")
_WORD = re.compile(rf"{_PART.pattern}(?:\s*{_PART.pattern})*")
_WORD_UNITS = {"d": "days", "h": "hours", "m": "minutes", "min": "minutes"}
_ISO = TypeAdapter(timedelta)


NO_SUCH_KEY = said("there is no such key")
A_TABLE = said("a table is expected")
ONE_OF = said("one of {expected} is expected")
NOT_TOML = said("not TOML: {what}")
NOT_A_NUMBER = said("{value} is not a number")
A_MOMENT = said("a date-time such as 2026-03-01T10:00:00Z is expected")
NOT_AN_AMOUNT = said("{value} is not an amount")
TOO_LONG = said("longer than a hundred years")
BEYOND_READING = said("a number is too large, or tables are nested too deeply")

_MOST_DIGITS = 24
"""Before the point and behind it: sums are exact far beyond what anybody pays."""


class Wrong(ValueError):
    """A value that cannot be: `words`, a message of the catalogues with `values` in it."""

    def __init__(self, words: str, **values: object) -> None:
        self.words = words
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(worded(words, self.values))


def worded(words: str, values: Mapping[str, str]) -> str:
    """The sentence in English."""
    return words.format_map(values) if values else words


class PolicyError(ValueError):
    """A policy that cannot be: why, the dotted `key` and, from a file, its `line`.

    `reason` is English; `words` and `values` are what it was made of, as in `Wrong`.
    """

    def __init__(
        self,
        words: str,
        *,
        key: str = "",
        line: int | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.words = words
        self.values = values or {}
        self.reason = reason = worded(words, self.values)
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{key}: {reason}" if key else f"{place}{reason}")
        self.key = key
        self.line = line


@contextmanager
def readable() -> Iterator[None]:
    """What the readers of numbers and tables give up on is a fault of the file: a PolicyError."""
    try:
        yield
    except (PolicyError, ValidationError, tomllib.TOMLDecodeError):
        raise
    except (ArithmeticError, RecursionError, ValueError):
        raise PolicyError(BEYOND_READING) from None


def length_of(unit: str, value: Any) -> timedelta:
    """A number of `days`, `hours` or `minutes` as a length, half up to the microsecond.

    A length already read, or its canonical ISO 8601 form, is taken as it is. Raises ValueError.
    """
    if isinstance(value, str) and value.startswith("P"):
        value = _ISO.validate_python(value)
    if isinstance(value, timedelta):
        if value > LONGEST:
            raise Wrong(TOO_LONG)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Wrong(said("a number is expected"))
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or number < 0:
        raise Wrong(said("a number that is not below 0 is expected"))
    # Compared before it is multiplied, which the largest numbers do not survive.
    if number > LONGEST / timedelta(seconds=UNITS[unit]):
        raise Wrong(TOO_LONG)
    micros = (number * UNITS[unit] * 1_000_000).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return timedelta(microseconds=int(micros))


def span(value: Any) -> timedelta:
    """A length written as a word: "48h", "3d", "1h 59m 59s" (or canonical ISO 8601)."""
    if isinstance(value, timedelta) or (isinstance(value, str) and value.startswith("P")):
        return length_of("days", value)
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Wrong(said("a length such as {example} is expected"), example='"48h", "3d" or "15m"')
    whole = timedelta(0)
    for number, unit in _PART.findall(value):
        if unit == "s":
            whole += length_of("minutes", Decimal(number)) / UNITS["minutes"]
        else:
            whole += length_of(_WORD_UNITS[unit], Decimal(number))
    return whole


def number(value: Any) -> Decimal:
    """A decimal number, written as a string or a number. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Wrong(said("a number is expected"))
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise Wrong(NOT_A_NUMBER, value=repr(value)) from None
    if not read.is_finite():
        raise Wrong(NOT_A_NUMBER, value=repr(value))
    if read and abs(read.adjusted()) >= _MOST_DIGITS:
        raise Wrong(said("a number is too large or too small"))
    return read


def amount(value: Any) -> Decimal:
    """A sum in roubles with two digits. Raises ValueError when it has more."""
    read = number(value)
    if read != (exact := read.quantize(Decimal("0.01"))):
        raise Wrong(said("a sum has no more than two decimal digits"))
    return exact


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted keys; keys that are dotted already stay so."""
    found: dict[str, Any] = {}
    for key, value in nested.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{path}.")
        else:
            found[path] = value
    return found


def settled(keys: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Each key in its one spelling, with the spelling that was used and the value.

    Raises PolicyError for a key given twice and for a name that is no choice.
    """
    found: dict[str, tuple[str, Any]] = {}
    for written, value in keys.items():
        for key, meant in _meanings(written, value):
            if key in found:
                same = {"other": found[key][0]}
                raise PolicyError(said("says the same as {other}"), key=written, values=same)
            found[key] = (written, meant)
    return found


def _meanings(key: str, value: Any) -> Iterable[tuple[str, Any]]:
    if key.endswith(".length") or key == "length":
        raise PolicyError(NO_SUCH_KEY, key=key)
    if key in _PRESETS:
        choices = _PRESETS[key]
        if value not in choices:
            raise PolicyError(ONE_OF, key=key, values={"expected": ", ".join(choices)})
        return choices[value].items()
    if key == "refund.eta_days":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise PolicyError(said("two numbers are expected: [earliest, latest]"), key=key)
        return [("refund_eta.earliest_days", value[0]), ("refund_eta.days", value[1])]
    return [(_ALIASES.get(key, key), value)]


def nested(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as nested tables. Raises PolicyError where a key is both value and table."""
    root: dict[str, Any] = {}
    for path, value in keys.items():
        *tables, last = path.split(".")
        table = root
        for name in tables:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise PolicyError(A_TABLE, key=path.rpartition(".")[0])
        table[last] = value
    return root


def tables_of(text: str) -> dict[str, Any]:
    """TOML with exact decimals. Raises PolicyError, with the line where it is known."""
    try:
        with readable():
            return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        line = int(where[1]) if where else text.count("\n") + 1
        raise PolicyError(NOT_TOML, line=line, values={"what": reason}) from None


_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, key: str) -> int | None:
    """The line that says `key`, or else the nearest table around it."""
    lines: dict[str, int] = {}
    table = ""
    for count, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _plain(header[1]) + "."
            lines.setdefault(table[:-1], count)
        elif said := _KEY.match(line):
            lines.setdefault(table + _plain(said[1]), count)
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key)


def _plain(path: str) -> str:
    return re.sub(r"""\s*\.\s*""", ".", re.sub(r"""["']""", "", path)).strip()


def fault(error: ValidationError, spelled: Mapping[str, str]) -> PolicyError:
    """The first fault of a validation, under the key that the author wrote.

    `spelled` says how each key was written. Without a key of its own, a fault of a whole table
    goes to the first key of that table.
    """
    first = error.errors()[0]
    words, values = words_of(first)
    path = ".".join(str(part) for part in first["loc"])
    around = [key for key in spelled if f"{path}.".startswith(f"{key}.")]
    inside = [key for key in spelled if key.startswith(f"{path}.")]
    key = spelled[max(around, key=len) if around else inside[0]] if around or inside else path
    return PolicyError(words, key=key, values=values)


def words_of(error: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """What pydantic has found, as a message of the catalogues and its values."""
    facts = error.get("ctx", {})
    if isinstance(own := facts.get("error"), Wrong):
        return own.words, own.values
    if words := _REASONS.get(error["type"]):
        return words, {name: str(value) for name, value in facts.items() if f"{{{name}}}" in words}
    message = error["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:], {}


_REASONS = {
    "extra_forbidden": NO_SUCH_KEY,
    "model_type": A_TABLE,
    "dict_type": A_TABLE,
    "tuple_type": said("a list is expected"),
    "list_type": said("a list is expected"),
    "string_type": said("a text is expected"),
    "string_too_short": said("a text is expected"),
    "bool_type": said("true or false is expected"),
    "bool_parsing": said("true or false is expected"),
    "int_type": said("a whole number is expected"),
    "int_parsing": said("a whole number is expected"),
    "int_from_float": said("a whole number is expected"),
    "literal_error": said("{expected} is expected"),
    "enum": said("{expected} is expected"),
    "missing": said("this key is missing"),
    "too_short": said("at least one is expected"),
    "datetime_type": A_MOMENT,
    "greater_than": said("more than {gt} is expected"),
    "greater_than_equal": said("at least {ge} is expected"),
    "less_than": said("less than {lt} is expected"),
    "less_than_equal": said("at most {le} is expected"),
}
"""How faults read that are not worded by a check of ours."""
