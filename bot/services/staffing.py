"""Who is of the staff, and taking somebody off it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.cases import STAFF, Refused, Role
from bot.services.auditing import Deed, audited
from bot.services.ports import Unit
from bot.services.records import Account, Outgoing


async def language_of_group(unit: Unit) -> str:
    """The language of what is said in the group of the staff: that of who was there first."""
    staff = await unit.accounts.staff()
    return min(staff, key=lambda each: each.id).language if staff else "en"


async def at_hand(unit: Unit) -> list[Account]:
    """Those of the staff who have opened the bot."""
    return [person for person in await unit.accounts.staff() if person.started_at]


async def may_dismiss(unit: Unit, person: int, owners: Collection[int]) -> Account:
    """Somebody of the staff who can be taken off it.

    Raises Refused: `not_of_staff`, `an_owner` (named in the settings), `last_admin`.
    """
    account = await unit.accounts.get(person)
    if account is None or account.staff is None:
        raise Refused("not_of_staff")
    if person in owners:
        raise Refused("an_owner")
    admins = [each for each in await unit.accounts.staff() if each.staff is Role.ADMIN]
    if account.staff is Role.ADMIN and len(admins) < 2:
        raise Refused("last_admin")
    return account


def dismiss(unit: Unit, account: Account, by: int) -> None:
    """Take the roles of staff away. What else the person is in the bot stays."""
    if account.staff is Role.ADMIN:
        unit.accounts.one_admin_less()
    for role in STAFF:
        unit.accounts.leave(account.id, role)
    audited(unit, by, Deed.DISMISSED, person=account.id)
    if account.role in STAFF:
        role = Role.SELLER if account.sellers else Role.CUSTOMER
        unit.accounts.save(replace(account, role=role))
        key = f"dismissed:{account.id}:{unit.now.isoformat()}"
        unit.outbox.put(
            Outgoing(chat=account.id, kind="commands", payload={}, key=key, silent=True)
        )
