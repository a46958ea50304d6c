"""/settings: what a seller's team may set, pre-moderation before all (X-50)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.screens import sellers as screens
from bot.screens.buttons import AskModeration, Menu, To
from bot.screens.screen import Reply
from bot.services import moderating
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Texts
from handlers.filters import Asks, Pressed, PressedTo
from handlers.tree import SELLER

router = Router(name="settings")


@router.message(Asks("settings"), flags=SELLER)
@router.callback_query(PressedTo(Menu, To.SETTINGS), flags=SELLER)
async def settings(
    _: Message | CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> tuple[Reply, ...]:
    """The settings of each of the person's sellers."""
    views = [await moderating.seller_view(unit, code, desk.policy) for code in account.sellers]
    return tuple(screens.settings(view, t) for view in views)


@router.callback_query(Pressed(AskModeration), flags=SELLER)
async def ask_moderation(
    _: CallbackQuery,
    pressed: AskModeration,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
) -> Reply:
    """Ask the staff to look at new requests first, or not any more."""
    await moderating.request(unit, account, pressed.code, bool(pressed.on))
    return screens.settings(await moderating.seller_view(unit, pressed.code, desk.policy), t)
