"""What is kept of a return beside the case: its history, its dispute's letters, its rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.cases import Role
from bot.domain.money import LedgerLine
from bot.services.chain import ChainLine


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One event of a case, never changed. `text` and `photos` are None and () after retention."""

    case: int
    seq: int
    at: datetime
    event: str
    by: Role
    person: int
    row: str
    rule: str
    before: str
    after: str
    policy: str
    digest: str
    version: int
    """Of the case that the event made."""
    text: str | None = None
    photos: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else was given: amount, track, place, ruling, ref; plain JSON values."""
    forgotten: bool = False
    """Whether words or photos came with it that are not kept any more."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a person wrote and showed in one event: JSON, and the salt of its digest."""

    salt: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The history of a case as it is stored. Contents and money are found by the line's `seq`."""

    lines: tuple[ChainLine, ...] = ()
    contents: Mapping[int, Content] = field(default_factory=dict)
    ledger: tuple[tuple[int, LedgerLine], ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """Where the parties of a dispute write to each other, and the word by which it is known."""

    case: int
    opened_at: datetime
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody wrote in a dispute, as it is now; `chat` and `message` are the writer's.

    `earlier` are the words that an edit took the place of, oldest first.
    """

    case: int
    chat: int
    message: int
    at: datetime
    by: Role
    person: int
    to: tuple[Role, ...]
    text: str = ""
    photos: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How a customer found the handling of a case: 1 (bad) to 5 (very good), perhaps with words.

    The words are personal content; only staff read them.
    """

    case: int
    seller: str
    stars: int
    at: datetime
    word: str | None = None
