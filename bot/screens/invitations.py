"""Invitations into a role: making a link, passing it on, accepting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.cases import Role
from bot.screens import labels
from bot.screens.buttons import Invite, Redeem, To
from bot.screens.keys import keys_of
from bot.screens.layout import button, menu, one_each
from bot.screens.screen import Button, Screen
from bot.services.records import Account, Seller
from bot.texts import Texts, joined


def invite(sellers: Sequence[Seller], t: Texts) -> Screen:
    """Into which role shall the link lead?"""
    staff = [
        button(labels.own_role(role, t), Invite(role=role.value, seller="-"))
        for role in (Role.MODERATOR, Role.ADMIN)
    ]
    teams = [
        button(
            t.plain("Seller {name}", name=seller.name or seller.code),
            Invite(role=Role.SELLER.value, seller=seller.code),
        )
        for seller in sellers
    ]
    ask = t("Whom do you want to let in? I make a link that works once.")
    how = (
        t("For another seller, type /invite and the seller's code.")
        if teams
        else t("For a seller, type /invite and the seller's code.")
    )
    return Screen(
        text=joined([ask, how], " "),
        rows=(*one_each(staff), *one_each(teams)),
        slot="menu",
    )


def invitation_link(role: Role, link: str, expires_at: datetime, t: Texts) -> Screen:
    """The link to pass on."""
    return Screen(
        text=joined(
            [
                t(
                    "Send this link to one person. It lets them in as: {role}. "
                    "It works once and until {when}.",
                    role=labels.own_role(role, t),
                    when=t.when(expires_at),
                ),
                t.code(link),
            ],
            "\n\n",
        ),
        rows=((Button(label=t.plain("Copy the link"), copy=link),),),
    )


def invitation(
    role: Role, seller: str, inviter: str, expires_at: datetime, token: str, t: Texts
) -> Screen:
    """Asks before an invitation is accepted: which role, and from whom it comes."""
    what = (
        t(
            "{inviter} invites you to the team of the seller {seller}.",
            inviter=inviter,
            seller=seller,
        )
        if role is Role.SELLER
        else t(
            "{inviter} invites you to work here as: {role}.",
            inviter=inviter,
            role=labels.own_role(role, t),
        )
    )
    return Screen(
        text=joined(
            [
                what,
                t(
                    "The link works once and until {when}. Accept it only if you expected it.",
                    when=t.when(expires_at),
                ),
            ],
            "\n\n",
        ),
        rows=(
            (
                button(t.plain("Accept the invitation"), Redeem(token=token), "success"),
                menu(t.plain("No, thank you"), To.HOME),
            ),
        ),
        slot="menu",
    )


def joined_team(account: Account, role: Role, t: Texts) -> Screen:
    """The invitation is accepted."""
    text = t(
        "Welcome! You are here as: {role}. What needs you will come to this chat by itself.",
        role=labels.own_role(role, t),
    )
    return Screen(text=text, keys=keys_of(account, t), slot="menu")


def invitation_void(t: Texts) -> Screen:
    """Unknown, expired, used and foreign links are answered alike."""
    return Screen(
        text=t("This link is not valid any more. Ask the person who sent it for a new one.")
    )
