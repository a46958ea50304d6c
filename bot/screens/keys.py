"""The reply keyboards: the labels on them, and which of them a role has."""

from __future__ import annotations

from typing import Final

from bot.domain.cases import Role
from bot.screens.layout import keyboard
from bot.screens.screen import Key
from bot.services.records import Account
from bot.texts import Texts, said

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
FIND: Final = said("Find")
MORE: Final = said("More")
REPORT: Final = said("Report")
SHARE_PHONE: Final = said("Share my phone number")
BACK: Final = said("Back to the menu")

LABELS: Final = (
    MY_ORDERS, MY_RETURNS, HELP, ROLE, QUEUE, ADDRESS, TEAM, REFUNDS, INVITE, HEALTH,
    FIND, MORE, REPORT, BACK,
)  # fmt: skip
"""All labels of reply keyboards that are sent back as messages."""

CUSTOMER_KEYS: Final = ((MY_ORDERS, MY_RETURNS), (HELP,))
SELLER_KEYS: Final = ((QUEUE, ADDRESS), (TEAM, REPORT), (HELP,))
ADMIN_KEYS: Final = ((QUEUE, REFUNDS), (FIND, MORE), (INVITE, HEALTH), (HELP,))
MODERATOR_KEYS: Final = ((QUEUE, REFUNDS), (FIND, MORE), (HEALTH, HELP))
"""Moderators invite nobody."""

_KEYS: Final = {
    Role.SELLER: SELLER_KEYS,
    Role.MODERATOR: MODERATOR_KEYS,
    Role.ADMIN: ADMIN_KEYS,
}


def keys_of(account: Account, t: Texts) -> tuple[tuple[Key, ...], ...]:
    """The reply keyboard of the role that the person is in."""
    rows = _KEYS.get(account.role, CUSTOMER_KEYS)
    if len(account.roles) > 1:
        rows = (*rows[:-1], (*rows[-1], ROLE))
    return keyboard(*([t.plain(label) for label in row] for row in rows))
