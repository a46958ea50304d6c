"""One turn of a case: what guards see, and what effects change.

Effects work on a `Turn`, which collects changes; `lifecycle.decide` makes one new case of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bot.domain.cases import (
    Alarm,
    Event,
    Given,
    Goods,
    Happened,
    Party,
    Refund,
    ReturnCase,
    Role,
    Shown,
    Status,
    Timer,
    TimerKind,
)
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.domain.policy import Policy
from bot.domain.timers import PERSONAL, begin


class Moment(NamedTuple):
    """A case at an instant, as a party finds it."""

    case: ReturnCase
    party: Party
    now: datetime
    policy: Policy


class Entry(NamedTuple):
    """What coming into a status means: who owes, where the goods are, which timers start."""

    owes: Role | None = None
    goods: Goods | None = None
    timers: tuple[TimerKind, ...] = ()


ENTRIES: Mapping[Status, Entry] = {
    Status.DRAFT: Entry(Role.CUSTOMER, Goods.WITH_CUSTOMER),
    Status.NEW: Entry(Role.SELLER, Goods.WITH_CUSTOMER, (TimerKind.DECISION,)),
    Status.PREMOD: Entry(Role.MODERATOR, Goods.WITH_CUSTOMER, (TimerKind.PREMOD,)),
    Status.CLARIFY: Entry(Role.CUSTOMER, Goods.WITH_CUSTOMER, (TimerKind.CLARIFY,)),
    Status.OFFERED: Entry(Role.CUSTOMER, Goods.WITH_CUSTOMER, (TimerKind.OFFER,)),
    Status.COUNTER: Entry(Role.SELLER, Goods.WITH_CUSTOMER, (TimerKind.COUNTER,)),
    Status.COMP_ACCEPTED: Entry(None, Goods.KEPT_BY_CUSTOMER, (TimerKind.REFUND_ETA,)),
    Status.APPROVED: Entry(Role.CUSTOMER, Goods.WITH_CUSTOMER, (TimerKind.SHIP,)),
    Status.REJECTED: Entry(Role.CUSTOMER, Goods.WITH_CUSTOMER, (TimerKind.APPEAL,)),
    Status.REJECTED_FINAL: Entry(),
    Status.OVERDUE: Entry(timers=(TimerKind.LATE_PROOF,)),
    Status.CANCELED_BY_CUSTOMER: Entry(),
    Status.CANCELED_INACTION: Entry(),
    Status.IN_TRANSIT: Entry(
        None, Goods.IN_TRANSIT, (TimerKind.TRANSIT_UNLOCK, TimerKind.TRANSIT_AUTO)
    ),
    Status.DISPUTE: Entry(Role.SELLER, None, (TimerKind.DISPUTE_REPLY,)),
    Status.REJECTED_BY_PLATFORM: Entry(),
    Status.RECEIVED: Entry(Role.SELLER, Goods.WITH_SELLER, (TimerKind.INSPECT,)),
    Status.REFUSED_AFTER_RECEIPT: Entry(Role.CUSTOMER, Goods.WITH_SELLER, (TimerKind.APPEAL,)),
    Status.REJECTED_MUTUAL: Entry(None, Goods.RETURNING_TO_CUSTOMER),
    Status.REFUND_DUE: Entry(None, None, (TimerKind.REFUND_ETA,)),
    Status.REFUNDED: Entry(),
}


class Turn:
    """The changes that one event makes. `now` is the instant at which it counts."""

    __slots__ = (
        "alarms",
        "case",
        "changes",
        "child",
        "event",
        "extra",
        "ledger",
        "now",
        "policy",
        "quiet",
        "row",
        "timers",
    )

    def __init__(
        self, case: ReturnCase, event: Event, now: datetime, policy: Policy, row: str
    ) -> None:
        self.case = case
        self.event = event
        self.now = now
        self.policy = policy
        self.row = row
        self.changes: dict[str, Any] = {}
        self.timers = {timer.kind: timer for timer in case.timers}
        self.ledger: list[LedgerLine] = []
        self.alarms: list[Alarm] = []
        self.extra: list[Happened] = []
        self.child: ReturnCase | None = None
        self.quiet = False
        """Whether nothing came of it yet: nobody hears it beside the staff."""

    @property
    def given(self) -> Given:
        """The inputs of the event."""
        return self.event.given

    @property
    def role(self) -> Role:
        """Who acts."""
        return self.event.by.role

    def set(self, **changes: Any) -> None:
        """Change fields of the case."""
        self.changes.update(changes)

    def begins(self) -> datetime:
        """When a person's time begins that begins now (2.12.10)."""
        return begin(self.now, self.case.outages) if self.case.outages else self.now

    def start(self, kind: TimerKind, since: datetime | None = None) -> None:
        """Start a timer now, or as if at `since`; it is never due before now.

        A timer without any length is switched off.
        """
        if not self.policy.length(kind):
            return
        own = self.begins() if kind in PERSONAL else self.now
        due = self.policy.due(kind, since or own)
        self.run(kind, due if due > own else own)

    def run(self, kind: TimerKind, due_at: datetime) -> None:
        """Start a timer that is due at a given instant."""
        self.timers[kind] = Timer(kind, self.now, due_at)

    def stop(self, *kinds: TimerKind) -> None:
        """Turn timers off."""
        for kind in kinds:
            self.timers.pop(kind, None)

    def enter(self, status: Status, by: Role | None = None) -> None:
        """Bring the case into a status: the old one's timers are off, the new one's start."""
        entry = ENTRIES[status]
        self.changes.update(
            status=status,
            owes=entry.owes,
            decided_by=by or self.role,
            since=self.now,
            row=self.row,
            override=None,
        )
        if entry.goods is not None:
            self.changes["goods"] = entry.goods
        self.timers = {}
        if status is Status.APPROVED:
            self.changes["approved_at"] = self.now
            if not self.case.address_known:
                self.changes["owes"] = Role.SELLER
                self.alarms.append(Alarm.NO_ADDRESS)
                return
        for kind in entry.timers:
            self.start(kind)

    def promise(
        self,
        goods: Money,
        shipping: Money,
        by: Role,
        *,
        partial: bool = False,
        funded_by: Purse = Purse.SELLER,
    ) -> None:
        """Promise money to the customer: the lines of the ledger are written now (2.12.24)."""
        self.set(
            refund=Refund(
                decided_by=by,
                started_at=self.now,
                goods=goods,
                shipping=shipping,
                partial=partial,
                funded_by=funded_by,
            )
        )
        self.move(funded_by, LedgerKind.PARTIAL if partial else LedgerKind.GOODS, goods)
        self.move(Purse.SELLER, LedgerKind.SHIPPING, shipping)

    def take_back(self) -> None:
        """Reverse a promise by new lines (2.8.4)."""
        promised = self.case.refund
        if promised is not None:
            for source, amount in (
                (promised.funded_by, promised.goods),
                (Purse.SELLER, promised.shipping),
            ):
                if amount:
                    self.ledger.append(
                        LedgerLine(
                            source, Purse.CUSTOMER, LedgerKind.REVERSAL, amount, self.case.part
                        )
                    )
        self.set(refund=None)

    def move(self, source: Purse, kind: LedgerKind, amount: Money) -> None:
        """Write one balanced line to the customer; nothing for nothing."""
        if amount:
            self.ledger.append(LedgerLine(Purse.CUSTOMER, source, kind, amount, self.case.part))

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The steps that came with photos, this one too."""
        before, case = self.case.shown, self.case
        if not self.given.photos:
            return before
        return (*before, Shown(case.id, case.version + 1, self.event.by))

    def result(self) -> ReturnCase:
        """The new case."""
        own = {
            "version": self.case.version + 1,
            "timers": tuple(self.timers.values()),
            "shown": self.shown,
        }
        return self.case.having({**own, **self.changes})
