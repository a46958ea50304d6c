"""Who may open no returns, why, and what came of it (X-26)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text

from bot.domain.blocking import Block, BlockState
from bot.services.records import Page
from storage import tables
from storage.effects import row_of, upsert
from storage.gathered import KEYS, by_key, highest
from storage.paging import in_pages, paged
from storage.repository import Repository

_block = tables.blocks.c

SAVE = upsert(tables.blocks, once=True)

_BY_ID = select(tables.blocks).where(_block.id.in_(KEYS))
_LAST = select(tables.blocks).where(
    _block.id.in_(
        select(func.max(_block.id)).where(_block.account.in_(KEYS)).group_by(_block.account)
    )
)
_HELD = paged(select(tables.blocks).where(text(tables.HELD)).order_by(_block.id.desc()))


class StoredBlocks(Repository):
    """The unit's view of the blocks."""

    def forget(self) -> None:
        self._saved: dict[int, Block] = {}

    async def get(self, id: int) -> Block | None:
        return self._saved.get(id) or await self._reads.ask(_by_id, id)

    async def of(self, account: int) -> Block | None:
        own = (each for each in self._saved.values() if each.account == account)
        return next(own, None) or await self._reads.ask(_last, account)

    async def held(self, page: Page) -> tuple[Block, ...]:
        return await self._reads.ask(_held, page) or ()

    async def next_id(self) -> int:
        return (await self._reads.ask(_highest, None) or 0) + 1

    def save(self, block: Block) -> None:
        self._effects.put("block", block.id, SAVE, row_of(tables.blocks, block))
        self._saved[block.id] = block


def _read(row: Mapping[str, Any]) -> Block:
    return Block(**{**row, "state": BlockState(row["state"])})


_by_id = by_key(_BY_ID, "id", _read)
_last = by_key(_LAST, "account", _read)
_held = in_pages(_HELD, _read)
_highest = highest(_block.id)
