"""What only sellers see beside their cards: the return address and the team."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import Role
from bot.screens.buttons import Cancel, Invite
from bot.screens.forms import address_question
from bot.screens.layout import button
from bot.screens.screen import Screen
from bot.services.records import Seller
from bot.texts import Html, Texts, joined


def ask_address(
    seller: Seller, t: Texts, problem: Html | None = None, others: Sequence[str] = ()
) -> Screen:
    """Shows the return address in force and asks for another one.

    `others`: codes of the other sellers whose team the person is in.
    """
    head = t("Return address of {seller}", seller=seller.name or seller.code)
    known = (
        joined([t("Returns go here now:"), t.code(seller.address)])
        if seller.address
        else t("There is none yet: customers cannot send anything.")
    )
    elsewhere = (
        t("For another seller type /address and the code: {codes}.", codes=t.list(others))
        if others
        else None
    )
    return Screen(
        text=joined([t.bold(head), problem, known, address_question(t), elsewhere], "\n\n"),
        rows=((button(t.plain("Cancel"), Cancel(form="address")),),),
        slot="draft",
    )


def address_set(seller: Seller, waited: int, t: Texts) -> Screen:
    """The address is kept. `waited`: approved returns whose time to send begins now."""
    text = t("Returns go to this address from now on. Customers see it with every approval.")
    told = (
        t.n(
            "{count} approved return waited for it: the customer is told now.",
            "{count} approved returns waited for it: the customers are told now.",
            waited,
        )
        if waited
        else None
    )
    return Screen(text=joined([text, t.code(seller.address or ""), told], "\n\n"), slot="draft")


def team(seller: Seller, members: int, t: Texts) -> Screen:
    """Who works for the seller, as a number, and the way to invite one more."""
    text = t.n(
        "{count} person works here for {seller}. Everybody of the team sees the same cases.",
        "{count} people work here for {seller}. Everybody of the team sees the same cases.",
        members,
        seller=seller.name or seller.code,
    )
    invite = Invite(role=Role.SELLER.value, seller=seller.code)
    return Screen(
        text=joined([text, t("An invitation link lets in one person and works once.")], "\n\n"),
        rows=((button(t.plain("Invite a colleague"), invite),),),
        slot="menu",
    )
