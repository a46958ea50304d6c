"""How a customer's orders are found: a signed link, the own phone, a number and its code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.domain.orders import Order
from bot.screens import claim as screens
from bot.screens import menu
from bot.screens.buttons import AskSupport, Menu, To
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.links import order_of
from bot.services.phones import international
from bot.services.ports import Unit
from bot.services.reading import Reading
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Texts
from handlers.answers import text_of
from handlers.filters import DraftOpen, Pressed, PressedTo, Shows
from handlers.forms import anew, ask_claim, number_in
from handlers.sentences import sentence
from handlers.tree import ANYONE
from handlers.tries import check_tries

CALL_AGAIN = timedelta(days=1)
"""Until a person who has called support can call it again."""

router = Router(name="claim")


async def open_link(
    unit: Unit, account: Account, t: Texts, parameter: str, secret: str
) -> tuple[Reply, ...]:
    """Claim the order of a signed link: the first opener owns it. Raises Refused."""
    number = order_of(parameter, secret)
    order = await unit.orders.get(number) if number else None
    if order is None:
        raise Refused("link_invalid")
    account = await claim(unit, account, order)
    return (menu.home(account, t), screens.claimed(order.number, t))


async def claim(unit: Unit, account: Account, order: Order) -> Account:
    """Make the order this person's. Raises Refused("order_taken") if it is somebody else's."""
    owner = await unit.orders.owner(order.number)
    if owner not in (None, account.id):
        raise Refused("order_taken")
    if owner is None:
        unit.orders.claim(order.number, account.id)
    if not await unit.orders.count_of_customer(account.id) and account.zone != order.zone:
        # The first order tells where the person lives.
        account = replace(account, zone=order.zone)
        unit.accounts.save(account)
    return account


# ----------------------------------------------------------------------------- the own phone


@router.callback_query(PressedTo(Menu, To.PHONE), flags=ANYONE)
async def phone(_: CallbackQuery, t: Texts) -> Reply:
    """Invite to share the own contact."""
    return anew(screens.ask_phone(t))


@router.message(Shows("contact"), flags=ANYONE)
async def contact(message: Message, unit: Unit, account: Account, t: Texts) -> Reply:
    """Claim the orders that have this person's own number."""
    shared = message.contact
    if shared is None or shared.user_id != account.id:
        return screens.not_own_contact(t)
    number = international(shared.phone_number)
    orders = await unit.orders.by_phone(number) if number else ()
    account = replace(account, phone=number)
    unit.accounts.save(account)
    for order in orders:
        account = await claim(unit, account, order)
    return screens.phone_found(account, [order.number for order in orders], t)


async def newly_ordered(unit: Unit, account: Account) -> tuple[Order, ...]:
    """Claim what has been ordered with the shared number since, and answer it."""
    orders = await unit.orders.by_phone(account.phone) if account.phone else ()
    for order in orders:
        account = await claim(unit, account, order)
    return orders


# -------------------------------------------------------------------------- number and code


@router.callback_query(PressedTo(Menu, To.NUMBER), flags=ANYONE)
async def number(
    _: CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Open the form for an order number and its code."""
    return anew(ask_claim(unit, account, desk, t, None))


@router.message(DraftOpen(DraftKind.CLAIM), flags=ANYONE)
async def typed(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply | tuple[Reply, ...]:
    """The number, or the code that was printed with it."""
    words = text_of(message.text, 1)
    order = number_in(draft)
    if order is None:
        return ask_claim(unit, account, desk, t, words.lstrip("№# ")[:40])
    return await _try_code(unit, account, t, order, words)


async def _try_code(
    unit: Unit, account: Account, t: Texts, number: str, code: str
) -> Reply | tuple[Reply, ...]:
    """Unknown numbers and wrong codes are answered alike, and counted."""
    _, order = await asyncio.gather(check_tries(unit, account), unit.orders.get(number))
    if order is None or not order.opens_with(code):
        unit.orders.missed_claim(account.id, unit.now)
        # Not raised: the wrong try must be remembered, and a refusal forgets all effects.
        return screens.ask_code(number, t, sentence(t, Refused("order_unknown")))
    account = await claim(unit, account, order)
    unit.drafts.drop(account.id)
    return (menu.home(account, t), screens.claimed(order.number, t))


# ------------------------------------------------------------------------------- to people


@router.callback_query(PressedTo(Menu, To.MISSING), flags=ANYONE)
async def missing(
    _: CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """An order that is not here: staff are paged, and the customer reads what else to try."""
    called = await _called(unit, account, desk, missing=True)
    return anew(screens.support(called, called + CALL_AGAIN, t, missing=True))


@router.callback_query(PressedTo(Menu, To.SUPPORT), flags=ANYONE)
@router.callback_query(Pressed(AskSupport), flags=ANYONE)
async def support(
    _: CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    reading: Reading,
    pressed: AskSupport | None = None,
) -> Reply:
    """Staff are paged, and the person reads since when and what happens next."""
    order = await reading.order(unit, account, pressed.order) if pressed else None
    called = await _called(unit, account, desk, order=order.order.number if order else None)
    return anew(screens.support(called, called + CALL_AGAIN, t, missing=False))


async def _called(
    unit: Unit, account: Account, desk: ReturnDesk, **about: str | bool | None
) -> datetime:
    """When staff were paged for a person: now, or within the last day."""
    called = account.called_at
    if called is None or called + CALL_AGAIN <= unit.now:
        called = unit.now
        unit.accounts.save(replace(account, called_at=called))
        facts = {"account": account.id, "name": account.name, **about}
        await desk.alert(unit, "support_called", facts)
    return called
