"""/simulate: a script on the real rules with a clock of its own; nothing of it is kept (N-9)."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Refused
from bot.screens import simulation as screens
from bot.screens.buttons import Menu, To
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account
from bot.services.script import ScriptError
from bot.services.simulation import Entry
from bot.services.trying import tried
from bot.texts import Html, Texts
from handlers.answers import text_of
from handlers.filters import Asks, PressedTo
from handlers.forms import anew
from handlers.sentences import reason
from handlers.slips import MOST, Purpose, Slip, keep, shown
from handlers.tree import DESK

router = Router(name="simulating")


@router.message(Asks("simulate"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.SIMULATE), flags=DESK)
async def simulate(
    _: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    rest: str = "",
) -> Reply | tuple[Reply, ...]:
    """Ask for a script, or play the one that follows."""
    if not rest:
        slip = Slip(purpose=Purpose.SIMULATE)
        keep(unit, account, desk, slip)
        return anew(await shown(unit, account, slip, t))
    slip = Slip(purpose=Purpose.SIMULATE, text=text_of(rest, 1, MOST[Purpose.SIMULATE]))
    return await simulated(unit, account, desk, slip, t)


async def simulated(
    unit: Unit, account: Account, desk: ReturnDesk, slip: Slip, t: Texts
) -> tuple[Reply, ...]:
    """What comes of the script in a slip, which stays open for another. Raises Refused."""
    if account.staff not in STAFF:
        raise Refused("not_your_role")
    keep(unit, account, desk, Slip(purpose=Purpose.SIMULATE))
    try:
        found = await asyncio.to_thread(tried, slip.text or "", unit.now, desk.policy)
    except ScriptError as error:
        return (anew(screens.ask(t, screens.wrong(error, t))),)

    def why(entry: Entry) -> Html:
        return reason(t, entry.why) if entry.why else Html("")

    return (screens.timeline(found, why, t), anew(screens.ahead(found, t)))
