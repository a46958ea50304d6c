"""What a button carries back: typed callback data, at most 64 bytes.

Whatever arrives in them was typed by anybody: the sender is authorised anew at every press, and
numbers are read in one canonical form only (no `+1`, `01`, `1_0`, nothing above 2^63 - 1).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

_CANONICAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LARGEST = 2**63 - 1
_LONGEST = 40


def _canonical(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _CANONICAL.fullmatch(value):
        number = int(value)
    else:
        raise ValueError("not a canonical number")
    if not 0 <= number <= _LARGEST:
        raise ValueError("out of range")
    return number


Number = Annotated[int, BeforeValidator(_canonical)]
"""0 … 2^63 - 1, decimal, in one form."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,48}\z")]
"""A code: a question, an action, a token."""


def _short(value: str) -> str:
    if len(value.encode()) > _LONGEST:
        raise ValueError("too long for a button")
    return value


OrderNumber = Annotated[
    str, StringConstraints(pattern=r"^[^:\x00-\x20]+\z"), AfterValidator(_short)
]
"""An order number as the marketplace writes it, of up to 40 bytes."""

SellerCode = Annotated[str, StringConstraints(pattern=r"^[^:\x00-\x1f]+\z"), AfterValidator(_short)]
"""A seller's code as the marketplace writes it, of up to 40 bytes."""

MOST_ROWS: Final = 1_000_000
"""No list is longer; a statement could not even name a page far behind it."""

DONE: Final = "done"
"""The answer that ends an album."""
SKIP: Final = "skip"
"""The answer that leaves out an optional question."""
SEND: Final = "send"
"""The answer to the summary or to the last look."""


class To(StrEnum):
    """Where a menu button leads."""

    HOME = "home"
    ORDERS = "orders"
    RETURNS = "returns"
    HELP = "help"
    LANGUAGE = "language"
    ROLE = "role"
    PHONE = "phone"
    NUMBER = "number"
    SUPPORT = "support"
    MISSING = "missing"
    QUEUE = "queue"
    ADDRESS = "address"
    SETTINGS = "settings"
    TEAM = "team"
    REFUNDS = "refunds"
    INVITE = "invite"
    HEALTH = "health"
    FIND = "find"
    STAFF = "staff"
    AUDIT = "audit"
    MORE = "more"
    BLOCKS = "blocks"
    SELLERS = "sellers"
    APPEAL = "appeal"
    DEDUCTIONS = "deductions"
    IMPORT = "import"
    REPORT = "report"
    SIMULATE = "simulate"
    STATS = "stats"
    RULES = "rules"
    TRY_RULES = "try_rules"


class Menu(CallbackData, prefix="m"):
    """Opens a place of `To`."""

    to: Word


class Paged(CallbackData, prefix="p"):
    """Opens a list (orders, returns, queue, refunds) at an offset."""

    list: Word
    offset: Annotated[Number, Field(le=MOST_ROWS)]


class OpenOrder(CallbackData, prefix="o"):
    """Opens an order."""

    number: OrderNumber


class OpenCase(CallbackData, prefix="c"):
    """Sends the card of a case."""

    id: Number


class ShowPhotos(CallbackData, prefix="g"):
    """Sends all photos of a case, and its card below them."""

    id: Number


class Talk(CallbackData, prefix="w"):
    """Begins a letter to the other side of a dispute."""

    id: Number


class LookAhead(CallbackData, prefix="n"):
    """Shows what happens next in a case: if nobody acts, and by each action."""

    id: Number


class GetRecord(CallbackData, prefix="gr"):
    """Sends the record of a case as files."""

    id: Number


class MakeReport(CallbackData, prefix="mr"):
    """Sends the report of the returns in a period, `2026-03-01_2026-03-31`."""

    period: Word


class ShowRule(CallbackData, prefix="z"):
    """Opens the rule behind an automatic step of a case."""

    case: Number
    rule: Word


class Templates(CallbackData, prefix="f"):
    """Opens a seller's templates; `drop` deletes one of them first, 0 none."""

    seller: SellerCode
    drop: Number


class EditTemplate(CallbackData, prefix="j"):
    """Asks for the words of a template; `id` is 0 for a new one."""

    seller: SellerCode
    id: Number


class ShopPictures(CallbackData, prefix="sp"):
    """Opens a page of a seller's products with pictures; `drop` forgets those of one first."""

    seller: SellerCode
    offset: Annotated[Number, Field(le=MOST_ROWS)]
    drop: Word


class AddPictures(CallbackData, prefix="ap"):
    """Asks for a seller's own pictures of products."""

    seller: SellerCode


class Rate(CallbackData, prefix="u"):
    """Rates the handling of a case with 1 to 5 stars; 0 asks for them."""

    case: Number
    stars: Annotated[Number, Field(le=5)]


class RateInWords(CallbackData, prefix="y"):
    """Asks for the words beside the stars."""

    case: Number


class BackToCard(CallbackData, prefix="d"):
    """Puts the card of a case where something about it has been read."""

    case: Number


class AskSupport(CallbackData, prefix="h"):
    """Calls support about an order."""

    order: OrderNumber


class StartReturn(CallbackData, prefix="s"):
    """Opens the return form for a posting of an order, counted from 0."""

    order: OrderNumber
    posting: Number


class Act(CallbackData, prefix="a"):
    """A button of a card: an action on the case as it was at this version."""

    case: Number
    version: Number
    action: Word


class Confirm(CallbackData, prefix="k"):
    """Yes to the second look at an action, bound to the version it was shown for."""

    case: Number
    version: Number
    action: Word


class UseTrack(CallbackData, prefix="t"):
    """Yes to a track number that was recognised in the chat, for this case."""

    case: Number
    track: Word


class Answer(CallbackData, prefix="q"):
    """An answer to the open form. It names its question: an old screen answers nothing."""

    question: Word
    value: Word


class Edit(CallbackData, prefix="e"):
    """Asks a question of the summary again."""

    question: Word


class Back(CallbackData, prefix="b"):
    """Forgets the answer before this question."""

    question: Word


class Cancel(CallbackData, prefix="x"):
    """Leaves the open form."""

    form: Word


class SetLanguage(CallbackData, prefix="l"):
    """Chooses the language of this person."""

    code: Word


class SetRole(CallbackData, prefix="r"):
    """Switches to another of the person's roles."""

    role: Word


class Redeem(CallbackData, prefix="i"):
    """Accepts the invitation with this token."""

    token: Word


class Invite(CallbackData, prefix="v"):
    """Makes an invitation link into a role; `seller` is `-` for staff roles."""

    role: Word
    seller: SellerCode


class FoundOrder(CallbackData, prefix="fo"):
    """Opens an order as the staff see it."""

    number: OrderNumber


class Audited(CallbackData, prefix="au"):
    """Opens the audit: of one person, of one return, or (0 and 0) all of it."""

    by: Number
    case: Number
    offset: Annotated[Number, Field(le=MOST_ROWS)]


class Dismiss(CallbackData, prefix="di"):
    """Takes the role of staff away from somebody; the first press only asks."""

    person: Number
    sure: Number


class BlockOf(CallbackData, prefix="bo"):
    """Asks why the new returns of this person are to be stopped."""

    person: Number


class OnBlock(CallbackData, prefix="bk"):
    """Opens a block, or does something about it: open, confirm, lift, uphold."""

    id: Number
    act: Word


class OpenSeller(CallbackData, prefix="se"):
    """Opens a seller as the staff see it."""

    code: SellerCode


class AskStats(CallbackData, prefix="sa"):
    """Asks of which time figures about a seller are wanted; `-`: which seller."""

    seller: SellerCode


class MakeStats(CallbackData, prefix="st"):
    """Sends pictures of a time that ends today, as `reporting.recent` names it; `-`: of all."""

    time: Word
    seller: SellerCode


class Moderate(CallbackData, prefix="mo"):
    """Lets the staff see a seller's requests first: for so many days, 0 for as long as they like.

    `on` is 0 to take that back.
    """

    code: SellerCode
    on: Number
    days: Annotated[Number, Field(le=3650)]


class AskModeration(CallbackData, prefix="am"):
    """The seller asks the staff to look at new requests first (1), or not any more (0)."""

    code: SellerCode
    on: Number


class Missing(CallbackData, prefix="mi"):
    """A product of an order was missing: its line, counted from 0 over all parcels, and units.

    `seen`: so many units of it were in use when the button was made; `sure` is 1 for a yes.
    """

    order: OrderNumber
    line: Annotated[Number, Field(le=9999)]
    units: Annotated[Number, Field(le=9999)]
    seen: Annotated[Number, Field(le=9999)]
    sure: Annotated[Number, Field(le=1)]


class OnDeduction(CallbackData, prefix="de"):
    """Opens a deduction, or does something about it: open, contest, pay, back, stays."""

    id: Number
    act: Word


class MissingOf(CallbackData, prefix="mf"):
    """Asks which product of an order was missing."""

    order: OrderNumber


class OnTrial(CallbackData, prefix="tr"):
    """Opens rules that were tried, or does something about them: open, ask, confirm, drop."""

    id: Number
    act: Word


class Differing(CallbackData, prefix="df"):
    """Lists the returns that would have another outcome, sum or deadline under tried rules."""

    trial: Number
    aspect: Word
    offset: Annotated[Number, Field(le=MOST_ROWS)]


class RulesFile(CallbackData, prefix="rf"):
    """Sends rules as a file, by how their digest begins."""

    digest: Word
