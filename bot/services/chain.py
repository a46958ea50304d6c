"""The chain of a history: lines that are only added, each bound to the one before it.

A line's digest covers the previous digest and everything the line says, but of what not everybody
may read only a salted digest: of what a person wrote and showed, of who it was, and of what else
was given. So the words can be deleted with their salt, and whoever may not read a part is given
the rest; the chain proves in both cases that no line was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

SEALED = ("person", "facts")
"""What the digest of a line covers by a salted digest of its own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    salt: str = ""
    """Seals who it was and what was given. A line of before there were seals has none."""
    digest: str = ""


_NAMES = tuple(each.name for each in fields(ChainLine))


def as_row(line: ChainLine) -> dict[str, Any]:
    """The line as a row of the table."""
    return {name: getattr(line, name) for name in _NAMES}


def covered(line: ChainLine) -> dict[str, Any]:
    """What the digest of a line covers: plain values, the instant in microseconds since 1970."""
    said = as_row(line) | {"at": (line.at - _EPOCH) // timedelta(microseconds=1)}
    del said["digest"], said["salt"]
    if line.salt:
        for name in SEALED:
            said[name] = seal(key_of(line.salt, name), said[name])
    return said


def key_of(salt: str, name: str) -> str:
    """What opens one sealed part of a line and says nothing of the others, in hex."""
    return sha256(f"{salt}\n{name}")


def seal(key: str, value: int | str) -> str:
    """The digest that stands for a sealed part, in hex."""
    return sha256(f"{key}\n{value}")


def digest_of(previous: str, said: Mapping[str, Any]) -> str:
    """SHA-256 over the previous digest (empty for the first line) and what is covered, in hex."""
    return sha256(previous + "\n" + json_line(said))


def line_digest(previous: str, line: ChainLine) -> str:
    """The digest that a line has after the one with the previous digest, in hex."""
    return digest_of(previous, covered(line))


def content_digest(salt: str, body: str) -> str:
    """SHA-256 over the salt and the personal content, in hex."""
    return sha256(salt + "\n" + body)


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


def json_line(value: Mapping[str, Any]) -> str:
    """One line of JSON, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    """The SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
