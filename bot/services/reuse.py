"""Photos that are evidence in two cases (N-6): staff are told, and nothing is rejected by itself.

Staff see both pictures and what is similar, once for each pair. Customer and seller are not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.cases import ReturnCase
from bot.services.announcing import beside_one_another, notice
from bot.services.ports import Unit
from bot.services.records import Reuse, Twin
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
            other = None if twin.case in family else await unit.cases.get(twin.case)
            if other is None or other.parent in family:
                continue
            reuse = Reuse.of(case.id, key, twin)
            if reuse.pair not in known:
                found.setdefault(reuse.pair, reuse)
    return list(found.values())


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


def _facts(pairs: Sequence[Reuse]) -> Mapping[str, Any]:
    """The nearest pairs of a case, and how many older cases there are besides theirs."""
    nearest = sorted(pairs, key=lambda reuse: (reuse.bits, reuse.pair))[:PAIRS]
    return {
        "case": nearest[0].case,
        "pairs": [[*reuse.pair, str(reuse.how), reuse.bits] for reuse in nearest],
        "more": len({reuse.older for reuse in pairs} - {reuse.older for reuse in nearest}),
    }
