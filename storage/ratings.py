"""How customers rated the handling of their returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update

from bot.services.records import Rating
from storage import tables
from storage.effects import Phase, to_all, upsert
from storage.gathered import KEYS
from storage.line import Line
from storage.repository import Repository

_rating = tables.ratings.c

KEEP = upsert(tables.ratings, keep=("told",), once=True)
TELL = to_all(
    Phase.LAST,
    update(tables.ratings)
    .where(_rating.seller.in_(KEYS), _rating.told.is_distinct_from(_rating.stars))
    .values(told=_rating.stars),
)

_BY_CASE = select(tables.ratings).where(_rating.case_id.in_(KEYS))
_FIGURES = (
    select(_rating.seller, _rating.stars, func.count().label("times"))
    .where(_rating.seller.in_(KEYS))
    .group_by(_rating.seller, _rating.stars)
)
_TOLD = (
    select(_rating.seller, _rating.told, func.count().label("times"))
    .where(_rating.seller.in_(KEYS))
    .group_by(_rating.seller, _rating.told)
)
"""Those that are not told yet are counted by None."""


class StoredRatings(Repository):
    """The unit's view of ratings."""

    async def get(self, case: int) -> Rating | None:
        return await self._reads.ask(_by_case, case)

    async def figures(self, seller: str) -> Mapping[int, int]:
        return await self._reads.ask(_figures, seller) or {}

    async def told(self, seller: str) -> Mapping[int, int]:
        found = await self._reads.ask(_told, seller) or {}
        return {stars: times for stars, times in found.items() if stars is not None}

    async def untold(self, seller: str) -> int:
        self._effects.lean("seller", seller)
        return (await self._reads.ask(_told, seller) or {}).get(None, 0)

    def tell(self, seller: str) -> None:
        self._effects.add(TELL, {"key": seller})

    def keep(self, rating: Rating) -> None:
        row = {
            "case_id": rating.case,
            "seller": rating.seller,
            "stars": rating.stars,
            "word": rating.word,
            "at": rating.at,
            "told": None,
        }
        self._effects.put("rating", rating.case, KEEP, row)


async def _by_case(connection: Line, cases: Sequence[int]) -> Mapping[int, Rating]:
    rows = await connection.execute(_BY_CASE, {"keys": list(cases)})
    return {
        row.case_id: Rating(
            case=row.case_id, seller=row.seller, stars=row.stars, at=row.at, word=row.word
        )
        for row in rows
    }


async def _figures(connection: Line, sellers: Sequence[str]) -> Mapping[str, Mapping[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for row in await connection.execute(_FIGURES, {"keys": list(sellers)}):
        found.setdefault(row.seller, {})[row.stars] = row.times
    return found


async def _told(connection: Line, sellers: Sequence[str]) -> Mapping[str, Mapping[int | None, int]]:
    found: dict[str, dict[int | None, int]] = {}
    for row in await connection.execute(_TOLD, {"keys": list(sellers)}):
        found.setdefault(row.seller, {})[row.told] = row.times
    return found
