"""Files of orders, rules and scripts that came by the chat and wait to be fetched and read."""

from __future__ import annotations

from sqlalchemy import bindparam, select, text

from bot.services.records import OrderFile
from storage import tables
from storage.effects import Phase, every, insert
from storage.line import Line
from storage.repository import Repository

_import = tables.imports.c

ADD = insert(tables.imports)
DONE = every(
    Phase.LAST, tables.imports.update().where(_import.id == bindparam("id_")).values(done=True)
)
_WAITING = (
    select(tables.imports)
    .where(text(tables.NOT_DONE))
    .order_by(_import.id)
    .limit(bindparam("most"))
)


class StoredImports(Repository):
    """The unit's way to have a file read, and to say that it was."""

    def add(self, file: OrderFile) -> None:
        row = {
            "account": file.account,
            "file_id": file.file_id,
            "name": file.name,
            "at": file.at,
            "kind": file.kind,
        }
        self._effects.add(ADD, row)

    def done(self, file: OrderFile) -> None:
        self._effects.add(DONE, {"id_": file.id})


async def waiting(connection: Line, limit: int) -> tuple[OrderFile, ...]:
    """Files that nobody has read yet, the oldest first."""
    rows = await connection.execute(_WAITING, {"most": limit})
    return tuple(
        OrderFile(
            id=row.id,
            account=row.account,
            file_id=row.file_id,
            name=row.name,
            at=row.at,
            kind=row.kind,
        )
        for row in rows
    )
