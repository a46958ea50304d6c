"""A seller's own pictures of products: the list, and the question for more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.screens.buttons import DONE, AddPictures, Answer, ShopPictures, To
from bot.screens.layout import Row, button, menu, one_each
from bot.screens.screen import Screen
from bot.services.pictures import NOTHING, mark
from bot.services.records import Pictured
from bot.texts import Html, Texts, joined

QUESTION: Final = "pictures"
PAGE: Final = 8


def pictures(seller: str, found: Sequence[Pictured], offset: int, t: Texts) -> Screen:
    """A page of the products of a shop that have pictures."""
    if offset >= len(found):
        offset = 0
    shown = found[offset : offset + PAGE]
    text = t(
        "Pictures of your shop: what is shown in returns is compared with them. If a photo looks "
        "the same, support sees both before anything is decided; nothing is rejected by itself."
    )
    known = t.n("{count} product has pictures.", "{count} products have pictures.", len(found))
    listed = joined(_product(each, t) for each in shown)
    rows = one_each(
        button(
            t.plain("Delete {sku}", sku=each.sku),
            ShopPictures(seller=seller, offset=offset, drop=mark(each.sku)),
        )
        for each in shown
    )
    turn: Row = ()
    for label, at in (
        (t.plain("← Back"), offset - PAGE),
        (t.plain("More →"), offset + PAGE),
    ):
        if 0 <= at < len(found):
            turn += (button(label, ShopPictures(seller=seller, offset=at, drop=NOTHING)),)
    add = button(t.plain("Add pictures"), AddPictures(seller=seller), "primary")
    rows = (*rows, *((turn,) if turn else ()), (add,), (menu(t.plain("← Settings"), To.SETTINGS),))
    return Screen(text=joined([text, known, listed], "\n\n"), rows=rows, slot="menu")


def _product(each: Pictured, t: Texts) -> Html:
    has = t.n("{sku}: {count} picture", "{sku}: {count} pictures", each.pictures, sku=each.sku)
    if not each.unseen:
        return has
    cannot = t.n(
        "{count} cannot be compared: it is damaged, plain or too large",
        "{count} cannot be compared: they are damaged, plain or too large",
        each.unseen,
    )
    return joined([has, cannot], ", ")


def ask(have: int, t: Texts, problem: Html | None = None) -> Screen:
    """Asks for pictures; `have` have come so far."""
    text = t(
        "Send the pictures with which you show your products in the shop, as photos, each with "
        "the SKU as its caption. An album is fine: its caption counts for all of it."
    )
    come = t.n("{count} picture is kept.", "{count} pictures are kept.", have) if have else None
    done = button(t.plain("Done"), Answer(question=QUESTION, value=DONE), "primary")
    return Screen(text=joined([problem, text, come], "\n\n"), rows=((done,),), slot="draft")
