"""Who may return what: the rules that refuse, and what "My orders" says of a line.

`ELIGIBILITY` is a tuple of one-rule objects; each looks at a `Claim` and answers with a `Refused`
or with None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import Line, Outages, Refused, ReturnCase
from bot.domain.orders import OrderLine, OrderStatus, Posting, Units, returnable_qty
from bot.domain.policy import Policy
from bot.domain.reasons import Reason
from bot.domain.windows import Window, window_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the rules look at. `returnable` (SKU → free units) is None where it is not known."""

    lines: tuple[Line, ...]
    reason: str | None
    delivered_at: datetime | None
    now: datetime
    policy: Policy
    zone: str = "UTC"
    blocked: bool = False
    returnable: Mapping[str, int] | None = None
    ordered_at: datetime | None = None
    outages: Outages = ()

    @classmethod
    def of_case(cls, case: ReturnCase, reason: str | None, now: datetime, policy: Policy) -> Claim:
        """The claim that a case makes when it is submitted for this reason."""
        return cls(
            lines=case.lines,
            reason=reason,
            delivered_at=case.delivered_at,
            now=now,
            policy=policy,
            zone=case.zone,
            blocked=case.blocked,
            outages=case.outages,
        )

    def window(self, line: Line, reason: str, delivered_at: datetime) -> Window:
        """The window of one line for a reason."""
        return window_of(
            line.category,
            reason,
            delivered_at,
            self.zone,
            self.policy,
            warranty_days=line.warranty_days,
            ordered_at=self.ordered_at,
            outages=self.outages,
        )


Rule = Callable[[Claim], Refused | None]


def not_received(claim: Claim) -> Refused | None:
    """Only what was received can be returned (C-02, X-32)."""
    if claim.delivered_at is None or claim.delivered_at > claim.now:
        return Refused("not_received", rule="C-02", opens=claim.delivered_at)
    return None


def blocked(claim: Claim) -> Refused | None:
    """Staff have stopped this customer's new returns (X-26)."""
    return Refused("blocked", rule="X-26") if claim.blocked else None


def quantity_used_up(claim: Claim) -> Refused | None:
    """No unit is returned twice (X-41)."""
    for line in claim.lines if claim.returnable is not None else ():
        left = (claim.returnable or {}).get(line.sku, 0)
        if line.quantity > left:
            return Refused(
                "quantity_used_up", rule="X-41", sku=line.sku, title=line.title, left=left
            )
    return None


def non_returnable(claim: Claim) -> Refused | None:
    """Some things come back only if something is wrong with them (W-01, W-02, X-40)."""
    for line, window in _windows(claim):
        if window.closes_at is None:
            return _refused("non_returnable", line, window, claim)
    return None


def window_closed(claim: Claim) -> Refused | None:
    """The window of every line must be open (W-01 … W-04, W-09, W-10)."""
    for line, window in _windows(claim):
        if window.closes_at is not None and claim.now >= window.closes_at:
            return _refused("window_closed", line, window, claim)
    return None


def _windows(claim: Claim) -> Iterator[tuple[Line, Window]]:
    if claim.reason is not None and claim.delivered_at is not None:
        for line in claim.lines:
            yield line, claim.window(line, claim.reason, claim.delivered_at)


def _refused(code: str, line: Line, window: Window, claim: Claim) -> Refused:
    """The refusal with what remains possible for this line, as facts for the sentence."""
    assert claim.delivered_at is not None
    complaint = claim.window(line, Reason.WRONG_ITEM, claim.delivered_at)
    defect = claim.window(line, Reason.DEFECTIVE, claim.delivered_at)
    return Refused(
        code,
        rule=window.rule,
        closed=window.closes_at,
        sku=line.sku,
        title=line.title,
        complaint_until=_still(complaint.closes_at, claim.now),
        defect_until=_still(defect.closes_at, claim.now),
    )


def _still(closes_at: datetime | None, now: datetime) -> datetime | None:
    return closes_at if closes_at is not None and now < closes_at else None


ELIGIBILITY: tuple[Rule, ...] = (
    not_received,
    blocked,
    quantity_used_up,
    non_returnable,
    window_closed,
)


def refusal(claim: Claim) -> Refused | None:
    """The first rule that refuses, or None."""
    return next((refused for rule in ELIGIBILITY if (refused := rule(claim))), None)


def check(claim: Claim) -> None:
    """Raises the Refused of the first rule that refuses."""
    if refused := refusal(claim):
        raise refused


# ---------------------------------------------------------------------------- My orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Returnability:
    """What "My orders" says of one line. Instants are exclusive ends; None: not, or not any more.

    `any_reason_until` holds for every reason, `complaint_until` where something is wrong with the
    thing or the order, `defect_until` for a defect (warranty included). `why_not` is the code that
    answers why not for any reason: `not_received` (with `opens` where that is known),
    `quantity_used_up`, `non_returnable`, or `window_closed` since `since`.
    """

    units: int
    any_reason_until: datetime | None = None
    complaint_until: datetime | None = None
    defect_until: datetime | None = None
    why_not: str | None = None
    since: datetime | None = None
    opens: datetime | None = None
    rule: str = ""

    @property
    def possible(self) -> bool:
        """Whether there is a reason for which the line can be returned now."""
        return any((self.any_reason_until, self.complaint_until, self.defect_until))


def returnability(
    line: OrderLine,
    posting: Posting,
    used: Units,
    zone: str,
    now: datetime,
    policy: Policy,
    *,
    ordered_at: datetime | None = None,
    outages: Outages = (),
) -> Returnability:
    """Whether a line can be returned, for what, until when, and why not and since when."""
    units = returnable_qty(posting, line.sku, used)
    delivered_at = posting.delivered_at
    if posting.status is not OrderStatus.DELIVERED or delivered_at is None:
        opens = None
        if posting.status is OrderStatus.PRESUMABLY_DELIVERED and posting.presumed_at:
            opens = posting.presumed_at + policy.receipt.length
        return Returnability(units=units, why_not="not_received", opens=opens, rule="X-32")
    if units == 0:
        return Returnability(units=0, why_not="quantity_used_up", rule="X-41")
    proper, complaint, defect = (
        window_of(
            line.category,
            reason,
            delivered_at,
            zone,
            policy,
            warranty_days=line.warranty_days,
            ordered_at=ordered_at,
            outages=outages,
        )
        for reason in (Reason.CHANGED_MIND, Reason.WRONG_ITEM, Reason.DEFECTIVE)
    )
    any_reason_until = _still(proper.closes_at, now)
    why_not = "window_closed" if proper.closes_at else "non_returnable"
    return Returnability(
        units=units,
        any_reason_until=any_reason_until,
        complaint_until=_still(complaint.closes_at, now),
        defect_until=_still(defect.closes_at, now),
        why_not=None if any_reason_until else why_not,
        since=None if any_reason_until else proper.closes_at,
        rule=proper.rule,
    )
