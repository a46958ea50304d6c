"""Pre-moderation of sellers: what holds, and who switches it (X-50)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.cases import Refused
from bot.domain.moderation import Cause, Premoderation, premoderation
from bot.domain.policy import Policy
from bot.domain.reminding import is_night
from bot.services.announcing import notice
from bot.services.auditing import Deed, audited
from bot.services.paging import part_of
from bot.services.ports import Unit
from bot.services.records import Account, Seller


@dataclass(frozen=True, slots=True)
class SellerView:
    """A seller as the staff and the own team see it."""

    seller: Seller
    premoderation: Premoderation | None
    team: int
    lost: int
    """Disputes lost within the policy's time."""
    templates: int
    """Templates of rejections."""
    pictures: int
    """The shop's own pictures."""
    ratings: Mapping[int, int]
    """Stars → how often customers gave them."""
    told: Mapping[int, int]
    """The same as the seller sees it, in steps."""


@dataclass(frozen=True, slots=True)
class Sellers:
    """A page of all sellers, by their codes."""

    sellers: tuple[Seller, ...]
    offset: int = 0
    more: bool = False


async def lost_of(unit: Unit, seller: str, policy: Policy) -> tuple[datetime, ...]:
    """When a seller lost the disputes that count in this instant."""
    return await unit.cases.lost_disputes(seller, unit.now - policy.premoderation.within_days)


def held_by(
    seller: Seller, lost: Sequence[datetime], now: datetime, policy: Policy
) -> Premoderation | None:
    """What holds for a seller who has lost these disputes."""
    return premoderation(
        requested=seller.premoderated,
        forced=seller.premod_by is not None,
        forced_until=seller.premod_until,
        lost=lost,
        now=now,
        policy=policy,
    )


async def tell_of_lost(unit: Unit, seller: Seller, found: Premoderation) -> None:
    """The team hears, once for each time, that lost disputes send its requests to the staff."""
    if found.cause is not Cause.METRIC:
        return
    until = found.until.isoformat() if found.until else ""
    facts = {"seller": seller.name or seller.code, "lost": found.lost, "until": until}
    for person in await unit.accounts.team(seller.code):
        key = f"n:premoderated_for_lost:{seller.code}:{until}:{person.id}"
        night = is_night(unit.now, person.zone)
        notice(unit, person.id, "premoderated_for_lost", facts, key=key, silent=night)


async def sellers(unit: Unit, offset: int = 0) -> Sellers:
    """A page of all sellers."""
    return Sellers(*await part_of(unit.accounts.sellers, offset))


async def seller_view(unit: Unit, code: str, policy: Policy) -> SellerView:
    """A seller with what holds for it. Raises Refused(seller_unknown)."""
    seller = await unit.accounts.seller(code)
    if seller is None:
        raise Refused("seller_unknown")
    lost = await lost_of(unit, code, policy)
    return SellerView(
        seller,
        held_by(seller, lost, unit.now, policy),
        team=len(await unit.accounts.team(code)),
        lost=len(lost),
        templates=len(await unit.templates.of(code)),
        pictures=sum(each.pictures for each in await unit.files.pictured(code)),
        ratings=await unit.ratings.figures(code),
        told=await unit.ratings.told(code),
    )


async def force(unit: Unit, by: Account, code: str, days: int | None) -> Seller:
    """Let the staff see a seller's requests first, for so many days or until it is taken back."""
    until = None if days is None else unit.now + timedelta(days=days)
    seller = await _saved(unit, code, premod_by=by.id, premod_until=until)
    audited(unit, by.id, Deed.MODERATED, thing=code, days=days)
    await _tell(unit, seller, "premoderated", until.isoformat() if until else None)
    return seller


async def release(unit: Unit, by: Account, code: str) -> Seller:
    """Take the staff's own decision back; what the seller asked for and the figures stay."""
    seller = await _saved(unit, code, premod_by=None, premod_until=None)
    audited(unit, by.id, Deed.RELEASED, thing=code)
    await _tell(unit, seller, "premoderation_ended", None)
    return seller


async def request(unit: Unit, by: Account, code: str, on: bool) -> Seller:
    """The seller asks the staff to look at new requests first, or does not any more.

    Raises Refused(not_found) for those who are not of the team.
    """
    if code not in by.sellers:
        raise Refused("not_found")
    return await _saved(unit, code, premoderated=on)


async def _saved(unit: Unit, code: str, **changes: object) -> Seller:
    seller = await unit.accounts.seller(code)
    if seller is None:
        raise Refused("not_found")
    seller = replace(seller, **changes)  # type: ignore[arg-type]
    unit.accounts.save_seller(seller)
    return seller


async def _tell(unit: Unit, seller: Seller, name: str, until: str | None) -> None:
    facts = {"seller": seller.name or seller.code, "until": until}
    for person in await unit.accounts.team(seller.code):
        notice(unit, person.id, name, facts)
