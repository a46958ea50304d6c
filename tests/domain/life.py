"""A case on a virtual clock: what the tests of the core press and let pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.domain.cases import (
    CLOCK,
    Action,
    Alarm,
    Decision,
    Event,
    Given,
    Line,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
)
from bot.domain.lifecycle import available_actions, decide
from bot.domain.money import LedgerLine, Money
from bot.domain.policy import Policy
from bot.domain.replay import Deed
from bot.domain.timers import next_timer

CUSTOMER = Party(Role.CUSTOMER, 1)
SELLER = Party(Role.SELLER, 2)
MODERATOR = Party(Role.MODERATOR, 3)
ADMIN = Party(Role.ADMIN, 4)
OTHER_ADMIN = Party(Role.ADMIN, 5)
CARRIER = Party(Role.CARRIER)
PAYMENT = Party(Role.PAYMENT)

COMMENT = "It has clearly been worn."


def march(day: int, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    """An instant of March 2026; day 32 is 1 April."""
    month, day = (3, day) if day <= 31 else (4, day - 31)
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def line(price: str = "2500.00", sku: str = "A-1", quantity: int = 1, **more: Any) -> Line:
    """Units of a product."""
    return Line(
        sku=sku,
        title=sku,
        category=more.pop("category", "other"),
        unit_price=Money.of(price),
        quantity=quantity,
        **more,
    )


def draft(*lines: Line, **more: Any) -> ReturnCase:
    """A request that has not been sent: delivered on 27 February, of one thing unless said."""
    return ReturnCase(
        id=7,
        customer=1,
        seller="seller",
        delivered_at=more.pop("delivered_at", datetime(2026, 2, 27, 12, tzinfo=UTC)),
        lines=lines or (line(),),
        **more,
    )


@dataclass
class Life:
    """A case, and everything that has happened to it."""

    case: ReturnCase = field(default_factory=draft)
    policy: Policy = field(default_factory=Policy)
    log: list[tuple[datetime, str, Status]] = field(default_factory=list)
    ledger: list[LedgerLine] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    last: Decision | None = None
    deeds: list[Deed] = field(default_factory=list)
    """What people did; a child's deeds are not a life's."""

    def do(self, at: datetime, by: Party, action: Action, **given: Any) -> Life:
        """Let a party act, after everything that is due by then. Raises Refused."""
        self.pass_until(at)
        offered = {
            o.action for o in available_actions(self.case, by, at, self.policy) if not o.opens
        }
        event = Event(action, by, Given(**given))
        decision = decide(self.case, event, at, self.policy)
        assert action in offered, f"{action} was accepted and not offered"
        return self._keep(at, event, decision)

    def refused(self, at: datetime, by: Party, action: Action, **given: Any) -> Refused:
        """The refusal that a party meets."""
        before = self.case
        try:
            self.do(at, by, action, **given)
        except Refused as refused:
            return refused
        raise AssertionError(f"{action} was not refused: {before.status} → {self.case.status}")

    def pass_until(self, at: datetime) -> Life:
        """Let the clock run, `at` included."""
        while (timer := next_timer(self.case)) is not None and timer.due_at <= at:
            event = Event(Action.FIRE, CLOCK, timer=timer.kind)
            self._keep(timer.due_at, event, decide(self.case, event, timer.due_at, self.policy))
        return self

    def _keep(self, at: datetime, event: Event, decision: Decision) -> Life:
        self.case = decision.case
        self.last = decision
        self.log.append((at, event.name, decision.case.status))
        if event.timer is None:
            self.deeds.append(Deed(at, self.case.id, event))
        self.ledger += decision.ledger
        self.alarms += decision.alarms
        return self

    @property
    def status(self) -> Status:
        return self.case.status

    @property
    def due(self) -> dict[str, datetime]:
        """The running timers."""
        return {str(timer.kind): timer.due_at for timer in self.case.timers}

    def paid_to_customer(self) -> str:
        """The sum of the ledger for the customer, in major units."""
        total = sum(
            one.amount.minor if one.to == "customer" else -one.amount.minor for one in self.ledger
        )
        return str(Money(total, "RUB").amount)


def requested(*lines: Line, policy: Policy | None = None, **more: Any) -> Life:
    """A request sent on 1 March at 10:00."""
    reason = more.pop("reason", "changed_mind")
    life = Life(draft(*lines, **more), policy or Policy())
    return life.do(march(1), CUSTOMER, Action.SUBMIT, reason=reason, photos=("one.jpg", "two.jpg"))


def approved(*lines: Line, at: datetime | None = None, **more: Any) -> Life:
    """Approved by the seller on 1 March at 12:00, unless said."""
    return requested(*lines, **more).do(at or march(1, 12), SELLER, Action.APPROVE)


def shipped(
    *lines: Line, receipt: str | None = None, at: datetime | None = None, **more: Any
) -> Life:
    """Approved on 2 March at 9:00 and sent on 5 March at 12:00, unless said."""
    sum_paid = Money.of(receipt) if receipt else None
    return approved(*lines, at=march(2, 9), **more).do(
        at or march(5, 12),
        CUSTOMER,
        Action.SENT,
        track="RB123456785CN",
        receipt_amount=sum_paid,
        photos=("receipt.jpg",),
    )


def received(*lines: Line, at: datetime | None = None, **more: Any) -> Life:
    """Received by the seller on 15 March at 15:00, unless said."""
    return shipped(*lines, **more).do(at or march(15, 15), SELLER, Action.RECEIVE)


def rejected(*lines: Line, **more: Any) -> Life:
    """Rejected by the seller on 1 March at 12:00."""
    return requested(*lines, **more).do(
        march(1, 12), SELLER, Action.REJECT, reason="used", text=COMMENT
    )


def refused_after_receipt(*lines: Line, **more: Any) -> Life:
    """Rejected after receipt on 22 March at 15:00, less a second."""
    return received(*lines, **more).do(
        march(22, 14, 59, 59),
        SELLER,
        Action.REJECT,
        reason="defect_not_found",
        text=COMMENT,
        photos=("proof.jpg",),
    )
