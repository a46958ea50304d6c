"""The ends of the windows of an order, and what remains possible then (2.3 `window`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.cases import Outages
from bot.domain.eligibility import Returnability, returnability
from bot.domain.orders import Order, Units
from bot.domain.policy import Policy


class Scope(StrEnum):
    """For what the products could be returned until their window closed."""

    ANY_REASON = "any_reason"
    COMPLAINT = "complaint"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Closing:
    """A window that ends at `closes_at` for all these products, and which ones end later."""

    closes_at: datetime
    scope: Scope
    complaint_until: datetime | None
    defect_until: datetime | None
    titles: tuple[str, ...]

    def reminders(self, policy: Policy) -> tuple[datetime, ...]:
        """When the customer is reminded of it, the earliest first."""
        return tuple(self.closes_at - before for before in policy.window.reminders)


def closings(
    order: Order, used: Units, now: datetime, policy: Policy, outages: Outages
) -> tuple[Closing, ...]:
    """The ends of all open windows of an order, the next one first.

    Units that are in a return have none; with `used` empty the windows stand for themselves.
    """
    ends: dict[_End, list[str]] = defaultdict(list)
    for posting in order.postings:
        for line in posting.lines:
            found = returnability(
                line,
                posting,
                used,
                order.zone,
                now,
                policy,
                ordered_at=order.created_at,
                outages=outages,
            )
            for end in _ends(found):
                ends[end].append(line.title)
    found_ends = (Closing(*end, tuple(dict.fromkeys(titles))) for end, titles in ends.items())
    return tuple(sorted(found_ends, key=lambda each: (each.closes_at, each.scope)))


_End = tuple[datetime, Scope, datetime | None, datetime | None]


def _ends(found: Returnability) -> Iterator[_End]:
    """The ends of the windows of one line; of those that end together the widest."""
    complaint, defect = found.complaint_until, found.defect_until
    windows = {
        defect: Scope.DEFECT,
        complaint: Scope.COMPLAINT,
        found.any_reason_until: Scope.ANY_REASON,
    }
    for end, scope in windows.items():
        if end is not None:
            yield end, scope, _after(end, complaint), _after(end, defect)


def _after(end: datetime, other: datetime | None) -> datetime | None:
    return other if other is not None and other > end else None
