"""What came with an event, as the history keeps it: personal content apart from all else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from bot.domain.cases import Given
from bot.domain.money import Money
from bot.services.chain import json_line

_PERSONAL = ("text", "photos", "address")


def personal(given: Given) -> str | None:
    """What of an event is personal content, as JSON; None where nothing is."""
    said = {name: getattr(given, name) for name in _PERSONAL if getattr(given, name)}
    return json_line(said) if said else None


def facts_of(given: Given) -> str:
    """What else was given, as JSON: plain values, sums as [minor units, currency]."""
    names = (each.name for each in fields(given) if each.name not in _PERSONAL)
    return json_line({n: v for n in names if (v := _plain(getattr(given, n))) is not None})


def _plain(value: object) -> Any:
    match value:
        case Money():
            return [value.minor, value.currency]
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case tuple() | list():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value
