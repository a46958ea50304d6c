"""What nothing else took: old buttons, unknown commands, words that nobody asked for."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.screens.buttons import Answer, Back, Edit
from bot.screens.screen import Reply
from bot.services.records import DraftRow
from handlers.filters import Commanding, read
from handlers.tree import ANYONE

router = Router(name="otherwise")


@router.callback_query(flags=ANYONE)
async def pressed(query: CallbackQuery, draft: DraftRow | None) -> Reply:
    """A button of a form that is closed, or one that no version of the program has any more."""
    of_form = any(read(kind, query.data) for kind in (Answer, Back, Edit))
    if not of_form:
        raise Refused("old_button")
    raise Refused("not_asked" if draft else "no_form")


@router.message(Commanding(True), flags=ANYONE)
async def command(_: Message) -> Reply:
    """A command that does not exist."""
    raise Refused("unknown_command")


@router.message(flags=ANYONE)
async def message(_: Message) -> Reply:
    """Words, a sticker, a place: nobody has asked for them."""
    raise Refused("not_understood")
