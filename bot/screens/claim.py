"""Finding orders: the phone, the number with its code, and the way to support."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.screens.buttons import Cancel, OpenOrder, To
from bot.screens.keys import BACK, SHARE_PHONE, keys_of
from bot.screens.layout import button, menu, one_each
from bot.screens.screen import Key, Screen
from bot.services.records import Account
from bot.texts import Html, Texts, joined


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
                menu(t.plain("My order is not here"), To.MISSING),
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


def support(called: datetime, again: datetime, t: Texts, *, missing: bool) -> Screen:
    """Support knows since `called` that the person needs help; from `again` on it can be told.

    `missing`: it is about an order that is not here.
    """
    told = t(
        "Support was told on {when} that you need help. They answer through the shop where you "
        "bought it: write there too, with the order number, so that they find you.",
        when=t.when(called),
    )
    why = t(
        "Your order may be on another phone number, or the shop has not told me of it yet. The "
        "shop can also send you the link that opens it here."
    )
    once_more = t("You can call support again from {when} on.", when=t.opening(again))
    ways = [
        menu(t.plain("Type the order number"), To.NUMBER),
        menu(t.plain("Share my phone number"), To.PHONE),
    ]
    return Screen(
        text=joined([told, why if missing else None, once_more], "\n\n"),
        rows=one_each(ways if missing else [menu(t.plain("My orders"), To.ORDERS)]),
        slot="menu",
    )
