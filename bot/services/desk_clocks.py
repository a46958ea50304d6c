"""The clocks of what is no return: each kind has its service."""

from __future__ import annotations

from bot.services import blocking, withholding
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import DeskClock, DeskTimer


async def look_at(unit: Unit, desk: ReturnDesk, timer: DeskTimer) -> None:
    """A clock has come to a reminder or to its end."""
    match timer.kind:
        case DeskClock.BLOCK_CONFIRM:
            await blocking.look(unit, timer, desk.policy)
        case DeskClock.BLOCK_END:
            await blocking.end(unit, timer)
        case DeskClock.WITHHOLDING:
            await withholding.look(unit, timer, desk.policy)
