"""Stopping a customer's new returns: the form, the blocks, and one of them with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.blocking import Block, BlockState
from bot.screens.buttons import SEND, Answer, Cancel, OnBlock, Paged, To
from bot.screens.layout import button, menu, one_each, packed, pages
from bot.screens.screen import Button, Screen
from bot.services.paging import Part
from bot.services.records import DraftKind
from bot.texts import Html, Texts, joined

TERMS = (30, 90, 365, 0)
"""Days that a block may last; 0: until it is lifted."""
LEAST = 10
"""Characters of a reason, and of an appeal."""


def term(days: int, t: Texts) -> str:
    """How long a block lasts."""
    if not days:
        return t.plain("Until it is lifted")
    return t.plain_n("{count} day", "{count} days", days)


def ask_person(t: Texts) -> Screen:
    """`/block` without a word of whom."""
    return Screen(
        text=t(
            "Whose new returns are to be stopped? Type /block and the number of a return or an "
            "order of theirs, for example /block R-000123."
        )
    )


def ask_term(name: str, t: Texts, problem: Html | None = None) -> Screen:
    """For how long?"""
    text = t(
        "For how long are new returns of {name} to be stopped? It begins at once; a second person "
        "of the staff confirms it or lifts it.",
        name=name or "—",
    )
    answers = [
        button(term(days, t), Answer(question="block.term", value=str(days))) for days in TERMS
    ]
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))
    return Screen(
        text=joined([problem, text], "\n\n"),
        rows=(*packed(answers, 2), (cancel,)),
        slot="draft",
    )


def ask_reason(t: Texts, problem: Html | None = None) -> Screen:
    """Why? The customer reads it."""
    text = t("Why? Write it in a few sentences: the customer reads your words, and may object.")
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))
    return Screen(text=joined([problem, text], "\n\n"), rows=((cancel,),), slot="draft")


def last_look(name: str, days: int, reason: str, t: Texts, problem: Html | None = None) -> Screen:
    """What will happen, before it does."""
    text = joined(
        [
            problem,
            t.bold(t("Stop new returns of {name}?", name=name or "—")),
            t("For how long: {term}", term=term(days, t)),
            t.quote(reason),
            t(
                "The customer is told at once and may object once. Returns that are open go on, "
                "and money that is promised is paid."
            ),
        ],
        "\n\n",
    )
    yes = button(t.plain("Yes, stop them"), Answer(question="block.send", value=SEND), "danger")
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))
    return Screen(text=text, rows=((yes, cancel),), slot="draft")


def object_button(t: Texts) -> Button:
    """Opens the customer's objection."""
    return menu(t.plain("Object"), To.APPEAL)


def ask_appeal(t: Texts, problem: Html | None = None) -> Screen:
    """The customer's own words, once."""
    text = t(
        "Write in one message why you should be able to open returns again. You can object once; "
        "a person of our staff who has not blocked you reads it."
    )
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))
    return Screen(text=joined([problem, text], "\n\n"), rows=((cancel,),), slot="draft")


def appeal_sent(by: datetime, t: Texts) -> Screen:
    """The objection is with the staff, who look at it by then."""
    return Screen(
        text=t(
            "Your objection is with our staff. Somebody looks at it by {when}, and their answer "
            "comes to this chat.",
            when=t.when(by),
        ),
        slot="draft",
    )


def blocks(page: Part[Block], names: Mapping[int, str], now: datetime, t: Texts) -> Screen:
    """Who is blocked, the newest first."""
    if not page.rows:
        return Screen(
            text=t("Nobody is blocked. An order that you /find has a button for it."), slot="menu"
        )
    lines = [
        t("{name}: {state}", name=names.get(each.account) or "—", state=_state(each, now, t))
        for each in page.rows
    ]
    rows = one_each(
        button(names.get(each.account) or "—", OnBlock(id=each.id, act="open"))
        for each in page.rows
    )
    paging = pages(t, To.BLOCKS.value, page.offset, len(page.rows), page.more)
    return Screen(
        text=joined([t.bold(t("Blocked customers")), joined(lines)], "\n\n"),
        rows=(*rows, *paging),
        slot="menu",
    )


def block(block: Block, name: str, by: str, reader: int, now: datetime, t: Texts) -> Screen:
    """One block: why, until when, what the customer says, and what is left to do."""
    parts = [
        t.bold(t("{name}: {state}", name=name or "—", state=_state(block, now, t))),
        t("Stopped by {by} on {when}, who says:", by=by or "—", when=t.when(block.at)),
        t.quote(block.reason),
        _end(block, t) if block.holds(now) else None,
    ]
    if block.appeal:
        parts += [t("The customer objects:"), t.quote(block.appeal)]
    if not block.holds(now):
        return Screen(text=joined(parts), slot="menu")
    all_of_them = button(t.plain("All blocks"), Paged(list=To.BLOCKS.value, offset=0))
    if reader == block.account:
        parts.append(t("It is about you: another member of the staff decides on it."))
        return Screen(text=joined(parts), rows=((all_of_them,),), slot="menu")
    acts = [button(t.plain("Lift the block"), OnBlock(id=block.id, act="lift"), "success")]
    if reader != block.by and block.objects(now):
        acts.append(button(t.plain("It stays"), OnBlock(id=block.id, act="uphold"), "danger"))
    elif reader != block.by and block.state is BlockState.SOFT:
        acts.append(button(t.plain("Confirm it"), OnBlock(id=block.id, act="confirm"), "danger"))
    elif block.state is BlockState.SOFT or block.objects(now):
        parts.append(t("Another member of the staff confirms it or answers; you may lift it."))
    return Screen(text=joined(parts), rows=(tuple(acts), (all_of_them,)), slot="menu")


def _end(block: Block, t: Texts) -> Html:
    if block.until:
        return t("It ends by itself on {when}.", when=t.when(block.until))
    return t("It has no end of its own: it holds until our staff lift it.")


def _state(block: Block, now: datetime, t: Texts) -> str:
    if not block.holds(now):
        return t.plain("not blocked any more")
    if block.objects(now):
        return t.plain("blocked, has objected and waits for an answer")
    if block.state is BlockState.SOFT:
        return t.plain("stopped, waits for a second person")
    return t.plain("blocked")
