"""Stopping a customer's new returns, with a second pair of eyes and one appeal (X-26).

One person's word stops them at once; another person confirms it or lifts it. The customer may
object once. Returns that are open, and money that is promised, go on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.cases import Refused
from bot.domain.policy import Policy


class BlockState(StrEnum):
    """Where a block stands."""

    SOFT = "soft"
    """One person has said it; it holds until another confirms or lifts it."""
    STANDS = "stands"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of one customer. `reason` and `appeal` are as typed."""

    id: int
    account: int
    by: int
    at: datetime
    reason: str
    until: datetime | None = None
    """When it ends by itself; None: when it is lifted."""
    state: BlockState = BlockState.SOFT
    confirmed_by: int | None = None
    confirmed_at: datetime | None = None
    appeal: str | None = None
    appealed_at: datetime | None = None
    ruled_by: int | None = None
    """Who has answered the appeal or lifted the block."""

    def holds(self, now: datetime) -> bool:
        """Whether the customer cannot open returns."""
        return self.state is not BlockState.LIFTED and (self.until is None or now < self.until)

    def objects(self, now: datetime) -> bool:
        """Whether an appeal waits for an answer."""
        return self.holds(now) and self.appealed_at is not None and self.ruled_by is None

    def waits(self, now: datetime) -> bool:
        """Whether somebody of the staff has to look at it: to confirm it, or to answer."""
        return self.objects(now) or (self.state is BlockState.SOFT and self.holds(now))

    def appeal_until(self, policy: Policy) -> datetime | None:
        """The end of the time to object; None while nobody has confirmed the block."""
        return self.confirmed_at and self.confirmed_at + policy.block.appeal_days


def confirmed(block: Block, by: int, now: datetime) -> Block:
    """The block stands. Raises `not_blocked`, `second_person_needed`, `stale`."""
    _check_holds(block, now)
    if block.state is not BlockState.SOFT:
        raise Refused("stale", rule="X-26")
    _check_another(block, by)
    return replace(block, state=BlockState.STANDS, confirmed_by=by, confirmed_at=now)


def lifted(block: Block, by: int, now: datetime) -> Block:
    """Nobody has to agree: to lift a block takes nothing from anybody.

    Raises `not_blocked`, `second_person_needed` for whoever is blocked.
    """
    _check_holds(block, now)
    if by == block.account:
        raise Refused("second_person_needed", rule="X-26")
    return replace(block, state=BlockState.LIFTED, ruled_by=by)


def appealed(block: Block, text: str, now: datetime, policy: Policy) -> Block:
    """The customer objects: once. Raises `not_blocked`, `already_appealed`, `deadline_passed`."""
    check_appeal(block, now, policy)
    return replace(block, appeal=text, appealed_at=now)


def check_appeal(block: Block, now: datetime, policy: Policy) -> None:
    """Whether the customer may object. Raises as `appealed`."""
    _check_holds(block, now)
    if block.appealed_at is not None:
        raise Refused("already_appealed", rule="X-26", ruled=block.ruled_by is not None)
    until = block.appeal_until(policy)
    if until is not None and now >= until:
        raise Refused("deadline_passed", rule="X-26", closed=until)


def upheld(block: Block, by: int, now: datetime) -> Block:
    """The appeal is answered: the block stays. It takes another than the one who blocked.

    Raises `not_blocked`, `stale`, `second_person_needed`.
    """
    _check_holds(block, now)
    if not block.objects(now):
        raise Refused("stale", rule="X-26")
    _check_another(block, by)
    stands = block if block.confirmed_by else confirmed(block, by, now)
    return replace(stands, ruled_by=by)


def _check_another(block: Block, by: int) -> None:
    """Who has said a block, and whom it is about, do not judge it."""
    if by in (block.by, block.account):
        raise Refused("second_person_needed", rule="X-26")


def _check_holds(block: Block, now: datetime) -> None:
    if not block.holds(now):
        raise Refused("not_blocked", rule="X-26")
