"""Sellers as the staff see them, and a seller's own settings: pre-moderation before all (X-50)."""

from __future__ import annotations

from bot.domain.moderation import Cause, Premoderation
from bot.screens.buttons import AskModeration, Moderate, OpenSeller, ShopPictures, Templates, To
from bot.screens.layout import Rows, button, menu, one_each, pages
from bot.screens.rating import figures, own_figures
from bot.screens.screen import Screen
from bot.services.moderating import Sellers, SellerView
from bot.services.pictures import NOTHING
from bot.texts import Html, Texts, joined

DAYS = 30
"""For how long staff pre-moderate a seller, unless they choose to end it themselves."""


def sellers(page: Sellers, t: Texts) -> Screen:
    """All sellers, by their codes."""
    if not page.sellers:
        return Screen(text=t("There are no sellers yet: they come with the orders."), slot="menu")
    rows = one_each(
        button(each.name or each.code, OpenSeller(code=each.code)) for each in page.sellers
    )
    paging = pages(t, To.SELLERS.value, page.offset, len(page.sellers), page.more)
    return Screen(
        text=t("Sellers. Tap one to see its team and whether its requests are moderated first."),
        rows=(*rows, *paging),
        slot="menu",
    )


def seller(view: SellerView, t: Texts) -> Screen:
    """One seller, with the ways to let the staff see its requests first."""
    seller = view.seller
    forced = view.premoderation is not None and view.premoderation.cause is Cause.STAFF
    acts: Rows
    if forced:
        acts = ((button(t.plain("End pre-moderation"), Moderate(code=seller.code, on=0, days=0)),),)
    else:
        acts = one_each(
            (
                button(
                    t.plain_n("Moderate for {count} day", "Moderate for {count} days", DAYS),
                    Moderate(code=seller.code, on=1, days=DAYS),
                ),
                button(t.plain("Moderate until ended"), Moderate(code=seller.code, on=1, days=0)),
            )
        )
    facts = [
        t("Code: {code}", code=seller.code),
        t("Country: {country}", country=seller.country),
        t("A return address is set.") if seller.address else t("No return address is set."),
        t.n("{count} person in the team", "{count} people in the team", view.team),
        t.n(
            "{count} dispute lost lately",
            "{count} disputes lost lately",
            view.lost,
        ),
    ]
    return Screen(
        text=joined(
            [
                t.bold(t("Seller {name}", name=seller.name or seller.code)),
                joined(facts),
                figures(view.ratings, t),
                premoderated(view.premoderation, t),
            ],
            "\n\n",
        ),
        rows=(*acts, (menu(t.plain("All sellers"), To.SELLERS),)),
        slot="menu",
    )


def premoderated(found: Premoderation | None, t: Texts) -> Html:
    """Whether the staff see new requests first, why, and until when."""
    if found is None:
        return t("New requests go to the seller at once.")
    match found.cause:
        case Cause.STAFF if found.until:
            return t(
                "Pre-moderated: the staff have decided it, until {when}.", when=t.when(found.until)
            )
        case Cause.STAFF:
            return t("Pre-moderated: the staff have decided it, until they end it.")
        case Cause.REQUEST:
            return t("Pre-moderated: the seller has asked for it, until the seller ends it.")
        case Cause.METRIC:
            assert found.until is not None
            return t.n(
                "Pre-moderated: {count} dispute was lost lately. It ends on {when}, unless "
                "another one is lost.",
                "Pre-moderated: {count} disputes were lost lately. It ends on {when}, unless "
                "another one is lost.",
                found.lost,
                when=t.when(found.until),
            )


def settings(view: SellerView, t: Texts) -> Screen:
    """A seller's own settings."""
    seller = view.seller
    on = seller.premoderated
    toggle = button(
        t.plain("Do not moderate any more") if on else t.plain("Ask for moderation"),
        AskModeration(code=seller.code, on=int(not on)),
    )
    known = t.plain("Rejection templates: {count}", count=view.templates)
    shop = t.plain("Pictures of the shop: {count}", count=view.pictures)
    return Screen(
        text=joined(
            [
                t.bold(t("Settings of {name}", name=seller.name or seller.code)),
                premoderated(view.premoderation, t),
                t(
                    "If you ask for moderation, our staff look at every new request before you "
                    "decide. It changes requests that come from now on."
                ),
                own_figures(view.told, t),
            ],
            "\n\n",
        ),
        rows=(
            (toggle,),
            (button(known, Templates(seller=seller.code, drop=0)),),
            (button(shop, ShopPictures(seller=seller.code, offset=0, drop=NOTHING)),),
            (menu(t.plain("Return address"), To.ADDRESS), menu(t.plain("Team"), To.TEAM)),
            (menu(t.plain("Language"), To.LANGUAGE),),
        ),
        slot="menu",
    )
