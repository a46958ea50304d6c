"""What each decision costs the seller (N-3): the core plays it to its end on a copy of the case.

A cost is never worked out beside the rules: it is what the ledger would say afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.cases import (
    NOTHING,
    Action,
    Event,
    Given,
    Option,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
)
from bot.domain.lifecycle import available_actions, written
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.domain.policy import Policy
from bot.domain.refunds import (
    nothing_in,
    paid_for,
    refunds_shipping,
    shipping_cap,
    shipping_limit,
)

OFFERED_PERCENT: Final = (10, 30, 50, 70)
"""Parts of the price that an offer proposes; any other sum can be typed."""

_CUSTOMER: Final = Party(Role.CUSTOMER)
_SELLER: Final = Party(Role.SELLER)
_TRACK: Final = "RA123456785TR"
_ACCEPTED: Final = Event(Action.ACCEPT, _CUSTOMER)
_RECEIVED: Final = Event(Action.RECEIVE, _SELLER)
_REFUNDED: Final = Event(Action.REFUND, _SELLER)


@dataclass(frozen=True, slots=True)
class Cost:
    """The most that an action costs the seller. `percent`: of the price, where a part is offered.

    `shipping` is None where packaging and postage are refunded and no rate tells how much.
    """

    action: Action
    goods: Money
    shipping: Money | None
    percent: int = 0


def costs(
    case: ReturnCase, party: Party, options: Sequence[Option], now: datetime, policy: Policy
) -> tuple[Cost, ...]:
    """What each option of who decides on a request or a parcel costs the seller, in their order.

    `party` is the seller, or staff who decide in the seller's place; in no other status do the
    staff's options have costs. Of an offer each usual part is told, and an approval also where it
    only lacks the return address (X-48).
    """
    if party.role is not Role.SELLER and case.status is not Status.PREMOD:
        return ()
    if not case.address_known:
        case = replace(case, address_known=True)
        options = available_actions(case, party, now, policy)
    copy = _Copy(case, party, now, policy)
    return tuple(
        cost for option in options if option.opens is None for cost in _told(copy, option.action)
    )


@dataclass(slots=True)
class _Copy:
    case: ReturnCase
    party: Party
    now: datetime
    policy: Policy

    def ledger(self, *events: Event) -> list[LedgerLine]:
        """What these events, one after the other, write. Raises Refused."""
        return written(self.case, events, self.now, self.policy)

    def act(self, action: Action, given: Given = NOTHING) -> Event:
        """Who decides does it."""
        return Event(action, self.party, given)


def _told(copy: _Copy, action: Action) -> Iterator[Cost]:
    match action:
        case Action.APPROVE:
            yield _approved(copy)
        case Action.OFFER:
            yield from _offers(copy)
        case Action.REFUND_WITHOUT_RETURN:
            yield _cost(copy, action, copy.ledger(copy.act(action)))
        case Action.REFUND:
            yield _refunded(copy)


def _approved(copy: _Copy) -> Cost:
    """The customer sends it with the dearest receipt that counts, and everything is refunded."""
    case = copy.case
    cap = shipping_cap(case, copy.policy, copy.now.date())
    sent = Given(track=_TRACK, photos=("receipt",), receipt_amount=cap or nothing_in(case))
    lines = copy.ledger(
        copy.act(Action.APPROVE),
        Event(Action.SENT, _CUSTOMER, sent),
        _RECEIVED,
        _REFUNDED,
    )
    return _cost(copy, Action.APPROVE, lines, rated=cap is not None)


def _offers(copy: _Copy) -> Iterator[Cost]:
    paid = paid_for(copy.case)
    for percent in OFFERED_PERCENT:
        offer = copy.act(Action.OFFER, Given(amount=paid.percent(percent)))
        try:
            lines = copy.ledger(offer, _ACCEPTED)
        except Refused:
            continue
        yield _cost(copy, Action.OFFER, lines, percent=percent)


def _refunded(copy: _Copy) -> Cost:
    """All that the receipt allows; of one that nobody can value, the cap."""
    case, day = copy.case, copy.now.date()
    cap = shipping_cap(case, copy.policy, day)
    unread = shipping_limit(case, copy.policy, day) is None
    given = Given(shipping=cap or nothing_in(case)) if unread else NOTHING
    lines = copy.ledger(copy.act(Action.REFUND, given))
    return _cost(copy, Action.REFUND, lines, rated=not unread or cap is not None)


def _cost(
    copy: _Copy, action: Action, lines: list[LedgerLine], *, rated: bool = True, percent: int = 0
) -> Cost:
    goods = shipping = nothing_in(copy.case)
    for line in lines:
        if line.source is Purse.SELLER and line.kind is LedgerKind.SHIPPING:
            shipping += line.amount
        elif line.source is Purse.SELLER:
            goods += line.amount
    known = rated or not refunds_shipping(copy.case)
    return Cost(action, goods, shipping if known else None, percent)
