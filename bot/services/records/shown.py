"""What people have shown, and how it looks (N-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from bot.services.likeness import View


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A photo, video or document that a person sent. `key` is Telegram's file_unique_id."""

    key: str
    file_id: str
    kind: Literal["photo", "video", "document"]
    size: int | None = None
    sent_by: int = 0
    sent_at: datetime | None = None
    forwarded: bool = False
    """Whether it was not the sender who sent it first."""
    sha256: str | None = None
    """Set once the bytes have been fetched."""
    picture: int | None = None
    """The number under which it can be compared with other pictures, once it was looked at."""
    unseen: Unseen | None = None
    """Why it could not be looked at; it is evidence all the same."""


class Unseen(StrEnum):
    """Why nobody can say whether a file looks like another."""

    GONE = "gone"
    """Telegram does not give it."""
    TOO_BIG = "too_big"
    """More bytes than a bot may fetch."""
    NO_PICTURE = "no_picture"
    """A video, a paper, or something in a dress."""
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "broken"
    TOO_COSTLY = "too_costly"
    """Looking at it took more memory or time than it may."""
    PLAIN = "plain"
    """There is nothing on it by which it could be told from others."""


@dataclass(frozen=True, slots=True)
class Picture:
    """How a picture looks. `id` is made of the digest of its bytes."""

    id: int
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A photo of a case that is the same as another, or looks like it."""

    case: int
    file: str
    how: Likeness
    bits: int = 0
    """In how many of 64 bits they differ."""


class Likeness(StrEnum):
    """What is similar."""

    FILE = "file"
    """Telegram has them as one file: it was sent again, or forwarded."""
    BYTES = "bytes"
    ALIKE = "alike"
    CUT = "cut"
    """One was cut out of the other."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """A photo of a case that is evidence in an older one, too (N-6)."""

    case: int
    file: str
    older: int
    older_file: str
    how: Likeness
    bits: int = 0

    @property
    def pair(self) -> tuple[int, str, int, str]:
        """What staff are told of once."""
        return self.case, self.file, self.older, self.older_file

    @classmethod
    def of(cls, case: int, file: str, twin: Twin) -> Reuse:
        """The pair in its one order, whichever of the two was compared."""
        if case > twin.case:
            return cls(case, file, twin.case, twin.file, twin.how, twin.bits)
        return cls(twin.case, twin.file, case, file, twin.how, twin.bits)


def reuse_in(values: Sequence[Any]) -> Reuse:
    """The pair in JSON values."""
    case, file, older, older_file, how, bits = values
    return Reuse(case, file, older, older_file, Likeness(how), bits)
