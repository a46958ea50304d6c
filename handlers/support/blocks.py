"""/block and /unblock: new returns of a customer, stopped by two people, with one appeal (X-26)."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.blocking import Block
from bot.domain.cases import Refused
from bot.screens import blocks as screens
from bot.screens.buttons import BlockOf, Menu, OnBlock, To
from bot.screens.screen import Reply, Screen
from bot.services import blocking
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.paging import part_of
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Texts
from handlers.cases import case_id_of
from handlers.filters import Asks, PagedTo, Pressed, PressedTo
from handlers.forms import anew
from handlers.slips import Purpose, Slip, keep, shown
from handlers.tree import ANYONE, DESK

router = Router(name="blocks")


async def customer_of(unit: Unit, typed: str) -> int:
    """Whose a return or an order is, by its number. Raises Refused(not_found)."""
    owner = await unit.orders.owner(typed)
    if owner is not None:
        return owner
    case = await unit.cases.get(case_id_of(typed))
    if case is None:
        raise Refused("not_found")
    return case.customer


@router.message(Asks("block"), flags=DESK)
async def block(
    _: Message, rest: str, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Ask for how long and why."""
    if not rest:
        return screens.ask_person(t)
    return await _begin(unit, account, t, desk, await customer_of(unit, rest))


@router.callback_query(Pressed(BlockOf), flags=DESK)
async def block_of(
    _: CallbackQuery, pressed: BlockOf, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Ask for how long and why, or show the block that there is."""
    return await _begin(unit, account, t, desk, pressed.person)


async def _begin(unit: Unit, account: Account, t: Texts, desk: ReturnDesk, person: int) -> Reply:
    known = await unit.accounts.get(person)
    if known is None:
        raise Refused("not_found")
    held = await unit.blocks.of(person)
    if held is not None and held.holds(unit.now):
        return anew(await one(unit, account, held, t))
    blocking.check_may_block(account, known, unit.now)
    slip = Slip(purpose=Purpose.BLOCK, subject=person)
    keep(unit, account, desk, slip)
    return anew(await shown(unit, account, slip, t))


@router.message(Asks("unblock"), flags=DESK)
@router.message(Asks("blocks"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.BLOCKS), flags=DESK)
@router.callback_query(PagedTo(To.BLOCKS), flags=DESK)
async def blocks(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    rest: str = "",
    offset: int = 0,
) -> Reply:
    """Who is blocked, or the block of the one who is named."""
    if rest:
        found = await unit.blocks.of(await customer_of(unit, rest))
        if found is None:
            raise Refused("not_blocked")
        return await one(unit, account, found, t)
    page = await part_of(unit.blocks.held, offset)
    names = {each.account: await _name(unit, each.account) for each in page.rows}
    return screens.blocks(page, names, unit.now, t)


@router.callback_query(Pressed(OnBlock), flags=DESK)
async def on_block(
    _: CallbackQuery, pressed: OnBlock, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Look at a block, confirm it, lift it, or let it stay after an appeal."""
    match pressed.act:
        case "open":
            found = await unit.blocks.get(pressed.id)
        case "confirm":
            found = await blocking.confirm(unit, desk, account, pressed.id)
        case "lift":
            found = await blocking.lift(unit, account, pressed.id)
        case "uphold":
            found = await blocking.uphold(unit, account, pressed.id)
        case _:
            raise Refused("old_button")
    if found is None:
        raise Refused("not_found")
    return await one(unit, account, found, t)


async def one(unit: Unit, account: Account, block: Block, t: Texts) -> Screen:
    """A block as this person of the staff sees it."""
    audited(unit, account.id, Deed.SAW_BLOCK, person=block.account, block=block.id)
    name, by = await _name(unit, block.account), await _name(unit, block.by)
    return screens.block(block, name, by, account.id, unit.now, t)


async def _name(unit: Unit, id: int) -> str:
    person = await unit.accounts.get(id)
    return person.name if person else ""


@router.message(Asks("appeal"), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.APPEAL), flags=ANYONE)
async def appeal(
    _: Message | CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """The customer objects to a block, once."""
    await blocking.check_may_appeal(unit, desk, account)
    slip = Slip(purpose=Purpose.APPEAL)
    keep(unit, account, desk, slip)
    return anew(await shown(unit, account, slip, t))
