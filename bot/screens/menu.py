"""The menu: the greeting, help, leaving a form, and what groups are answered."""

from __future__ import annotations

from bot.domain.cases import STAFF, Role
from bot.screens.buttons import To
from bot.screens.claim import claim
from bot.screens.keys import keys_of
from bot.screens.layout import menu, packed
from bot.screens.screen import Button, Screen, Toast
from bot.services.records import Account
from bot.texts import Texts, joined


def home(account: Account, t: Texts, *, greet: bool = False, orders: int | None = None) -> Screen:
    """The menu of the active role. `orders`: how many a customer has, if that is known."""
    hello = t("Hello! I am Return Desk: I carry returns from the first tap to the money.")
    match account.role:
        case Role.SELLER:
            text = t(
                "New returns come to you here by themselves. "
                "“Open cases” lists those that wait, the nearest deadline first."
            )
        case role if role in STAFF:
            text = t(
                "Alarms, moderation and disputes come to you here by themselves. "
                "“Open cases” lists those that wait, the nearest deadline first."
            )
        case _ if orders == 0:
            return claim(account, t, greeting=hello if greet else None)
        case _:
            text = t(
                "“My orders” shows what you can return and until when. "
                "“My returns” shows where each return stands and what happens next."
            )
    return Screen(
        text=joined([hello if greet else None, text], "\n\n"),
        keys=keys_of(account, t),
    )


def help(account: Account, t: Texts) -> Screen:
    """What the commands of this role do."""
    commands = joined(
        t("/{command}: {what}", command=command, what=what)
        for command, what in commands_of(account.role, t)
    )
    match account.role:
        case Role.SELLER:
            text = t(
                "Every return has a card with its deadline and what happens if you do nothing. "
                "Each step is a button on the card; I remind you before time runs out."
            )
        case role if role in STAFF:
            text = t(
                "Whatever no clock can settle comes to you. Open a case with /return and its "
                "number; money is moved only by buttons in this private chat."
            )
        case _:
            text = t(
                "Open an order, tap “Return products” and answer a few questions. Then a card "
                "shows whose move it is, by when, and what happens if nobody acts."
            )
    text = joined([text, commands], "\n\n")
    if account.role is Role.CUSTOMER:
        return Screen(text=text, rows=((menu(t.plain("Call support"), To.SUPPORT),),))
    return Screen(text=text, keys=keys_of(account, t))


def commands_of(role: Role, t: Texts) -> tuple[tuple[str, str], ...]:
    """The command menu of a role: (command, what it does)."""
    shared = (("language", t.plain("choose the language")), ("help", t.plain("how this works")))
    switch = (("role", t.plain("change your role")), ("cancel", t.plain("leave the open form")))
    match role:
        case Role.SELLER:
            return (
                ("queue", t.plain("open cases by deadline")),
                ("return", t.plain("open a case by its number")),
                ("address", t.plain("set the return address")),
                ("team", t.plain("invite a colleague")),
                ("deductions", t.plain("deductions for missing products")),
                ("settings", t.plain("address, templates, pictures, moderation, language")),
                ("report", t.plain("the returns of a period as a table")),
                *switch,
                *shared,
            )
        case role if role in STAFF:
            admin = (
                ("override", t.plain("set another status")),
                ("invite", t.plain("make an invitation link")),
                ("policy", t.plain("the rules in force, and trying others")),
                ("audit", t.plain("what the staff have done")),
            )
            return (
                ("queue", t.plain("moderation, disputes and alarms")),
                ("return", t.plain("open a case by its number")),
                ("find", t.plain("find an order, or a return by its number")),
                ("decide", t.plain("decide a dispute")),
                ("ask", t.plain("ask the customer")),
                ("reopen", t.plain("open a closed return again")),
                ("refunds", t.plain("refunds to be paid")),
                ("missing", t.plain("deduct a product that was missing")),
                ("deductions", t.plain("deductions to pay or to answer")),
                ("block", t.plain("stop a customer's new returns")),
                ("unblock", t.plain("who is blocked, and lifting a block")),
                ("sellers", t.plain("sellers and their pre-moderation")),
                ("stats", t.plain("figures of a period as pictures")),
                ("export", t.plain("the record of a return, or the returns of a period")),
                ("import", t.plain("bring in a file of orders")),
                ("simulate", t.plain("try out a return without making one")),
                ("staff", t.plain("who is of the staff")),
                *(admin if role is Role.ADMIN else ()),
                ("health", t.plain("how the service is doing")),
                *switch,
                *shared,
            )
        case _:
            return (
                ("orders", t.plain("your orders and what can be returned")),
                ("returns", t.plain("your returns and where they stand")),
                ("cancel", t.plain("leave the open form")),
                *shared,
            )


def more(account: Account, t: Texts) -> Screen:
    """The places of the staff that have no key of their own."""
    admin = account.staff is Role.ADMIN
    places = (
        menu(t.plain("Deductions"), To.DEDUCTIONS),
        menu(t.plain("Blocks"), To.BLOCKS),
        menu(t.plain("Sellers"), To.SELLERS),
        menu(t.plain("Import orders"), To.IMPORT),
        menu(t.plain("Records and reports"), To.REPORT),
        menu(t.plain("Simulation"), To.SIMULATE),
        menu(t.plain("Figures"), To.STATS),
        menu(t.plain("Staff"), To.STAFF),
        *((menu(t.plain("Rules"), To.RULES), menu(t.plain("Audit"), To.AUDIT)) if admin else ()),
    )
    return Screen(
        text=t(
            "What do you want to look at? Every command has a button here, on a card or below the "
            "chat; “Find” opens a return by its number, too."
        ),
        rows=packed(places, 2),
        slot="menu",
    )


def left(account: Account, t: Texts, *, was_open: bool) -> Screen:
    """A form was left by Cancel or /cancel, or there was none to leave."""
    if not was_open:
        return Screen(
            text=t("No form is open. Choose in the menu what you want to do."),
            keys=keys_of(account, t),
        )
    return Screen(
        text=t("The form is closed, and nothing was sent. Choose in the menu what to do next."),
        slot="draft",
    )


def private_chat(t: Texts, link: str) -> Screen:
    """The answer to a command in a group."""
    return Screen(
        text=t("I talk about returns only in private. Tap the button to open our chat."),
        rows=((Button(label=t.plain("Open our chat"), url=link),),),
    )


def only_in_private(t: Texts) -> Toast:
    """The answer to a button that was pressed in a group."""
    return Toast(
        text=t.plain("Decisions are made in your private chat with me: open it to go on."),
        alert=True,
    )
