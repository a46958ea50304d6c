"""What the forms share: keeping a draft, reading a photo, the screen of the present question."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from aiogram.types import Message
from pydantic import BaseModel, ConfigDict

from bot.domain.cases import (
    Action,
    Event,
    Input,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
)
from bot.domain.foresight import if_one_acts
from bot.domain.intake import Context, ReturnDraft
from bot.domain.money import Money
from bot.domain.outlook import outlook
from bot.domain.policy import Policy
from bot.screens import claim as claim_screens
from bot.screens import forms as action_screens
from bot.screens import intake as return_screens
from bot.screens import room as room_screens
from bot.screens import seller as seller_screens
from bot.screens.last_look import last_look
from bot.screens.screen import Screen
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow, File, How, Seller, Template
from bot.texts import Html, Texts
from handlers import slips
from handlers.action_draft import SECOND_LOOK, ActionDraft
from handlers.answers import LONGEST_TEXT

LARGEST_VIDEO = 20 * 1024 * 1024
"""Bytes: what Telegram lets a bot download."""
MOST_PHOTOS = 10
"""In one letter."""
ALBUM_S = 1
"""Seconds in which the parts of an album arrive."""


class ReturnForm(BaseModel):
    """A return draft as it is kept, and the album whose parts have just been coming in."""

    model_config = ConfigDict(frozen=True)

    draft: ReturnDraft
    album: str | None = None


def keep_return(
    unit: Unit, account: Account, draft: ReturnDraft, context: Context, album: str | None = None
) -> None:
    """Keep the return form; it dies a day after it was begun."""
    due, policy = draft.dies_at(context), context.policy.draft
    remind = next((at for each in policy.reminders if (at := due - each) > context.now), None)
    body = ReturnForm(draft=draft, album=album).model_dump_json()
    row = DraftRow(
        account=account.id, kind=DraftKind.RETURN, body=body, due_at=due, remind_at=remind
    )
    unit.drafts.put(row)


async def opened_return(
    unit: Unit, account: Account, row: DraftRow, desk: ReturnDesk
) -> tuple[ReturnForm, Context]:
    """The open return form and what it is filled in against. Raises Refused(not_found)."""
    form = ReturnForm.model_validate_json(row.body)
    return form, await desk.form(unit, account, form.draft.order, form.draft.posting)


def keep_action(unit: Unit, account: Account, form: ActionDraft, desk: ReturnDesk) -> None:
    """Keep the form of an action for a day."""
    _keep(unit, account, desk, DraftKind.ACTION, form.model_dump_json())


async def show_action(
    unit: Unit,
    account: Account,
    form: ActionDraft,
    desk: ReturnDesk,
    t: Texts,
    problem: Html | None = None,
) -> Screen:
    """The present question of an action, or the last look before it.

    Raises Refused: nobody answers further questions about what has been decided meanwhile.
    """
    case, policy = await desk.open(unit, form.case)
    if form.action in SECOND_LOOK and form.version != case.version:
        raise await desk.stale(unit, account, case, form.version)
    templates = await unit.templates.of(case.seller) if takes_templates(form) else ()
    party = Party(form.role, account.id)
    screen = shown_action(form, case, policy, party, unit.now, t, problem, templates)
    return room_screens.marked(screen, await code_of(unit, case), t)


async def code_of(unit: Unit, case: ReturnCase) -> str | None:
    """The word of the dispute that is open."""
    room = await unit.rooms.get(case.id) if case.status is Status.DISPUTE else None
    return room.code if room else None


def takes_templates(form: ActionDraft) -> bool:
    """Whether a seller is explaining a rejection, of all or of a part."""
    explains = form.question is not None and form.question.input is Input.TEXT
    rejects = form.action in (Action.REJECT, Action.VERDICT)
    return explains and rejects and form.role is Role.SELLER


def shown_action(
    form: ActionDraft,
    case: ReturnCase,
    policy: Policy,
    party: Party,
    now: datetime,
    t: Texts,
    problem: Html | None = None,
    templates: Sequence[Template] = (),
) -> Screen:
    """The screen of a form whose case is at hand, for the party that fills it in.

    Raises Refused instead of a last look at what the rules do not allow.
    """
    asked = form.question
    if asked is None:
        return last_look(
            case,
            form.version,
            form.action,
            form.looked_at,
            t,
            outlook(case, Event(form.action, party, form.given), now, policy),
            role=party.role,
            asked=bool(form.asks),
            problem=problem,
        )
    doubted = Money(*form.doubted) if isinstance(form.doubted, tuple) else form.doubted
    rules = asked.input is Input.RULING
    acts = if_one_acts(case, party, now, policy) if rules else ()
    prompt = action_screens.Prompt(
        name=form.name,
        action=form.action,
        asked=asked,
        case=case,
        at=len(form.answers) + 1,
        of=len(form.open_asks) + (form.action in SECOND_LOOK),
        photos=len(form.album) if asked.input is Input.PHOTOS else 0,
        most_photos=policy.evidence.max_photos,
        currency=form.receipts,
        sku=form.sku if asked.input is Input.ACCEPTED else "",
        typing=form.typing,
        rounds_left=form.rounds_left,
        templates=tuple(templates),
        doubted=doubted,
        rulings={each.ruling: each.ahead for each in acts if each.ruling},
        most=form.cap(doubted.currency) if isinstance(doubted, Money) else form.limit("most"),
    )
    return action_screens.question(prompt, t, problem)


class LetterForm(BaseModel):
    """A letter to the other side of a dispute, as far as it is written.

    `message` is the one that holds its words, or else its first photo; `to` are roles, and staff
    choose them.
    """

    model_config = ConfigDict(frozen=True)

    case: int
    chooses: bool = False
    """Whether the writer says to whom it goes: staff do."""
    to: tuple[Role, ...] = ()
    text: str = ""
    photos: tuple[str, ...] = ()
    message: int = 0
    group: str | None = None
    """The album whose parts have just been coming in."""

    @classmethod
    def opened(cls, case: int, readers: tuple[Role, ...]) -> LetterForm:
        """A letter with nothing in it; who has but one reader need not choose."""
        chooses = len(readers) > 1
        return cls(case=case, chooses=chooses, to=() if chooses else readers)

    def with_photo(self, key: str, message: int, caption: str, group: str | None) -> LetterForm:
        """The letter with one photo more. Raises `too_many_photos`, `text_too_long`."""
        photos = tuple(dict.fromkeys((*self.photos, key)))
        if len(photos) > MOST_PHOTOS:
            raise Refused("too_many_photos", most=MOST_PHOTOS)
        text = f"{self.text}\n{caption}".strip()
        if len(text) > LONGEST_TEXT:
            raise Refused("text_too_long", most=LONGEST_TEXT)
        of = message if caption or not self.message else self.message
        return self.model_copy(
            update={"photos": photos, "text": text, "message": of, "group": group}
        )


def keep_letter(unit: Unit, account: Account, form: LetterForm, desk: ReturnDesk) -> None:
    """Keep the form of a letter for a day."""
    _keep(unit, account, desk, DraftKind.LETTER, form.model_dump_json())


async def ask_letter(
    unit: Unit, form: LetterForm, t: Texts, desk: ReturnDesk, problem: Html | None = None
) -> Screen:
    """What is still wanted of a letter, with the word of its dispute."""
    case, _ = await desk.open(unit, form.case)
    asked = (
        room_screens.ask_words(case, form.to, len(form.photos), t, problem, chooses=form.chooses)
        if form.to
        else room_screens.ask_whom(case, t, problem)
    )
    room = await unit.rooms.get(case.id)
    return room_screens.marked(asked, room.code if room else None, t)


def ask_claim(
    unit: Unit, account: Account, desk: ReturnDesk, t: Texts, number: str | None
) -> Screen:
    """Open or go on with the form for an order number (None: not typed yet) and its code."""
    _keep(unit, account, desk, DraftKind.CLAIM, json.dumps({"number": number}))
    return _claim(number, t)


def number_in(row: DraftRow) -> str | None:
    """The order number that a claim form has."""
    number: str | None = json.loads(row.body)["number"]
    return number


def _claim(number: str | None, t: Texts, problem: Html | None = None) -> Screen:
    if number is None:
        return claim_screens.ask_number(t, problem)
    return claim_screens.ask_code(number, t, problem)


async def ask_address(
    unit: Unit, account: Account, desk: ReturnDesk, code: str, t: Texts
) -> Screen:
    """Open the form for a seller's return address."""
    _keep(unit, account, desk, DraftKind.ADDRESS, json.dumps({"seller": code}))
    seller = await unit.accounts.seller(code) or Seller(code=code)
    others = [each for each in account.sellers if each != code]
    return anew(seller_screens.ask_address(seller, t, others=others))


def seller_in(row: DraftRow) -> str:
    """The seller whose address a form asks for."""
    seller: str = json.loads(row.body)["seller"]
    return seller


def _keep(unit: Unit, account: Account, desk: ReturnDesk, kind: DraftKind, body: str) -> None:
    due = unit.now + desk.policy.draft.length
    unit.drafts.put(DraftRow(account=account.id, kind=kind, body=body, due_at=due))


async def present(
    unit: Unit,
    account: Account,
    row: DraftRow,
    t: Texts,
    desk: ReturnDesk,
    problem: Html | None = None,
) -> Screen:
    """The present question of the open form, below what was just written. Raises Refused."""
    match row.kind:
        case DraftKind.RETURN:
            form, context = await opened_return(unit, account, row, desk)
            return anew(return_screens.question(form.draft, context, t, problem))
        case DraftKind.ACTION:
            draft = ActionDraft.model_validate_json(row.body)
            return anew(await show_action(unit, account, draft, desk, t, problem))
        case DraftKind.CLAIM:
            return anew(_claim(number_in(row), t, problem))
        case DraftKind.LETTER:
            letter = LetterForm.model_validate_json(row.body)
            return anew(await ask_letter(unit, letter, t, desk, problem))
        case DraftKind.ADDRESS:
            code = seller_in(row)
            seller = await unit.accounts.seller(code) or Seller(code=code)
            return anew(seller_screens.ask_address(seller, t, problem))
        case DraftKind.SLIP:
            slip = slips.Slip.model_validate_json(row.body)
            return anew(await slips.shown(unit, account, slip, t, problem))


async def still_open(
    unit: Unit, account: Account, row: DraftRow | None, t: Texts, desk: ReturnDesk
) -> tuple[Screen, ...]:
    """The present question of a form that is open, if it can be gone on with."""
    if row is None:
        return ()
    try:
        return (await present(unit, account, row, t, desk),)
    except Refused:
        return ()


def anew(screen: Screen) -> Screen:
    """The screen as a new message; the old one in its slot loses its buttons."""
    return replace(screen, how=How.RENEW)


def album(screen: Screen, part: str | None, *, first: bool) -> Screen:
    """The question after a photo. The parts of an album `part` share one, a second later."""
    how = How.RENEW if first else How.EDIT
    return replace(screen, how=how, not_before_s=ALBUM_S if part else 0)


def photo_of(
    message: Message, account: Account, now: datetime, known: Collection[str] = ()
) -> File:
    """The photo or video of a message. `known`: the keys of those that the form has already.

    Raises Refused("photo_expected", "video_too_large", "photo_twice").
    """
    sent = message.photo[-1] if message.photo else message.video
    if sent is None:
        raise Refused("photo_expected")
    if (sent.file_size or 0) > LARGEST_VIDEO:
        raise Refused("video_too_large")
    if sent.file_unique_id in known:
        raise Refused("photo_twice")
    return File(
        key=sent.file_unique_id,
        file_id=sent.file_id,
        kind="photo" if message.photo else "video",
        size=sent.file_size,
        sent_by=account.id,
        sent_at=now,
        forwarded=message.forward_origin is not None,
    )
