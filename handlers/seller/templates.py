"""The templates of rejections of a seller's team."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.screens import templates as screens
from bot.screens.buttons import EditTemplate, Templates
from bot.screens.screen import Reply
from bot.services import templates as kept
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Texts
from handlers import slips
from handlers.filters import Pressed
from handlers.forms import anew
from handlers.tree import SELLER

router = Router(name="templates")


@router.callback_query(Pressed(Templates), flags=SELLER)
async def templates(
    _: CallbackQuery,
    pressed: Templates,
    unit: Unit,
    account: Account,
    t: Texts,
    draft: DraftRow | None,
) -> Reply:
    """The templates of a seller, without the one that is to be deleted."""
    left = await kept.drop(unit, account, pressed.seller, pressed.drop)
    slip = slips.slip_in(draft)
    if slip is not None and slip.purpose is slips.Purpose.TEMPLATE:
        unit.drafts.drop(account.id)
    return screens.templates(pressed.seller, left, t)


@router.callback_query(Pressed(EditTemplate), flags=SELLER)
async def edit(
    _: CallbackQuery,
    pressed: EditTemplate,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Ask for the words of a template, a new one or one that is there."""
    slips.check_free(draft)
    slip = slips.Slip(purpose=slips.Purpose.TEMPLATE, subject=pressed.id, choice=pressed.seller)
    screen = await slips.shown(unit, account, slip, t)
    slips.keep(unit, account, desk, slip)
    return anew(screen)
