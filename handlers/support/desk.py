"""What only staff do beside the cards: the health of the service, and the straight ways in."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Action, Role
from bot.screens import lists
from bot.screens import support as screens
from bot.screens.buttons import Menu, To
from bot.screens.keys import HEALTH
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.health import Health, Reach
from bot.services.ports import Unit
from bot.services.reading import Reading
from bot.services.records import Account, DraftRow, Only
from bot.texts import Texts
from handlers.action_form import begin, option_on
from handlers.cases import case_id_of
from handlers.filters import Asks, PressedTo, Wants
from handlers.tree import ADMIN, DESK

WAITING = {Action.DECIDE: Only.DISPUTE, Action.ASK: Only.PREMOD}
"""Where the returns are that an action is for."""

router = Router(name="support")


@router.message(Asks("health", HEALTH), flags=DESK)
@router.callback_query(PressedTo(Menu, To.HEALTH), flags=DESK)
async def health(_: Message | CallbackQuery, unit: Unit, t: Texts, reach: Reach) -> Reply:
    """How the service is doing, beside this very request."""
    counts = await unit.cases.counts()
    # This request is in the inbox, too, unless it is put there with what becomes of it.
    others = {**counts, "inbox": max(0, counts["inbox"] - 1)}
    found = Health(
        now=unit.now,
        last_answer=reach.last_answer,
        disagreement=reach.disagreement,
        counts=others,
    )
    return screens.health(found, t)


@router.message(Wants("override", Action.OVERRIDE), flags=ADMIN)
@router.message(Wants("decide", Action.DECIDE), flags=DESK)
@router.message(Wants("reopen", Action.REOPEN), flags=DESK)
@router.message(Wants("ask", Action.ASK), flags=DESK)
async def straight(
    _: Message,
    rest: str,
    action: Action,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    reading: Reading,
    draft: DraftRow | None,
) -> Reply:
    """The form of an action on the return that is named; without one, the returns it is for."""
    if not rest and action in WAITING:
        only = WAITING[action]
        role = account.staff or Role.MODERATOR
        return lists.queue(await reading.queue(unit, account, role, 0, only), role, t, only)
    if not rest:
        return screens.ask_return(action.value, t)
    case, party, option = await option_on(
        unit, account, desk, case_id_of(rest), action, pressed=False
    )
    return await begin(unit, account, t, desk, draft, case, party, option)
