"""/missing and /deductions: products that were missing from a delivered parcel (O-08, O-09)."""

from __future__ import annotations

from functools import partial

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Refused, Role
from bot.screens import withholdings as screens
from bot.screens.buttons import Menu, Missing, MissingOf, OnDeduction, To
from bot.screens.screen import Reply, Screen
from bot.services import finding, withholding
from bot.services.desk import ReturnDesk
from bot.services.paging import part_of
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Texts
from handlers.cases import case_id_of
from handlers.filters import Asks, PagedTo, Pressed, PressedTo, working_role
from handlers.forms import anew
from handlers.slips import GIVES_BACK, Purpose, Slip, keep, shown
from handlers.tree import DESK, needs

PARTIES = needs(Role.SELLER, *STAFF)

router = Router(name="withholdings")


@router.message(Asks("missing"), flags=DESK)
async def missing(_: Message, rest: str, unit: Unit, account: Account, t: Texts) -> Reply:
    """Which product of the named order was missing; without one, the deductions that wait."""
    if not rest:
        return await _list(unit, account, t, 0)
    number = rest
    if await unit.orders.get(number) is None:
        case = await unit.cases.get(case_id_of(rest))
        number = case.order if case else rest
    return screens.choose(await finding.look_at(unit, account, number), t)


@router.callback_query(Pressed(MissingOf), flags=DESK)
async def missing_of(
    _: CallbackQuery, pressed: MissingOf, unit: Unit, account: Account, t: Texts
) -> Reply:
    """Which product of this order was missing?"""
    return anew(screens.choose(await finding.look_at(unit, account, pressed.order), t))


@router.callback_query(Pressed(Missing), flags=DESK)
async def deduct(
    _: CallbackQuery, pressed: Missing, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """How many units, a last look, and the deduction."""
    if pressed.sure:
        found = await withholding.deduct(
            unit, desk, account, pressed.order, pressed.line, pressed.units, pressed.seen
        )
        return await _one(unit, account, found.id, t)
    item, left, seller = await withholding.line_of(unit, pressed.order, pressed.line)
    if not left:
        raise Refused("quantity_used_up", title=item.title, left=0)
    asked = pressed if left > 1 or pressed.units else pressed.model_copy(update={"units": 1})
    if not asked.units:
        return screens.how_many(asked, left, t)
    return screens.last_look(asked, item.title, seller, item.unit_price * asked.units, t)


@router.message(Asks("deductions"), flags=PARTIES)
@router.callback_query(PressedTo(Menu, To.DEDUCTIONS), flags=PARTIES)
@router.callback_query(PagedTo(To.DEDUCTIONS), flags=PARTIES)
async def deductions(
    _: Message | CallbackQuery, unit: Unit, account: Account, t: Texts, offset: int = 0
) -> Reply:
    """Deductions that wait for the staff, or all of the person's sellers."""
    return await _list(unit, account, t, offset)


async def _list(unit: Unit, account: Account, t: Texts, offset: int) -> Screen:
    staff = working_role(account) in STAFF
    sellers = () if staff else account.sellers
    page = await part_of(partial(unit.withholdings.page, sellers=sellers), offset)
    return screens.deductions(page, t, staff=staff)


@router.callback_query(Pressed(OnDeduction), flags=PARTIES)
async def on_deduction(
    _: CallbackQuery,
    pressed: OnDeduction,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
) -> Reply:
    """Look at a deduction, contest it, answer the contest, or say that the customer is paid."""
    match pressed.act:
        case "open":
            return await _one(unit, account, pressed.id, t)
        case "contest":
            await withholding.check_may_contest(unit, account, pressed.id)
            slip = Slip(purpose=Purpose.CONTEST, subject=pressed.id)
        case "pay":
            slip = Slip(purpose=Purpose.PAY, subject=pressed.id)
        case "back" | "stays":
            choice = GIVES_BACK if pressed.act == "back" else "stays"
            await withholding.check_may_rule(unit, account, pressed.id)
            slip = Slip(purpose=Purpose.RULE, subject=pressed.id, choice=choice)
        case _:
            raise Refused("old_button")
    screen = await shown(unit, account, slip, t)
    keep(unit, account, desk, slip)
    return anew(screen)


async def _one(unit: Unit, account: Account, id: int, t: Texts) -> Screen:
    seen = await withholding.open(unit, account, id)
    staff = account.staff in STAFF and seen.withholding.seller not in account.sellers
    if staff:
        withholding.show_photos(unit, account, seen.withholding)
    return anew(screens.deduction(seen, unit.now, t, staff=staff))
