"""What somebody does to a return, what follows from it, and what could be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases.case import Party, ReturnCase
from bot.domain.cases.words import (
    Action,
    Alarm,
    DisputeTopic,
    Input,
    Role,
    Ruling,
    Status,
    Terms,
    TimerKind,
)
from bot.domain.money import LedgerLine, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The inputs that came with an event. Photos are keys of files, texts are as typed."""

    reason: str | None = None
    text: str | None = None
    photos: tuple[str, ...] = ()
    amount: Money | None = None
    track: str | None = None
    receipt_amount: Money | None = None
    receipt_date: datetime | None = None
    shipping: Money | None = None
    accepted: Mapping[str, int] | None = None
    ruling: Ruling | None = None
    terms: Terms | None = None
    topic: DisputeTopic | None = None
    of: Role | None = None
    """Whose proposal is accepted, where there are two."""
    ref: str | None = None
    place: str | None = None
    to: Status | None = None
    address: str | None = None


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody does something: the only way a case changes."""

    action: Action
    by: Party
    given: Given = NOTHING
    timer: TimerKind | None = None
    """Which timer, when the action is FIRE."""

    @property
    def name(self) -> str:
        """`approve`, or `decision_due` for a timer: the word of scripts and histories."""
        return f"{self.timer}_due" if self.timer else str(self.action)


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of the table that was taken: one line of the history."""

    event: str
    by: Party
    row: str
    """The row's number in `lifecycle.md` 2.4."""
    rule: str
    """The rule id cited (N-12)."""
    before: Status
    after: Status


@dataclass(frozen=True, slots=True)
class Decision:
    """What `decide` answers: the new case and all that follows from it.

    `happened` has one item, or two where the program answers at once (the automatic offer).
    `hears` are the roles whose card must come anew with sound; all other cards are edited.
    """

    case: ReturnCase
    happened: tuple[Happened, ...]
    ledger: tuple[LedgerLine, ...] = ()
    hears: frozenset[Role] = frozenset()
    alarms: tuple[Alarm, ...] = ()
    child: ReturnCase | None = None


class Refused(Exception):
    """The rules do not allow this. `code` is stable; `opens` or `closed` when time is the reason.

    `rule` is the rule id that refuses; `facts` are plain values for the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        rule: str = "",
        opens: datetime | None = None,
        closed: datetime | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.rule = rule
        self.opens = opens
        self.closed = closed
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Asked:
    """One input that an action takes. `least` is the minimum length of a text or of an album."""

    input: Input
    required: bool = True
    least: int = 1
    choices: tuple[str, ...] = ()
    instead: Input | None = None
    """Another input that, given, makes this one unnecessary."""
    of: Input | None = None
    """Another input: a form asks for this one only where that one is given, and then needs it."""
    only_after: tuple[str, ...] = ()
    """The choices of an earlier input after which alone this one is asked for; (): always."""


@dataclass(frozen=True, slots=True)
class Option:
    """An action that a party has on a case: now, or from `opens` on."""

    action: Action
    asks: tuple[Asked, ...] = ()
    opens: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
