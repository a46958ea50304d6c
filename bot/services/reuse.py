"""Photos that are evidence in two cases (N-6): staff are told, and nothing is rejected by itself.

Staff see both pictures and what is similar, once for each pair. Customer and seller are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.cases import ReturnCase
from bot.services.announcing import beside_one_another, notice
from bot.services.ports import Unit
from bot.services.records import Reuse, Twin

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
    """Page the staff of pairs, with the pictures of each beside one another."""
    for reuse in pairs:
        unit.files.reused(reuse)
    staff = [person for person in await unit.accounts.staff() if person.started_at]
    for some in _parts(pairs):
        facts = {
            "case": some[0].case,
            "pairs": [[*reuse.pair, str(reuse.how), reuse.bits] for reuse in some],
        }
        for person in staff:
            beside_one_another(unit, person.id, facts)
            notice(unit, person.id, "photo_reused", facts)


def _parts(pairs: Sequence[Reuse]) -> Iterator[Sequence[Reuse]]:
    """Pairs of one newer case together, as many as fit into an album."""
    for case in sorted({reuse.case for reuse in pairs}):
        of_case = [reuse for reuse in pairs if reuse.case == case]
        for at in range(0, len(of_case), PAIRS):
            yield of_case[at : at + PAIRS]
