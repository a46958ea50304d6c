"""A form of a few words about something: what to look for, why somebody is blocked, an objection.

It lives as JSON in the person's draft row, and its next question is derived from what is
unanswered. Who may begin one is looked at by the handler that opens it, and again by what its end
calls: a role may be lost meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.domain.cases import STAFF, Refused
from bot.domain.forms import COMMENT_LENGTH
from bot.screens import blocks as block_screens
from bot.screens import finding as find_screens
from bot.screens import imports as import_screens
from bot.screens import pictures as picture_screens
from bot.screens import policies as rules_screens
from bot.screens import rating as rating_screens
from bot.screens import simulation as simulation_screens
from bot.screens import templates as template_screens
from bot.screens import withholdings as withholding_screens
from bot.screens.screen import Screen
from bot.services import blocking, finding, importing, pictures, rating, templates, withholding
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Html, Texts


class Purpose(StrEnum):
    """What the words are for."""

    FIND = "find"
    BLOCK = "block"
    APPEAL = "appeal"
    CONTEST = "contest"
    """A deduction, by the seller."""
    RULE = "rule"
    """The answer to a contest."""
    PAY = "pay"
    """The reference of a payment for a missing product."""
    IMPORT = importing.IMPORT
    """A file, no words."""
    TEMPLATE = "template"
    """A seller's template of a rejection."""
    PICTURES = "pictures"
    """Of a shop, one after the other, no words."""
    RATING = "rating"
    """What a customer says beside the stars."""
    RULES = importing.RULES
    """A file of rules, no words."""
    SIMULATE = importing.SCRIPT
    """Scripts, one after the other, as words or as files."""


LEAST = {
    Purpose.BLOCK: block_screens.LEAST,
    Purpose.APPEAL: block_screens.LEAST,
    Purpose.CONTEST: withholding_screens.LEAST,
    Purpose.RULE: withholding_screens.LEAST,
    Purpose.TEMPLATE: COMMENT_LENGTH,
}
"""Characters of the words; 1 of any others."""
MOST = {
    Purpose.FIND: 100,
    Purpose.PAY: 100,
    Purpose.BLOCK: 600,
    Purpose.TEMPLATE: templates.LONGEST,
    Purpose.RATING: rating.LONGEST_WORD,
    Purpose.SIMULATE: 4096,
}
"""Characters of the words; `LONGEST` of any others."""
LONGEST = 1500
GIVES_BACK = "back"
"""The choice of an answer by which the seller gets the sum back."""
_OF_STAFF = frozenset(
    {
        Purpose.FIND,
        Purpose.BLOCK,
        Purpose.RULE,
        Purpose.PAY,
        Purpose.IMPORT,
        Purpose.SIMULATE,
        Purpose.RULES,
    }
)


class Slip(BaseModel):
    """The form as it is kept."""

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    subject: int = 0
    """The person, the deduction, the template or the case that it is about; of pictures, how
    many have come."""
    choice: str | None = None
    """Of a block: how many days, 0 for no end. Of an answer to a contest: what comes of it.
    Of a template and of pictures: the seller."""
    text: str | None = None
    """The words so far; of a search, those that were looked for last; of pictures, the SKU."""
    photos: tuple[str, ...] = ()
    """Keys of what shows the packing."""
    group: str | None = None
    """The album whose parts have just been coming in."""

    @property
    def expects(self) -> str:
        """The code that says what is asked for now. A search is always open to others."""
        match self.purpose:
            case Purpose.IMPORT:
                return "file_expected"
            case Purpose.RULES:
                return "rules_expected"
            case Purpose.SIMULATE:
                return "script_expected"
            case Purpose.CONTEST if self.text is not None:
                return "photo_expected"
            case Purpose.PICTURES:
                return "picture_expected"
            case Purpose.BLOCK if self.choice is None or self.text is not None:
                return "choice_expected"
            case _:
                return "text_expected"


def keep(unit: Unit, account: Account, desk: ReturnDesk, slip: Slip) -> None:
    """Keep the form for a day."""
    due = unit.now + desk.policy.draft.length
    body = slip.model_dump_json()
    unit.drafts.put(DraftRow(account=account.id, kind=DraftKind.SLIP, body=body, due_at=due))


def check_free(draft: DraftRow | None) -> None:
    """Raises Refused("form_open") where a form of more than a few words would be lost."""
    if draft is not None and draft.kind in (DraftKind.RETURN, DraftKind.ACTION, DraftKind.LETTER):
        raise Refused("form_open")


def slip_in(row: DraftRow | None) -> Slip | None:
    """The slip that a person has open."""
    if row is None or row.kind is not DraftKind.SLIP:
        return None
    return Slip.model_validate_json(row.body)


async def shown(
    unit: Unit, account: Account, slip: Slip, t: Texts, problem: Html | None = None
) -> Screen:
    """The present question of a slip, or what was found. Raises Refused."""
    if slip.purpose in _OF_STAFF and account.staff not in STAFF:
        raise Refused("not_your_role")
    match slip.purpose:
        case Purpose.FIND:
            return await searched(unit, account, slip, t, problem)
        case Purpose.BLOCK:
            return await _block(unit, slip, t, problem)
        case Purpose.APPEAL:
            await blocking.block_of(unit, account)
            return block_screens.ask_appeal(t, problem)
        case Purpose.CONTEST:
            await withholding.check_may_contest(unit, account, slip.subject)
            if slip.text is None:
                return withholding_screens.ask_contest(t, problem)
            return withholding_screens.ask_packing(len(slip.photos), t, problem)
        case Purpose.RULE:
            return withholding_screens.ask_ruling(slip.choice == GIVES_BACK, t, problem)
        case Purpose.PAY:
            seen = await withholding.open(unit, account, slip.subject)
            return withholding_screens.ask_ref(seen.withholding, t, problem)
        case Purpose.IMPORT:
            return import_screens.ask(t, problem)
        case Purpose.TEMPLATE:
            seller = slip.choice or ""
            known = await templates.template(unit, account, seller, slip.subject)
            return template_screens.ask(seller, known, t, problem)
        case Purpose.PICTURES:
            await pictures.pictured(unit, account, slip.choice or "")
            return picture_screens.ask(slip.subject, t, problem)
        case Purpose.RATING:
            await rating.rateable(unit, account, slip.subject)
            return rating_screens.ask_word(slip.subject, t, problem)
        case Purpose.RULES:
            return rules_screens.ask(t, problem)
        case Purpose.SIMULATE:
            return simulation_screens.ask(t, problem)


async def searched(
    unit: Unit, account: Account, slip: Slip, t: Texts, problem: Html | None = None, offset: int = 0
) -> Screen:
    """What is looked for, or a page of what was found."""
    if slip.text is None or problem is not None:
        return find_screens.ask(t, problem)
    page = await finding.find(unit, account, slip.text, offset)
    return find_screens.found(page, slip.text, t)


async def _block(unit: Unit, slip: Slip, t: Texts, problem: Html | None) -> Screen:
    person = await unit.accounts.get(slip.subject)
    name = person.name if person else ""
    if slip.choice is None:
        return block_screens.ask_term(name, t, problem)
    if slip.text is None:
        return block_screens.ask_reason(t, problem)
    return block_screens.last_look(name, int(slip.choice), slip.text, t, problem)


async def finished(
    unit: Unit, account: Account, desk: ReturnDesk, slip: Slip, t: Texts
) -> Screen | None:
    """What comes of a slip whose words end it; None if it goes on. Raises Refused."""
    if slip.text is None:
        return None
    match slip.purpose:
        case Purpose.APPEAL:
            by = await blocking.appeal(unit, desk, account, slip.text)
            return block_screens.appeal_sent(by, t)
        case Purpose.RULE:
            gives_back = slip.choice == GIVES_BACK
            after = await withholding.rule(
                unit, account, slip.subject, slip.text, gives_back=gives_back
            )
        case Purpose.PAY:
            after = await withholding.pay(unit, account, slip.subject, slip.text)
        case Purpose.TEMPLATE:
            seller = slip.choice or ""
            await templates.keep(unit, account, seller, slip.subject, slip.text)
            return template_screens.kept(seller, slip.text, t)
        case Purpose.RATING:
            kept, until = await rating.rate(unit, account, slip.subject, word=slip.text)
            return replace(rating_screens.thanks(kept, until, t), slot="draft")
        case _:
            return None
    seen = await withholding.open(unit, account, after.id)
    return withholding_screens.deduction(seen, unit.now, t, staff=True)
