"""When a seller's new requests go to the moderators first, why, and until when (X-50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.cases import Status
from bot.domain.policy import Policy

LOSING: Final = ("decide", "dispute_reply_due", "receive", "delivered_due")
"""The events by which a seller may lose a dispute: a moderator decides, or the seller is silent."""
LOST_TO: Final = (Status.APPROVED, Status.REFUND_DUE)
"""Where they lead if the seller does: to the money, or to the way to it (X-50)."""


class Cause(StrEnum):
    """Why a seller is pre-moderated."""

    STAFF = "staff"
    """The staff have decided it (M-01)."""
    METRIC = "metric"
    """The seller has lost too many disputes."""
    REQUEST = "request"
    """The seller has asked for it (M-03)."""


@dataclass(frozen=True, slots=True)
class Premoderation:
    """Why, and when it ends by itself; None: when somebody ends it."""

    cause: Cause
    until: datetime | None = None
    lost: int = 0
    """Disputes lost within the policy's time."""


def premoderation(
    *,
    requested: bool,
    forced: bool,
    forced_until: datetime | None,
    lost: Sequence[datetime],
    now: datetime,
    policy: Policy,
) -> Premoderation | None:
    """What holds for a seller now. `lost`: when disputes were decided for the customer.

    Of several causes the one that the seller can do least about.
    """
    terms = policy.premoderation
    counted = sorted(at for at in lost if now - terms.within_days < at <= now)
    if forced and (forced_until is None or now < forced_until):
        return Premoderation(Cause.STAFF, forced_until, len(counted))
    most = terms.lost_disputes
    if most is not None and len(counted) >= most:
        # Once this one is too old, one less than is needed is left.
        last_needed = counted[-most]
        return Premoderation(Cause.METRIC, last_needed + terms.within_days, len(counted))
    return Premoderation(Cause.REQUEST, None, len(counted)) if requested else None
