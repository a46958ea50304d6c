"""A seller's own pictures of products, with which all that is shown is compared (N-6)."""

from __future__ import annotations

import hashlib
from typing import Final

from bot.domain.cases import Refused
from bot.services.ports import Unit
from bot.services.records import Account, File, Pictured, Spot

MOST: Final = 1000
"""Pictures of one shop."""
LONGEST: Final = 64
"""Characters of a SKU, as in order files."""
NOTHING: Final = "-"
"""In place of a product's mark: none."""


def mark(sku: str) -> str:
    """What a button carries in place of a SKU, for which it has no room."""
    return hashlib.sha256(sku.encode()).hexdigest()[:10]


async def pictured(unit: Unit, account: Account, seller: str) -> tuple[Pictured, ...]:
    """The products with pictures. Raises Refused(not_found) for whoever is not of the team."""
    if seller not in account.sellers:
        raise Refused("not_found")
    return await unit.files.pictured(seller)


async def keep(unit: Unit, account: Account, seller: str, sku: str, file: File) -> None:
    """Keep one more picture of a product. Raises `not_found`, `pictures_full`."""
    known = await pictured(unit, account, seller)
    if sum(each.pictures for each in known) >= MOST:
        raise Refused("pictures_full", most=MOST)
    unit.files.keep(file)
    unit.files.display(Spot.of_product(seller, sku), [file.key])


async def drop(unit: Unit, account: Account, seller: str, marked: str) -> tuple[Pictured, ...]:
    """Forget the pictures of a product, if there are any. Answers the products that are left."""
    found = await pictured(unit, account, seller)
    for each in found:
        if mark(each.sku) == marked:
            unit.files.hide(Spot.of_product(seller, each.sku))
    return tuple(each for each in found if mark(each.sku) != marked)
