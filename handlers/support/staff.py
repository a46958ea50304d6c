"""/staff, /audit, and the places that have no key of their own."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.screens import audit as audit_screens
from bot.screens import menu
from bot.screens import staff as screens
from bot.screens.audit import AuditPage
from bot.screens.buttons import Audited, Dismiss, Menu, To
from bot.screens.keys import MORE
from bot.screens.screen import Reply
from bot.services.auditing import PAGE, Deed, audited
from bot.services.paging import part_of
from bot.services.ports import Unit
from bot.services.records import Account
from bot.services.staffing import dismiss, may_dismiss
from bot.texts import Texts
from handlers.cases import case_id_of
from handlers.filters import Asks, Pressed, PressedTo
from handlers.tree import ADMIN, DESK

router = Router(name="staff")


@router.message(Asks("more", MORE), flags=DESK)
@router.callback_query(PressedTo(Menu, To.MORE), flags=DESK)
async def more(_: Message | CallbackQuery, account: Account, t: Texts) -> Reply:
    """The places of the staff that have no key of their own."""
    return menu.more(account, t)


@router.message(Asks("staff"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.STAFF), flags=DESK)
async def staff(_: Message | CallbackQuery, unit: Unit, account: Account, t: Texts) -> Reply:
    """Who is of the staff; admins may take somebody off it."""
    people = await unit.accounts.staff()
    return screens.staff(people, await unit.accounts.staff_since(), account, t)


@router.callback_query(Pressed(Dismiss), flags=ADMIN)
async def remove(
    query: CallbackQuery,
    pressed: Dismiss,
    unit: Unit,
    account: Account,
    t: Texts,
    owners: Collection[int],
) -> Reply:
    """Ask first, and then take somebody off the staff."""
    person = await may_dismiss(unit, pressed.person, owners)
    if not pressed.sure:
        return screens.sure(person, t)
    dismiss(unit, person, account.id)
    people = [each for each in await unit.accounts.staff() if each.id != person.id]
    return screens.staff(people, await unit.accounts.staff_since(), account, t)


@router.message(Asks("audit"), flags=ADMIN)
@router.callback_query(PressedTo(Menu, To.AUDIT), flags=ADMIN)
async def audit(
    _: Message | CallbackQuery, unit: Unit, account: Account, t: Texts, rest: str = ""
) -> Reply:
    """What the staff did, about one return where it is named."""
    case = case_id_of(rest) if rest else 0
    return audit_screens.audit(await _page(unit, account, 0, case, 0), t)


@router.callback_query(Pressed(Audited), flags=ADMIN)
async def audit_page(
    _: CallbackQuery, pressed: Audited, unit: Unit, account: Account, t: Texts
) -> Reply:
    """A page of the audit, of one person or about one return."""
    page = await _page(unit, account, pressed.by, pressed.case, pressed.offset)
    return audit_screens.audit(page, t)


async def _page(unit: Unit, account: Account, by: int, case: int, offset: int) -> AuditPage:
    page = await part_of(partial(unit.audit.lines, by=by, case=case), offset, PAGE)
    if not offset:
        audited(unit, account.id, Deed.SAW_AUDIT, case=case, person=by)
    ids = {by, *(each for line in page.rows for each in (line.by, line.person))} - {0}
    people = [await unit.accounts.get(id) for id in ids]
    names = {each.id: each.name for each in people if each is not None}
    return AuditPage(page.rows, names, by, case, page.offset, page.more)
