"""What the staff did, and what the audit tells of it: the same, each deed once.

A deed is known by what it left in other tables. Looks leave nothing but the audit, and of what
was changed back, or done again to no effect, nobody else can tell: these are not compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, Table, select

from bot.domain.blocking import BlockState
from bot.domain.cases import STAFF, Action, return_number
from bot.domain.guards import MONEY
from bot.services.auditing import Deed
from storage import tables
from tests.torture.books import Books

Done = tuple[Deed, int, object]
"""What was done, by whom, and on what."""
_Rows = Sequence[Row[Any]]

_READ = (
    "audit",
    "history",
    "blocks",
    "withholdings",
    "rules",
    "trials",
    "imports",
    "invitations",
)


async def faults(books: Books) -> list[str]:
    """Deeds without a line, lines without a deed, and what takes two people and was one's."""
    rows = {name: await books.rows(_all(tables.metadata.tables[name])) for name in _READ}
    done, told = Counter(_done(rows)), Counter(_told(rows["audit"]))
    return [
        *(f"the audit does not tell of {_named(each)}" for each in (done - told).elements()),
        *(f"the audit tells of {_named(each)}, not done" for each in (told - done).elements()),
        *_alone(rows),
        *_overridden_alone(rows["history"]),
    ]


def _all(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def _named(done: Done) -> str:
    deed, by, what = done
    return f"{deed} by {by}: {what}"


def _done(rows: Mapping[str, _Rows]) -> Iterator[Done]:
    overrides = _overrides(rows["history"])
    first = {(line.case_id, line.version): asked.person for line, asked in overrides if asked}
    acts = (line for line in rows["history"] if line.by in STAFF)
    for step, (line, *_) in _grouped(acts, "case_id", "version"):
        yield Deed.ACTED, line.person, (line.case_id, line.event, first.get(step, 0))
    for block in rows["blocks"]:
        yield Deed.BLOCKED, block.by, block.id
        if block.confirmed_by:
            yield Deed.CONFIRMED_BLOCK, block.confirmed_by, block.id
        if block.ruled_by:
            lifted = block.state == BlockState.LIFTED
            yield Deed.UNBLOCKED if lifted else Deed.UPHELD_BLOCK, block.ruled_by, block.id
    for each in rows["withholdings"]:
        yield Deed.DEDUCTED, each.by, each.id
        if each.ruled_by:
            yield Deed.RULED_DEDUCTION, each.ruled_by, each.id
    for each in rows["rules"]:
        if each.confirmed_by:
            yield Deed.SWITCHED_RULES, each.confirmed_by, each.digest
    for each in rows["trials"]:
        if each.asked_by:
            yield Deed.ASKED_RULES, each.asked_by, each.digest
    for each in rows["imports"]:
        yield Deed.IMPORTED if each.kind == "orders" else Deed.TRIED_RULES, each.account, None
    for each in rows["invitations"]:
        if each.used_by and each.role in STAFF:
            yield Deed.JOINED, each.used_by, each.role


def _told(audit: _Rows) -> Iterator[Done]:
    agreed, lifted = set[int](), {_of(line)["block"] for line in audit if _is(line, Deed.UNBLOCKED)}
    for line in audit:
        facts = _of(line)
        match Deed(line.deed):
            case Deed.ACTED as deed:
                yield deed, line.by, (line.case_id, facts["action"], line.person)
            case Deed.BLOCKED | Deed.UNBLOCKED as deed:
                yield deed, line.by, facts["block"]
            case Deed.CONFIRMED_BLOCK as deed:
                agreed.add(facts["block"])
                yield deed, line.by, facts["block"]
            case Deed.UPHELD_BLOCK as deed:
                # Who answers the objection to a block that nobody has confirmed confirms it; the
                # block forgets the answer when it is lifted.
                if facts["block"] not in agreed:
                    yield Deed.CONFIRMED_BLOCK, line.by, facts["block"]
                if facts["block"] not in lifted:
                    yield deed, line.by, facts["block"]
            case Deed.DEDUCTED | Deed.RULED_DEDUCTION as deed:
                yield deed, line.by, facts["withholding"]
            case Deed.ASKED_RULES | Deed.SWITCHED_RULES as deed:
                yield deed, line.by, facts["digest"]
            case Deed.IMPORTED | Deed.TRIED_RULES as deed:
                yield deed, line.by, None
            case Deed.JOINED as deed if facts["role"] in STAFF:
                yield deed, line.by, facts["role"]


def _alone(rows: Mapping[str, _Rows]) -> Iterator[str]:
    """X-26, N-10: who confirms is not who has asked."""
    for block in rows["blocks"]:
        if block.confirmed_by == block.by:
            yield f"block {block.id} was said and confirmed by {block.by}"
    for each in rows["rules"]:
        if each.confirmed_by and each.asked_by in (0, each.confirmed_by):
            yield f"the rules {each.name} were switched on by {each.confirmed_by} alone"


def _overridden_alone(history: _Rows) -> Iterator[str]:
    """Row 56: where money moves another admin has asked for the very same before."""
    for line, asked in _overrides(history):
        alone = asked is None or asked.person == line.person
        if alone and {line.before, line.after} & MONEY:
            yield f"{return_number(line.case_id)} was set to {line.after} by {line.person} alone"


def _overrides(history: _Rows) -> Iterator[tuple[Row[Any], Row[Any] | None]]:
    """Overrides that took effect, each with the line in which the very same was asked for."""
    for _, lines in _grouped(history, "case_id"):
        asked: Row[Any] | None = None
        for line in lines:
            stays = line.before == line.after
            if line.event == Action.OVERRIDE and not stays:
                same = asked is not None and _meant(asked) == _meant(line)
                yield line, asked if same else None
            asked = (line if line.event == Action.OVERRIDE else asked) if stays else None


def _meant(line: Row[Any]) -> tuple[object, object]:
    given = _of(line)
    return given.get("to"), given.get("amount")


def _grouped(lines: Any, *names: str) -> Iterator[tuple[tuple[Any, ...], Iterator[Row[Any]]]]:
    return groupby(lines, lambda line: tuple(getattr(line, name) for name in names))


def _is(line: Row[Any], deed: Deed) -> bool:
    return bool(line.deed == deed)


def _of(line: Row[Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.facts)
    return found
