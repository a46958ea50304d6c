"""A seller's templates of rejections: the list, and the question for the words of one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.forms import COMMENT_LENGTH
from bot.screens.buttons import Cancel, EditTemplate, Templates, To
from bot.screens.layout import Row, button, menu, one_each
from bot.screens.screen import Screen
from bot.services.records import DraftKind, Template
from bot.services.templates import LONGEST, MOST, NEW
from bot.texts import Html, Texts, joined


def templates(seller: str, found: Sequence[Template], t: Texts) -> Screen:
    """The templates of a seller with a button for each, and one for another."""
    listed = joined(
        joined([t.bold(f"{at}."), t.quote(each.text, 300)], " ") for at, each in enumerate(found, 1)
    )
    text = t(
        "Rejection templates: when you explain a rejection, they are there as buttons. "
        "{known} of {most} are kept.",
        known=len(found),
        most=MOST,
    )
    rows = one_each(
        button(t.plain("Change or delete {at}", at=at), EditTemplate(seller=seller, id=each.id))
        for at, each in enumerate(found, 1)
    )
    if len(found) < MOST:
        another = EditTemplate(seller=seller, id=NEW)
        rows = (*rows, (button(t.plain("Add a template"), another, "primary"),))
    rows = (*rows, (menu(t.plain("← Settings"), To.SETTINGS),))
    return Screen(text=joined([text, listed], "\n\n"), rows=rows, slot="menu")


def ask(seller: str, known: Template | None, t: Texts, problem: Html | None = None) -> Screen:
    """Asks for the words of a template; one that is there can be deleted here."""
    question = t(
        "Type the words of the template, {least} to {most} characters. Customers read them "
        "exactly so.",
        least=COMMENT_LENGTH,
        most=LONGEST,
    )
    now = joined([t("Now it says:"), t.quote(known.text, 600)]) if known else None
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP))
    row: Row = (cancel,)
    if known is not None:
        delete = Templates(seller=seller, drop=known.id)
        row = (button(t.plain("Delete it"), delete, "danger"), cancel)
    return Screen(text=joined([problem, now, question], "\n\n"), rows=(row,), slot="draft")


def kept(seller: str, text: str, t: Texts) -> Screen:
    """The template is there."""
    back = button(t.plain("All templates"), Templates(seller=seller, drop=0))
    return Screen(
        text=joined([t("The template is kept:"), t.quote(text, 600)]), rows=((back,),), slot="draft"
    )
