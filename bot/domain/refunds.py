"""What a return is worth: the price paid, the refundable postage, the automatic offer (2.8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.domain.cases import Line, ReasonClass, ReturnCase
from bot.domain.money import Money
from bot.domain.policy import ROUBLE, Policy


def paid_for(case: ReturnCase) -> Money:
    """What the customer paid for the units of this case, after discounts."""
    return price(case.lines)


def price(lines: Sequence[Line]) -> Money:
    """What was paid for the units of these lines, of which there is at least one."""
    first, *others = (line.unit_price * line.quantity for line in lines)
    return sum(others, start=first)


def nothing_in(case: ReturnCase) -> Money:
    """No money, in the currency of the case."""
    return Money(0, case.lines[0].unit_price.currency)


def refunds_shipping(case: ReturnCase) -> bool:
    """Whether postage and packaging are refunded: never for a thing of proper quality (C-17).

    Those of a split case are paid on its first part, once up to the cap (2.12.27).
    """
    return case.reason_class is not ReasonClass.PROPER and case.part == 1


def shipping_limit(case: ReturnCase, policy: Policy, on: date) -> Money | None:
    """The most that is refunded for postage and packaging; None if somebody must say (2.8.0).

    That is where no rate is set for the receipt, and where nobody has typed its sum.

    The receipt counts at the rate of the day of shipping, up to the cap (R-05, X-20).
    """
    none = nothing_in(case)
    if not refunds_shipping(case):
        return none
    if case.receipt is None:
        return None if case.receipt_unread else none
    day = case.shipped_at.date() if case.shipped_at else on
    receipt = policy.converted(case.receipt, none.currency, day)
    if receipt is None:
        return None
    cap = shipping_cap(case, policy, day)
    return receipt if cap is None or receipt <= cap else cap


def shipping_cap(case: ReturnCase, policy: Policy, day: date) -> Money | None:
    """The cap in the currency of the case; None where no rate is set."""
    return policy.converted(policy.ship_refund_cap, nothing_in(case).currency, day)


def shipping_caps(case: ReturnCase, policy: Policy, day: date) -> tuple[Money, ...]:
    """The cap in every currency in which a receipt can be valued that day."""
    currencies = {ROUBLE, nothing_in(case).currency, *policy.rates}
    caps = (policy.converted(policy.ship_refund_cap, code, day) for code in sorted(currencies))
    return tuple(cap for cap in caps if cap is not None)


def automatic_offer(case: ReturnCase, policy: Policy, on: date) -> Money | None:
    """What is offered at once for cheap things; None where the rule does not apply (D-09, X-11).

    Every line's price must be within the limit, in roubles.
    """
    for line in case.lines:
        price = line.unit_price
        if policy.autocomp.basis == "line":
            price *= line.quantity
        roubles = policy.converted(price, ROUBLE, on)
        if roubles is None or roubles > policy.autocomp_limit:
            return None
    paid = paid_for(case)
    offer = paid.percent(policy.autocomp.offer_percent)
    return offer if policy.allows_offer(offer, paid) else None


def is_dear(case: ReturnCase, policy: Policy, on: date) -> bool:
    """Whether the price alone sends silence to the moderators (X-03)."""
    limit = policy.moderated_from
    if limit is None:
        return False
    roubles = policy.converted(paid_for(case), ROUBLE, on)
    return roubles is None or roubles >= limit
