"""The door: greeting, menus, language, roles, help, claiming orders, invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.cases import STAFF, Role
from bot.screens import labels
from bot.screens.buttons import Cancel, OpenOrder, Redeem, SetLanguage, SetRole, To
from bot.screens.layout import button, keyboard, menu, one_each
from bot.screens.screen import Button, Key, Screen, Toast
from bot.services.records import Account
from bot.texts import Html, Texts, joined, said

MY_ORDERS: Final = said("My orders")
MY_RETURNS: Final = said("My returns")
HELP: Final = said("Help")
ROLE: Final = said("Change role")
QUEUE: Final = said("Open cases")
ADDRESS: Final = said("Return address")
TEAM: Final = said("Team")
REFUNDS: Final = said("Refunds")
INVITE: Final = said("Invite")
HEALTH: Final = said("Health")
SHARE_PHONE: Final = said("Share my phone number")
BACK: Final = said("Back to the menu")

LABELS: Final = (
    MY_ORDERS, MY_RETURNS, HELP, ROLE, QUEUE, ADDRESS, TEAM, REFUNDS, INVITE, HEALTH, BACK,
)  # fmt: skip
"""All labels of reply keyboards that are sent back as messages."""

CUSTOMER_KEYS: Final = ((MY_ORDERS, MY_RETURNS), (HELP,))
SELLER_KEYS: Final = ((QUEUE, ADDRESS), (TEAM, HELP))
STAFF_KEYS: Final = ((QUEUE, REFUNDS), (INVITE, HEALTH), (HELP,))


def keys_of(account: Account, t: Texts) -> tuple[tuple[Key, ...], ...]:
    """The reply keyboard of the role that the person is in."""
    rows = (
        SELLER_KEYS
        if account.role is Role.SELLER
        else STAFF_KEYS
        if account.role in STAFF
        else CUSTOMER_KEYS
    )
    if len(account.roles) > 1:
        rows = (*rows[:-1], (*rows[-1], ROLE))
    return keyboard(*([t.plain(label) for label in row] for row in rows))


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


# ---------------------------------------------------------------------------- claiming orders


def claim(account: Account, t: Texts, greeting: Html | None = None) -> Screen:
    """No order is known yet: the ways to find one."""
    return Screen(
        text=joined(
            [
                greeting,
                t(
                    "I do not know your orders yet. Open the link from your order message, "
                    "share your phone number, or type the order number with its code."
                ),
                t("Your number is only compared with the one in your orders."),
            ],
            "\n\n",
        ),
        rows=one_each(
            [
                *(() if account.phone else (menu(t.plain(SHARE_PHONE), To.PHONE),)),
                menu(t.plain("Type the order number"), To.NUMBER),
                menu(t.plain("My order is not here"), To.SUPPORT),
            ]
        ),
        slot="menu",
    )


def phone_keys(t: Texts) -> tuple[tuple[Key, ...], ...]:
    """The keyboard that shares the person's own contact."""
    return ((Key(t.plain(SHARE_PHONE), contact=True),), (Key(t.plain(BACK)),))


def ask_phone(t: Texts) -> Screen:
    """Invites to share the own contact."""
    return Screen(
        text=t(
            "Tap “Share my phone number” below. I compare it with the number in your orders and "
            "show you those that fit; nobody else sees it."
        ),
        keys=phone_keys(t),
        slot="menu",
    )


def not_own_contact(t: Texts) -> Screen:
    """The shared contact is somebody else's."""
    return Screen(
        text=t(
            "This is not your own contact, so I cannot use it. "
            "Please tap “Share my phone number” below."
        ),
        keys=phone_keys(t),
    )


def phone_found(account: Account, numbers: Sequence[str], t: Texts) -> Screen:
    """Which orders the phone number has opened."""
    if not numbers:
        return Screen(
            text=t(
                "Thank you. No new order has this phone number. Tap “My orders” to type an order "
                "number with its code, or to reach our support."
            ),
            keys=keys_of(account, t),
        )
    return Screen(
        text=t.n(
            "Thank you. I have found {count} order of yours: it is in “My orders” now.",
            "Thank you. I have found {count} orders of yours: they are in “My orders” now.",
            len(numbers),
        ),
        keys=keys_of(account, t),
    )


def ask_number(t: Texts, problem: Html | None = None) -> Screen:
    """Asks for the order number. `problem`: why the last answer could not be taken."""
    text = t("Which order is it? Type its number as it is printed on your receipt.")
    return Screen(
        text=joined([problem, text], "\n\n"),
        rows=((button(t.plain("Cancel"), Cancel(form="claim")),),),
        slot="draft",
    )


def ask_code(number: str, t: Texts, problem: Html | None = None) -> Screen:
    """Asks for the code printed with the order."""
    text = t(
        "Order {number}. Type the code printed beside the order number; "
        "capital letters and spaces do not matter.",
        number=number,
    )
    return Screen(
        text=joined([problem, text], "\n\n"),
        rows=(
            (
                menu(t.plain("← Another number"), To.NUMBER),
                button(t.plain("Cancel"), Cancel(form="claim")),
            ),
        ),
        slot="draft",
    )


def claimed(number: str, t: Texts) -> Screen:
    """The order is the person's now."""
    return Screen(
        text=t("Order {number} is yours now. Open it to see what you can return.", number=number),
        rows=((button(t.plain("Open the order"), OpenOrder(number=number)),),),
        slot="menu",
    )


def support(t: Texts, contact: str | None = None) -> Screen:
    """The way to people. `contact`: what the settings name, a link or a sentence."""
    return Screen(
        text=joined(
            [
                t(
                    "If an order is not here, it may be on another phone number, or the shop has "
                    "not told us of it yet: new orders arrive every night."
                ),
                t("Write to our support: {contact}. They will answer you.", contact=contact)
                if contact
                else t(
                    "Write to the shop where you bought it, with the order number: its support "
                    "can send you the link that opens the order here."
                ),
            ],
            "\n\n",
        ),
        rows=one_each(
            [
                menu(t.plain("Type the order number"), To.NUMBER),
                menu(t.plain("Share my phone number"), To.PHONE),
            ]
        ),
    )


# ------------------------------------------------------------------- language, roles, help


def languages(codes: Sequence[str], t: Texts) -> Screen:
    """The choice of a language, each in its own words."""
    return Screen(
        text=t("Which language shall I speak? Everything I write from now on will be in it."),
        rows=one_each(button(_own_name(code), SetLanguage(code=code)) for code in codes),
        slot="menu",
    )


def _own_name(code: str) -> str:
    from babel import Locale

    return (Locale.parse(code).get_display_name(code) or code).capitalize()


def language_set(account: Account, t: Texts) -> Screen:
    """Said in the new language."""
    return Screen(
        text=t("I speak English with you now. Cards that you open from now on are in English."),
        keys=keys_of(account, t),
        slot="menu",
    )


def roles(account: Account, t: Texts) -> Screen:
    """The choice among the roles that the person holds."""
    here = labels.own_role(account.role, t)
    return Screen(
        text=t("You are here as: {role}. Choose in which role you want to go on.", role=here),
        rows=one_each(
            button(labels.own_role(role, t), SetRole(role=role.value), style=None)
            for role in account.roles
        ),
        slot="menu",
    )


def role_set(account: Account, t: Texts) -> Screen:
    """The role is another one now, with its keyboard."""
    return Screen(
        text=joined(
            [
                t("You go on as: {role}.", role=labels.own_role(account.role, t)),
                Html(home(account, t).text),
            ]
        ),
        keys=keys_of(account, t),
        slot="menu",
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
    return Screen(text=joined([text, commands], "\n\n"), keys=keys_of(account, t))


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
                *switch,
                *shared,
            )
        case role if role in STAFF:
            admin = (("invite", t.plain("make an invitation link")),) if role is Role.ADMIN else ()
            return (
                ("queue", t.plain("moderation, disputes and alarms")),
                ("return", t.plain("open a case by its number")),
                ("refunds", t.plain("refunds to be paid")),
                *admin,
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


# ---------------------------------------------------------------------------- invitations


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


def invitation_void(t: Texts) -> Screen:
    """Unknown, expired, used and foreign links are answered alike."""
    return Screen(
        text=t("This link is not valid any more. Ask the person who sent it for a new one.")
    )
