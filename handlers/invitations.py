"""Invitations: single-use links into a role, made by staff or by a seller's own people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update

from bot.domain.cases import STAFF, Refused, Role
from bot.screens import invitations as screens
from bot.screens import seller as seller_screens
from bot.screens.buttons import Invite, Menu, Redeem, To
from bot.screens.keys import INVITE, TEAM
from bot.screens.screen import Reply
from bot.services.announcing import notice
from bot.services.auditing import Deed, audited
from bot.services.links import (
    deep_link,
    invitation_of,
    invitation_parameter,
    new_invitation,
    token_hash,
)
from bot.services.ports import Unit
from bot.services.records import Account, Invitation, Seller
from bot.texts import Catalogues, Texts
from handlers.commands import set_commands
from handlers.filters import Asks, Pressed, PressedTo
from handlers.forms import anew
from handlers.tree import ANYONE, SELLER, needs
from handlers.tries import check_tries

VALID = timedelta(days=3)

router = Router(name="invitations")


async def open_invitation(
    unit: Unit, account: Account, catalogues: Catalogues, parameter: str
) -> Reply:
    """Ask before the invitation of a link is accepted: which role, from whom, until when.

    Times are told in the zone in which the person will read them.
    """
    hashed = invitation_of(parameter)
    found = await valid(unit, account, hashed or "")
    if found is None:
        return screens.invitation_void(catalogues.texts(account.language, account.zone))
    t = catalogues.texts(account.language, (await _with_role(account, found, unit)).zone)
    inviter = await unit.accounts.get(found.by)
    seller = await unit.accounts.seller(found.seller) if found.seller else None
    name = (seller.name if seller else "") or found.seller or ""
    by = inviter.name if inviter else ""
    return screens.invitation(found.role, name, by, found.expires_at, parameter[1:], t)


async def valid(unit: Unit, account: Account, hashed: str) -> Invitation | None:
    """The invitation, if it can be used; a wrong one is counted. Raises `too_many_tries`."""
    await check_tries(unit, account)
    found = await unit.accounts.invitation(hashed)
    if found is None or found.used_by is not None or found.expires_at <= unit.now:
        unit.orders.missed_claim(account.id, unit.now)
        return None
    inviter = await unit.accounts.get(found.by)
    return found if inviter and may_invite(inviter, found.seller) else None


def may_invite(account: Account, seller: str | None) -> bool:
    """An admin invites into any role, a seller into the own team: for as long as they are that."""
    return account.staff is Role.ADMIN or (seller is not None and seller in account.sellers)


@router.callback_query(Pressed(Redeem), flags=ANYONE)
async def redeem(
    _: CallbackQuery,
    pressed: Redeem,
    unit: Unit,
    account: Account,
    t: Texts,
    event_update: Update,
) -> Reply:
    """Come in: of two who press at the same time one does."""
    found = await valid(unit, account, token_hash(pressed.token))
    if found is None:
        return screens.invitation_void(t)
    unit.accounts.redeem(found, account.id)
    unit.accounts.join(account.id, found.role, found.seller)
    if found.role in STAFF:
        audited(unit, account.id, Deed.JOINED, person=found.by, role=str(found.role))
    account = await _with_role(account, found, unit)
    unit.accounts.save(account)
    set_commands(unit, account, event_update)
    if found.by != account.id:
        notice(unit, found.by, "invitation_accepted", {"name": account.name})
    return anew(screens.joined_team(account, found.role, t))


async def _with_role(account: Account, invitation: Invitation, unit: Unit) -> Account:
    """The account in its new role. An admin who redeems less stays one.

    Who joins a seller's team reads times in the seller's zone, unless an order has told the own.
    """
    if invitation.seller is None:
        staff = Role.ADMIN if account.staff is Role.ADMIN else invitation.role
        return replace(account, staff=staff, role=staff)
    seller = await unit.accounts.seller(invitation.seller)
    has_orders = await unit.orders.count_of_customer(account.id)
    return replace(
        account,
        sellers=tuple(dict.fromkeys((*account.sellers, invitation.seller))),
        role=Role.SELLER,
        zone=seller.zone if seller and not has_orders else account.zone,
    )


# ------------------------------------------------------------------------------ making them


@router.message(Asks("team", TEAM), flags=SELLER)
@router.callback_query(PressedTo(Menu, To.TEAM), flags=SELLER)
async def team(
    _: Message | CallbackQuery, unit: Unit, account: Account, t: Texts
) -> tuple[Reply, ...]:
    """The team of each of the person's sellers, and the way to invite one more."""
    return tuple([await _team(unit, code, t) for code in account.sellers])


async def _team(unit: Unit, code: str, t: Texts) -> Reply:
    seller = await unit.accounts.seller(code) or Seller(code=code)
    return seller_screens.team(seller, len(await unit.accounts.team(code)), t)


@router.message(Asks("invite", INVITE), flags=needs(Role.SELLER, Role.ADMIN))
@router.callback_query(PressedTo(Menu, To.INVITE), flags=needs(Role.SELLER, Role.ADMIN))
async def invite(
    message: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    username: str,
    rest: str = "",
) -> Reply | tuple[Reply, ...]:
    """Whom to let in: an admin chooses a role or names a seller, a seller invites colleagues."""
    if account.staff is not Role.ADMIN:
        return tuple([await _team(unit, code, t) for code in account.sellers])
    if rest:
        return await _link(unit, account, t, username, Role.SELLER, rest)
    own = [await unit.accounts.seller(code) or Seller(code=code) for code in account.sellers]
    return screens.invite(own, t)


@router.callback_query(Pressed(Invite), flags=needs(Role.SELLER, Role.ADMIN))
async def make_link(
    _: CallbackQuery, pressed: Invite, unit: Unit, account: Account, t: Texts, username: str
) -> Reply:
    """A link into a role, for one person."""
    roles = {role.value: role for role in (Role.SELLER, *STAFF)}
    if pressed.role not in roles:
        raise Refused("old_button")
    seller = pressed.seller if pressed.role == Role.SELLER else None
    return await _link(unit, account, t, username, roles[pressed.role], seller)


async def _link(
    unit: Unit, account: Account, t: Texts, username: str, role: Role, seller: str | None
) -> Reply:
    """A new invitation. Raises Refused."""
    if not may_invite(account, seller):
        raise Refused("not_your_role")
    if seller is not None and await unit.accounts.seller(seller) is None:
        raise Refused("seller_unknown")
    token = new_invitation()
    expires_at = unit.now + VALID
    unit.accounts.invite(
        Invitation(
            token_hash=token_hash(token),
            role=role,
            seller=seller,
            by=account.id,
            expires_at=expires_at,
        )
    )
    if account.staff:
        audited(unit, account.id, Deed.INVITED, thing=seller or "", role=str(role))
    link = deep_link(username, invitation_parameter(token))
    return screens.invitation_link(role, link, expires_at, t)
