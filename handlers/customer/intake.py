"""The return form in the chat: every answer by button, text or photo, one draft, one message."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused, Role
from bot.domain.intake import Asking, Context, Question, ReturnDraft, start
from bot.screens import intake as screens
from bot.screens.buttons import DONE, SEND, SKIP, Answer, Back, Edit, StartReturn
from bot.screens.screen import Reply
from bot.services.announcing import redraw
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Texts
from handlers.filters import DraftOpen, Pressed, Shows
from handlers.forms import ReturnForm, album, anew, keep_return, opened_return, photo_of
from handlers.tree import ANYONE

FORM = DraftKind.RETURN

router = Router(name="intake")


@router.callback_query(Pressed(StartReturn), flags=ANYONE)
async def begin(
    _: CallbackQuery,
    pressed: StartReturn,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow | None,
) -> Reply:
    """Open the form for a posting (row 01), or go on with the one that is open for it."""
    order = await unit.orders.get(pressed.order)
    if order is None or pressed.posting >= len(order.postings):
        raise Refused("not_found")
    posting = order.postings[pressed.posting].number
    context = await desk.form(unit, account, order.number, posting)
    if draft is not None and draft.kind is FORM:
        form = ReturnForm.model_validate_json(draft.body)
        if (form.draft.order, form.draft.posting) == (order.number, posting):
            return anew(screens.question(form.draft, context, t))
    blank = start(context)
    keep_return(unit, account, blank, context)
    return anew(screens.question(blank, context, t))


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
    form, context = await opened_return(unit, account, draft, desk)
    asking = form.draft.next_question(context)
    if pressed.question != screens.name_of(asking, context):
        raise Refused("not_asked")
    if asking.question is Question.SUMMARY and pressed.value == SEND:
        case = await desk.submit(unit, account, form.draft)
        unit.drafts.drop(account.id)
        redraw(unit, case, [(account.id, Role.CUSTOMER)], anew=True)
        return screens.sent(case.number, t)
    answered = _answered(form.draft, asking, pressed.value, context)
    keep_return(unit, account, answered, context)
    return screens.question(answered, context, t)


def _answered(draft: ReturnDraft, asking: Asking, value: str, context: Context) -> ReturnDraft:
    """The draft with the answer that the button stands for. Lines are named by their place."""
    match asking.question:
        case Question.LINES if value != DONE:
            lines = context.posting.lines
            if not value.isdecimal() or int(value) >= len(lines):
                raise Refused("not_asked")
            return draft.tick(lines[int(value)].sku, context)
        case Question.STORY if value == SKIP:
            return draft.answer(asking.question, "", context)
        case _:
            return draft.answer(asking.question, value, context, sku=asking.sku)


@router.message(DraftOpen(FORM), Shows("text"), flags=ANYONE)
async def typed(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """An answer in words: the story, or a number of units."""
    form, context = await opened_return(unit, account, draft, desk)
    asking = form.draft.next_question(context)
    if asking.question not in (Question.STORY, Question.QUANTITY):
        raise Refused(expected(asking))
    words = (message.text or "").strip()
    answered = form.draft.answer(asking.question, words, context, sku=asking.sku)
    keep_return(unit, account, answered, context)
    return screens.question(answered, context, t)


@router.message(DraftOpen(FORM), Shows("photo", "video"), flags=ANYONE)
async def photo(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """One photo or one part of an album; the question comes again below the last of them."""
    form, context = await opened_return(unit, account, draft, desk)
    asking = form.draft.next_question(context)
    if asking.question is not Question.PHOTOS:
        raise Refused(expected(asking))
    file = photo_of(message, account, unit.now, form.draft.photos)
    unit.files.keep(file)
    part = message.media_group_id
    more = form.draft.add_photos((file.key,), context)
    keep_return(unit, account, more, context, album=part)
    first = part is None or part != form.album
    return album(screens.question(more, context, t), part, first=first)


@router.message(DraftOpen(FORM), flags=ANYONE)
async def other(
    message: Message, unit: Unit, account: Account, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """A sticker, a file, a place: not what is asked for."""
    form, context = await opened_return(unit, account, draft, desk)
    code = expected(form.draft.next_question(context))
    sent_as_file = message.document is not None and code == "photo_expected"
    raise Refused("photo_not_file" if sent_as_file else code)


def expected(asking: Asking) -> str:
    """The code that says what the question takes."""
    match asking.question:
        case Question.STORY:
            return "text_expected"
        case Question.PHOTOS:
            return "photo_expected"
        case _:
            return "choice_expected"


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
    form, context = await opened_return(unit, account, draft, desk)
    if pressed.question != screens.name_of(form.draft.next_question(context), context):
        raise Refused("not_asked")
    shorter = form.draft.back()
    keep_return(unit, account, shorter, context)
    return screens.question(shorter, context, t)


@router.callback_query(DraftOpen(FORM), Pressed(Edit), flags=ANYONE)
async def edit(
    _: CallbackQuery,
    pressed: Edit,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow,
) -> Reply:
    """Ask a question of the summary again."""
    form, context = await opened_return(unit, account, draft, desk)
    at_summary = form.draft.next_question(context).question is Question.SUMMARY
    if not at_summary or pressed.question not in form.draft.editable(context):
        raise Refused("not_asked")
    edited = form.draft.edit(Question(pressed.question))
    keep_return(unit, account, edited, context)
    return screens.question(edited, context, t)
