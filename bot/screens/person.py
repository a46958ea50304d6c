"""As whom a person goes on here: the language and the role."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale

from bot.screens import labels
from bot.screens.buttons import SetLanguage, SetRole
from bot.screens.keys import keys_of
from bot.screens.layout import button, one_each
from bot.screens.menu import home
from bot.screens.screen import Screen
from bot.services.records import Account
from bot.texts import Html, Texts, joined


def languages(codes: Sequence[str], t: Texts) -> Screen:
    """The choice of a language, each in its own words."""
    return Screen(
        text=t("Which language shall I speak? Everything I write from now on will be in it."),
        rows=one_each(button(_own_name(code), SetLanguage(code=code)) for code in codes),
        slot="menu",
    )


def _own_name(code: str) -> str:

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
