"""What people sent as evidence, and in which cases it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, func, select, union

from bot.services.records import File
from storage import tables
from storage.effects import Effects, Phase, insert, upsert
from storage.gathered import KEYS, Reads
from storage.line import Line

_file, _evidence = tables.files.c, tables.evidence.c

# Whoever sends it again: the first sender and the bytes that were fetched stay.
KEEP = upsert(tables.files, keep=("sent_by", "sent_at"), unless_null=("sha256",))
SHOW = insert(tables.evidence, Phase.HANG)

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
_OLDEST = (
    select(tables.files)
    .where(_file.sha256.is_(None))
    .order_by(_file.sent_at, _file.key)
    .limit(bindparam("most"))
)
# Any number of keys is one parameter.
_LISTED = func.json_each(bindparam("besides")).table_valued("value")
_UNFETCHED = {
    "sqlite": _OLDEST.where(_file.key.not_in(select(_LISTED.c.value))),
    "postgresql": _OLDEST.where(_file.key.not_in(bindparam("besides", expanding=True))),
}


class StoredFiles:
    """The unit's view of the evidence."""

    def __init__(self, reads: Reads, effects: Effects) -> None:
        self._reads = reads
        self._effects = effects
        self.forget()

    def forget(self) -> None:
        """Forget what the unit has collected."""
        self._kept: dict[str, File] = {}

    async def get(self, keys: Sequence[str]) -> tuple[File, ...]:
        found = await asyncio.gather(*(self._reads.ask(_files, key) for key in keys))
        files = (self._kept.get(key) or file for key, file in zip(keys, found, strict=True))
        return tuple(file for file in files if file)

    def keep(self, file: File) -> None:
        row = {column.name: getattr(file, column.name) for column in tables.files.c}
        self._effects.add(KEEP, row)
        self._kept[file.key] = file

    def show(self, case: int, keys: Sequence[str]) -> None:
        for key in keys:
            self._effects.add(SHOW, {"case_id": case, "file": key})

    async def used_elsewhere(self, keys: Sequence[str], case: int) -> tuple[int, ...]:
        return await self._reads.ask(_elsewhere, (tuple(keys), case)) or ()


async def _files(connection: Line, keys: Sequence[str]) -> Mapping[str, File]:
    rows = await connection.execute(_FILES, {"keys": list(keys)})
    return {row["key"]: File(**row) for row in rows.mappings()}


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
    """Files whose bytes have not been fetched, oldest first."""
    dialect = connection.dialect.name
    keys = json.dumps([*besides]) if dialect == "sqlite" else [*besides]
    rows = await connection.execute(_UNFETCHED[dialect], {"most": limit, "besides": keys})
    return tuple(File(**row) for row in rows.mappings())
