"""Photos that are shown in two places (N-6): staff are told, and nothing is rejected by itself.

A place is a return, what a seller shows against a deduction (not twice the same order, whose
parcel was packed once), or a seller's own picture of a product.

Staff see both pictures and what is similar, once for each pair. Customer and seller are not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.cases import ReturnCase
from bot.domain.withholding import Withholding
from bot.services.announcing import beside_one_another, notice
from bot.services.ports import Unit
from bot.services.records import Sighting, Spot, SpotKind, Twin
from bot.services.staffing import at_hand

PAIRS = 5
"""In one album: ten pictures."""

_About = ReturnCase | Withholding | None


async def sightings_of(
    unit: Unit, spot: Spot, twins: Mapping[str, Sequence[Twin]]
) -> list[Sighting]:
    """Where photos of a spot are shown elsewhere, as far as staff do not know of it."""
    known = {sighting.pair for sighting in await unit.files.sightings(spot)}
    own = await _about(unit, spot)
    found: dict[frozenset[tuple[Spot, str]], Sighting] = {}
    for key, of_key in twins.items():
        for twin in of_key:
            other = await _about(unit, twin.spot)
            if not _apart(own, other, twin.spot):
                continue
            there = replace(twin, spot=_named(twin.spot, other))
            sighting = Sighting.of(_named(spot, own), key, there)
            if sighting.pair not in known:
                found.setdefault(sighting.pair, sighting)
    return list(found.values())


def _apart(own: _About, other: _About, there: Spot) -> bool:
    """Whether a photo has no business in both: a return that was split from another shows what
    that shows."""
    if own is None or other is None:
        return own is not None and there.kind is SpotKind.SHOP
    if isinstance(own, ReturnCase) and isinstance(other, ReturnCase):
        return (own.parent or own.id) != (other.parent or other.id)
    return own.order != other.order


async def with_order(unit: Unit, spot: Spot) -> Spot:
    """The spot with the order that it is about; "" where it is no more, or about none."""
    return _named(spot, await _about(unit, spot))


def _named(spot: Spot, about: _About) -> Spot:
    return replace(spot, order=about.order if about else "")


async def _about(unit: Unit, spot: Spot) -> _About:
    """What a spot is about; None where it is no more, or about no order."""
    match spot.kind:
        case SpotKind.RETURN:
            return await unit.cases.get(spot.case)
        case SpotKind.DEDUCTION:
            return await unit.withholdings.get(int(spot.of))
        case SpotKind.SHOP:
            return None


async def match(unit: Unit, spot: Spot, twins: Mapping[str, Sequence[Twin]]) -> None:
    """Photos that are shown outside returns were compared with all others: tell of them."""
    for key in twins:
        unit.files.matched(spot, key)
    await tell(unit, await sightings_of(unit, spot, twins))


async def tell(unit: Unit, sightings: Sequence[Sighting]) -> None:
    """Page the staff: once for each spot, with the nearest beside one another."""
    for sighting in sightings:
        unit.files.sighted(sighting)
    staff = await at_hand(unit)
    for spot in sorted({each.spot for each in sightings}):
        facts = _facts(spot, [each for each in sightings if each.spot == spot])
        for person in staff:
            beside_one_another(unit, person.id, facts)
            notice(unit, person.id, "photo_sighted", facts)


def _facts(spot: Spot, sightings: Sequence[Sighting]) -> Mapping[str, Any]:
    """The nearest of a spot, and how many spots there are besides theirs."""
    nearest = sorted(sightings, key=_order)[:PAIRS]
    about = "withholding" if spot.kind is SpotKind.DEDUCTION else "case"
    return {
        about: int(spot.of),
        "sightings": [each.values for each in nearest],
        "more": len({each.older for each in sightings} - {each.older for each in nearest}),
    }


def _order(sighting: Sighting) -> tuple[int, str, int, Spot, str]:
    """The nearest first, and of them the oldest."""
    older = sighting.older
    return sighting.bits, sighting.file, older.case, older, sighting.older_file
