"""/import: a file of orders in the chat."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.screens.buttons import Menu, To
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Texts
from handlers.files import asked
from handlers.filters import Asks, PressedTo
from handlers.slips import Purpose
from handlers.tree import DESK

router = Router(name="imports")


@router.message(Asks("import"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.IMPORT), flags=DESK)
async def import_(
    event: Message | CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Ask for the file, unless it came along."""
    return await asked(event, unit, account, t, desk, Purpose.IMPORT)
