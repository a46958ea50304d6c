"""Checks the record of a case: needs the file alone, no database and no network (N-11)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.chain import SEALED, content_digest, digest_of, seal, sha256

FORMAT = 1
"""Of the file; a later program says which ones it reads."""

_LINE = re.compile(rb'(\{"[^\n]*),"hash":"([0-9a-f]{64})"\}')


class Changed(Exception):
    """A line is not as it was written. `line` counts from 1; the message says what is wrong."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Verified:
    """A record that is as it was written. `digests` are those of its events, in their order."""

    case: str
    made_for: str
    lines: int
    digests: tuple[str, ...]

    @property
    def head(self) -> str:
        """The digest with which the history ends."""
        return self.digests[-1] if self.digests else ""


def line_hash(previous: str, body: str) -> str:
    """The hash of a line of the file: over the line before it and all of it but the hash."""
    return sha256(previous + "\n" + body)


def verify(content: bytes) -> Verified:
    """Check a record from its first byte to its last. Raises Changed for its first wrong line."""
    check, previous = _Check(), ""
    *lines, rest = content.split(b"\n")
    for number, raw in enumerate(lines, 1):
        found = _LINE.fullmatch(raw)
        body = found[1] + b"}" if found else b""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            found = None
        if found is None:
            raise Changed(number, "it is no line of a record")
        if (digest := found[2].decode()) != line_hash(previous, text):
            raise Changed(number, "it does not have the hash that it had when it was written")
        previous = digest
        if why := _fault(check, text):
            raise Changed(number, why)
    if rest:
        raise Changed(len(lines) + 1, "the line has no end")
    if not check.ended:
        raise Changed(len(lines) + 1, "the record ends before its last line")
    return Verified(check.case, check.made_for, len(lines), tuple(check.digests))


def _fault(check: _Check, text: str) -> str | None:
    try:
        return check.line(json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError):
        return "it cannot be read"


class _Check:
    """What a record has said so far."""

    def __init__(self) -> None:
        self.case = self.made_for = self.policy = self.digest = ""
        self.digests: list[str] = []
        self.ended = False
        self._expects: tuple[str, ...] = ("head",)
        self._kinds: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
            "head": self._head,
            "policy": self._policy,
            "event": self._event,
            "letter": self._letter,
            "now": self._now,
            "end": self._end,
        }

    def line(self, said: Mapping[str, Any]) -> str | None:
        """What is wrong with the next line; None: nothing."""
        if said["kind"] not in self._expects:
            return "it does not belong here"
        return self._kinds[said["kind"]](said)

    def _head(self, said: Mapping[str, Any]) -> str | None:
        self.case, self.made_for, self.policy = said["case"], said["made_for"], said["policy"]
        self._expects = ("policy", "event")
        return None if said["format"] == FORMAT else f"its format {said['format']} is not known"

    def _policy(self, said: Mapping[str, Any]) -> str | None:
        self._expects = ("event",)
        return None if sha256(said["canonical"]) == self.policy else "it is not the policy's text"

    def _event(self, said: Mapping[str, Any]) -> str | None:
        previous, self.digest = self.digest, said["digest"]
        self.digests.append(self.digest)
        self._expects = ("event", "letter", "now")
        stored = said.get("stored")
        if stored is None:
            # A line of before there were seals, of which a party has the digest alone.
            return None
        if stored["seq"] != len(self.digests):
            return f"it is event {stored['seq']} where {len(self.digests)} should be"
        if self.digest != digest_of(previous, stored):
            return "the event does not have the digest under which it was stored"
        for name, part in said.get("open", {}).items():
            if name not in SEALED or stored[name] != seal(part["key"], part["value"]):
                return f"{name} is not what was sealed"
        words = said.get("words", {})
        if "body" in words and stored["content"] != content_digest(words["salt"], words["body"]):
            return "the words are not those that were written"
        return None

    def _letter(self, said: Mapping[str, Any]) -> str | None:
        self._expects = ("letter", "now")
        return None if said["by"] and said["at"] else "it does not say who wrote it, and when"

    def _now(self, said: Mapping[str, Any]) -> str | None:
        self._expects = ("end",)
        return None if said["status"] else "it has no status"

    def _end(self, said: Mapping[str, Any]) -> str | None:
        self._expects, self.ended = (), True
        if (said["events"], said["head"]) != (len(self.digests), self.digest):
            return "the history does not end as it should"
        return None
