"""A policy as the TOML that gives it back: every key, also those that have their defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from bot.domain.policy import Policy
from bot.domain.policy_file import UNITS

_NONE: Final = {"max_rounds": "unlimited", "lost_disputes": "off"}
"""The words for no such number; of other keys the absence says so."""
_SECOND: Final = timedelta(seconds=1)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(policy: Policy) -> str:
    """The file that `Policy.parse` reads as this policy."""
    return "\n".join(_tables("", policy)).lstrip("\n") + "\n"


def _tables(name: str, table: BaseModel | Mapping[Any, Any]) -> Iterator[str]:
    """A table with its own keys, and then those inside it."""
    values = dict(table)
    own = {key: each for key, each in values.items() if not isinstance(each, BaseModel | Mapping)}
    if name and own:
        yield f"\n[{name}]"
    for key, value in own.items():
        yield from _line(key, value)
    for key, value in values.items():
        if key not in own:
            yield from _tables(f"{name}.{_named(key)}" if name else _named(key), value)


def _line(key: str | date, value: Any) -> Iterator[str]:
    match key, value:
        case "length", timedelta():
            unit = next((each for each in UNITS if _whole(value, each)), "minutes")
            yield f"{unit} = {_count(value, unit)}"
        case str(), timedelta():
            unit = key.rpartition("_")[2]
            yield f"{key} = {_count(value, unit if unit in UNITS else 'minutes')}"
        case str(), tuple():
            yield f"{key} = [{', '.join(map(_word, value))}]"
        case str(), None:
            if key in _NONE:
                yield f'{key} = "{_NONE[key]}"'
        case date(), Decimal():
            yield f'{key.isoformat()} = "{value}"'
        case _, bool():
            yield f"{_named(key)} = {str(value).lower()}"
        case _, int():
            yield f"{_named(key)} = {value}"
        case _:
            yield f"{_named(key)} = {json.dumps(str(value), ensure_ascii=False)}"


def _named(key: str | date) -> str:
    """A key as TOML takes it: bare, or else in quotes."""
    name = str(key)
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _whole(length: timedelta, unit: str) -> bool:
    return not length % timedelta(seconds=UNITS[unit])


def _count(length: timedelta, unit: str) -> str:
    """So many of a unit: whole, or with so many digits that every microsecond comes back."""
    count = Decimal(length // timedelta(microseconds=1)) / (UNITS[unit] * 1_000_000)
    return f"{count.quantize(Decimal('1e-14')).normalize():f}"


def _word(length: timedelta) -> str:
    for letter, unit in (("d", "days"), ("h", "hours"), ("min", "minutes")):
        if _whole(length, unit):
            return f'"{_count(length, unit)}{letter}"'
    return f'"{Decimal(str(length / _SECOND)):f}s"'
