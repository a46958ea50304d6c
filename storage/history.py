"""The history of a case: lines that are only added, each bound to the one before it.

A line's digest covers the previous digest, everything the line says, and the salted digest of
what a person wrote or showed. So the personal content can be deleted with its salt, after which
nobody can guess it from the digest, and the chain still proves that no line was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from bot.domain.cases import Given
from bot.domain.money import Money
from storage.tables import microseconds

_PERSONAL = ("text", "photos", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLine:
    """A line of the history as it is stored, without personal content."""

    case_id: int
    seq: int
    version: int
    n: int
    at: datetime
    event: str
    by: str
    person: int
    row: str
    rule: str
    before: str
    after: str
    policy: str
    facts: str
    content: str
    digest: str = ""


_NAMES = tuple(each.name for each in fields(ChainLine))


def as_row(line: ChainLine) -> dict[str, Any]:
    """The line as a row of the table."""
    return {name: getattr(line, name) for name in _NAMES}


def line_digest(previous: str, line: ChainLine) -> str:
    """SHA-256 over the previous digest (empty for the first line) and the whole line, in hex."""
    said = as_row(line) | {"at": microseconds(line.at)}
    del said["digest"]
    return _sha256(previous + "\n" + json_line(said))


def content_digest(salt: str, body: str) -> str:
    """SHA-256 over the salt and the personal content, in hex."""
    return _sha256(salt + "\n" + body)


def verify_chain(lines: Iterable[ChainLine]) -> int | None:
    """The `seq` where the history of a case was changed; None if it holds.

    What follows a line that was changed, moved or taken out does not fit. Lines cut off at the
    end are found by comparing with the case, which knows its last digest.
    """
    previous, expected = "", 1
    for line in lines:
        if line.digest != line_digest(previous, line):
            return expected
        previous, expected = line.digest, expected + 1
    return None


def personal(given: Given) -> str | None:
    """What of an event is personal content, as JSON; None where nothing is."""
    said = {name: getattr(given, name) for name in _PERSONAL if getattr(given, name)}
    return json_line(said) if said else None


def facts_of(given: Given) -> str:
    """What else was given, as JSON: plain values, sums as [minor units, currency]."""
    names = (each.name for each in fields(given) if each.name not in _PERSONAL)
    return json_line({n: v for n in names if (v := _plain(getattr(given, n))) is not None})


def json_line(value: Mapping[str, Any]) -> str:
    """One line of JSON, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
