"""What people have shown, and how it looks (N-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


class SpotKind(StrEnum):
    """What a photo can be shown for."""

    RETURN = "return"
    DEDUCTION = "deduction"
    """What a seller shows of the packing against a deduction."""
    SHOP = "shop"
    """A seller's own picture of a product."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where a photo is shown: in a return or against a deduction, by its number, or in a shop."""

    kind: SpotKind
    of: str
    """A number; of a shop the seller's code and the SKU, `acme:A-1`."""
    order: str = field(default="", compare=False)
    """Of a deduction: the order by which people know it."""

    @property
    def code(self) -> str:
        """`deduction:12`."""
        return f"{self.kind}:{self.of}"

    @classmethod
    def coded(cls, code: str) -> Spot:
        """The spot with this code."""
        kind, _, of = code.partition(":")
        return cls(SpotKind(kind), of)

    @classmethod
    def of_return(cls, case: int) -> Spot:
        """The spot of a return."""
        return cls(SpotKind.RETURN, str(case))

    @classmethod
    def of_product(cls, seller: str, sku: str) -> Spot:
        """The spot of a product in its shop; codes of sellers have no colon."""
        return cls(SpotKind.SHOP, f"{seller}:{sku}")

    @property
    def case(self) -> int:
        """Of a return: its number; 0 outside returns."""
        return int(self.of) if self.kind is SpotKind.RETURN else 0

    @property
    def sku(self) -> str:
        """Of a shop: the product."""
        return self.of.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Pictured:
    """A product of a shop, how many pictures it has, and how many of them nobody can compare."""

    sku: str
    pictures: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Twin:
    """A photo that is the same as another, or looks like it, where it is shown."""

    spot: Spot
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
class Sighting:
    """A photo that is shown in two spots, and what staff are told of once (N-6)."""

    spot: Spot
    file: str
    older: Spot
    """Where its twin was found; of two returns the older one."""
    older_file: str
    how: Likeness
    bits: int = 0

    @classmethod
    def of(cls, spot: Spot, file: str, twin: Twin) -> Sighting:
        """The two in their one order, whichever of two returns was compared."""
        one, other = (spot, file), (twin.spot, twin.file)
        if 0 < spot.case < twin.spot.case:
            one, other = other, one
        return cls(*one, *other, twin.how, twin.bits)

    @property
    def pair(self) -> frozenset[tuple[Spot, str]]:
        """The two, whichever of them was compared."""
        return frozenset({(self.spot, self.file), (self.older, self.older_file)})

    def other_than(self, spot: Spot) -> Spot:
        """Where the photo of this spot was seen, too."""
        return self.older if self.spot == spot else self.spot

    @property
    def values(self) -> Sequence[Any]:
        """The sighting as JSON values."""
        ends = ((self.spot, self.file), (self.older, self.older_file))
        return [*(v for at, key in ends for v in (at.code, at.order, key)), self.how, self.bits]


def sighting_in(values: Sequence[Any]) -> Sighting:
    """The sighting in JSON values."""
    code, order, file, older, older_order, older_file, how, bits = values
    return Sighting(
        replace(Spot.coded(code), order=order),
        file,
        replace(Spot.coded(older), order=older_order),
        older_file,
        Likeness(how),
        bits,
    )
