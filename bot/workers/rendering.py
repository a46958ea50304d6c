"""What a row of the outbox says at the moment of sending.

Cards, albums and letters are drawn from the case as it is now, notices from the facts that were
frozen with them; all in the language that the reader has now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.domain.cases import Role, Status
from bot.screens import cases, menu, notices
from bot.screens import room as rooms
from bot.screens.screen import Screen
from bot.services.announcing import album_slot
from bot.services.at_once import at_once
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.rating import QUESTION, asks_still
from bot.services.reading import Reading, said_in
from bot.services.records import OutboxRow, sighting_in
from bot.services.rooms import topic_slot
from bot.services.staffing import language_of_group
from bot.texts import Catalogues, Texts
from bot.workers.documents import Documents
from bot.workers.messages import Album, Commands, InReply, Medium, OldTopic, Rendered, Topic


class Renderer:
    """Renders the rows that are no finished screens."""

    def __init__(
        self,
        memory: Memory,
        reading: Reading,
        catalogues: Catalogues,
        clock: Clock,
        zone: str = "UTC",
    ) -> None:
        """`zone` is that of the staff, in their group."""
        self._memory = memory
        self._clock = clock
        self._reading = reading
        self._catalogues = catalogues
        self._zone = zone
        self._documents = Documents(memory, reading, catalogues, clock, zone)

    async def __call__(self, rows: Sequence[OutboxRow]) -> Sequence[Rendered | BaseException]:
        """What each row says, in one reading. None: nothing is left to say.

        A document is made after its own reading, and takes its time: it comes alone.
        """
        if [row.kind for row in rows] == ["document"]:
            return (await self._documents(rows[0]),)
        async with self._memory.reading(self._clock()) as unit:
            drawing = (self._drawn(unit, row) for row in rows)
            return await asyncio.gather(*drawing, return_exceptions=True)

    async def _drawn(self, unit: Unit, row: OutboxRow) -> Rendered:
        if row.kind in ("topic", "topic_end", "letter", "notice") and row.chat < 0:
            return await self._in_group(unit, row)
        account = await unit.accounts.get(row.chat)
        if account is None:
            return None
        t = self._catalogues.texts(account.language, account.zone)
        match row.kind:
            case "card":
                return await self._card(unit, row, t)
            case "album":
                return await self._album(unit, row, t)
            case "letter":
                return await self._letter(unit, row, t)
            case "commands":
                return Commands(menu.commands_of(account.role, t))
            case _ if row.payload["notice"] == QUESTION and not await asks_still(
                unit, row.payload["case"]
            ):
                return None
            case _:
                said = notices.notice(row.payload["notice"], row.payload, t, unit.now)
                return await self._marked(unit, row, said, t)

    async def _marked(self, unit: Unit, row: OutboxRow, said: Screen, t: Texts) -> Screen:
        """What is said of disputes carries their words (N-4)."""
        payload = row.payload
        listed = [payload, *payload.get("items", ())]
        ids = dict.fromkeys(each["case"] for each in listed if isinstance(each.get("case"), int))
        codes: dict[str, None] = {}
        for id in ids:
            # Alarms are told of cases, too, that cannot be read any more.
            with suppress(Exception):
                code = await self._reading.code(unit, id)
                case = await unit.cases.get(id) if code else None
                if code and case is not None and case.status is Status.DISPUTE:
                    codes[code] = None
        return rooms.marked(said, ", ".join(codes), t)

    # ------------------------------------------------------------------ letters and topics

    async def _letter(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        role = Role(row.payload["role"])
        place = row.payload["chat"], row.payload["message"]
        found = await self._reading.letter(unit, row.chat, role, place)
        if found is None:
            return None
        letter, code = found
        if row.payload.get("photos"):
            return Album(await self._media(unit, letter.photos), rooms.caption(letter, code, t))
        return rooms.letter(letter, role, code, t, button_below=True)

    async def _in_group(self, unit: Unit, row: OutboxRow) -> Rendered:
        """What goes into the topic of a dispute; without the topic there is nothing to say."""
        t = self._catalogues.texts(await language_of_group(unit), self._zone)
        case = await unit.cases.get(row.payload["case"])
        room = await unit.rooms.get(row.payload["case"])
        if case is None or room is None:
            return None
        thread = await unit.outbox.message_of(row.chat, topic_slot(case.id))
        if row.kind == "topic":
            name = rooms.topic_name(case, t)
            return Topic(name) if thread is None else OldTopic(thread, name)
        if thread is None:
            return None
        if row.kind == "topic_end":
            return OldTopic(thread)
        if row.payload.get("notice") == "stated":
            stated = said_in(await unit.cases.history(case.id), row.payload["version"])
            return replace(rooms.stated(stated, room.code, t), thread=thread) if stated else None
        if row.kind == "notice":
            return Screen(text=rooms.topic_notice(row.payload, room.code, t), thread=thread)
        letter = await unit.rooms.letter(row.payload["chat"], row.payload["message"])
        if letter is None:
            return None
        if row.payload.get("photos"):
            media, said = await self._media(unit, letter.photos), rooms.caption(letter, None, t)
            return Album(media, said, thread)
        screen = rooms.letter(letter, Role.MODERATOR, room.code, t, button_below=False)
        return replace(screen, thread=thread)

    async def _media(self, unit: Unit, keys: Sequence[str]) -> tuple[Medium, ...]:
        return tuple(Medium(file.file_id, file.kind) for file in await unit.files.get(keys))

    # ------------------------------------------------------------------ cards and albums

    async def _card(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        role = Role(row.payload["role"])
        view = await self._reading.card(unit, row.chat, role, row.payload["case"])
        if view is None:
            return None
        albums = (album_slot(shown, role) for shown in view.case.shown)
        sent = await at_once(*(unit.outbox.message_of(row.chat, slot) for slot in albums))
        screen = cases.card(view, t)
        last = next((message for message in reversed(sent) if message is not None), None)
        return InReply(screen, last) if last is not None else screen

    async def _packing(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        """What a seller shows against a deduction, for the staff."""
        account = await unit.accounts.get(row.chat)
        found = await unit.withholdings.get(row.payload["withholding"])
        if found is None or account is None or account.staff is None:
            return None
        files = await unit.files.get(found.photos)
        if not files:
            return None
        media = tuple(Medium(file.file_id, file.kind) for file in files)
        return Album(
            media, t("What the seller shows of the packing of order {number}", number=found.order)
        )

    async def _album(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        if "sightings" in row.payload:
            return await self._sightings(unit, row, t)
        if "withholding" in row.payload:
            return await self._packing(unit, row, t)
        role = Role(row.payload["role"])
        case, version = row.payload["case"], row.payload["version"]
        found = await self._reading.exhibit(unit, row.chat, role, case, version)
        if found is None:
            return None
        exhibit, files = found
        media = tuple(Medium(file.file_id, file.kind) for file in files)
        said = cases.caption(exhibit, role, unit.now, t)
        shown = await unit.cases.get(row.payload["case"])
        if shown is not None and shown.status is Status.DISPUTE:
            said = rooms.with_code(said, await self._reading.code(unit, shown.id), t)
        return Album(media, said)

    async def _sightings(self, unit: Unit, row: OutboxRow, t: Texts) -> Rendered:
        seen = [sighting_in(each) for each in row.payload["sightings"]]
        found = await self._reading.beside(unit, row.chat, seen)
        media = tuple(Medium(file.file_id, file.kind) for _, *two in found for file in two)
        return Album(media, notices.sightings([each for each, *_ in found], t)) if media else None
