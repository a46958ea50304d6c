"""Return windows by category and reason: until when something may be returned (W-01 … W-14).

A window is open while `now < closes_at`, the local midnight that ends its last day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.cases import Outages, ReasonClass, Refused
from bot.domain.policy import Policy
from bot.domain.reasons import Reason, class_of


class Category(StrEnum):
    """The words of the sources' table; every other product is `other` (W-04)."""

    FOOD = "food"
    PET_FOOD = "pet_food"
    DIGITAL = "digital"
    MADE_TO_ORDER = "made_to_order"
    BOOKS = "books"
    HYGIENE = "hygiene"
    CHRISTMAS = "christmas"
    HOSIERY = "hosiery"
    MEDICAL = "medical"
    TECHNICALLY_COMPLEX = "technically_complex"
    OTHER = "other"


_GROUPS: Mapping[str, tuple[str, str]] = {
    Category.FOOD: ("food", "W-01"),
    Category.PET_FOOD: ("food", "W-01"),
    Category.DIGITAL: ("individual", "W-02"),
    Category.MADE_TO_ORDER: ("individual", "W-02"),
    Category.BOOKS: ("personal", "W-03"),
    Category.HYGIENE: ("personal", "W-03"),
    Category.CHRISTMAS: ("personal", "W-03"),
    Category.HOSIERY: ("personal", "W-03"),
    Category.MEDICAL: ("personal", "W-03"),
}
_OTHER = ("other", "W-04")
_FROM_PURCHASE = frozenset({Category.FOOD, Category.PET_FOOD, Category.DIGITAL})


@dataclass(frozen=True, slots=True)
class Window:
    """Until when something may be returned: `closes_at` is None where it never may."""

    closes_at: datetime | None
    rule: str


def window_of(
    category: str,
    reason: str,
    delivered_at: datetime,
    zone: str,
    policy: Policy,
    *,
    warranty_days: int | None = None,
    ordered_at: datetime | None = None,
    outages: Outages = (),
) -> Window:
    """The window of a reason (X-40: the reason comes first), longest of category and warranty.

    A warranty counts for the reason `defective` alone (X-39; `lifecycle.md` 2.12.7).
    """
    group, rule = _GROUPS.get(category, _OTHER)
    table = getattr(policy.window, group)
    proper = class_of(reason) is ReasonClass.PROPER
    days: int = table.proper_days if proper else table.improper_days
    by_purchase = policy.window.anchor == "ordered_at" and category in _FROM_PURCHASE
    anchor = (ordered_at or delivered_at) if by_purchase else delivered_at
    closes = end_of_day(anchor, days, zone, outages) if days else None
    if reason == Reason.DEFECTIVE and (warranty := _warranty(category, warranty_days, policy)):
        warranted = end_of_day(delivered_at, warranty[0], zone, outages)
        if closes is None or warranted > closes:
            return Window(warranted, warranty[1])
    return Window(closes, rule)


def _warranty(category: str, seller_days: int | None, policy: Policy) -> tuple[int, str] | None:
    if seller_days is not None:
        return seller_days, "W-09"
    if category == Category.TECHNICALLY_COMPLEX and policy.warranty.complex_days:
        return policy.warranty.complex_days, "W-10"
    return None


def check_warranty(days: int, policy: Policy) -> None:
    """A seller's own warranty at set-up. Raises Refused("warranty_too_short") (W-09, X-39)."""
    if days < policy.warranty.seller_min_days:
        raise Refused("warranty_too_short", rule="W-09", least=policy.warranty.seller_min_days)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def end_of_day(anchor: datetime, days: int, zone: str, outages: Outages = ()) -> datetime:
    """The local midnight after day N, in UTC (X-31, X-51).

    A credited outage moves a window that was open in it by its length, and one that would have
    begun in it begins at its end (`lifecycle.md` 2.12.10, 2.12.11).
    """
    for since, until in outages:
        if since <= anchor < until:
            anchor = until
    local = _zone(zone)
    day = anchor.astimezone(local).date() + timedelta(days=days + 1)
    closes = datetime.combine(day, time.min, local).astimezone(UTC)
    for since, until in outages:
        if anchor < since < closes:
            closes += until - since
    return closes
