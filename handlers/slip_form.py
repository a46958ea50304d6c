"""Answers to the open slip: words, photos, a file, and the buttons under its questions."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Refused
from bot.screens import blocks as block_screens
from bot.screens import pictures as picture_screens
from bot.screens import withholdings as withholding_screens
from bot.screens.buttons import DONE, SEND, SKIP, Answer
from bot.screens.screen import Reply, Screen
from bot.services import blocking, finding, pictures, withholding
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow, How
from bot.texts import Texts
from handlers.answers import text_of
from handlers.files import taken
from handlers.filters import DraftOpen, Pressed, Shows
from handlers.forms import album, anew, photo_of
from handlers.slips import LEAST, LONGEST, MOST, Purpose, Slip, finished, keep, shown
from handlers.support.blocks import one
from handlers.support.simulating import simulated
from handlers.tree import ANYONE, DESK

FORM = DraftKind.SLIP
MOST_PHOTOS = 10

router = Router(name="slip_form")


@router.message(DraftOpen(FORM), Shows("text"), flags=ANYONE)
async def typed(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply | tuple[Reply, ...]:
    """The words that were asked for."""
    slip = Slip.model_validate_json(draft.body)
    if slip.expects not in ("text_expected", "script_expected"):
        raise Refused(slip.expects)
    least, most = LEAST.get(slip.purpose, 1), MOST.get(slip.purpose, LONGEST)
    slip = slip.model_copy(update={"text": text_of(message.text, least, most)})
    if slip.purpose is Purpose.SIMULATE:
        return await simulated(unit, account, desk, slip, t)
    if slip.purpose is Purpose.FIND and account.staff in STAFF:
        case = await finding.return_named(unit, slip.text or "")
        if case is not None:
            await desk.show(unit, account, case)
            return None
    ended = await finished(unit, account, desk, slip, t)
    if ended is not None:
        unit.drafts.drop(account.id)
        return _after(ended, t)
    keep(unit, account, desk, slip)
    return anew(await shown(unit, account, slip, t))


@router.message(DraftOpen(FORM), Shows("photo", "video"), flags=ANYONE)
async def photo(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """What shows the packing, or a shop's product: one, or one part of an album."""
    slip = Slip.model_validate_json(draft.body)
    if slip.purpose is Purpose.PICTURES:
        return await _picture(message, unit, account, t, desk, slip)
    if slip.expects != "photo_expected":
        raise Refused(slip.expects)
    file = photo_of(message, account, unit.now, slip.photos)
    photos = tuple(dict.fromkeys((*slip.photos, file.key)))
    if len(photos) > MOST_PHOTOS:
        raise Refused("too_many_photos", most=MOST_PHOTOS)
    unit.files.keep(file)
    part = message.media_group_id
    first = part is None or part != slip.group
    slip = slip.model_copy(update={"photos": photos, "group": part})
    keep(unit, account, desk, slip)
    return album(await shown(unit, account, slip, t), part, first=first)


async def _picture(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, slip: Slip
) -> Reply:
    """A shop's picture is kept at once, under the SKU of its caption or of its album's."""
    part = message.media_group_id
    first = part is None or part != slip.group
    sku = " ".join((message.caption or "").split()) or ("" if first else slip.text or "")
    if not message.photo or not 0 < len(sku) <= pictures.LONGEST:
        raise Refused("picture_expected")
    file = photo_of(message, account, unit.now)
    await pictures.keep(unit, account, slip.choice or "", sku, file)
    slip = slip.model_copy(update={"subject": slip.subject + 1, "text": sku, "group": part})
    keep(unit, account, desk, slip)
    return album(await shown(unit, account, slip, t), part, first=first)


@router.message(DraftOpen(FORM), Shows("document"), flags=DESK)
async def document(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, draft: DraftRow
) -> Reply:
    """A file of orders or rules, or a script: a worker fetches and reads it, its sender is told.

    The form waits until one can be used: a faulty file is sent again, mended.
    """
    return taken(message, unit, account, t, desk, Slip.model_validate_json(draft.body))


@router.message(DraftOpen(FORM), flags=ANYONE)
async def other(_: Message, draft: DraftRow) -> Reply:
    """A sticker, a place: not what is asked for."""
    raise Refused(Slip.model_validate_json(draft.body).expects)


@router.callback_query(DraftOpen(FORM), Pressed(Answer), flags=ANYONE)
async def pressed_answer(
    _: CallbackQuery,
    pressed: Answer,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    draft: DraftRow,
) -> Reply | tuple[Reply, ...]:
    """An answer by button: only to the question that it names."""
    slip = Slip.model_validate_json(draft.body)
    match slip.purpose, pressed.question, pressed.value:
        case Purpose.BLOCK, "block.send", word if word == SEND and slip.text:
            return await _blocked(unit, account, t, desk, slip, slip.text)
        case Purpose.BLOCK, "block.term", term if slip.choice is None and term in _TERMS:
            slip = slip.model_copy(update={"choice": term})
            keep(unit, account, desk, slip)
            return await shown(unit, account, slip, t)
        case Purpose.CONTEST, "packing", word if slip.text and word in _ENDS[bool(slip.photos)]:
            await withholding.contest(unit, account, slip.subject, slip.text, slip.photos)
            unit.drafts.drop(account.id)
            return withholding_screens.contested(t)
        case Purpose.PICTURES, picture_screens.QUESTION, word if word == DONE:
            unit.drafts.drop(account.id)
            seller = slip.choice or ""
            found = await pictures.pictured(unit, account, seller)
            return _after(picture_screens.pictures(seller, found, 0, t), t)
        case _:
            raise Refused("not_asked")


_TERMS = frozenset(str(days) for days in block_screens.TERMS)
_ENDS = {True: (DONE,), False: (SKIP,)}


async def _blocked(
    unit: Unit, account: Account, t: Texts, desk: ReturnDesk, slip: Slip, reason: str
) -> tuple[Reply, ...]:
    if account.staff not in STAFF:
        raise Refused("not_your_role")
    days = int(slip.choice or 0) or None
    block = await blocking.block(unit, desk, account, slip.subject, reason, days)
    unit.drafts.drop(account.id)
    return _after(await one(unit, account, block, t), t)


def _after(ended: Screen, t: Texts) -> tuple[Reply, ...]:
    """What comes after the last answer. A question in another place stays without its buttons."""
    if ended.slot == "draft":
        return (anew(ended),)
    return (Screen(text=t("Done."), slot="draft", how=How.EDIT), anew(ended))
