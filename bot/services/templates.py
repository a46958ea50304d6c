"""What a seller's team writes again and again when it rejects: made, changed and deleted by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.cases import Refused
from bot.services.ports import Unit
from bot.services.records import Account, Template

MOST: Final = 10
"""Templates of one seller: as many as can be chosen from at a glance."""
LONGEST: Final = 500
"""Characters: it is quoted whole on the card."""
NEW: Final = 0
"""In place of a template's id: one that is not there yet."""


async def templates(unit: Unit, account: Account, seller: str) -> tuple[Template, ...]:
    """Those of a seller. Raises Refused(not_found) for whoever is not of the team."""
    if seller not in account.sellers:
        raise Refused("not_found")
    return await unit.templates.of(seller)


async def template(unit: Unit, account: Account, seller: str, id: int) -> Template | None:
    """One of them; None for a new one. Raises `old_button` if it is gone, `templates_full`."""
    found = await templates(unit, account, seller)
    if id == NEW:
        if len(found) >= MOST:
            raise Refused("templates_full", most=MOST)
        return None
    for each in found:
        if each.id == id:
            return each
    raise Refused("old_button")


async def keep(unit: Unit, account: Account, seller: str, id: int, text: str) -> None:
    """Give a template these words. Raises as `template`."""
    known = await template(unit, account, seller, id)
    if known is None:
        unit.templates.add(seller, text)
    else:
        unit.templates.change(replace(known, text=text))


async def drop(unit: Unit, account: Account, seller: str, id: int) -> tuple[Template, ...]:
    """Delete one, if it is there. Answers those that are left."""
    found = await templates(unit, account, seller)
    for each in found:
        if each.id == id:
            unit.templates.drop(each)
    return tuple(each for each in found if each.id != id)
