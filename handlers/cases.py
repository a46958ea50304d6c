"""Cases in lists and by their number, for whoever may see them."""

from __future__ import annotations

import re
from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Refused, Role
from bot.screens import ahead, rules
from bot.screens import lists as screens
from bot.screens import support as support_screens
from bot.screens.buttons import (
    BackToCard,
    LookAhead,
    Menu,
    OpenCase,
    ShowPhotos,
    ShowRule,
    To,
)
from bot.screens.keys import MY_RETURNS, QUEUE, REFUNDS
from bot.screens.screen import Reply
from bot.services.announcing import card_slot
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.reading import Reading
from bot.services.records import Account, How
from bot.texts import Texts
from handlers.filters import Asks, PagedTo, Pressed, PressedTo, working_role
from handlers.tree import ANYONE, DESK, needs

_NUMBER = re.compile(r"(?:[RrРр]\s*-?\s*)?0*([1-9][0-9]{0,17})")

router = Router(name="cases")


def case_id_of(typed: str) -> int:
    """123 from `R-000123`, `r123` or `123`. Raises Refused("not_found")."""
    found = _NUMBER.fullmatch(typed.strip())
    if found is None:
        raise Refused("not_found")
    return int(found[1])


@router.message(Asks("returns", MY_RETURNS), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.RETURNS), flags=ANYONE)
@router.callback_query(PagedTo(To.RETURNS), flags=ANYONE)
async def returns(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
    offset: int = 0,
) -> Reply:
    """The person's own returns, newest first."""
    return screens.returns(await reading.returns(unit, account, offset), t)


@router.message(Asks("queue", QUEUE), flags=needs(Role.SELLER, *STAFF))
@router.callback_query(PressedTo(Menu, To.QUEUE), flags=needs(Role.SELLER, *STAFF))
@router.callback_query(PagedTo(To.QUEUE), flags=needs(Role.SELLER, *STAFF))
async def queue(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
    offset: int = 0,
    only: str = "",
) -> Reply:
    """What waits for the person, the nearest deadline first."""
    role = working_role(account)
    return screens.queue(await reading.queue(unit, account, role, offset, only), role, t, only)


@router.message(Asks("refunds", REFUNDS), flags=DESK)
@router.callback_query(PressedTo(Menu, To.REFUNDS), flags=DESK)
@router.callback_query(PagedTo(To.REFUNDS), flags=DESK)
async def refunds(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
    offset: int = 0,
    only: str = "",
) -> Reply:
    """Money that is promised and not paid, oldest first."""
    late = only == screens.LATE
    role = working_role(account)
    found = await reading.refunds(unit, offset, late=late)
    return screens.refunds(found, role, t, unit.now, late=late)


@router.message(Asks("return"), flags=ANYONE)
async def return_(
    _: Message, rest: str, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """The card of a case by its number."""
    if not rest:
        return support_screens.ask_return("return", t)
    await desk.show(unit, account, case_id_of(rest))
    return None


@router.callback_query(Pressed(OpenCase), flags=ANYONE)
async def open_case(
    _: CallbackQuery, pressed: OpenCase, unit: Unit, account: Account, desk: ReturnDesk
) -> Reply:
    """The card of a case from a list."""
    await desk.show(unit, account, pressed.id)
    return None


@router.callback_query(Pressed(ShowPhotos), flags=ANYONE)
async def photos(
    _: CallbackQuery, pressed: ShowPhotos, unit: Unit, account: Account, desk: ReturnDesk
) -> Reply:
    """The photos of a case from its card."""
    await desk.show(unit, account, pressed.id, photos=True)
    return None


@router.callback_query(Pressed(LookAhead), flags=ANYONE)
async def look_ahead(
    _: CallbackQuery,
    pressed: LookAhead,
    unit: Unit,
    account: Account,
    t: Texts,
    reading: Reading,
) -> Reply:
    """What happens next in a case, if nobody acts and by each action (N-9)."""
    return ahead.prospect(await reading.prospect(unit, account, pressed.id), t)


@router.callback_query(Pressed(ShowRule), flags=ANYONE)
async def rule(
    query: CallbackQuery,
    pressed: ShowRule,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
) -> Reply:
    """The rule of an automatic step: in the card's place, or below the notice that names it."""
    case, policy = await desk.open(unit, pressed.case)
    party = desk.party(account, case, unit.now, policy)
    if pressed.rule not in rules.CITED:
        raise Refused("old_button")
    slot = card_slot(case.id, party.role)
    card = await unit.outbox.message_of(account.id, slot)
    on_card = query.message is not None and query.message.message_id == card
    named = await unit.policies.called(case.policy, case.created_at or unit.now)
    screen = rules.rule(case, policy, pressed.rule, t, named=named, on_card=on_card)
    return replace(screen, slot=slot) if on_card else replace(screen, how=How.SEND, silent=True)


@router.callback_query(Pressed(BackToCard), flags=ANYONE)
async def back_to_card(
    _: CallbackQuery, pressed: BackToCard, unit: Unit, account: Account, desk: ReturnDesk
) -> Reply:
    """The card again, where the rule has been read."""
    await desk.show(unit, account, pressed.case, anew=False)
    return None
