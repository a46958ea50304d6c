"""What a person sees when something is refused or broken: a clear sentence and the present screen.

The processor has discarded the unit before it asks here, so nothing of the failed update is kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiogram.types import CallbackQuery, Update, User

from bot.domain.cases import Refused
from bot.screens.blocks import object_button
from bot.screens.buttons import Act, Confirm, UseTrack
from bot.screens.keys import keys_of
from bot.screens.screen import Below, Reply, Screen, Toast
from bot.services import blocking
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftRow, How, Received
from bot.texts import Catalogues, Html, Texts
from handlers.action_draft import SECOND_LOOK, ActionDraft
from handlers.filters import read
from handlers.forms import album, present
from handlers.sentences import plain, sentence

LONGEST_TOAST = 200
FORM_OPEN = "form_open"
HARMLESS = frozenset({"not_asked", "no_form", "nothing_to_forget"})
"""Nothing is lost by these, and nobody needs to stop for them: a doubled tap, an old button."""


class Errors:
    """Words for what went wrong, as the processor asks for them."""

    def __init__(self, desk: ReturnDesk, catalogues: Catalogues) -> None:
        self._desk = desk
        self._catalogues = catalogues

    async def refused(self, error: Refused, update: Update, unit: Unit) -> tuple[Reply, ...]:
        """Why not, and the screen as it is now."""
        user = person_of(update)
        if user is None:
            return ()
        account, row = await self._who(user, unit)
        t = self._catalogues.texts(account.language, account.zone)
        press = update.callback_query
        if press is None:
            return await self._now(error, update, unit, account, row, t)
        toast = _toast(sentence(t, error), alert=error.code not in HARMLESS)
        if await _tapped_again(press, error, unit, row):
            return (replace(toast, alert=False),)
        return (toast, *await self._now(error, update, unit, account, row, t))

    async def broken(self, update: Update, unit: Unit) -> tuple[Reply, ...]:
        """After the last try: the person is told, and nothing was changed."""
        user = person_of(update)
        if user is None:
            return ()
        account, _ = await self._who(user, unit)
        t = self._catalogues.texts(account.language, account.zone)
        words = sentence(t, Refused("broken"))
        said = Screen(text=words, how=How.SEND)
        return (_toast(words, alert=True), said) if update.callback_query else (said,)

    async def quarantined(self, received: Received, error: str, unit: Unit) -> None:
        """Tell the staff which update could not be handled."""
        await self._desk.alert(unit, "quarantined", {"update": received.update_id, "error": error})

    async def _who(self, user: User, unit: Unit) -> tuple[Account, DraftRow | None]:
        account, row = await asyncio.gather(unit.accounts.get(user.id), unit.drafts.get(user.id))
        language = self._catalogues.nearest(user.language_code)
        alive = row if row and row.due_at > unit.now else None
        return account or Account(id=user.id, language=language), alive

    async def _now(
        self,
        error: Refused,
        update: Update,
        unit: Unit,
        account: Account,
        row: DraftRow | None,
        t: Texts,
    ) -> tuple[Reply, ...]:
        """The open form with the sentence in it, the card below the sentence, or the menu."""
        words = sentence(t, error)
        form = ActionDraft.in_row(row)
        case = _case_of(error, update)
        part = update.message.media_group_id if update.message else None
        about_form = case is None or error.code == FORM_OPEN or (form and form.case == case)
        if row is not None and about_form:
            if await self._still_open(unit, account, row, t):
                screen = await present(unit, account, row, t, self._desk, words)
                return (screen if part is None else album(screen, part, first=True),)
            unit.drafts.drop(account.id)
            case = form.case if form else case
        said = Screen(text=words, keys=keys_of(account, t), how=How.SEND)
        if part is not None:
            said = replace(album(said, part, first=True), slot="parts")
        if error.code == "blocked" and await blocking.may_object(unit, self._desk, account):
            return (replace(said, keys=None, rows=((object_button(t),),)),)
        card = case and await self._card(unit, account, case)
        return (replace(said, keys=None), card) if card else (said,)

    async def _still_open(self, unit: Unit, account: Account, row: DraftRow, t: Texts) -> bool:
        """Whether the form can be gone on with: its order or its action is still there."""
        try:
            await present(unit, account, row, t, self._desk)
            form = ActionDraft.in_row(row)
            return form is None or await self._still_possible(unit, account, form)
        except Refused:
            return False

    async def _still_possible(self, unit: Unit, account: Account, form: ActionDraft) -> bool:
        case, policy = await self._desk.open(unit, form.case)
        if form.action in SECOND_LOOK and case.version != form.version:
            return False
        party = self._desk.party(account, case, unit.now, policy, form.action)
        options = await self._desk.options(unit, case, party)
        return any(each.action is form.action and each.opens is None for each in options)

    async def _card(self, unit: Unit, account: Account, case: int) -> Below | None:
        """The card, if the case is the person's."""
        try:
            found, role = await self._desk.looked_at(unit, account, case)
        except Refused:
            return None
        return Below(case=found, person=account.id, role=role)


def person_of(update: Update) -> User | None:
    """Who wrote or pressed."""
    event = update.callback_query or update.message or update.edited_message
    return event.from_user if event else None


def _toast(words: Html, *, alert: bool) -> Toast:
    text = plain(words)
    cut = text if len(text) <= LONGEST_TOAST else f"{text[: LONGEST_TOAST - 1]}…"
    return Toast(text=cut, alert=alert)


async def _tapped_again(
    press: CallbackQuery, error: Refused, unit: Unit, row: DraftRow | None
) -> bool:
    """Whether the pressed message already shows what came of its first press.

    That is the present question of the form, or the word that the form was sent.
    """
    doubled = ("not_asked",) if row else ("no_form", "stale")
    if error.code not in doubled or press.message is None:
        return False
    at = await unit.outbox.message_of(press.message.chat.id, "draft")
    return at == press.message.message_id


def _case_of(error: Refused, update: Update) -> int | None:
    """The case that a pressed button is about, or that a command has named."""
    if isinstance(named := error.facts.get("case"), int):
        return named
    data = update.callback_query.data if update.callback_query else None
    pressed = read(Act, data) or read(Confirm, data) or read(UseTrack, data)
    return pressed.case if pressed else None
