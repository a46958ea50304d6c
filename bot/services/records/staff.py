"""What the staff look for and work with: queues, files, rules on trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a list, newest or most urgent first."""

    limit: int = 8
    offset: int = 0


class Only(StrEnum):
    """A part of the staff's queue."""

    PREMOD = "premod"
    DISPUTE = "dispute"
    ALARM = "alarm"
    PHOTO = "photo"
    """Not in the whole of it: whoever's move it is, a photo is shown elsewhere, too (N-6)."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the staff look for: an order that fits in any of these ways."""

    number: str
    track: str | None = None
    """As `tracks.check` writes it."""
    phone: str | None = None
    """E.164."""
    name: tuple[str, ...] = ()
    """How words of the name begin, all of them, in any order; in the writing of `name_words`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """A file of orders or rules, or a script, that one of the staff has sent; it is at Telegram."""

    id: int = 0
    account: int
    file_id: str
    name: str
    at: datetime
    kind: Literal["orders", "rules", "simulate"] = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A policy in force from an instant on. It counts up; 0 stands for the settings."""

    version: int
    digest: str
    name: str
    since: datetime
    asked_by: int = 0
    confirmed_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A policy that was tried on the past; `asked_by` wants it in force."""

    id: int
    account: int
    name: str
    digest: str
    at: datetime
    found: str
    """What would have differed, as `comparing.Found` writes it."""
    asked_by: int | None = None
    ended: bool = False
    """It came into force, or is not wanted any more."""
