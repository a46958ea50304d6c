"""What only staff do beside the cards: the health of the service, and overriding a case."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Action
from bot.screens import support as screens
from bot.screens.buttons import Menu, To
from bot.screens.keys import HEALTH
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.health import Health, Reach
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow
from bot.texts import Texts
from handlers.action_form import begin, option_on
from handlers.cases import case_id_of
from handlers.filters import Asks, PressedTo
from handlers.tree import ADMIN, DESK

router = Router(name="support")


@router.message(Asks("health", HEALTH), flags=DESK)
@router.callback_query(PressedTo(Menu, To.HEALTH), flags=DESK)
async def health(_: Message | CallbackQuery, unit: Unit, t: Texts, reach: Reach) -> Reply:
    """How the service is doing, beside this very request."""
    counts = await unit.cases.counts()
    others = {**counts, "inbox": counts["inbox"] - 1}
    found = Health(
        now=unit.now,
        last_answer=reach.last_answer,
        disagreement=reach.disagreement,
        counts=others,
    )
    return screens.health(found, t)


@router.message(Asks("override"), flags=ADMIN)
async def override(
    _: Message,
    rest: str,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Set another status; where money moves a second person must ask for the same (row 56)."""
    if not rest:
        return screens.ask_return(t)
    case, party, option = await option_on(unit, account, desk, case_id_of(rest), Action.OVERRIDE)
    return await begin(unit, account, t, desk, draft, case, party, option)
