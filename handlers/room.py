"""The dispute room: what a party writes to the other side, and what is corrected in it.

A letter is begun with the button of the card, or by replying to anything of the bot that names
the return. A form that is open goes first.
"""

from __future__ import annotations

import re

from aiogram import Bot, Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused, Role
from bot.screens import room as screens
from bot.screens.buttons import DONE, Answer, Talk
from bot.screens.screen import Reply, Screen
from bot.services.correspondence import PARTIES, Correspondence, Enclosed
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Texts
from handlers.answers import LONGEST_TEXT, text_of
from handlers.filters import DraftOpen, Passed, Pressed, Shows
from handlers.forms import LetterForm, album, anew, ask_letter, keep_letter, photo_of
from handlers.tree import ANYONE

FORM = DraftKind.LETTER
_NUMBER = re.compile(r"R-(\d{6,18})(?!\d)")

router = Router(name="room")
form = Router(name="letter")
replies = Router(name="room_replies")


class RepliesAbout(Filter):
    """A reply to a message of this bot that names a return; hands its id over as `about`."""

    async def __call__(self, message: Message, bot: Bot) -> Passed:
        to = message.reply_to_message
        if to is None or to.from_user is None or to.from_user.id != bot.id:
            return False
        found = _NUMBER.search(to.text or to.caption or "")
        return {"about": int(found[1])} if found else False


@router.callback_query(Pressed(Talk), flags=ANYONE)
async def begin(
    _: CallbackQuery,
    pressed: Talk,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    room: Correspondence,
    draft: DraftRow | None,
) -> Reply:
    """Open the form of a letter."""
    if draft is not None and draft.kind is DraftKind.RETURN:
        raise Refused("form_open")
    opened = LetterForm.opened(pressed.id, await room.readers(unit, account, pressed.id))
    keep_letter(unit, account, opened, desk)
    return anew(await ask_letter(unit, opened, t, desk))


@replies.message(RepliesAbout(), Shows("text", "photo", "video"), flags=ANYONE)
async def reply(
    message: Message,
    about: int,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    room: Correspondence,
) -> Reply:
    """A letter without the form; staff are asked first to whom it goes."""
    opened = LetterForm.opened(about, await room.readers(unit, account, about))
    if message.text:
        opened = opened.model_copy(
            update={"text": text_of(message.text, 1), "message": message.message_id}
        )
        if opened.to:
            return await _send(unit, account, t, room, opened)
        keep_letter(unit, account, opened, desk)
        return anew(await ask_letter(unit, opened, t, desk))
    return await _with_photo(message, unit, account, t, desk, opened)


@form.callback_query(DraftOpen(FORM), Pressed(Answer), flags=ANYONE)
async def pressed_answer(
    _: CallbackQuery,
    pressed: Answer,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    room: Correspondence,
    draft: DraftRow,
) -> Reply:
    """To whom it goes, or that the photos are all."""
    letter = LetterForm.model_validate_json(draft.body)
    if pressed.question == screens.TO and not letter.to:
        chosen = {screens.BOTH: PARTIES}.get(pressed.value) or tuple(
            role for role in PARTIES if role == pressed.value
        )
        if not chosen:
            raise Refused("choice_expected")
        letter = letter.model_copy(update={"to": chosen})
        if letter.text:
            return await _send(unit, account, t, room, letter)
        keep_letter(unit, account, letter, desk)
        return await ask_letter(unit, letter, t, desk)
    if (pressed.question, pressed.value) != (screens.READY, DONE) or not letter.to:
        raise Refused("not_asked")
    return await _send(unit, account, t, room, letter)


@form.message(DraftOpen(FORM), Shows("text"), flags=ANYONE)
async def typed(
    message: Message,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    room: Correspondence,
    draft: DraftRow,
) -> Reply:
    """The words of a letter: with them it goes."""
    letter = LetterForm.model_validate_json(draft.body)
    said = text_of(message.text, 1)
    letter = letter.model_copy(
        update={"text": f"{letter.text}\n{said}".strip(), "message": message.message_id}
    )
    if len(letter.text) > LONGEST_TEXT:
        raise Refused("text_too_long", most=LONGEST_TEXT)
    if not letter.to:
        keep_letter(unit, account, letter, desk)
        return anew(await ask_letter(unit, letter, t, desk))
    return await _send(unit, account, t, room, letter)


@form.message(DraftOpen(FORM), Shows("photo", "video"), flags=ANYONE)
async def photo(
    message: Message,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow,
) -> Reply:
    """One photo or one part of an album, with its caption."""
    letter = LetterForm.model_validate_json(draft.body)
    return await _with_photo(message, unit, account, t, desk, letter)


@form.message(DraftOpen(FORM), flags=ANYONE)
async def other(_: Message) -> Reply:
    """A sticker, a file, a place: a letter has words and photos."""
    raise Refused("letter_expected")


@router.edited_message(flags=ANYONE)
async def edited(
    message: Message, unit: Unit, account: Account, t: Texts, room: Correspondence
) -> Reply:
    """What was written in a room is corrected; what it said before is kept."""
    place = message.chat.id, message.message_id
    text = message.text or message.caption
    if not text or await unit.rooms.letter(*place) is None:
        return None
    found = await room.edit(unit, account, place, text_of(text, 1))
    if found is None:
        return None
    return screens.sent(found, await _code(unit, found.case.id), t, edited=True)


async def _with_photo(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, letter: LetterForm
) -> Screen:
    file = photo_of(message, account, unit.now)
    unit.files.keep(file)
    part = message.media_group_id
    first = part is None or part != letter.group
    letter = letter.with_photo(file.key, message.message_id, message.caption or "", part)
    keep_letter(unit, account, letter, desk)
    return album(await ask_letter(unit, letter, t, desk), part, first=first)


async def _send(
    unit: Unit, account: Account, t: Texts, room: Correspondence, letter: LetterForm
) -> Reply:
    place = account.id, letter.message
    enclosed = Enclosed(letter.text, letter.photos)
    to = tuple(map(Role, letter.to))
    found = await room.write(unit, account, letter.case, place, enclosed, to)
    unit.drafts.drop(account.id)
    return screens.sent(found, await _code(unit, letter.case), t)


async def _code(unit: Unit, case: int) -> str | None:
    room = await unit.rooms.get(case)
    return room.code if room else None
