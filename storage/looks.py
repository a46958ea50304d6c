"""How pictures look, and the search for those that look alike.

What is read grows with the number of pictures as the four-hundredth part of it at most: a band of
16 bits holds few of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.likeness import Near, View, alike, bands, probes
from bot.services.likeness import near as near_to
from bot.services.records import Picture
from storage import tables
from storage.effects import Row, Write, insert
from storage.gathered import KEYS, MOST
from storage.line import Line

_look, _picture = tables.looks.c, tables.pictures.c

PUT = insert(tables.pictures)
LOOK = insert(tables.looks)

_VIEWS = select(_picture.id, _picture.views).where(_picture.id.in_(KEYS))
_NEAR = select(_look.band, _look.picture, _look.hash).where(_look.band.in_(KEYS))
_UNUSED = _VIEWS.where(
    ~select(tables.files.c.key).where(tables.files.c.picture == _picture.id).exists()
)
_NO_LOOK = delete(tables.looks).where(
    _look.band == bindparam("band_"),
    _look.picture == bindparam("picture_"),
    _look.view == bindparam("view_"),
)
_NO_PICTURES = delete(tables.pictures).where(_picture.id.in_(KEYS))
_SIGN = 1 << 63


def rows_of(picture: Picture) -> Iterator[tuple[Write, Row]]:
    """The rows under which a picture is found."""
    yield PUT, {"id": picture.id, "views": json.dumps(picture.views)}
    for place, band, hash in places(picture.views):
        yield LOOK, {"band": band, "picture": picture.id, "view": place, "hash": hash}


def places(views: Sequence[View]) -> Iterator[tuple[int, int, int]]:
    """Where the views of a picture are kept: (which view, band, first hash as it is stored)."""
    for place, view in enumerate(views):
        for band in bands(view, place):
            yield place, band, view[0] - ((view[0] & _SIGN) << 1)


async def views_of(connection: Line, ids: Collection[int]) -> Mapping[int, Sequence[View]]:
    """The views of pictures."""
    found: dict[int, Sequence[View]] = {}
    for keys in parts(sorted(ids)):
        for id, views in await connection.execute(_VIEWS, {"keys": keys}):
            found[id] = _read(views)
    return found


def _read(views: str) -> tuple[View, ...]:
    return tuple((first, second) for first, second in json.loads(views))


async def forget(connection: AsyncConnection, ids: Collection[int]) -> None:
    """Forget how those of these pictures look that no file shows any more."""
    unused = (await connection.execute(_UNUSED, {"keys": sorted(ids)})).all()
    gone = [
        {"band_": band, "picture_": row.id, "view_": view}
        for row in unused
        for view, band, _ in places(_read(row.views))
    ]
    if unused:
        await connection.execute(_NO_LOOK, gone)
        await connection.execute(_NO_PICTURES, {"keys": [row.id for row in unused]})


async def near(connection: Line, ids: Collection[int]) -> Mapping[int, Mapping[int, Near]]:
    """What looks like each of these pictures: its number → how near it is."""
    found: dict[int, Mapping[int, Near]] = {}
    for id, views in (await views_of(connection, ids)).items():
        others = await views_of(connection, await _candidates(connection, views) - {id})
        how = {other: alike(views, theirs) for other, theirs in others.items()}
        found[id] = {other: near for other, near in how.items() if near}
    return found


async def _candidates(connection: Line, views: Sequence[View]) -> set[int]:
    asked = probes(views)
    found: set[int] = set()
    for keys in parts(sorted(asked)):
        for band, picture, hash in await connection.execute(_NEAR, {"keys": keys}):
            if picture not in found and near_to(hash % (_SIGN << 1), asked[band]):
                found.add(picture)
    return found


def parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys in parts that fit into a statement."""
    for at in range(0, len(keys), MOST):
        yield keys[at : at + MOST]
