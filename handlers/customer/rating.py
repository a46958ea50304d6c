"""The customer rates how a return was handled, with stars and perhaps a word."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.screens import rating as screens
from bot.screens.buttons import Rate, RateInWords
from bot.screens.screen import Reply
from bot.services import rating as ratings
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Texts
from handlers import slips
from handlers.filters import Pressed
from handlers.forms import anew
from handlers.tree import ANYONE

router = Router(name="rating")


@router.callback_query(Pressed(Rate), flags=ANYONE)
async def rate(_: CallbackQuery, pressed: Rate, unit: Unit, account: Account, t: Texts) -> Reply:
    """Stars are kept at once; without any, they are asked for."""
    if not pressed.stars:
        await ratings.rateable(unit, account, pressed.case)
        return anew(screens.question(pressed.case, t))
    rating, until = await ratings.rate(unit, account, pressed.case, stars=pressed.stars)
    return screens.thanks(rating, until, t)


@router.callback_query(Pressed(RateInWords), flags=ANYONE)
async def ask_word(
    _: CallbackQuery,
    pressed: RateInWords,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Ask for the word beside the stars."""
    slips.check_free(draft)
    slip = slips.Slip(purpose=slips.Purpose.RATING, subject=pressed.case)
    screen = await slips.shown(unit, account, slip, t)
    slips.keep(unit, account, desk, slip)
    return anew(screen)
