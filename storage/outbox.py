"""What people must hear, as the units see it: rows to add, and who has which message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic_core import to_json
from sqlalchemy import bindparam, func, select, text, tuple_, update

from bot.services.records import Outgoing
from storage import tables
from storage.effects import Phase, every, insert
from storage.gathered import KEYS
from storage.line import Line
from storage.repository import Repository

_slot = tables.slots.c

PUT = insert(tables.outbox, Phase.LAST)
RELEASE = every(
    Phase.CLEAR,
    update(tables.outbox)
    .where(
        tables.outbox.c.chat == bindparam("chat_"),
        # Literal conditions, because a partial index is only used where its own words stand.
        text(tables.UNSENT),
        tables.outbox.c.state == "new",
        tables.outbox.c.not_before > bindparam("now_"),
    )
    .values(not_before=bindparam("now_")),
)
STOPPED = func.coalesce(tables.outbox.c.error, "").startswith("TelegramForbidden")
"""Given up because the person has stopped the bot: it is said when they come back."""
REVIVE = every(
    Phase.CLEAR,
    update(tables.outbox)
    .where(
        tables.outbox.c.chat == bindparam("chat_"),
        text(tables.DEAD),
        tables.outbox.c.kind.in_(("card", "album", "notice", "letter")),
        ~tables.outbox.c.at_most_once,
        STOPPED,
    )
    .values(state="new", tries=0, held=False, error=None, not_before=bindparam("now_")),
)
_HOLDERS = select(_slot.slot, _slot.chat).where(_slot.slot.in_(KEYS)).order_by(_slot.chat)
_MESSAGES = select(tables.slots).where(tuple_(_slot.chat, _slot.slot).in_(KEYS))
_AT = select(_slot.slot).where(
    _slot.chat == bindparam("chat_"), _slot.message == bindparam("message_"), text(tables.IN_GROUPS)
)
_MESSAGE = select(tables.slots).where(
    _slot.chat == bindparam("chat_"), _slot.slot == bindparam("slot_")
)


class StoredOutbox(Repository):
    """The unit's way to tell people something."""

    def put(self, message: Outgoing) -> None:
        row = {
            "key": message.key,
            "chat": message.chat,
            "kind": message.kind,
            "payload": to_json(message.payload).decode(),
            "slot": message.slot,
            "how": message.how,
            "message": message.message,
            "silent": message.silent,
            "at_most_once": message.at_most_once,
            "created_at": self._now,
            "not_before": message.not_before or self._now,
        }
        self._effects.add(PUT, row)

    def release(self, chat: int) -> None:
        for write in (RELEASE, REVIVE):
            self._effects.add(write, {"chat_": chat, "now_": self._now})

    async def holders(self, slot: str) -> tuple[int, ...]:
        return await self._reads.ask(_holders, slot) or ()

    async def message_of(self, chat: int, slot: str) -> int | None:
        return await self._reads.ask(messages_of, (chat, slot))

    async def slots_at(self, group: int, message: int) -> tuple[str, ...]:
        return await self._reads.ask(_slots_at, (group, message)) or ()


async def _holders(connection: Line, slots: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    rows = await connection.execute(_HOLDERS, {"keys": list(slots)})
    holders: dict[str, tuple[int, ...]] = {}
    for row in rows:
        holders[row.slot] = (*holders.get(row.slot, ()), row.chat)
    return holders


async def _slots_at(
    connection: Line, places: Sequence[tuple[int, int]]
) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """Asked for one by one: it is rare that somebody answers in a group."""
    found = {}
    for chat, message in places:
        rows = await connection.execute(_AT, {"chat_": chat, "message_": message})
        found[chat, message] = tuple(rows.scalars())
    return found


async def messages_of(
    connection: Line, places: Sequence[tuple[int, str]]
) -> Mapping[tuple[int, str], int]:
    """(chat, slot) → the message that is there."""
    if connection.dialect.name == "sqlite":
        # Asked for a list of pairs, SQLite looks at every slot there is.
        each = [{"chat_": chat, "slot_": slot} for chat, slot in places]
        rows = await connection.execute(_MESSAGE, each)
    else:
        rows = await connection.execute(_MESSAGES, {"keys": list(places)})
    return {(row.chat, row.slot): row.message for row in rows}
