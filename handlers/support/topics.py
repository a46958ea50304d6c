"""The topic of a dispute in the group of the staff: what they mark there goes to the parties.

Whoever is in the group is not of the staff by that: each word is authorised by its writer.
"""

from __future__ import annotations

from aiogram.types import Message

from bot.domain.cases import STAFF, Refused, Role
from bot.screens import room as screens
from bot.screens.screen import Screen
from bot.services.correspondence import PARTIES, Correspondence, Enclosed, Sent
from bot.services.ports import Unit
from bot.services.records import Account, How
from bot.services.rooms import case_of_topic, place_of_letter, writer_of_statement
from bot.texts import Html, Texts
from handlers.answers import text_of
from handlers.filters import command_of
from handlers.sentences import sentence

_TO = {"customer": (Role.CUSTOMER,), "seller": (Role.SELLER,), "both": PARTIES}


class Topics:
    """What is heard in the group."""

    def __init__(self, group: int | None, room: Correspondence) -> None:
        self.group = group
        self._room = room

    async def heard(
        self, message: Message, account: Account | None, unit: Unit, t: Texts
    ) -> Screen | None:
        """Pass on what is meant for a party; everything else stays among the staff."""
        command = command_of(message.text)
        if command is not None and command[0] != "say":
            return None
        to, text = await self._meant(message, command, unit)
        if command is None and not to:
            return None
        try:
            found = await self._pass_on(message, account, unit, to, text)
        except Refused as refused:
            return _told(message, sentence(t, refused))
        return _told(message, screens.said_in_topic(found, t) if found else screens.how_to_say(t))

    async def corrected(self, message: Message, account: Account | None, unit: Unit) -> None:
        """A word that was passed on has been edited."""
        text = message.text or ""
        text = (command_of(text) or ("", text))[1]
        text = text.partition(" ")[2] if text.partition(" ")[0] in _TO else text
        if account is not None and account.staff in STAFF and text.strip():
            await self._room.edit(
                unit, account, (message.chat.id, message.message_id), text.strip()
            )

    async def _meant(
        self, message: Message, command: tuple[str, str] | None, unit: Unit
    ) -> tuple[tuple[Role, ...], str]:
        """To whom it goes, and what; nobody: it is not for the parties."""
        to = message.reply_to_message
        if command is not None:
            word, _, text = command[1].partition(" ")
            # A reply marks what a colleague has written; what the bot says is not for sending.
            marked = to.text if to and to.from_user and not to.from_user.is_bot else None
            return _TO.get(word, ()), text.strip() or (marked or "")
        if to is None:
            return (), ""
        for slot in await unit.outbox.slots_at(message.chat.id, to.message_id):
            writer, place = writer_of_statement(slot), place_of_letter(slot)
            if writer is not None:
                return (writer,), message.text or ""
            letter = await unit.rooms.letter(*place) if place else None
            if letter is not None and letter.by in PARTIES:
                return (letter.by,), message.text or ""
        return (), ""

    async def _pass_on(
        self,
        message: Message,
        account: Account | None,
        unit: Unit,
        to: tuple[Role, ...],
        text: str,
    ) -> Sent | None:
        if account is None or account.staff not in STAFF:
            raise Refused("not_your_role")
        slots = await unit.outbox.slots_at(message.chat.id, message.message_thread_id or 0)
        case = next(filter(None, map(case_of_topic, slots)), None)
        if case is None:
            raise Refused("no_topic")
        if not (to and text):
            return None
        place = message.chat.id, message.message_id
        return await self._room.write(unit, account, case, place, Enclosed(text_of(text, 1)), to)


def _told(message: Message, text: Html) -> Screen:
    return Screen(text=text, how=How.SEND, silent=True, thread=message.message_thread_id)
