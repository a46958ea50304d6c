"""What a row of the outbox says at the moment of sending.

Cards and albums are drawn from the case as it is now, notices from the facts that were frozen
with them; both in the language that the reader has now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.domain.cases import Role
from bot.screens import cases, menu, notices
from bot.services.announcing import album_slot
from bot.services.ports import Clock, Memory, Unit
from bot.services.reading import Reading
from bot.services.records import OutboxRow
from bot.texts import Catalogues, Texts
from bot.workers.messages import Album, Commands, InReply, Medium, Rendered


class Renderer:
    """Renders the rows that are no finished screens."""

    def __init__(
        self, memory: Memory, reading: Reading, catalogues: Catalogues, clock: Clock
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._reading = reading
        self._catalogues = catalogues

    async def __call__(self, rows: Sequence[OutboxRow]) -> Sequence[Rendered | BaseException]:
        """What each row says, in one reading. None: nothing is left to say."""
        async with self._memory.reading(self._clock()) as unit:
            drawing = (self._drawn(unit, row) for row in rows)
            return await asyncio.gather(*drawing, return_exceptions=True)

    async def _drawn(self, unit: Unit, row: OutboxRow) -> Rendered:
        account = await unit.accounts.get(row.chat)
        if account is None:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        match row.kind:
            case "card":
                return await self._card(unit, row, t)
            case "album":
                return await self._album(unit, row, t)
            case "commands":
                return Commands(menu.commands_of(account.role, t))
            case _:
                return notices.notice(row.payload["notice"], row.payload, t, unit.now)

    async def _card(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        role = Role(row.payload["role"])
        view = await self._reading.card(unit, row.chat, role, row.payload["case"])
        if view is None:
            return None
        albums = (album_slot(shown, role) for shown in view.case.shown)
        sent = await asyncio.gather(*(unit.outbox.message_of(row.chat, slot) for slot in albums))
        screen = cases.card(view, t)
        last = next((message for message in reversed(sent) if message is not None), None)
        return InReply(screen, last) if last is not None else screen

    async def _album(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        role = Role(row.payload["role"])
        case, version = row.payload["case"], row.payload["version"]
        found = await self._reading.exhibit(unit, row.chat, role, case, version)
        if found is None:
            return None
        exhibit, files = found
        media = tuple(Medium(file.file_id, file.kind) for file in files)
        return Album(media, cases.caption(exhibit, role, unit.now, t))
