"""What one party may see of a case, as values: `reading` fills them, the screens word them.

Texts in here are as typed and belong to the parties; nothing holds a name, a phone or an account
of the other side (`lifecycle.md` 2.9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import Action, Option, ReturnCase, Role, Status, TimerKind
from bot.domain.costs import Cost
from bot.domain.foresight import Possible, Unmoved
from bot.domain.money import Purse
from bot.domain.outlook import Moved
from bot.services.records import InForce, Letter, Rating, Spot, Unseen
from bot.services.tallying import Meter


@dataclass(frozen=True, slots=True)
class Silence:
    """What the clock does if nobody acts: `kind` fires at `due_at` and the status becomes `to`.

    `to` is the present status where the timer only tells, unlocks or pages.
    """

    kind: TimerKind
    due_at: datetime
    to: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What lies ahead of a case for the party in `role`: in silence, and by what it can do now."""

    case: ReturnCase
    role: Role
    silent: Unmoved
    acts: tuple[Possible, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history without its contents."""

    at: datetime
    event: str
    by: Role
    after: Status
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that came with an event: a question, an answer, a comment, a ruling."""

    at: datetime
    event: str
    by: Role
    text: str
    photos: int = 0
    after: Status | None = None
    """The status that it led to; None where the case stayed as it was."""

    @property
    def asks(self) -> bool:
        """Whether the customer is to answer these words."""
        led = self.event in (Action.OVERRIDE, Action.REOPEN) and self.after is Status.CLARIFY
        return led or self.event == Action.ASK

    @property
    def among_staff(self) -> bool:
        """Whether the staff wrote it for each other."""
        return among_staff(self.event, self.after)


def among_staff(event: str, after: str | None) -> bool:
    """Whether what came with an event is the staff's own: the customer is not to answer it.

    `after`: the status that it led to. An override that waits leads to none, and asks nobody.
    """
    return event in (Action.OVERRIDE, Action.REOPEN) and after != Status.CLARIFY


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What a moderator should know of the photos and videos of a case (N-6)."""

    elsewhere: tuple[int, ...]
    """Older cases that show one of these photos, or one like it."""
    again: tuple[int, ...]
    """Newer ones that do."""
    sighted: tuple[Spot, ...]
    """Where else, outside returns, they are shown."""
    uncompared: Mapping[Unseen, int]
    """How many photos could not be compared with others, and why. No video is."""
    forwarded: int
    """How many were not first sent by who shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """Photos that came with an event, by the keys of their files."""

    case: int
    version: int
    at: datetime
    event: str
    by: Role
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as the party in `role` sees it at `now`."""

    case: ReturnCase
    role: Role
    now: datetime
    options: tuple[Option, ...] = ()
    silence: Silence | None = None
    steps: tuple[Step, ...] = ()
    """The whole history, oldest first."""
    said: tuple[Said, ...] = ()
    """All words, oldest first; the customer's story is the first one, of the event `submit`."""
    exhibits: tuple[Exhibit, ...] = ()
    """All photos that the party may see, oldest first."""
    address: str | None = None
    """Where the parcel goes, once the case is approved."""
    seller_name: str = ""
    """Shown to staff only."""
    reject_reason: str | None = None
    """The code of the seller's reason, if the case was rejected."""
    place: str | None = None
    """The last place that tracking has told."""
    rating: Rating | None = None
    """How the customer found the handling (the customer and staff)."""
    rated_until: datetime | None = None
    """Until when the customer can rate it."""
    meter: Meter | None = None
    """How the seller decides, for a customer who waits for that (N-13)."""
    costs: tuple[Cost, ...] = ()
    """What the buttons of who decides cost the seller at most."""
    rounds_left: int | None = None
    """How many offers the seller can still make; None where they are not counted (X-14)."""
    offer_percent: int = 0
    """The part of the price that the policy offers at once (X-11)."""
    rules: InForce | None = None
    """What the rules are called under which that is so; None where no card says it."""
    offer_funder: Purse = Purse.SELLER
    """Who pays it."""
    refund_days: tuple[int, int] = (3, 10)
    parts: tuple[int, ...] = ()
    """The returns that were split off from this one (row 38)."""
    record: Mapping[str, int] = field(default_factory=dict)
    """How many other returns of each status the customer has (sellers and staff)."""
    unreachable: frozenset[Role] = frozenset()
    """Parties of the case whom the bot cannot reach at present (staff only)."""
    code: str | None = None
    """The word of the dispute that is open, or that has just led here."""
    moved: Moved | None = None
    """What the override that waits does to the money (staff only)."""
    seconds: bool = False
    """Whether the reader can confirm that override, or turn it down."""
    letters: tuple[Letter, ...] = ()
    """What was written in the disputes of the case, oldest first."""
    doubts: Doubts | None = None
    """About its photos (staff only)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list of cases. `more`: others follow."""

    cases: tuple[ReturnCase, ...]
    offset: int = 0
    more: bool = False
    due_at: Mapping[int, datetime] = field(default_factory=dict)
    """Until when the money was promised (refunds only); the clock itself pages anew every day."""
