"""Missing products: which of an order, the deduction, the seller's contest and the answer to it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.money import Money
from bot.domain.withholding import Withholding, WithholdingState
from bot.screens import photos
from bot.screens.buttons import DONE, SKIP, Answer, Cancel, Missing, OnDeduction, Paged, To
from bot.screens.layout import Row, button, menu, one_each, packed, pages
from bot.screens.products import title
from bot.screens.screen import Button, Screen
from bot.screens.words import capital
from bot.services.finding import StaffOrder
from bot.services.paging import Part
from bot.services.records import DraftKind
from bot.services.withholding import Seen
from bot.texts import Html, Texts, joined

LEAST = 10
"""Characters of a contest, and of the answer to it."""
_MOST_UNITS = 12


def _cancel(t: Texts) -> Button:
    return button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))


def _leave(t: Texts) -> Button:
    """Away from what nobody has written down yet: there is no draft to forget."""
    return menu(t.plain("Cancel"), To.HOME)


def choose(found: StaffOrder, t: Texts) -> Screen:
    """Which product was missing?"""
    order = found.order
    lines = [(posting, line) for posting in order.postings for line in posting.lines]
    rows = one_each(
        button(
            t.plain("{title}, {price}", title=title(line.title), price=t.money(line.unit_price)),
            Missing(
                order=order.number,
                line=at,
                units=0,
                seen=found.used.get((posting.number, line.sku), 0),
                sure=0,
            ),
        )
        for at, (posting, line) in enumerate(lines)
        if posting.delivered_at is not None
    )
    if not rows:
        return Screen(
            text=t(
                "Order {number} is not delivered: nothing of it can be missing yet.",
                number=order.number,
            ),
            slot="menu",
        )
    return Screen(
        text=t(
            "Which product of order {number} was missing from the parcel? Its price goes from the "
            "seller to the customer at once; the seller may contest it.",
            number=order.number,
        ),
        rows=(*rows, (_leave(t),)),
        slot="menu",
    )


def how_many(asked: Missing, left: int, t: Texts) -> Screen:
    """How many units of it?"""
    counts = [
        button(str(units), asked.model_copy(update={"units": units}))
        for units in range(1, min(left, _MOST_UNITS) + 1)
    ]
    return Screen(
        text=t("How many units were missing?"),
        rows=(*packed(counts, 4), (_leave(t),)),
        slot="menu",
    )


def last_look(asked: Missing, name: str, seller: str, sum: Money, t: Texts) -> Screen:
    """What will happen, before it does."""
    text = t(
        "{units} × {title}: {sum} goes from {seller} to the customer at once. The customer is "
        "told, and the seller may contest it.",
        units=asked.units,
        title=name,
        sum=t.money(sum),
        seller=seller,
    )
    yes = button(t.plain("Yes, deduct it"), asked.model_copy(update={"sure": 1}), "danger")
    return Screen(text=text, rows=((yes, _leave(t)),), slot="menu")


def deductions(page: Part[Withholding], t: Texts, *, staff: bool) -> Screen:
    """Deductions that are to be paid or answered, or all of a seller's."""
    if not page.rows:
        text = (
            t("No deduction waits for the staff. For a new one type /missing and an order number.")
            if staff
            else t("Nothing was deducted for missing products.")
        )
        return Screen(text=text, slot="menu")
    rows = one_each(
        button(
            t.plain("{order} · {sum}", order=each.order, sum=t.money(each.amount)),
            OnDeduction(id=each.id, act="open"),
        )
        for each in page.rows
    )
    lines = [
        t(
            "{order}, {title}: {state}",
            order=each.order,
            title=title(each.title),
            state=_state(each, t),
        )
        for each in page.rows
    ]
    paging = pages(t, To.DEDUCTIONS.value, page.offset, len(page.rows), page.more)
    head = t.bold(t("Deductions for missing products"))
    return Screen(text=joined([head, joined(lines)], "\n\n"), rows=(*rows, *paging), slot="menu")


def deduction(seen: Seen, now: datetime, t: Texts, *, staff: bool) -> Screen:
    """One deduction: what, why it stands as it does, and what is left to do."""
    found, due = seen.withholding, seen.due_at
    parts = [
        t.bold(t("Order {number}", number=found.order)),
        t(
            "{units} × {title} was missing: {sum} of {seller} for the customer.",
            units=found.units,
            title=title(found.title),
            sum=t.money(found.amount),
            seller=seen.seller,
        ),
        t("Deducted on {when}.", when=t.when(found.at)),
        Html(f"{capital(_state(found, t))}."),
    ]
    if found.state is WithholdingState.OPEN and due:
        parts.append(t("The seller may contest it until {when}.", when=t.when(due)))
    if found.contest:
        parts += [t("The seller says:"), t.quote(found.contest)]
    if staff and seen.elsewhere:
        others = t.list([photos.spot(each, t) for each in seen.elsewhere])
        parts.append(t("A photo looks like another: {list}.", list=others))
    if found.ruling:
        parts += [t("The staff say:"), t.quote(found.ruling)]
    if staff:
        paid = (
            t("The customer was paid: {ref}", ref=found.ref)
            if found.ref
            else t("The customer is not paid yet.")
        )
        parts.append(paid)
    rows: list[Row] = []
    if staff and found.ref is None:
        pay = OnDeduction(id=found.id, act="pay")
        rows.append((button(t.plain("Mark as paid"), pay, "success"),))
    if staff and found.state is WithholdingState.CONTESTED:
        rows.append(
            (
                button(t.plain("Give it back"), OnDeduction(id=found.id, act="back"), "success"),
                button(t.plain("It stays"), OnDeduction(id=found.id, act="stays"), "danger"),
            )
        )
    if not staff and found.state is WithholdingState.OPEN and due and now < due:
        rows.append((button(t.plain("Contest it"), OnDeduction(id=found.id, act="contest")),))
    rows.append((button(t.plain("All deductions"), Paged(list=To.DEDUCTIONS.value, offset=0)),))
    return Screen(text=joined(parts), rows=tuple(rows), slot="menu")


def _state(found: Withholding, t: Texts) -> str:
    match found.state:
        case WithholdingState.OPEN:
            return t.plain("deducted, not contested")
        case WithholdingState.CONTESTED:
            return t.plain("contested, waits for the staff")
        case WithholdingState.UPHELD:
            return t.plain("contested, the deduction stays")
        case WithholdingState.GIVEN_BACK:
            return t.plain("given back to the seller")
        case WithholdingState.LAPSED:
            return t.plain("final: not contested in time")


def ask_contest(t: Texts, problem: Html | None = None) -> Screen:
    """Why is it wrong?"""
    text = t(
        "Write why the product was in the parcel. Then send the video or photos of the packing: "
        "without them the claim is hard to refute."
    )
    return Screen(text=joined([problem, text], "\n\n"), rows=((_cancel(t),),), slot="draft")


def ask_packing(count: int, t: Texts, problem: Html | None = None) -> Screen:
    """What shows the packing."""
    text = t("Send the video or photos of the packing, then tap “Done”.")
    sent = t.n("{count} file so far.", "{count} files so far.", count) if count else None
    done = (
        button(t.plain("Done"), Answer(question="packing", value=DONE), "success")
        if count
        else button(t.plain("Skip"), Answer(question="packing", value=SKIP))
    )
    return Screen(
        text=joined([problem, text, sent], "\n\n"), rows=((done, _cancel(t)),), slot="draft"
    )


def contested(t: Texts) -> Screen:
    """The contest is with the staff."""
    return Screen(
        text=t("Your objection is with our staff. Their answer comes to this chat."), slot="draft"
    )


def ask_ruling(gives_back: bool, t: Texts, problem: Html | None = None) -> Screen:
    """The reason of an answer, which the seller reads."""
    text = (
        t("You give the sum back to the seller. Write why: the seller reads your words.")
        if gives_back
        else t("The deduction stays. Write why: the seller reads your words.")
    )
    return Screen(text=joined([problem, text], "\n\n"), rows=((_cancel(t),),), slot="draft")


def ask_ref(found: Withholding, t: Texts, problem: Html | None = None) -> Screen:
    """The reference of the payment."""
    text = t(
        "What is the reference of the payment of {sum} to the customer? With it the deduction "
        "counts as paid.",
        sum=t.money(found.amount),
    )
    return Screen(text=joined([problem, text], "\n\n"), rows=((_cancel(t),),), slot="draft")
