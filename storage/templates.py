"""A seller's templates of rejections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from bot.services.records import Template
from storage import tables
from storage.effects import Phase, every, insert
from storage.gathered import KEYS
from storage.line import Line
from storage.repository import Repository

_template = tables.templates.c

ADD = insert(tables.templates)
CHANGE = every(
    Phase.LAST,
    update(tables.templates)
    .where(_template.id == bindparam("id_"), _template.seller == bindparam("seller_"))
    .values(text=bindparam("text_")),
)
DROP = every(
    Phase.CLEAR,
    tables.templates.delete().where(
        _template.id == bindparam("id_"), _template.seller == bindparam("seller_")
    ),
)
_OF_SELLERS = select(tables.templates).where(_template.seller.in_(KEYS)).order_by(_template.id)


class StoredTemplates(Repository):
    """The unit's view of templates: what it changes itself, it reads with its next update."""

    async def of(self, seller: str) -> tuple[Template, ...]:
        return await self._reads.ask(_of_sellers, seller) or ()

    def add(self, seller: str, text: str) -> None:
        self._effects.add(ADD, {"seller": seller, "text": text})

    def change(self, template: Template) -> None:
        row = {"id_": template.id, "seller_": template.seller, "text_": template.text}
        self._effects.put("template", template.id, CHANGE, row)

    def drop(self, template: Template) -> None:
        row = {"id_": template.id, "seller_": template.seller}
        self._effects.put("template", template.id, DROP, row)


async def _of_sellers(connection: Line, codes: Sequence[str]) -> Mapping[str, tuple[Template, ...]]:
    found: dict[str, tuple[Template, ...]] = {}
    for row in (await connection.execute(_OF_SELLERS, {"keys": list(codes)})).mappings():
        found[row["seller"]] = (*found.get(row["seller"], ()), Template(**row))
    return found
