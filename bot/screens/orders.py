"""My orders: the list, and one order with what can be returned of it and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from bot.domain.eligibility import Returnability
from bot.domain.orders import Order, OrderStatus, Posting
from bot.screens import labels
from bot.screens.blocks import object_button
from bot.screens.buttons import AskSupport, FoundOrder, OpenOrder, StartReturn, To
from bot.screens.layout import Rows, button, menu, one_each, pages
from bot.screens.lists import to_cases
from bot.screens.products import and_more, contents, title
from bot.screens.screen import Screen
from bot.services.reading import LineView, OrderList, OrderView, Stopped
from bot.texts import Html, Texts, joined

_MOST_LINES: Final = 10
_MOST_PARCELS: Final = 6
_MOST_RETURNS: Final = 8
"""What one message has room for; the buttons lead to the rest."""


def orders(listed: OrderList, t: Texts) -> Screen:
    """The person's orders, newest first."""
    missing = menu(t.plain("My order is not here"), To.MISSING)
    if not listed.orders and not listed.offset:
        return Screen(
            text=t(
                "There are no orders here yet. Open the link from your order message, share your "
                "phone number, or type the order number with its code."
            ),
            rows=(
                (menu(t.plain("Share my phone number"), To.PHONE),),
                (menu(t.plain("Type the order number"), To.NUMBER),),
                (missing,),
            ),
            slot="menu",
        )
    rows = to_orders(listed.orders, OpenOrder, t)
    paging = pages(t, To.ORDERS.value, listed.offset, len(listed.orders), listed.more)
    head = t("Your orders, newest first. Open one to see what you can return and until when.")
    lines = joined(
        t("{number} {title}", number=order.number, title=contents(order, t))
        for order in listed.orders
    )
    return Screen(
        text=joined([head, lines], "\n\n"),
        rows=(*rows, *paging, (missing,)),
        slot="menu",
    )


def to_orders(orders: Sequence[Order], to: type[OpenOrder] | type[FoundOrder], t: Texts) -> Rows:
    """A button to each order: as its owner sees it, or as the staff do."""
    return one_each(
        button(
            t.plain(
                "{number} · {status}",
                number=order.number,
                status=labels.order_status(order.status, t),
            ),
            to(number=order.number),
        )
        for order in orders
    )


def order(view: OrderView, t: Texts, now: datetime) -> Screen:
    """One order: each parcel, each line, and what can be done about it."""
    order = view.order
    several, today = len(order.postings) > 1, t.date_of(now)
    parts = [t.bold(t("Order {number}", number=order.number))]
    room = max(1, _MOST_LINES // min(len(order.postings), _MOST_PARCELS))
    for posting in order.postings[:_MOST_PARCELS]:
        mine = [line for line in view.lines if line.posting.number == posting.number]
        parts.append(_posting(posting, mine, several, room, t, today, told=not view.stopped))
    if view.passport_due and view.passport_due > now:
        parts.append(
            t(
                "This order waits for your passport data until {when}. Without them it is "
                "cancelled; please give them where you have bought it.",
                when=t.when(view.passport_due),
            )
        )
    if view.stopped:
        parts.append(_stopped(view.stopped, t))
    elif view.possible:
        parts.append(t("Tap “Return products” to choose what you return and why."))
    else:
        parts.append(
            t("Nothing of this order can be returned now. If something is wrong, ask our support.")
        )
    starts = [
        button(_start(posting, several, t), StartReturn(order=order.number, posting=at), "primary")
        for at, posting in enumerate(order.postings)
        if posting in view.possible
    ]
    cases = to_cases(view.returns[:_MOST_RETURNS], t)
    back = menu(t.plain("← My orders"), To.ORDERS)
    support = button(t.plain("Support"), AskSupport(order=order.number))
    objecting = view.stopped is not None and view.stopped.may_object
    return Screen(
        text=joined(parts, "\n\n"),
        rows=(
            *one_each(starts),
            *(((object_button(t),),) if objecting else ()),
            *cases,
            (back, support),
        ),
        slot="menu",
    )


def _stopped(stopped: Stopped, t: Texts) -> Html:
    """Why nothing of an order can be returned by somebody whose new returns are stopped (X-26)."""
    ends = (
        t(
            "You cannot open new returns at present: our staff have stopped them until {when}.",
            when=t.when(stopped.until),
        )
        if stopped.until
        else t("You cannot open new returns at present: our staff have stopped them.")
    )
    rest = t("If something is wrong with a product, ask our support.")
    if stopped.may_object:
        rest = t("If that is wrong, object: another person of our staff looks at it.")
    return joined([ends, rest], " ")


def _start(posting: Posting, several: bool, t: Texts) -> str:
    if several:
        return t.plain("Return products of {parcel}", parcel=posting.number)
    return t.plain("Return products")


def _posting(
    posting: Posting,
    lines: list[LineView],
    several: bool,
    room: int,
    t: Texts,
    today: date,
    *,
    told: bool,
) -> Html:
    """A parcel and its lines; `told`: with what can be returned and until when."""
    status = labels.order_status(posting.status, t)
    if posting.status is OrderStatus.DELIVERED and posting.delivered_at:
        day = t.day(t.date_of(posting.delivered_at), near=today)
        status = t.plain("Delivered on {day}", day=day)
    head: Html | str = status
    if several:
        head = t("Parcel {number} · {status}", number=posting.number, status=status)
    shown = lines[:room]
    rows = [_line(line, t, today, told=told) for line in shown]
    return joined([head, *rows, and_more(len(lines) - len(shown), t)])


def _line(view: LineView, t: Texts, today: date, *, told: bool) -> Html:
    line = view.line
    what = t(
        "• {title} × {units}, {sum}",
        title=title(line.title),
        units=line.quantity,
        sum=t.money(line.unit_price * line.quantity),
    )
    if not told:
        return what
    return joined([what, *returnable(line.category, view.returnable, t, today)])


def returnable(category: str, found: Returnability, t: Texts, today: date) -> list[Html]:
    """Whether a line can be returned and until when, or why not and since when."""
    sentences: list[Html] = []
    last = found.any_reason_until or found.complaint_until
    if found.any_reason_until:
        sentences.append(
            t("You can return it until {day}.", day=t.until(found.any_reason_until, today))
        )
    elif found.complaint_until:
        sentences.append(
            t(
                "{category} can be returned only if something is wrong with it, until {day}.",
                category=labels.category(category, t),
                day=t.until(found.complaint_until, today),
            )
        )
    else:
        sentences += _why_not(category, found, t, today)
    if found.defect_until and (last is None or found.defect_until > last):
        sentences.append(
            t(
                "A defect can be claimed under warranty until {day}.",
                day=t.until(found.defect_until, today),
            )
        )
    return sentences


def _why_not(category: str, found: Returnability, t: Texts, today: date) -> list[Html]:
    match found.why_not:
        case "not_received" if found.opens:
            opens = t.opening(found.opens)
            return [t("You can return it once it is received, from {when}.", when=opens)]
        case "not_received":
            return [t("You can return it once it is delivered.")]
        case "quantity_used_up":
            return [t("All of it is already in a return.")]
        case "non_returnable":
            return [
                t(
                    "{category} cannot be returned without a defect.",
                    category=labels.category(category, t),
                )
            ]
        case _ if found.since:
            return [t("The time for returning it ended on {day}.", day=t.until(found.since, today))]
        case _:
            return [t("It cannot be returned.")]
