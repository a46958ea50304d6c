"""The command menu of a person: set by a row of the outbox when role or language change."""

from __future__ import annotations

from aiogram.types import Update

from bot.services.ports import Unit
from bot.services.records import Account, Outgoing


def set_commands(unit: Unit, account: Account, update: Update) -> None:
    """Set the person's command menu, once for each update that changes it."""
    unit.outbox.put(
        Outgoing(
            chat=account.id,
            kind="commands",
            payload={"role": account.role.value, "language": account.language},
            key=f"commands:{update.update_id}",
            silent=True,
        )
    )
