"""Orders as the marketplace tells them, as far as returns need them.

An order is sent in postings; a return is always of one posting (`lifecycle.md` 2.7). Instants
are timezone-aware UTC datetimes. Names, phones and code hashes stay out of every `repr`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.domain.cases import Line, ReturnCase, Route, Status
from bot.domain.money import Money
from bot.domain.policy import Policy

Units = Mapping[tuple[str, str], int]
"""(posting number, SKU) → units in live or refunded cases."""


class OrderStatus(StrEnum):
    """Where a posting stands before a return is possible (2.7)."""

    PASSPORT_PENDING = "passport_pending"
    AWAITING_PACKAGING = "awaiting_packaging"
    AWAITING_SHIPMENT = "awaiting_shipment"
    ACCEPTED_FOR_DELIVERY = "accepted_for_delivery"
    COURIER_ON_THE_WAY = "courier_on_the_way"
    AT_PICKUP_POINT = "at_pickup_point"
    PRESUMABLY_DELIVERED = "presumably_delivered"
    DISPUTED = "disputed"
    DELIVERED = "delivered"
    CANCELED = "canceled"


class DeliveryMethod(StrEnum):
    """How the order was brought: it decides where a return goes (X-48)."""

    PARTNER_COURIER = "partner_courier"
    PICKUP_POINT = "pickup_point"
    SELLER_COURIER = "seller_courier"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """Units of one SKU. `unit_price` is what was paid for one, after discounts."""

    sku: str
    title: str
    category: str
    unit_price: Money
    quantity: int = 1
    weight_g: int | None = None
    warranty_days: int | None = None
    """The seller's own warranty; None if the seller has set none (W-09, W-10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One parcel of an order: the unit of return."""

    number: str
    status: OrderStatus
    lines: tuple[OrderLine, ...]
    delivered_at: datetime | None = None
    presumed_at: datetime | None = None
    """When it became presumably delivered: the receipt can be disputed from then (O-16)."""

    def line(self, sku: str) -> OrderLine | None:
        """The line of this SKU."""
        return next((line for line in self.lines if line.sku == sku), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one customer bought from one seller."""

    number: str
    seller: str
    created_at: datetime
    postings: tuple[Posting, ...]
    code_hash: str | None = field(default=None, repr=False)
    """`hash_of_code`; None where no code was printed with the order."""
    customer_name: str = field(default="", repr=False)
    phone: str | None = field(default=None, repr=False)
    """E.164."""
    language: str = "en"
    country: str = "TR"
    zone: str = "UTC"
    """The customer's time zone; frozen once something is delivered."""
    seller_country: str = "TR"
    delivery: DeliveryMethod = DeliveryMethod.SELLER_COURIER
    routes: tuple[Route, ...] = (Route.MAIL, Route.COURIER)
    """How things of this order may travel back."""

    @property
    def status(self) -> OrderStatus:
        """The status of the posting that has come least far; canceled ones count only alone."""
        ranks = list(OrderStatus)
        return min((posting.status for posting in self.postings), key=ranks.index)

    @property
    def delivered_at(self) -> datetime | None:
        """When the last posting was delivered; None while one is on its way."""
        dates = [posting.delivered_at for posting in self.postings]
        known = [date for date in dates if date is not None]
        return max(known) if known and len(known) == len(dates) else None

    def posting(self, number: str) -> Posting | None:
        """The posting of this number."""
        return next((each for each in self.postings if each.number == number), None)

    def opens_with(self, code: str) -> bool:
        """Whether this is the access code that was printed with the order."""
        return self.code_hash is not None and hmac.compare_digest(
            self.code_hash, hash_of_code(self.number, code)
        )


@cache
def _stored() -> TypeAdapter[Order]:
    return TypeAdapter(Order)


def dump_order(order: Order) -> str:
    """The order as one line of JSON: instants in ISO 8601, money in minor units."""
    return _stored().dump_json(order, exclude_none=True).decode()


def load_order(text: str) -> Order:
    """The order that `dump_order` wrote. Raises `pydantic.ValidationError` for anything else."""
    return _stored().validate_json(text)


def hash_of_code(number: str, code: str) -> str:
    """What is kept of an access code: spaces, hyphens and case of letters do not matter."""
    plain = "".join(filter(str.isalnum, code)).upper()
    return hashlib.sha256(f"{number}:{plain}".encode()).hexdigest()


def routes_of(
    delivery: DeliveryMethod, customer_country: str, seller_country: str
) -> tuple[Route, ...]:
    """How an order's things may travel back where the marketplace does not say.

    The platform's own courier cannot send products abroad (D-11); the post always can (C-19).
    """
    if delivery is DeliveryMethod.SELLER_COURIER:
        return (Route.MAIL, Route.COURIER)
    if delivery is DeliveryMethod.PARTNER_COURIER and customer_country == seller_country:
        return (Route.MAIL, Route.COURIER)
    return (Route.MAIL,)


def return_address(delivery: DeliveryMethod, sellers: str | None, policy: Policy) -> str | None:
    """Where a return of such an order goes; None while the seller has set no address (X-48)."""
    address: str = getattr(policy.return_address, delivery.value)
    return sellers if address == "seller" else address


def passport_due(order: Order, policy: Policy) -> datetime | None:
    """When an order that waits for passport data is cancelled (O-24)."""
    waits = order.status is OrderStatus.PASSPORT_PENDING
    return order.created_at + policy.passport.length if waits else None


def holds_units(live: Any, status: Any) -> Any:
    """Whether a return has its units for itself: until it ends, and if it is refunded (X-41).

    Asked of its values, or of the columns that hold those of all returns.
    """
    return live | (status == Status.REFUNDED)


def used_units(cases: Iterable[ReturnCase]) -> Counter[tuple[str, str]]:
    """Units of live or refunded cases: they cannot be returned a second time (X-41)."""
    used: Counter[tuple[str, str]] = Counter()
    for case in cases:
        if holds_units(case.live, case.status):
            for line in case.lines:
                used[case.posting, line.sku] += line.quantity
    return used


def returnable_qty(posting: Posting, sku: str, used: Units) -> int:
    """Units of this SKU that no live or refunded case has (X-41); 0 for an unknown SKU."""
    line = posting.line(sku)
    return max(0, line.quantity - used.get((posting.number, sku), 0)) if line else 0


def case_line(line: OrderLine, quantity: int) -> Line:
    """So many units of an order line, as a return carries them."""
    return Line(
        sku=line.sku,
        title=line.title,
        category=line.category,
        unit_price=line.unit_price,
        quantity=quantity,
        weight_g=line.weight_g,
        warranty_days=line.warranty_days,
    )


def updated(old: Order, told: Order, used: Units) -> Order:
    """The order after a later file: new status, dates and contact.

    Postings with a unit under a return keep their lines; once something has been delivered the
    customer's zone stays, in which its windows end (X-31).
    """
    known = {posting.number: posting for posting in old.postings}
    returned = {number for (number, _), units in used.items() if units}
    postings = tuple(_merged(known.get(each.number), each, returned) for each in told.postings)
    kept = tuple(
        posting
        for posting in old.postings
        if posting.number in returned and told.posting(posting.number) is None
    )
    delivered = any(posting.delivered_at for posting in old.postings)
    return replace(
        told,
        postings=postings + kept,
        code_hash=told.code_hash or old.code_hash,
        zone=old.zone if delivered else told.zone,
    )


def _merged(old: Posting | None, told: Posting, returned: set[str]) -> Posting:
    if old is None:
        return told
    return replace(
        told,
        lines=old.lines if old.number in returned else told.lines,
        delivered_at=told.delivered_at or old.delivered_at,
        presumed_at=told.presumed_at or old.presumed_at,
    )
