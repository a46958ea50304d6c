"""Where the histories of returns end: each day a file, and its hash in the staff's group (N-11).

Whoever holds the file and the hash that was posted can show that no history was written anew
since: a record of a return must hold the digests that the file names. Each file names the hash of
the one before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.domain.cases import return_number
from bot.services.chain import json_line, sha256
from bot.services.verifying import Changed, Verified

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of the history of a case: its `seq` and its digest."""

    case: int
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was posted on a day, `at` an instant. `content` is the file, emptied after a while."""

    day: date
    at: datetime
    digest: str
    count: int
    content: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A record beside the heads of a day: the event of the record that the file names, if any."""

    day: str
    digest: str
    """Of the file: what was posted."""
    event: int | None


def sealed(day: date, at: datetime, before: Sealed | None, heads: Iterable[Head]) -> Sealed:
    """The file of a day: a head line, and a line for each return whose history has grown."""
    lines = [
        json_line(
            {
                "kind": "heads",
                "format": FORMAT,
                "day": str(day),
                "previous": before.digest if before else "",
            }
        ),
        *(
            json_line({"case": return_number(head.case), "event": head.seq, "digest": head.digest})
            for head in heads
        ),
    ]
    content = "".join(f"{line}\n" for line in lines)
    return Sealed(day, at, sha256(content), len(lines) - 1, content)


def compare(content: bytes, record: Verified) -> Compared:
    """Look a record up among the heads of a day.

    Raises Changed with the line of the heads that it does not fit, or that cannot be read.
    """
    try:
        first, *lines = content.decode().splitlines()
        day = str(_read(first, 1, "day")["day"])
    except (UnicodeDecodeError, ValueError):
        raise Changed(1, "it does not begin like a file of heads") from None
    event = None
    for number, line in enumerate(lines, 2):
        said = _read(line, number, "case")
        if said["case"] == record.case and said["event"] <= len(record.digests):
            if record.digests[said["event"] - 1] != said["digest"]:
                raise Changed(number, f"event {said['event']} of the record has another digest")
            event = said["event"]
    return Compared(day, sha256(content.decode()), event)


def _read(line: str, number: int, name: str) -> Mapping[str, Any]:
    try:
        said: dict[str, Any] = json.loads(line)
        if name == "case" and not (isinstance(said["event"], int) and said["event"] > 0):
            raise ValueError
        return {"digest": None, name: said[name], **said}
    except (ValueError, LookupError, TypeError):
        raise Changed(number, "it is no line of a file of heads") from None
