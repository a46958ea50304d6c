"""A product was missing from a delivered parcel: deduction at once, 30 days to contest it.

The product's price goes from the seller to the customer (O-08). The seller may contest the
deduction for `withholding.days` (O-09, X-36); then the right is lost. Who contests in time waits
for a person, whose silence decides nothing. A deduction that is given back is the platform's loss:
the customer keeps what was promised (ASSUME).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.cases import Refused
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.domain.orders import Order, OrderLine, Posting, Units, returnable_qty
from bot.domain.policy import Policy


class WithholdingState(StrEnum):
    """Where a deduction stands."""

    OPEN = "open"
    """The seller may contest it."""
    CONTESTED = "contested"
    UPHELD = "upheld"
    GIVEN_BACK = "given_back"
    LAPSED = "lapsed"
    """Nobody has contested it in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """One deduction: units of one line of an order. `contest` and `ruling` are as typed."""

    id: int = 0
    order: str
    posting: str
    sku: str
    title: str
    units: int
    amount: Money
    seller: str
    customer: int
    """0 where nobody has opened the order in the bot."""
    by: int
    at: datetime
    state: WithholdingState = WithholdingState.OPEN
    contest: str | None = None
    photos: tuple[str, ...] = ()
    contested_by: int | None = None
    contested_at: datetime | None = None
    ruled_by: int | None = None
    ruled_at: datetime | None = None
    ruling: str | None = None
    ref: str | None = None
    """Of the payment to the customer, once somebody has paid."""


Step = tuple[Withholding, LedgerLine | None]
"""The deduction after something happened to it, and the money that this moved."""


def withheld(
    order: Order,
    posting: Posting,
    line: OrderLine,
    units: int,
    used: Units,
    *,
    customer: int,
    by: int,
    now: datetime,
) -> Step:
    """The price of so many units goes from the seller to the customer (O-08).

    Raises `not_received` before the delivery, `quantity_used_up` for units that are in a return
    or were deducted already (X-41).
    """
    if posting.delivered_at is None or posting.delivered_at > now:
        raise Refused("not_delivered", rule="O-08")
    left = returnable_qty(posting, line.sku, used)
    if not 1 <= units <= left:
        raise Refused("quantity_used_up", rule="X-41", title=line.title, left=left)
    amount = line.unit_price * units
    found = Withholding(
        order=order.number,
        posting=posting.number,
        sku=line.sku,
        title=line.title,
        units=units,
        amount=amount,
        seller=order.seller,
        customer=customer,
        by=by,
        at=now,
    )
    return found, LedgerLine(Purse.CUSTOMER, Purse.SELLER, LedgerKind.WITHHOLDING, amount)


def due_at(withholding: Withholding, policy: Policy) -> datetime:
    """When a deduction can no longer be contested, unless an outage has moved it."""
    return withholding.at + policy.withholding.length


def check_contest(withholding: Withholding, due: datetime | None, now: datetime) -> None:
    """Whether the seller may contest. Raises `already_contested`, `deadline_passed`."""
    if withholding.contested_at is not None:
        raise Refused("already_contested", rule="O-09")
    if withholding.state is not WithholdingState.OPEN or due is None or now >= due:
        raise Refused("deadline_passed", rule="O-09", closed=due)


def contested(
    withholding: Withholding,
    by: int,
    text: str,
    photos: tuple[str, ...],
    due: datetime | None,
    now: datetime,
) -> Withholding:
    """The seller says why it is wrong, with what shows the packing. Raises as `check_contest`."""
    check_contest(withholding, due, now)
    return replace(
        withholding,
        state=WithholdingState.CONTESTED,
        contest=text,
        photos=photos,
        contested_by=by,
        contested_at=now,
    )


def ruled(withholding: Withholding, by: int, text: str, now: datetime, *, gives_back: bool) -> Step:
    """A person of the staff answers the seller. Raises `stale` where nothing is contested."""
    if withholding.state is not WithholdingState.CONTESTED:
        raise Refused("stale", rule="O-09")
    state = WithholdingState.GIVEN_BACK if gives_back else WithholdingState.UPHELD
    after = replace(withholding, state=state, ruled_by=by, ruled_at=now, ruling=text)
    if not gives_back:
        return after, None
    money = LedgerLine(Purse.SELLER, Purse.PLATFORM, LedgerKind.REVERSAL, withholding.amount)
    return after, money


def lapsed(withholding: Withholding) -> Withholding:
    """Nobody has contested it in time."""
    return replace(withholding, state=WithholdingState.LAPSED)


def paid(withholding: Withholding, ref: str) -> Withholding:
    """The customer has the money. The same reference again has no effect; Raises `already_paid`."""
    if withholding.ref not in (None, ref):
        raise Refused("already_paid")
    return replace(withholding, ref=ref)
