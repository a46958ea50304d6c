"""Every action of the table in the chat: one form asks for whatever inputs it declares."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Action, Input, Option, Party, Refused, ReturnCase
from bot.domain.checks import turns_down
from bot.screens import forms as screens
from bot.screens.buttons import Act, Answer, Back, Confirm
from bot.screens.last_look import asked_second, done, lapsed, turned_down
from bot.screens.room import marked
from bot.screens.screen import Reply, Screen, Toast
from bot.services import overriding
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Texts
from handlers.action_answers import expected, taken
from handlers.action_draft import SECOND_LOOK, ActionDraft
from handlers.filters import DraftOpen, Pressed, Shows
from handlers.forms import (
    album,
    anew,
    ask_address,
    code_of,
    keep_action,
    photo_of,
    show_action,
    takes_templates,
)
from handlers.tree import ANYONE

FORM = DraftKind.ACTION

router = Router(name="action_form")


@router.callback_query(Pressed(Act), flags=ANYONE)
async def act(
    _: CallbackQuery,
    pressed: Act,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """A button of a card: take the action, or ask first for what it needs."""
    action, chosen = action_named(pressed.action)
    case, party, option = await option_on(unit, account, desk, pressed.case, action)
    if pressed.version != case.version:
        raise await desk.stale(unit, account, case, pressed.version)
    if action is Action.SET_ADDRESS:
        return await ask_address(unit, account, desk, case.seller, t)
    return await begin(unit, account, t, desk, draft, case, party, option, chosen)


async def begin(
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
    case: ReturnCase,
    party: Party,
    option: Option,
    chosen: str = "",
) -> Reply:
    """Open the form of an action, or its last look, or take it where nothing is to be asked.

    `chosen`: the answer to its first question, where the button has named it.
    """
    if option.action is Action.OVERRIDE and (
        gone := await has_lapsed(unit, account, desk, case, t)
    ):
        return anew(gone)
    form = ActionDraft.opened(case, option, party.role)
    if chosen:
        if form.question is None or chosen not in form.question.choices:
            raise Refused("old_button")
        form = form.answered(chosen)
        if option.action is Action.OVERRIDE and case.override and chosen == case.override.to:
            form = await seconded(unit, case, form)
    if not option.asks and option.action not in SECOND_LOOK:
        await desk.act(unit, account, case.id, case.version, option.action)
        return Toast(text=t.plain("Done."))
    if draft is not None and draft.kind is DraftKind.RETURN:
        raise Refused("form_open")
    keep_action(unit, account, form, desk)
    return anew(await show_action(unit, account, form, desk, t))


def action_named(word: str) -> tuple[Action, str]:
    """The action of a button and what it has chosen: `accept.seller`. Raises `old_button`."""
    action, _, chosen = word.partition(".")
    if action not in set(Action):
        raise Refused("old_button")
    return Action(action), chosen


async def option_on(
    unit: Unit,
    account: Account,
    desk: ReturnDesk,
    case_id: int,
    action: Action,
    *,
    pressed: bool = True,
) -> tuple[ReturnCase, Party, Option]:
    """The option that a person has on a case. Raises Refused: not theirs, not now, not yet.

    `pressed`: a button has offered it. What a command names was perhaps never possible.
    """
    case, policy = await desk.open(unit, case_id)
    party = desk.party(account, case, unit.now, policy, action)
    options = await desk.options(unit, case, party)
    option = next((each for each in options if each.action is action), None)
    if option is None and not pressed:
        raise Refused("not_possible", case=case.id, status=case.status)
    if option is None:
        raise await desk.stale(unit, account, case)
    if option.opens is not None:
        raise Refused("not_yet", opens=option.opens, case=case.id)
    return case, party, option


async def finish(
    unit: Unit, account: Account, t: Texts, desk: ReturnDesk, form: ActionDraft
) -> Reply:
    """Let the desk act. What ends or pays is bound to the version that was looked at."""
    version = form.version if form.action in SECOND_LOOK else None
    before, _ = await desk.open(unit, form.case)
    if form.action is Action.OVERRIDE and (
        gone := await has_lapsed(unit, account, desk, before, t)
    ):
        unit.drafts.drop(account.id)
        return gone
    case = await desk.act(
        unit, account, form.case, version, form.action, form.given, anew=bool(form.asks)
    )
    unit.drafts.drop(account.id)
    if form.action is Action.OVERRIDE and turns_down(before, form.given):
        return turned_down(case, t)
    if form.action is Action.OVERRIDE and case.override:
        names = [each.name for each in await overriding.seconds(unit, case) if each.started_at]
        return asked_second(case, names, t)
    return marked(done(case, form.action, t), await code_of(unit, case), t)


async def has_lapsed(
    unit: Unit, account: Account, desk: ReturnDesk, case: ReturnCase, t: Texts
) -> Screen | None:
    """The word that an override waits no more, if who asked for it may not any more (row 56)."""
    if case.override is None or await desk.lapse(unit, account, case) is None:
        return None
    first = await unit.accounts.get(case.override.by)
    return lapsed(case, first.name if first else "", t)


async def seconded(unit: Unit, case: ReturnCase, form: ActionDraft) -> ActionDraft:
    """The form with the sum and the words of whoever has asked for an override (row 56)."""
    first = case.override
    assert first is not None
    amount = (first.amount.minor, first.amount.currency) if first.amount else None
    form = form.knowing(Input.AMOUNT, amount)
    said = reversed(await unit.cases.history(case.id))
    by_first = (each for each in said if each.event == Action.OVERRIDE and each.person == first.by)
    line = next(by_first, None)
    return form.knowing(Input.TEXT, line.text) if line and line.text else form


@router.callback_query(Pressed(Confirm), flags=ANYONE)
async def confirm(
    _: CallbackQuery,
    pressed: Confirm,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Yes to the last look, for the case as it was when it was shown."""
    form = ActionDraft.in_row(draft)
    if form is None or form.token != (pressed.case, pressed.version, pressed.action):
        return await confirm_without_form(pressed, unit, account, t, desk)
    if form.question is not None:
        raise Refused("incomplete")
    return await finish(unit, account, t, desk, form)


async def confirm_without_form(
    pressed: Confirm, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """A yes whose form is closed: a doubled tap, or the form has died. It never acts."""
    case, policy = await desk.open(unit, pressed.case)
    desk.party(account, case, unit.now, policy)
    if case.version != pressed.version:
        raise await desk.stale(unit, account, case, pressed.version)
    raise Refused("no_form")


# ------------------------------------------------------------------------------------ answers


@router.callback_query(DraftOpen(FORM), Pressed(Answer), flags=ANYONE)
async def pressed_answer(
    _: CallbackQuery,
    pressed: Answer,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow,
) -> Reply:
    """An answer by button: only to the question that it names."""
    form = ActionDraft.model_validate_json(draft.body)
    if pressed.question != form.name:
        raise Refused("not_asked")
    if takes_templates(form):
        words = await words_of(unit, form, desk, pressed.value)
        return await go_on(unit, account, t, desk, taken(form, words, unit.now, t.zone))
    return await go_on(
        unit, account, t, desk, taken(form, pressed.value, unit.now, t.zone, pressed=True)
    )


async def words_of(unit: Unit, form: ActionDraft, desk: ReturnDesk, pressed: str) -> str:
    """The template of a button, as if it were typed. Raises Refused("old_button") if it is gone."""
    case, _ = await desk.open(unit, form.case)
    for each in await unit.templates.of(case.seller):
        if pressed == f"{screens.TEMPLATE}{each.id}":
            return each.text
    raise Refused("old_button")


@router.message(DraftOpen(FORM), Shows("text"), flags=ANYONE)
async def typed(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """An answer in words."""
    form = ActionDraft.model_validate_json(draft.body)
    return await go_on(unit, account, t, desk, taken(form, message.text, unit.now, t.zone))


async def go_on(
    unit: Unit, account: Account, t: Texts, desk: ReturnDesk, form: ActionDraft
) -> Reply:
    """The next question, the last look, or the action itself. Raises Refused."""
    if form.question is None and form.action not in SECOND_LOOK:
        return await finish(unit, account, t, desk, form)
    shown = await show_action(unit, account, form, desk, t)
    keep_action(unit, account, form, desk)
    return shown


@router.message(DraftOpen(FORM), Shows("photo", "video"), flags=ANYONE)
async def photo(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """One photo or one part of an album; the question comes again below the last of them."""
    form = ActionDraft.model_validate_json(draft.body)
    if expected(form) != "photo_expected":
        raise Refused(expected(form))
    file = photo_of(message, account, unit.now, form.album)
    unit.files.keep(file)
    part = message.media_group_id
    first = part is None or part != form.group
    _, policy = await desk.open(unit, form.case)
    form = form.with_photo(file.key, policy.evidence.max_photos, part)
    keep_action(unit, account, form, desk)
    return album(await show_action(unit, account, form, desk, t), part, first=first)


@router.message(DraftOpen(FORM), flags=ANYONE)
async def other(message: Message, draft: DraftRow) -> Reply:
    """A sticker, a file, a place: not what is asked for."""
    code = expected(ActionDraft.model_validate_json(draft.body))
    sent_as_file = message.document is not None and code == "photo_expected"
    raise Refused("photo_not_file" if sent_as_file else code)


@router.callback_query(DraftOpen(FORM), Pressed(Back), flags=ANYONE)
async def back(
    _: CallbackQuery,
    pressed: Back,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow,
) -> Reply:
    """Forget the last answer; a Back of another question forgets nothing."""
    form = ActionDraft.model_validate_json(draft.body)
    if pressed.question != form.name:
        raise Refused("not_asked")
    return await go_on(unit, account, t, desk, form.back())
