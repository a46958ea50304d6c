"""A track number typed straight into the chat while a return waits to be sent."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain import tracks
from bot.domain.cases import TERMINAL, Action, Input, Refused, Status
from bot.domain.tracks import Track
from bot.screens import tracks as screens
from bot.screens.buttons import UseTrack
from bot.screens.screen import Reply
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow, Page
from bot.texts import Texts
from handlers.action_draft import ActionDraft
from handlers.action_form import go_on, option_on
from handlers.filters import HoldsTrack, Pressed
from handlers.tree import ANYONE

MOST = 50
"""The newest returns of a customer among which one may wait."""

router = Router(name="track")


@router.message(HoldsTrack(), flags=ANYONE)
async def recognised(_: Message, track: Track, unit: Unit, account: Account, t: Texts) -> Reply:
    """Ask whether it is the number of a parcel that is waited for."""
    cases = await unit.cases.of_customer(account.id, Page(MOST))
    waiting = [case for case in cases if case.status is Status.APPROVED and case.address_known]
    if waiting:
        return screens.recognised(track.number, waiting, t)
    going_on = next((case for case in cases if case.status not in TERMINAL), None)
    if going_on is None:
        raise Refused("not_understood")
    return screens.too_early(track.number, going_on, t)


@router.callback_query(Pressed(UseTrack), flags=ANYONE)
async def use(
    _: CallbackQuery,
    pressed: UseTrack,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Begin "I have sent it" with the number already answered, whatever is asked first."""
    case, party, option = await option_on(unit, account, desk, pressed.case, Action.SENT)
    if draft is not None and draft.kind is DraftKind.RETURN:
        raise Refused("form_open")
    form = ActionDraft.opened(case, option, party.role)
    form = form.knowing(Input.TRACK, tracks.check(pressed.track).number)
    return await go_on(unit, account, t, desk, form)
