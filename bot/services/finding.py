"""What the staff look for: orders by number, track, phone or name, and one order as they see it.

Every search and every look leaves a line in the audit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from babel.core import get_global

from bot.domain import tracks
from bot.domain.cases import Refused, ReturnCase
from bot.domain.orders import Order
from bot.services.auditing import Deed, audited
from bot.services.names import name_words
from bot.services.paging import part_of
from bot.services.phones import international
from bot.services.ports import Unit
from bot.services.records import Account, Search, Seller

SHORTEST_NAME = 3
"""Letters: fewer would list half of all people."""
_RETURN = re.compile(r"[RrРр]\s*-?\s*0*([1-9][0-9]{0,17})")
_PHONE = re.compile(r"\+?[\d\s().-]{7,20}")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, newest first, and what was looked for."""

    search: Search
    orders: tuple[Order, ...]
    offset: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class StaffOrder:
    """One order as the staff see it: whose it is by name, but no phone and no account."""

    order: Order
    seller: Seller
    owner: Account | None
    returns: tuple[ReturnCase, ...]
    used: Mapping[tuple[str, str], int]
    """(posting, SKU) → units in live or refunded returns."""


def search_for(typed: str, zone: str) -> Search:
    """All ways in which typed words may name an order. `zone` tells whose phones are local."""
    text = typed.strip()
    country = get_global("zone_territories").get(zone)
    words = _telling(name_words(text))
    letters = sum(map(str.isalpha, "".join(words)))
    return Search(
        number=text,
        track=_track(text),
        phone=international(text, country) if _PHONE.fullmatch(text) else None,
        name=words if letters >= SHORTEST_NAME else (),
    )


def _telling(words: Sequence[str]) -> tuple[str, ...]:
    """Those that say more than another one: who has a word with “anna” has one with “an”."""
    return tuple(
        word for word in words if not any(each != word and each.startswith(word) for each in words)
    )


def _track(text: str) -> str | None:
    try:
        return tracks.check(text).number
    except Refused:
        return None


async def find(unit: Unit, account: Account, typed: str, offset: int = 0) -> Found:
    """The orders that fit what somebody of the staff has typed."""
    search = search_for(typed, account.zone)
    found = await part_of(partial(unit.orders.found, search), offset)
    ways = [way for way in ("track", "phone", "name") if getattr(search, way)]
    audited(
        unit,
        account.id,
        Deed.SEARCHED,
        how=["number", *ways],
        found=[order.number for order in found.rows],
    )
    return Found(search, *found)


async def return_named(unit: Unit, typed: str) -> int | None:
    """The id of the return whose number was typed, with its letter: `R-000123`, `r123`."""
    number = _RETURN.fullmatch(typed.strip())
    if number is None or await unit.cases.get(int(number[1])) is None:
        return None
    return int(number[1])


async def look_at(unit: Unit, account: Account, number: str) -> StaffOrder:
    """One order. Raises Refused(not_found)."""
    order = await unit.orders.get(number)
    if order is None:
        raise Refused("not_found")
    owner = await unit.orders.owner(number)
    audited(unit, account.id, Deed.SAW_ORDER, thing=number, person=owner or 0)
    return StaffOrder(
        order,
        await unit.accounts.seller(order.seller) or Seller(code=order.seller),
        await unit.accounts.get(owner) if owner else None,
        await unit.cases.of_order(number),
        await unit.orders.used_units(number),
    )
