"""What people sent as evidence, and in which cases it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, func, or_, select, text, true, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.records import (
    File,
    Likeness,
    Picture,
    Pictured,
    Sighting,
    Spot,
    SpotKind,
    Twin,
    Unseen,
)
from storage import looks, tables
from storage.effects import Phase, every, insert, row_of, upsert
from storage.gathered import KEYS, by_key
from storage.line import Line
from storage.repository import Repository

_file, _evidence = tables.files.c, tables.evidence.c
_display, _sighting = tables.displays.c, tables.sightings.c

TWINS = 20
"""The most that are told of one photo: whoever sends it everywhere is known by then."""

# Whoever sends it again: the first sender and the bytes that were fetched stay.
KEEP = upsert(
    tables.files,
    keep=("sent_by", "sent_at", "forwarded"),
    unless_null=("sha256", "picture", "unseen"),
    once=True,
)
SHOW = insert(tables.evidence, Phase.HANG)
COMPARED = every(
    Phase.LAST,
    tables.evidence.update()
    .where(_evidence.case_id == bindparam("case_"), _evidence.file == bindparam("file_"))
    .values(compared=True),
)
DISPLAY = insert(tables.displays)
SIGHTED = insert(tables.sightings, Phase.LAST)
HIDE = every(Phase.CLEAR, tables.displays.delete().where(_display.spot == bindparam("spot_")))
UNSIGHTED = every(
    Phase.CLEAR,
    tables.sightings.delete().where(
        or_(_sighting.spot == bindparam("spot_"), _sighting.older == bindparam("spot_"))
    ),
)
MATCHED = every(
    Phase.LAST,
    tables.displays.update()
    .where(_display.spot == bindparam("spot_"), _display.file == bindparam("file_"))
    .values(compared=True),
)

_FILES = select(tables.files).where(_file.key.in_(KEYS))
_twin = tables.files.alias("twin")
_SHOWN = union(
    select(_evidence.file, _evidence.case_id).where(_evidence.file.in_(KEYS)),
    select(_file.key, _evidence.case_id)
    .select_from(
        tables.files.join(_twin, _twin.c.sha256 == _file.sha256).join(
            tables.evidence, _evidence.file == _twin.c.key
        )
    )
    .where(_file.key.in_(KEYS)),
)
"""The cases in which a file, or one with the same bytes, is shown."""


def _oldest_of_each(
    key: ColumnElement[str], query: Select[*tuple[Any, ...]]
) -> Select[*tuple[Any, ...]]:
    """The oldest cases of each key, at most `TWINS`."""
    place = func.row_number().over(partition_by=key, order_by=[_evidence.case_id, _evidence.file])
    placed = query.add_columns(place.label("place")).subquery()
    return select(*[each for each in placed.c if each.name != "place"]).where(
        placed.c.place <= TWINS
    )


_SHOWN_AS = _oldest_of_each(
    _evidence.file, select(_evidence.file, _evidence.case_id).where(_evidence.file.in_(KEYS))
)
_SAME_BYTES = _oldest_of_each(
    _file.key,
    select(_file.key, _twin.c.key.label("twin"), _evidence.case_id)
    .select_from(
        tables.files.join(_twin, _twin.c.sha256 == _file.sha256).join(
            tables.evidence, _evidence.file == _twin.c.key
        )
    )
    .where(_file.key.in_(KEYS), _twin.c.key != _file.key),
)
_PICTURED = (
    select(_file.picture, _file.key, _evidence.case_id)
    .join(tables.evidence, _evidence.file == _file.key)
    .where(_file.picture.in_(KEYS), ~_evidence.receipt)
)
_DISPLAYED_AS = select(_display.file, _display.spot).where(_display.file.in_(KEYS))
_DISPLAYED_BYTES = (
    select(_twin.c.key, _display.spot)
    .select_from(
        tables.files.join(_twin, _twin.c.sha256 == _file.sha256).join(
            tables.displays, _display.file == _twin.c.key
        )
    )
    .where(_file.key.in_(KEYS), _twin.c.key != _file.key)
)
_DISPLAYED_PICTURE = (
    select(_file.picture, _file.key, _display.spot)
    .join(tables.displays, _display.file == _file.key)
    .where(_file.picture.in_(KEYS))
)
_LOOKED_AT = (
    select(_file.picture)
    .outerjoin(tables.evidence, _evidence.file == _file.key)
    .where(_file.key.in_(KEYS), _evidence.receipt.is_not(true()), _file.picture.is_not(None))
)
"""The picture of a file that is not a receipt everywhere."""
_SIGHTINGS = (
    select(tables.sightings).where(_sighting.spot.in_(KEYS)),
    select(tables.sightings).where(_sighting.older.in_(KEYS)),
)
_beginning = bindparam("beginning", type_=Text)
_IN_SHOP = (
    select(_display.spot, func.count().label("pictures"), func.count(_file.unseen).label("unseen"))
    .join(tables.files, _file.key == _display.file)
    .where(func.substr(_display.spot, 1, func.length(_beginning)) == _beginning)
    .group_by(_display.spot)
)
_UNMATCHED = (
    select(_display.spot, _display.file)
    .join(tables.files, _file.key == _display.file)
    .where(
        text(tables.UNCOMPARED),
        or_(_file.picture.is_not(None), _file.unseen.is_not(None)),
    )
    .order_by(_display.spot, _display.file)
    .limit(bindparam("most"))
)
_UNCOMPARED = (
    select(_evidence.case_id, _evidence.file)
    .join(tables.files, _file.key == _evidence.file)
    .where(
        text(tables.UNCOMPARED),
        or_(_file.picture.is_not(None), _file.unseen.is_not(None)),
    )
    .order_by(_evidence.case_id, _evidence.file)
    .limit(bindparam("most"))
)
# What nobody has looked at in the order of its index: what was fetched before there were looks
# waits until all that is new is there, however much of it there is.
_UNSEEN = select(tables.files).where(text(tables.UNSEEN)).limit(bindparam("most"))
_IN_TURN = (
    _UNSEEN.where(_file.sha256.is_(None)).order_by(_file.sent_at),
    _UNSEEN.where(_file.sha256 > "").order_by(_file.sha256),
)
# Any number of keys is one parameter.
_LISTED = func.json_each(bindparam("besides")).table_valued("value")
_UNFETCHED = {
    "sqlite": [each.where(_file.key.not_in(select(_LISTED.c.value))) for each in _IN_TURN],
    "postgresql": [
        each.where(_file.key.not_in(bindparam("besides", expanding=True))) for each in _IN_TURN
    ],
}
_FETCHED = (
    select(_file.sha256)
    .where(_file.sha256.between(bindparam("first"), bindparam("last")))
    .distinct()
)


class StoredFiles(Repository):
    """The unit's view of the evidence."""

    def forget(self) -> None:
        self._kept: dict[str, File] = {}

    async def get(self, keys: Sequence[str]) -> tuple[File, ...]:
        found = await self._reads.ask_all(_files, keys)
        files = (self._kept.get(key) or file for key, file in zip(keys, found, strict=True))
        return tuple(file for file in files if file)

    def keep(self, file: File) -> None:
        self._effects.put("file", file.key, KEEP, row_of(tables.files, file))
        self._kept[file.key] = file

    def show(self, case: int, keys: Sequence[str]) -> None:
        for key in keys:
            self._effects.add(SHOW, {"case_id": case, "file": key, "receipt": False})

    async def used_elsewhere(self, keys: Sequence[str], case: int) -> tuple[int, ...]:
        return await self._reads.ask(_elsewhere, (tuple(keys), case)) or ()

    async def same(self, key: str) -> tuple[Twin, ...]:
        return await self._reads.ask(_same, key) or ()

    def seen(self, picture: Picture) -> None:
        for write, row in looks.rows_of(picture):
            self._effects.add(write, row)

    def compared(self, case: int, key: str) -> None:
        self._effects.add(COMPARED, {"case_": case, "file_": key})

    def display(self, spot: Spot, keys: Sequence[str]) -> None:
        for key in keys:
            done = spot.kind is SpotKind.SHOP
            self._effects.add(DISPLAY, {"spot": spot.code, "file": key, "compared": done})

    def hide(self, spot: Spot) -> None:
        for write in (HIDE, UNSIGHTED):
            self._effects.add(write, {"spot_": spot.code})

    async def pictured(self, seller: str) -> tuple[Pictured, ...]:
        return await self._reads.ask(_pictured, seller) or ()

    def matched(self, spot: Spot, key: str) -> None:
        self._effects.add(MATCHED, {"spot_": spot.code, "file_": key})

    async def sightings(self, spot: Spot) -> tuple[Sighting, ...]:
        return await self._reads.ask(_sightings, spot.code) or ()

    def sighted(self, sighting: Sighting) -> None:
        row = {
            "spot": sighting.spot.code,
            "file": sighting.file,
            "older": sighting.older.code,
            "older_file": sighting.older_file,
            "how": sighting.how,
            "bits": sighting.bits,
        }
        self._effects.add(SIGHTED, row)


def _read(row: Mapping[str, Any]) -> File:
    return File(**{**row, "unseen": Unseen(row["unseen"]) if row["unseen"] else None})


_files = by_key(_FILES, "key", _read)


async def _elsewhere(
    connection: Line, questions: Sequence[tuple[tuple[str, ...], int]]
) -> Mapping[tuple[tuple[str, ...], int], tuple[int, ...]]:
    files = sorted({file for keys, _ in questions for file in keys})
    shown: dict[str, set[int]] = {file: set() for file in files}
    for file, case in await connection.execute(_SHOWN, {"keys": files}):
        shown[file].add(case)
    return {
        (keys, case): tuple(sorted({other for file in keys for other in shown[file]} - {case}))
        for keys, case in questions
    }


async def unfetched(connection: Line, limit: int, besides: Collection[str]) -> tuple[File, ...]:
    """Files that nobody has looked at: the oldest that were never fetched come first."""
    dialect = connection.dialect.name
    keys = json.dumps([*besides]) if dialect == "sqlite" else [*besides]
    found: list[File] = []
    for query in _UNFETCHED[dialect]:
        if most := limit - len(found):
            rows = await connection.execute(query, {"most": most, "besides": keys})
            found += [_read(row) for row in rows.mappings()]
    return tuple(found)


async def fetched(connection: AsyncConnection, prefix: str) -> frozenset[str]:
    """The SHA-256 of the evidence that was fetched, as far as they begin with these letters."""
    rows = await connection.execute(_FETCHED, {"first": prefix, "last": f"{prefix}g"})
    return frozenset(digest for digest in rows.scalars() if digest)


async def uncompared(connection: Line, limit: int) -> tuple[tuple[int, str], ...]:
    """Photos that were looked at and not compared yet: (case, key), in the order of cases."""
    return tuple(
        (case, key) for case, key in await connection.execute(_UNCOMPARED, {"most": limit})
    )


async def unmatched(connection: Line, limit: int) -> tuple[tuple[Spot, str], ...]:
    """Photos outside returns that were looked at and not compared yet, in the order of spots."""
    rows = await connection.execute(_UNMATCHED, {"most": limit})
    return tuple((Spot.coded(spot), key) for spot, key in rows)


async def _pictured(connection: Line, sellers: Sequence[str]) -> Mapping[str, tuple[Pictured, ...]]:
    found: dict[str, tuple[Pictured, ...]] = {}
    for seller in sellers:
        beginning = Spot.of_product(seller, "").code
        rows = await connection.execute(_IN_SHOP, {"beginning": beginning})
        products = [Pictured(Spot.coded(spot).sku, *counts) for spot, *counts in rows]
        found[seller] = tuple(sorted(products, key=attrgetter("sku")))
    return found


async def _sightings(connection: Line, spots: Sequence[str]) -> Mapping[str, tuple[Sighting, ...]]:
    found: dict[str, tuple[Sighting, ...]] = {}
    for query, of in zip(_SIGHTINGS, ("spot", "older"), strict=True):
        for row in (await connection.execute(query, {"keys": list(spots)})).mappings():
            sighting = Sighting(
                Spot.coded(row["spot"]),
                row["file"],
                Spot.coded(row["older"]),
                row["older_file"],
                Likeness(row["how"]),
                row["bits"],
            )
            found[row[of]] = (*found.get(row[of], ()), sighting)
    return found


async def _same(connection: Line, keys: Sequence[str]) -> Mapping[str, tuple[Twin, ...]]:
    found: dict[str, dict[tuple[int, str], Twin]] = {key: {} for key in keys}
    for key, case in await connection.execute(_SHOWN_AS, {"keys": list(keys)}):
        found[key][case, key] = Twin(Spot.of_return(case), key, Likeness.FILE)
    for key, file, case in await connection.execute(_SAME_BYTES, {"keys": list(keys)}):
        found[key].setdefault((case, file), Twin(Spot.of_return(case), file, Likeness.BYTES))
    return {key: tuple(sorted(twins.values(), key=_order)[:TWINS]) for key, twins in found.items()}


async def twins(connection: Line, key: str) -> tuple[Twin, ...]:
    """Where a file is shown, and all that has its bytes or looks like it, nearest first.

    All receipts look alike: they are found by their bytes only.
    """
    found = {(twin.spot.code, twin.file): twin for twin in (await _same(connection, [key]))[key]}
    for query, how in ((_DISPLAYED_AS, Likeness.FILE), (_DISPLAYED_BYTES, Likeness.BYTES)):
        for other, spot in await connection.execute(query, {"keys": [key]}):
            found.setdefault((spot, other), Twin(Spot.coded(spot), other, how))
    picture = (await connection.execute(_LOOKED_AT, {"keys": [key]})).scalar()
    near = (await looks.near(connection, [picture])).get(picture, {}) if picture is not None else {}
    likeness = {id: Likeness.CUT if each.cut else Likeness.ALIKE for id, each in near.items()}
    for some in looks.parts(sorted(near)):
        for id, other, case in await connection.execute(_PICTURED, {"keys": some}):
            twin = Twin(Spot.of_return(case), other, likeness[id], near[id].bits)
            found.setdefault((twin.spot.code, other), twin)
        for id, other, spot in await connection.execute(_DISPLAYED_PICTURE, {"keys": some}):
            twin = Twin(Spot.coded(spot), other, likeness[id], near[id].bits)
            found.setdefault((spot, other), twin)
    return tuple(sorted(found.values(), key=_order)[:TWINS])


def _order(twin: Twin) -> tuple[int, int, str]:
    """The nearest first, and of them the oldest."""
    return twin.bits, twin.spot.case, twin.file
