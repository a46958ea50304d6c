"""What the staff have done and looked at: only ever added to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select

from bot.services.auditing import AuditLine, Deed
from bot.services.records import Page
from storage import tables
from storage.effects import insert
from storage.line import Line
from storage.paging import bounds, paged
from storage.repository import Repository

_audit = tables.audit.c

ADD = insert(tables.audit)

_NEWEST = paged(select(tables.audit).order_by(_audit.id.desc()))
_BY, _ABOUT = _audit.by == bindparam("by_"), _audit.case_id == bindparam("case_")
_LINES = {
    (False, False): _NEWEST,
    (True, False): _NEWEST.where(_BY),
    (False, True): _NEWEST.where(_ABOUT),
    (True, True): _NEWEST.where(_BY, _ABOUT),
}
"""By whether it is of one person, and about one return."""

Asked = tuple[int, int, Page]
"""By whom, about which return (0: all), and which part of it."""


class StoredAudit(Repository):
    """The unit's view of the audit."""

    def add(self, line: AuditLine) -> None:
        row = {
            "at": line.at,
            "by": line.by,
            "deed": line.deed,
            "case_id": line.case,
            "person": line.person,
            "thing": line.thing,
            "facts": json.dumps(dict(line.facts), ensure_ascii=False),
        }
        self._effects.add(ADD, row)

    async def lines(self, page: Page, by: int = 0, case: int = 0) -> tuple[AuditLine, ...]:
        return await self._reads.ask(_lines, (by, case, page)) or ()


async def _lines(connection: Line, asked: Sequence[Asked]) -> Mapping[Asked, tuple[AuditLine, ...]]:
    found: dict[Asked, tuple[AuditLine, ...]] = {}
    for by, case, page in asked:
        named = {name: value for name, value in (("by_", by), ("case_", case)) if value}
        query = _LINES[bool(by), bool(case)]
        rows = await connection.execute(query, {**named, **bounds(page)})
        found[by, case, page] = tuple(
            AuditLine(
                at=row.at,
                by=row.by,
                deed=Deed(row.deed),
                case=row.case_id,
                person=row.person,
                thing=row.thing,
                facts=json.loads(row.facts),
            )
            for row in rows
        )
    return found
