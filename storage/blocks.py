"""Who may open no returns, why, and what came of it (X-26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, text

from bot.domain.blocking import Block, BlockState
from bot.services.records import Page
from storage import tables
from storage.effects import Effects, upsert
from storage.gathered import KEYS, Reads
from storage.line import Line

_block = tables.blocks.c

SAVE = upsert(tables.blocks, once=True)

_BY_ID = select(tables.blocks).where(_block.id.in_(KEYS))
_LAST = select(tables.blocks).where(
    _block.id.in_(
        select(func.max(_block.id)).where(_block.account.in_(KEYS)).group_by(_block.account)
    )
)
_HELD = (
    select(tables.blocks)
    .where(text(tables.HELD))
    .order_by(_block.id.desc())
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("first", type_=Integer))
)
_HIGHEST = select(func.max(_block.id))


class StoredBlocks:
    """The unit's view of the blocks."""

    def __init__(self, reads: Reads, effects: Effects) -> None:
        self._reads = reads
        self._effects = effects
        self.forget()

    def forget(self) -> None:
        """Forget what the unit has collected."""
        self._saved: dict[int, Block] = {}

    async def get(self, id: int) -> Block | None:
        return self._saved.get(id) or await self._reads.ask(_by_id, id)

    async def of(self, account: int) -> Block | None:
        own = (each for each in self._saved.values() if each.account == account)
        return next(own, None) or await self._reads.ask(_last, account)

    async def held(self, page: Page) -> tuple[Block, ...]:
        return await self._reads.ask(_held, page) or ()

    async def next_id(self) -> int:
        # Two who block at the same instant take the same number: one of them is decided again.
        return (await self._reads.ask(_highest, None) or 0) + 1

    def save(self, block: Block) -> None:
        row = {column.name: getattr(block, column.name) for column in tables.blocks.c}
        self._effects.put("block", block.id, SAVE, row)
        self._saved[block.id] = block


def _read(row: Mapping[str, Any]) -> Block:
    return Block(**{**row, "state": BlockState(row["state"])})


async def _rows(connection: Line, query: Select[Any], keys: Sequence[int]) -> list[Block]:
    rows = await connection.execute(query, {"keys": list(keys)})
    return list(map(_read, rows.mappings()))


async def _by_id(connection: Line, ids: Sequence[int]) -> Mapping[int, Block]:
    return {block.id: block for block in await _rows(connection, _BY_ID, ids)}


async def _last(connection: Line, accounts: Sequence[int]) -> Mapping[int, Block]:
    return {block.account: block for block in await _rows(connection, _LAST, accounts)}


async def _held(connection: Line, pages: Sequence[Page]) -> Mapping[Page, tuple[Block, ...]]:
    found: dict[Page, tuple[Block, ...]] = {}
    for page in pages:
        rows = await connection.execute(_HELD, {"most": page.limit, "first": page.offset})
        found[page] = tuple(map(_read, rows.mappings()))
    return found


async def _highest(connection: Line, keys: Sequence[None]) -> Mapping[None, int]:
    return {None: (await connection.execute(_HIGHEST)).scalar() or 0}
