"""What the staff do and look at leaves a line in the same transaction, and the line stays.

A line names people, returns, orders and sellers by their ids. It holds no names, no phones and
no words that anybody typed: those can be forgotten (S9), the audit cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.services.ports import Unit


PAGE = 12
"""Lines on a page."""


class Deed(StrEnum):
    """What was done. Those that show something about people come first."""

    SEARCHED = "searched"
    """By what (`how`), and how many orders were `found`."""
    SAW_CASE = "saw_case"
    SAW_ORDER = "saw_order"
    SAW_AUDIT = "saw_audit"
    TOOK_RECORD = "took_record"
    TOOK_REPORT = "took_report"
    """Of a period, the `thing`."""
    ACTED = "acted"
    """An `action` on a return."""
    INVITED = "invited"
    """Into a `role`."""
    JOINED = "joined"
    """Somebody came into a `role` by an invitation."""
    DISMISSED = "dismissed"
    BLOCKED = "blocked"
    CONFIRMED_BLOCK = "confirmed_block"
    UNBLOCKED = "unblocked"
    UPHELD_BLOCK = "upheld_block"
    SAW_BLOCK = "saw_block"
    MODERATED = "moderated"
    """A seller's requests go to the staff first."""
    RELEASED = "released"
    DEDUCTED = "deducted"
    """The price of a missing product, from the seller to the customer."""
    RULED_DEDUCTION = "ruled_deduction"
    """Given `back` to the seller, or not."""
    PAID_DEDUCTION = "paid_deduction"
    IMPORTED = "imported"
    """An order file was sent in the chat."""
    TRIED_RULES = "tried_rules"
    """A file of rules was sent, to see what would differ under them."""
    ASKED_RULES = "asked_rules"
    """The first of two administrators wants rules (`thing`) in force."""
    SWITCHED_RULES = "switched_rules"
    DROPPED_RULES = "dropped_rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """Who did what, on whom and what, when. 0 and "" where there is none."""

    at: datetime
    by: int
    deed: Deed
    case: int = 0
    person: int = 0
    thing: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def audited(
    unit: Unit,
    by: int,
    deed: Deed,
    *,
    case: int = 0,
    person: int = 0,
    thing: str = "",
    **facts: Any,
) -> None:
    """Write down what somebody of the staff does in this unit. Facts are plain JSON values."""
    unit.audit.add(
        AuditLine(at=unit.now, by=by, deed=deed, case=case, person=person, thing=thing, facts=facts)
    )
