"""What leads nowhere: files, people, orders and cards without what they belong to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Executable, Select, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.books import BATCH, Looked
from storage.gathered import KEYS
from storage.words import answered

_case, _slot, _member = tables.cases.c, tables.slots.c, tables.memberships.c
_SLOTS = (
    select(_slot.slot)
    .where(_slot.slot.like("card:%"), _slot.slot > bindparam("after"))
    .distinct()
    .order_by(_slot.slot)
    .limit(bindparam("most"))
)
_KNOWN = select(_case.id).where(_case.id.in_(KEYS))
_HIGHEST = select(func.max(_case.id))
_NUMBER: dict[str, Executable] = {
    "sqlite": select(tables.counters.c.value).where(tables.counters.c.name == "case"),
    "postgresql": text("SELECT last_value FROM case_numbers"),
}

_NAMED = select(tables.orders.c.number).where(~tables.orders.c.purged).subquery()
_PEOPLE = select(tables.accounts.c.id).where(tables.accounts.c.name != "").subquery()


def _lost(
    column: Column[Any], home: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> tuple[Select[Any], Select[Any]]:
    """How many values there are, and those of them that lead nowhere."""
    used = select(column.label("value")).where(column.is_not(None), *conditions)
    nowhere = used.where(~select(home).where(home == column).exists()).distinct()
    return select(func.count()).select_from(used.subquery()), nowhere.limit(BATCH)


_ORPHANS: dict[str, tuple[str, tuple[Select[Any], Select[Any]]]] = {
    "evidence": (
        "the file {} of a return is not known",
        _lost(tables.evidence.c.file, tables.files.c.key),
    ),
    "looks of pictures": (
        "a part of the picture {} is known, and the picture is not",
        _lost(tables.looks.c.picture, tables.pictures.c.id),
    ),
    "pictures": (
        "how the picture {} looks is known, and no file shows it",
        _lost(tables.pictures.c.id, tables.files.c.picture),
    ),
    "photos outside returns": (
        "the file {} that is shown outside returns is not known",
        _lost(tables.displays.c.file, tables.files.c.key),
    ),
    "photos seen twice": (
        "the file {} of a pair is not known",
        _lost(tables.sightings.c.file, tables.files.c.key),
    ),
    "photos seen before": (
        "the file {} of a pair is not known",
        _lost(tables.sightings.c.older_file, tables.files.c.key),
    ),
    "policies": (
        "the policy {} of a return is not stored",
        _lost(tables.history.c.policy, tables.policies.c.digest),
    ),
    "orders of returns": (
        "the order {} of a return is not known",
        _lost(_case.order_number, tables.orders.c.number),
    ),
    "customers": (
        "the customer {} of a return is not known",
        _lost(_case.customer, tables.accounts.c.id),
    ),
    "owners of orders": (
        "the owner {} of an order is not known",
        _lost(tables.orders.c.owner, tables.accounts.c.id),
    ),
    "people of teams": (
        "{} has a role and is not known",
        _lost(_member.account, tables.accounts.c.id),
    ),
    "teams": (
        "there is a team of {}, which is no seller",
        _lost(_member.seller, tables.sellers.c.code, _member.seller != ""),
    ),
    "names of orders": (
        "the order {} is still found by a name that it has no more",
        _lost(tables.order_names.c.number, _NAMED.c.number),
    ),
    "names of people": (
        "{} is still found by a name that is forgotten",
        _lost(tables.account_names.c.account, _PEOPLE.c.id),
    ),
    "open forms": (
        "{} fills in a form and is not known",
        _lost(tables.drafts.c.account, tables.accounts.c.id),
    ),
}


async def orphans(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Look at all that belongs to something else."""
    for what, (words, (count, nowhere)) in _ORPHANS.items():
        total = (await answered(connection, count)).scalar_one()
        lost = (await answered(connection, nowhere)).scalars()
        yield Looked(what, total, [words.format(each) for each in lost])
    async for looked in _cards(connection):
        yield looked
    highest = (await answered(connection, _HIGHEST)).scalar() or 0
    number = (await answered(connection, _NUMBER[connection.dialect.name])).scalar() or 0
    again = [f"the next return would get a number up to {highest} again"]
    yield Looked("return numbers", 1, again if number < highest else ())


async def _cards(connection: AsyncConnection) -> AsyncIterator[Looked]:
    """Messages that are kept up to date, of returns that there are."""
    last = ""
    while slots := (await answered(connection, _SLOTS, {"after": last, "most": BATCH})).scalars():
        last = slots[-1]
        of_slots = {slot: int(slot.split(":")[1]) for slot in slots}
        rows = await answered(connection, _KNOWN, {"keys": sorted({*of_slots.values()})})
        known = set(rows.scalars())
        lost = [slot for slot, case in of_slots.items() if case not in known]
        yield Looked("cards", len(slots), [f"{slot} is of no return" for slot in lost])
