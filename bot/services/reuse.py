"""Photos that are shown in two places (N-6): staff are told, and nothing is rejected by itself.

A place is a return, what a seller shows against a deduction (not twice the same order, whose
parcel was packed once), or a seller's own picture of a product.

Staff see both pictures and what is similar, once for each pair. Customer and seller are not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from bot.domain.cases import ReturnCase
from bot.domain.withholding import Withholding
from bot.services.announcing import beside_one_another, notice
from bot.services.ports import Unit
from bot.services.records import Reuse, Sighting, Spot, SpotKind, Twin
from bot.services.staffing import at_hand

PAIRS = 5
"""In one album: ten pictures."""


async def pairs_of(
    unit: Unit, case: ReturnCase, twins: Mapping[str, Sequence[Twin]]
) -> list[Reuse]:
    """Where photos of a case are evidence in others, as far as staff do not know of it.

    A case that was split from another shows what that shows.
    """
    known = {reuse.pair for reuse in await unit.files.reuses(case.id)}
    family = {case.id, case.parent or case.id}
    found: dict[tuple[int, str, int, str], Reuse] = {}
    for key, of_key in twins.items():
        for twin in of_key:
            apart = twin.spot is not None or twin.case in family
            other = None if apart else await unit.cases.get(twin.case)
            if other is None or other.parent in family:
                continue
            reuse = Reuse.of(case.id, key, twin)
            if reuse.pair not in known:
                found.setdefault(reuse.pair, reuse)
    return list(found.values())


async def sightings_of(
    unit: Unit, spot: Spot, twins: Mapping[str, Sequence[Twin]]
) -> list[Sighting]:
    """Where photos of a spot are shown elsewhere, one of the two outside returns, as far as staff
    do not know of it."""
    known = {sighting.pair for sighting in await unit.files.sightings(spot)}
    own = await with_order(unit, spot)
    found: dict[frozenset[tuple[Spot, str]], Sighting] = {}
    for key, of_key in twins.items():
        for twin in of_key:
            if twin.spot is None and spot.kind is SpotKind.RETURN:
                continue
            there = await with_order(unit, twin.spot or Spot.of_return(twin.case))
            sighting = Sighting(own, key, there, twin.file, twin.how, twin.bits)
            apart = there.kind is SpotKind.SHOP or there.order not in ("", own.order)
            if apart and sighting.pair not in known:
                found.setdefault(sighting.pair, sighting)
    return list(found.values())


async def with_order(unit: Unit, spot: Spot) -> Spot:
    """The spot with the order that it is about; "" where it is no more, or about none."""
    about: ReturnCase | Withholding | None = None
    match spot.kind:
        case SpotKind.RETURN:
            about = await unit.cases.get(int(spot.of))
        case SpotKind.DEDUCTION:
            about = await unit.withholdings.get(int(spot.of))
        case SpotKind.SHOP:
            return spot
    return replace(spot, order=about.order if about else "")


async def match(unit: Unit, spot: Spot, twins: Mapping[str, Sequence[Twin]]) -> None:
    """Photos that are shown outside returns were compared with all others: tell of them."""
    for key in twins:
        unit.files.matched(spot, key)
    await tell_of_sightings(unit, await sightings_of(unit, spot, twins))


async def tell(unit: Unit, pairs: Sequence[Reuse]) -> None:
    """Page the staff of pairs: once for each newer case, with the nearest beside one another."""
    for reuse in pairs:
        unit.files.reused(reuse)
    staff = await at_hand(unit)
    for case in sorted({reuse.case for reuse in pairs}):
        facts = _facts([reuse for reuse in pairs if reuse.case == case])
        for person in staff:
            beside_one_another(unit, person.id, facts)
            notice(unit, person.id, "photo_reused", facts)


async def tell_of_sightings(unit: Unit, sightings: Sequence[Sighting]) -> None:
    """Page the staff: once for each spot, with the nearest beside one another."""
    for sighting in sightings:
        unit.files.sighted(sighting)
    staff = await at_hand(unit)
    for spot, found in groupby(sightings, key=attrgetter("spot")):
        nearest = sorted(found, key=attrgetter("bits", "file", "older", "older_file"))[:PAIRS]
        about = "case" if spot.kind is SpotKind.RETURN else "withholding"
        facts = {about: int(spot.of), "sightings": [each.values for each in nearest]}
        for person in staff:
            beside_one_another(unit, person.id, facts)
            notice(unit, person.id, "photo_sighted", facts)


def _facts(pairs: Sequence[Reuse]) -> Mapping[str, Any]:
    """The nearest pairs of a case, and how many older cases there are besides theirs."""
    nearest = sorted(pairs, key=lambda reuse: (reuse.bits, reuse.pair))[:PAIRS]
    return {
        "case": nearest[0].case,
        "pairs": [[*reuse.pair, str(reuse.how), reuse.bits] for reuse in nearest],
        "more": len({reuse.older for reuse in pairs} - {reuse.older for reuse in nearest}),
    }
