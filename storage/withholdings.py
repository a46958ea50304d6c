"""Deductions for missing products, and the money that they moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text

from bot.domain.money import LedgerLine, Money
from bot.domain.withholding import Withholding, WithholdingState
from bot.services.records import Page
from storage import tables
from storage.effects import Phase, insert_new, upsert
from storage.gathered import KEYS, by_key, highest
from storage.line import Line
from storage.paging import bounds, paged
from storage.repository import Repository

_held = tables.withholdings.c

SAVE = upsert(tables.withholdings, once=True)
MONEY = insert_new(tables.withheld_money, Phase.HANG)

_BY_ID = select(tables.withholdings).where(_held.id.in_(KEYS))
_PAGE = paged(select(tables.withholdings).order_by(_held.id.desc()))
_OF_SELLERS = _PAGE.where(_held.seller.in_(KEYS))
_OF_STAFF = _PAGE.where(text(tables.WITHHELD_WORK))

Asked = tuple[tuple[str, ...], Page]


class StoredWithholdings(Repository):
    """The unit's view of the deductions."""

    def forget(self) -> None:
        self._saved: dict[int, Withholding] = {}

    async def get(self, id: int) -> Withholding | None:
        return self._saved.get(id) or await self._reads.ask(_by_id, id)

    async def page(self, page: Page, sellers: Sequence[str] = ()) -> tuple[Withholding, ...]:
        return await self._reads.ask(_pages, (tuple(sellers), page)) or ()

    async def next_id(self) -> int:
        return (await self._reads.ask(_highest, None) or 0) + 1

    def uses_units_of(self, order: str) -> None:
        self._effects.lean("order", order)

    def save(self, withholding: Withholding, money: LedgerLine | None = None) -> None:
        row = {
            column.name: getattr(withholding, _NAMES.get(column.name, column.name), None)
            for column in tables.withholdings.c
        }
        row["photos"] = json.dumps(withholding.photos)
        row["minor"] = withholding.amount.minor
        row["currency"] = withholding.amount.currency
        self._effects.put("withholding", withholding.id, SAVE, row)
        if money is not None:
            line = {
                "withholding": withholding.id,
                "n": 1 if withholding.ruled_at is None else 2,
                "at": self._now,
                "to": money.to,
                "source": money.source,
                "kind": money.kind,
                "minor": money.amount.minor,
                "currency": money.amount.currency,
            }
            self._effects.add(MONEY, line)
        self._saved[withholding.id] = withholding


_NAMES = {"order_number": "order"}


def _read(row: Mapping[str, Any]) -> Withholding:
    known = dict(row)
    amount = Money(known.pop("minor"), known.pop("currency"))
    photos = tuple(json.loads(known.pop("photos")))
    state = WithholdingState(known.pop("state"))
    order = known.pop("order_number")
    return Withholding(**known, order=order, amount=amount, photos=photos, state=state)


_by_id = by_key(_BY_ID, "id", _read)
_highest = highest(_held.id)


async def _pages(
    connection: Line, asked: Sequence[Asked]
) -> Mapping[Asked, tuple[Withholding, ...]]:
    found: dict[Asked, tuple[Withholding, ...]] = {}
    for sellers, page in asked:
        query, keys = (_OF_SELLERS, {"keys": list(sellers)}) if sellers else (_OF_STAFF, {})
        rows = await connection.execute(query, {**keys, **bounds(page)})
        found[sellers, page] = tuple(map(_read, rows.mappings()))
    return found
