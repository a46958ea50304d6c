"""The shop's own pictures, which a seller's team sends."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.screens import pictures as screens
from bot.screens.buttons import AddPictures, ShopPictures
from bot.screens.screen import Reply
from bot.services import pictures as kept
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Texts
from handlers import slips
from handlers.filters import Pressed
from handlers.forms import anew
from handlers.tree import SELLER

router = Router(name="pictures")


@router.callback_query(Pressed(ShopPictures), flags=SELLER)
async def pictures(
    _: CallbackQuery, pressed: ShopPictures, unit: Unit, account: Account, t: Texts
) -> Reply:
    """The products of a seller with pictures, without the one that is to be forgotten."""
    left = await kept.drop(unit, account, pressed.seller, pressed.drop)
    return screens.pictures(pressed.seller, left, pressed.offset, t)


@router.callback_query(Pressed(AddPictures), flags=SELLER)
async def add(
    _: CallbackQuery,
    pressed: AddPictures,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Ask for pictures, one after the other."""
    slips.check_free(draft)
    slip = slips.Slip(purpose=slips.Purpose.PICTURES, choice=pressed.seller)
    screen = await slips.shown(unit, account, slip, t)
    slips.keep(unit, account, desk, slip)
    return anew(screen)
