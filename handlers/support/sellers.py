"""/sellers: who sells, and whose new requests the staff see first (X-50)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.screens import sellers as screens
from bot.screens.buttons import Menu, Moderate, OpenSeller, To
from bot.screens.screen import Reply
from bot.services import moderating
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Texts
from handlers.filters import Asks, PagedTo, Pressed, PressedTo
from handlers.tree import DESK

router = Router(name="sellers")


@router.message(Asks("sellers"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.SELLERS), flags=DESK)
@router.callback_query(PagedTo(To.SELLERS), flags=DESK)
async def sellers(
    _: Message | CallbackQuery,
    unit: Unit,
    t: Texts,
    desk: ReturnDesk,
    rest: str = "",
    offset: int = 0,
) -> Reply:
    """All sellers, or the one that is named."""
    if rest:
        return screens.seller(await moderating.seller_view(unit, rest, desk.policy), t)
    return screens.sellers(await moderating.sellers(unit, offset), t)


@router.callback_query(Pressed(OpenSeller), flags=DESK)
async def seller(
    _: CallbackQuery, pressed: OpenSeller, unit: Unit, t: Texts, desk: ReturnDesk
) -> Reply:
    """One seller."""
    return screens.seller(await moderating.seller_view(unit, pressed.code, desk.policy), t)


@router.callback_query(Pressed(Moderate), flags=DESK)
async def moderate(
    _: CallbackQuery, pressed: Moderate, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Let the staff see a seller's requests first, or take that back."""
    if pressed.on:
        await moderating.force(unit, account, pressed.code, pressed.days or None)
    else:
        await moderating.release(unit, account, pressed.code)
    return screens.seller(await moderating.seller_view(unit, pressed.code, desk.policy), t)
