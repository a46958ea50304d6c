"""What is due and what is reminded of, and when nobody could reach us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from bot.domain.cases import Role, TimerKind


@dataclass(frozen=True, slots=True)
class Reminder:
    """A person who owes is told at `at` that the timer of this kind is running out."""

    at: datetime
    kind: TimerKind
    owes: Role


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer row that is due."""

    case: int
    kind: TimerKind
    due_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder that is due, for everybody who owes in this role on this case.

    With a `person` it is for that one alone: held back for the others' sake or the person's own.
    Of an open form and of an order's window it has no case and no kind; the latter has an `order`.
    """

    case: int
    kind: TimerKind | None
    at: datetime
    due_at: datetime
    owes: Role
    person: int = 0
    order: str = ""
    until: datetime | None = None
    """Until when it is held back."""

    @property
    def up_at(self) -> datetime:
        """When it is said, if the person's hour allows it."""
        return max(self.at, self.until or self.at)

    @property
    def deadline(self) -> datetime | None:
        """What it is about; None for a clock that has not begun (X-48)."""
        return self.due_at if self.due_at > self.at else None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row that is due and of no kind that is known: damaged, or written by another version."""

    what: Literal["timer", "reminder", "draft", "desk_timer"]
    kind: str
    due_at: datetime
    case: int = 0
    version: int = 0
    person: int = 0
    owes: str = ""


@dataclass(frozen=True, slots=True)
class Reminded:
    """The last reminder of a person: when, and what of (the items of the notice)."""

    person: int
    at: datetime
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OpenedOrder:
    """An order that its customer has looked at.

    At `look_at` a window of it may be about to close. Of the instants `told` the customer need
    not be reminded: the order was looked at after them, or the reminder was given.
    """

    number: str
    account: int
    look_at: datetime | None
    told: frozenset[datetime] = frozenset()


class DeskClock(StrEnum):
    """A clock of what is no return."""

    BLOCK_CONFIRM = "block_confirm"
    """A block waits for a second person, or an objection to it for an answer."""
    BLOCK_END = "block_end"
    """A block ends by its own date."""
    WITHHOLDING = "withholding"


@dataclass(frozen=True, slots=True)
class DeskTimer:
    """A clock of the block or deduction `subject`: looked at for reminders, and at `due_at`."""

    kind: DeskClock
    subject: int
    due_at: datetime
    look_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which nobody could reach us (X-58); cases up to `credited` have their credit."""

    id: int
    since: datetime
    until: datetime
    credited: int = 0
