"""Five wrong tries end guessing: of order codes and of invitations, counted together."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.cases import Refused
from bot.services.ports import Unit
from bot.services.records import Account

MOST = 5
WITHIN = timedelta(hours=1)
"""Any hour, not that of a clock: with each try that is an hour old another one is free."""


async def check_tries(unit: Unit, account: Account) -> None:
    """Raises Refused("too_many_tries") with the instant of another try."""
    missed = await unit.orders.missed(account.id, unit.now - WITHIN)
    if len(missed) >= MOST:
        raise Refused("too_many_tries", opens=missed[-MOST] + WITHIN)
