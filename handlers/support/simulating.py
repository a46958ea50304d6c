"""/simulate: a script on the real rules with a clock of its own; nothing of it is kept (N-9)."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Refused
from bot.screens import simulation as screens
from bot.screens.buttons import Menu, To
from bot.screens.screen import Reply, Screen
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account
from bot.services.script import ScriptError
from bot.services.simulation import Entry
from bot.services.trying import tried
from bot.texts import Catalogues, Html, Texts
from handlers.answers import text_of
from handlers.files import asked
from handlers.filters import Asks, PressedTo
from handlers.forms import anew
from handlers.sentences import reason
from handlers.slips import MOST, Purpose, Slip, keep
from handlers.tree import DESK

router = Router(name="simulating")
log = structlog.get_logger(__name__)


@router.message(Asks("simulate"), flags=DESK)
@router.callback_query(PressedTo(Menu, To.SIMULATE), flags=DESK)
async def simulate(
    event: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    rest: str = "",
) -> Reply | tuple[Reply, ...]:
    """Ask for a script, or play the one that follows; a file that came along is taken."""
    if not rest or (isinstance(event, Message) and event.document):
        return await asked(event, unit, account, t, desk, Purpose.SIMULATE)
    slip = Slip(purpose=Purpose.SIMULATE, text=text_of(rest, 1, MOST[Purpose.SIMULATE]))
    return await simulated(unit, account, desk, slip, t)


async def simulated(
    unit: Unit, account: Account, desk: ReturnDesk, slip: Slip, t: Texts
) -> tuple[Reply, ...]:
    """What comes of the script in a slip, which stays open for another. Raises Refused."""
    if account.staff not in STAFF:
        raise Refused("not_your_role")
    keep(unit, account, desk, Slip(purpose=Purpose.SIMULATE))
    return await _played(slip.text or "", unit.now, desk, t)


class Simulator:
    """Plays scripts that came as files."""

    def __init__(self, desk: ReturnDesk, catalogues: Catalogues) -> None:
        self._desk = desk
        self._catalogues = catalogues

    async def __call__(
        self, account: Account, name: str, text: str | None, now: datetime
    ) -> tuple[Screen, ...]:
        """What comes of the text of a file; None: it could not be read."""
        t = self._catalogues.texts(account.language, account.zone)
        if text is None:
            return (anew(screens.ask(t, screens.unread(name, t))),)
        try:
            return await _played(text, now, self._desk, t)
        except Exception:
            # A file that was given up on for good holds up none behind it.
            log.exception("a script was not played")
            return (anew(screens.ask(t, screens.broken(name, t))),)


async def _played(text: str, now: datetime, desk: ReturnDesk, t: Texts) -> tuple[Screen, ...]:
    try:
        found = await asyncio.to_thread(tried, text, now, desk.policy)
    except ScriptError as error:
        return (anew(screens.ask(t, screens.wrong(error, t))),)

    def why(entry: Entry) -> Html:
        return reason(t, entry.why) if entry.why else Html("")

    return (screens.timeline(found, why, t), anew(screens.ahead(found, t)))
