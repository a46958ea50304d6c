"""My orders: the list, an order, the pages."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.screens import orders as screens
from bot.screens.buttons import Menu, OpenOrder, To
from bot.screens.keys import MY_ORDERS
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.reading import Reading
from bot.services.records import Account
from bot.services.reminding import opened
from bot.texts import Texts
from handlers.customer.claim import newly_ordered
from handlers.filters import Asks, PagedTo, Pressed, PressedTo
from handlers.tree import ANYONE

router = Router(name="orders")


@router.message(Asks("orders", MY_ORDERS), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.ORDERS), flags=ANYONE)
@router.callback_query(PagedTo(To.ORDERS), flags=ANYONE)
async def orders(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
    offset: int = 0,
) -> Reply:
    """The person's orders, newest first."""
    new = await newly_ordered(unit, account)
    return screens.orders(await reading.orders(unit, account, offset, new), t)


@router.callback_query(Pressed(OpenOrder), flags=ANYONE)
async def order(
    _: CallbackQuery,
    pressed: OpenOrder,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
    desk: ReturnDesk,
) -> Reply:
    """One order: what can be returned of it, and until when. From now on it reminds of that."""
    view = await reading.order(unit, account, pressed.number)
    await opened(unit, desk, account.id, view.order)
    return screens.order(view, t, unit.now)
