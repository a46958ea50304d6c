"""/find: orders by number, track, phone or name, and an order as the staff see it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.screens import finding as screens
from bot.screens.buttons import FoundOrder, Menu, To
from bot.screens.keys import FIND
from bot.screens.screen import Reply
from bot.services import finding
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Texts
from handlers.answers import text_of
from handlers.filters import Asks, PagedTo, Pressed, PressedTo
from handlers.forms import anew
from handlers.slips import MOST, Purpose, Slip, keep, searched, shown, slip_in
from handlers.tree import DESK

router = Router(name="finding")


@router.message(Asks("find", FIND), flags=DESK)
@router.callback_query(PressedTo(Menu, To.FIND), flags=DESK)
async def find(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    rest: str = "",
) -> Reply:
    """Ask what is looked for, or look for it at once; the number of a return opens its card."""
    if (case := await finding.return_named(unit, rest)) is not None:
        await desk.show(unit, account, case)
        return None
    slip = Slip(purpose=Purpose.FIND, text=text_of(rest, 1, MOST[Purpose.FIND]) if rest else None)
    keep(unit, account, desk, slip)
    return anew(await shown(unit, account, slip, t))


@router.callback_query(PagedTo(To.FIND), flags=DESK)
async def page(
    _: CallbackQuery, unit: Unit, account: Account, t: Texts, draft: DraftRow | None, offset: int
) -> Reply:
    """Another page of what was found last."""
    slip = slip_in(draft)
    if slip is None or slip.purpose is not Purpose.FIND or slip.text is None:
        raise Refused("no_form")
    return await searched(unit, account, slip, t, offset=offset)


@router.callback_query(Pressed(FoundOrder), flags=DESK)
async def order(
    _: CallbackQuery, pressed: FoundOrder, unit: Unit, account: Account, t: Texts
) -> Reply:
    """One order, in a message of its own: the list stays."""
    return anew(screens.order(await finding.look_at(unit, account, pressed.number), t))
