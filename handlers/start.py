"""The door: /start and its links, the menu, language, roles, help, and leaving a form."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update

from bot.domain.cases import Refused, Role
from bot.screens import keys, person
from bot.screens import menu as screens
from bot.screens.buttons import Cancel, Menu, SetLanguage, SetRole, To
from bot.screens.screen import Reply, Screen
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Catalogues, Texts
from handlers.commands import set_commands
from handlers.customer.claim import open_link
from handlers.filters import Asks, Blocked, Pressed, PressedTo
from handlers.forms import anew, still_open
from handlers.invitations import open_invitation
from handlers.tree import ANYONE

router = Router(name="start")


@router.message(Asks("start"), flags=ANYONE)
async def started(
    message: Message,
    rest: str,
    unit: Unit,
    account: Account,
    t: Texts,
    secret: str,
    desk: ReturnDesk,
    draft: DraftRow | None,
    catalogues: Catalogues,
    event_update: Update,
) -> tuple[Reply, ...]:
    """The greeting and the form that is open, or what a link leads to."""
    set_commands(unit, account, event_update)
    if rest.startswith("i"):
        return (await open_invitation(unit, account, catalogues, rest),)
    if rest:
        return await open_link(unit, account, t, rest, secret)
    greeting = await home(unit, account, t, greet=True)
    return (greeting, *await still_open(unit, account, draft, t, desk))


@router.message(Asks("menu", keys.BACK), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.HOME), flags=ANYONE)
async def menu(_: Message | CallbackQuery, unit: Unit, account: Account, t: Texts) -> Reply:
    """The menu of the active role."""
    return await home(unit, account, t)


async def home(unit: Unit, account: Account, t: Texts, *, greet: bool = False) -> Screen:
    """The menu, or the ways to find an order for a customer who has none."""
    orders = None
    if account.role is Role.CUSTOMER:
        orders = await unit.orders.count_of_customer(account.id)
    return screens.home(account, t, greet=greet, orders=orders)


@router.message(Asks("help", keys.HELP), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.HELP), flags=ANYONE)
async def help(_: Message | CallbackQuery, account: Account, t: Texts) -> Reply:
    """How it works, for the active role."""
    return screens.help(account, t)


# ------------------------------------------------------------------------- language and role


@router.message(Asks("language"), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.LANGUAGE), flags=ANYONE)
async def languages(_: Message | CallbackQuery, t: Texts, catalogues: Catalogues) -> Reply:
    """The choice of a language."""
    return person.languages(catalogues.languages, t)


@router.callback_query(Pressed(SetLanguage), flags=ANYONE)
async def set_language(
    _: CallbackQuery,
    pressed: SetLanguage,
    unit: Unit,
    account: Account,
    catalogues: Catalogues,
    desk: ReturnDesk,
    draft: DraftRow | None,
    event_update: Update,
) -> tuple[Reply, ...]:
    """From now on in this language, the form that is open too."""
    if pressed.code not in catalogues.languages:
        raise Refused("old_button")
    account = replace(account, language=pressed.code)
    unit.accounts.save(account)
    set_commands(unit, account, event_update)
    t = catalogues.texts(account.language, account.zone)
    said = anew(person.language_set(account, t))
    return (said, *await still_open(unit, account, draft, t, desk))


@router.message(Asks("role", keys.ROLE), flags=ANYONE)
@router.callback_query(PressedTo(Menu, To.ROLE), flags=ANYONE)
async def roles(_: Message | CallbackQuery, account: Account, t: Texts) -> Reply:
    """The choice among the person's roles."""
    return person.roles(account, t)


@router.callback_query(Pressed(SetRole), flags=ANYONE)
async def set_role(
    _: CallbackQuery,
    pressed: SetRole,
    unit: Unit,
    account: Account,
    t: Texts,
    event_update: Update,
) -> Reply:
    """On in another role, with its menu."""
    role = next((role for role in account.roles if role.value == pressed.role), None)
    if role is None:
        raise Refused("not_your_role")
    account = replace(account, role=role)
    unit.accounts.save(account)
    set_commands(unit, account, event_update)
    return anew(person.role_set(account, t))


# ----------------------------------------------------------------------------- leaving a form


@router.message(Asks("cancel"), flags=ANYONE)
async def cancel(
    _: Message, unit: Unit, account: Account, t: Texts, draft: DraftRow | None
) -> Reply:
    """Leave the open form, whichever it is."""
    if draft is not None:
        unit.drafts.drop(account.id)
    return screens.left(account, t, was_open=draft is not None)


@router.callback_query(Pressed(Cancel), flags=ANYONE)
async def leave(
    _: CallbackQuery,
    pressed: Cancel,
    unit: Unit,
    account: Account,
    t: Texts,
    draft: DraftRow | None,
) -> Reply:
    """Leave the form to which the button belongs; an old button leaves another form alone."""
    if draft is None:
        raise Refused("no_form")
    if draft.kind.value != pressed.form:
        raise Refused("form_open")
    unit.drafts.drop(account.id)
    return screens.left(account, t, was_open=True)


# -------------------------------------------------------------------------------- being there


@router.my_chat_member(Blocked(True), flags=ANYONE)
async def blocked(_: ChatMemberUpdated, unit: Unit, account: Account) -> None:
    """The person has stopped the bot: messages wait, the clock runs on."""
    unit.accounts.save(replace(account, reachable=False))


@router.my_chat_member(Blocked(False), flags=ANYONE)
async def unblocked(_: ChatMemberUpdated, unit: Unit, account: Account) -> None:
    """The person has let the bot in again: what they have missed comes now."""
    unit.accounts.save(replace(account, reachable=True))
    unit.outbox.release(account.id)
