"""What the staff look for: the search, what it found, and an order as they see it."""

from __future__ import annotations

from bot.domain.orders import OrderLine, Posting
from bot.screens import labels
from bot.screens.buttons import BlockOf, Cancel, FoundOrder, MissingOf, OpenSeller, To
from bot.screens.layout import button, pages
from bot.screens.lists import to_cases
from bot.screens.orders import to_orders
from bot.screens.products import contents
from bot.screens.screen import Screen
from bot.services.finding import Found, StaffOrder
from bot.services.records import DraftKind
from bot.texts import Html, Texts, joined

_MOST_LINES = 20


def ask(t: Texts, problem: Html | None = None) -> Screen:
    """What is looked for?"""
    text = t(
        "What are you looking for? Type the number of an order or of a return, a track number, a "
        "phone number, or the customer's first name or surname: the beginning is enough. A return "
        "opens at once, for example {example}.",
        example=t.code("R-000123"),
    )
    return Screen(
        text=joined([problem, text], "\n\n"),
        rows=((button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value)),),),
        slot="draft",
    )


def found(page: Found, typed: str, t: Texts) -> Screen:
    """The orders that were found, and that the next words look for others."""
    leave = (button(t.plain("Finish"), Cancel(form=DraftKind.SLIP.value)),)
    again = t("Type something else to look for that.")
    if not page.orders:
        nothing = t(
            "Nothing fits “{typed}”. A name is found by how its words begin, in any order, from "
            "three letters on.",
            typed=typed,
        )
        return Screen(text=joined([nothing, again], "\n\n"), rows=(leave,), slot="draft")
    lines = [
        t(
            "{number}: {name}, {product}",
            number=order.number,
            name=order.customer_name or "—",
            product=contents(order, t),
        )
        for order in page.orders
    ]
    rows = to_orders(page.orders, FoundOrder, t)
    paging = pages(t, To.FIND.value, page.offset, len(page.orders), page.more)
    head = t("Orders that fit “{typed}”, newest first. Tap one to see it whole.", typed=typed)
    return Screen(
        text=joined([head, joined(lines), again], "\n\n"),
        rows=(*rows, *paging, leave),
        slot="draft",
    )


def order(found: StaffOrder, t: Texts) -> Screen:
    """One order with its customer's name, its products and all its returns."""
    order, owner = found.order, found.owner
    facts = [
        t("Seller: {name}", name=found.seller.name or found.seller.code),
        t("Customer: {name}", name=order.customer_name or "—"),
        t("In the bot as: {name}", name=owner.name or "—")
        if owner
        else t("Nobody has opened it in the bot yet."),
    ]
    parcels = [
        joined([_posting(each, t), *(_line(each, line, found, t) for line in each.lines)])
        for each in order.postings
    ]
    rows = to_cases(found.returns, t)
    if owner is not None:
        rows += ((button(t.plain("Block the customer"), BlockOf(person=owner.id)),),)
    if any(each.delivered_at for each in order.postings):
        rows += ((button(t.plain("A product was missing"), MissingOf(order=order.number)),),)
    rows += ((button(t.plain("The seller"), OpenSeller(code=order.seller)),),)
    head = t.bold(t("Order {number}", number=order.number))
    return Screen(
        text=joined([head, joined(facts), *parcels[:_MOST_LINES]], "\n\n"),
        rows=rows,
        slot="menu",
    )


def _posting(posting: Posting, t: Texts) -> Html:
    status = labels.order_status(posting.status, t)
    if posting.delivered_at is None:
        return t("Parcel {number}: {status}", number=posting.number, status=status)
    return t(
        "Parcel {number}: {status}, {when}",
        number=posting.number,
        status=status,
        when=t.when(posting.delivered_at),
    )


def _line(posting: Posting, line: OrderLine, found: StaffOrder, t: Texts) -> Html:
    used = found.used.get((posting.number, line.sku), 0)
    returned = t.n("{count} unit in returns", "{count} units in returns", used) if used else None
    what = t(
        "• {title}, {quantity} × {price}",
        title=line.title,
        quantity=line.quantity,
        price=t.money(line.unit_price),
    )
    return joined([what, returned], ", ")
