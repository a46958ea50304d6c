"""The seller's return address: without one nothing can be sent (X-48)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.screens import seller as screens
from bot.screens.buttons import Menu, To
from bot.screens.keys import ADDRESS
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Texts
from handlers.answers import text_of
from handlers.filters import Asks, DraftOpen, PressedTo
from handlers.forms import ask_address, seller_in
from handlers.tree import SELLER

SHORTEST = 15
"""Characters: less cannot hold a recipient, a street and a town."""
LONGEST = 500

router = Router(name="address")
form = Router(name="address_form")


@router.message(Asks("address", ADDRESS), flags=SELLER)
@router.callback_query(PressedTo(Menu, To.ADDRESS), flags=SELLER)
async def address(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    rest: str = "",
) -> Reply:
    """Ask for the address of the person's seller; of several, `/address CODE` names one."""
    seller = rest or account.sellers[0]
    if seller not in account.sellers:
        raise Refused("not_found")
    return await ask_address(unit, account, desk, seller, t)


@form.message(DraftOpen(DraftKind.ADDRESS), flags=SELLER)
async def typed(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """The address is kept, and approved cases that waited for it go on."""
    text = text_of(message.text, SHORTEST, LONGEST)
    code = seller_in(draft)
    waited = len(await unit.cases.awaiting_address(code))
    seller = await desk.set_address(unit, account, code, text)
    unit.drafts.drop(account.id)
    return screens.address_set(seller, waited, t)
