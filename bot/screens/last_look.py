"""The last look before an action is taken, and what is said once it was."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import (
    Action,
    Given,
    ReturnCase,
    Role,
)
from bot.domain.outlook import Outlook
from bot.screens import labels
from bot.screens.buttons import Confirm
from bot.screens.effects import answers, effect
from bot.screens.forms import FORM
from bot.screens.layout import button, form_row
from bot.screens.proposals import accepting
from bot.screens.screen import Screen, Style
from bot.screens.words import set_to
from bot.texts import Html, Texts, joined


def last_look(
    case: ReturnCase,
    version: int,
    action: Action,
    given: Given,
    t: Texts,
    ahead: Outlook,
    *,
    role: Role,
    asked: bool = True,
    problem: Html | None = None,
) -> Screen:
    """What is about to happen, with a yes that is bound to the version.

    `ahead`: what follows, as the core has decided it on a copy.
    `asked`: inputs were given before, so that there is a way back to them.
    """
    yes = Confirm(case=case.id, version=version, action=action.value)
    chosen = accepting(case, role, given.of, t) if action is Action.ACCEPT else None
    what = chosen or labels.action(action, t)
    head = t("{what} · return {number}", what=what, number=case.number)
    return Screen(
        text=joined(
            [
                t.bold(head),
                problem,
                joined(answers(given, case, t)),
                effect(case, action, role, ahead, t),
            ],
            "\n\n",
        ),
        rows=(
            (button(_yes(action, given, t), yes, style_of(action)),),
            form_row(t, "confirm", FORM, back=asked),
        ),
        slot="draft",
    )


def style_of(action: Action) -> Style | None:
    """Green for what gives, red for what refuses or ends."""
    match action:
        case Action.APPROVE | Action.ACCEPT | Action.REFUND | Action.PAID | Action.SENT:
            return "success"
        case Action.REJECT | Action.CANCEL | Action.DECLINE | Action.PAYMENT_FAILED:
            return "danger"
        case Action.ANSWER | Action.OPEN_DISPUTE | Action.REPLY | Action.RECEIVE | Action.DECIDE:
            return "primary"
        case _:
            return None


def _yes(action: Action, given: Given, t: Texts) -> str:
    sum = given.amount
    if sum is not None and action is Action.OFFER:
        return t.plain("Yes, offer {sum}", sum=t.money(sum))
    return t.plain("Yes: {what}", what=labels.action(action, t))


def asked_second(case: ReturnCase, names: Sequence[str], t: Texts) -> Screen:
    """An override waits for its second person (row 56): who can be it."""
    head = t(
        "Return {number}: nothing has changed yet. To set it to “{status}” needs a second "
        "administrator.",
        number=case.number,
        status=set_to(case.override, t) if case.override else "—",
    )
    waits = (
        t(
            "I have asked {names}, and tell you when it is confirmed or turned down.",
            names=t.list(names),
        )
        if names
        else t(
            "There is nobody yet who could: bring in another administrator with /invite, who then "
            "finds it with /return {number}.",
            number=case.number,
        )
    )
    return Screen(text=joined([head, waits], " "), slot="draft")


def lapsed(case: ReturnCase, name: str, t: Texts) -> Screen:
    """The override that waited does not count: who asked for it may not any more."""
    return Screen(
        text=t(
            "{name} asked to set return {number} to “{status}”, and may not decide that any more. "
            "It does not count, and nothing has changed. If you want it yourself, ask for it with "
            "/override {number}: another administrator then confirms it.",
            name=name or "—",
            number=case.number,
            status=set_to(case.override, t) if case.override else "—",
        ),
        slot="draft",
    )


def turned_down(case: ReturnCase, t: Texts) -> Screen:
    """An override has been turned down; the case is as it was."""
    return Screen(
        text=t(
            "✔ Turned down. Return {number} goes on as before, and whoever asked reads why.",
            number=case.number,
        ),
        slot="draft",
    )


def done(case: ReturnCase, action: Action, t: Texts) -> Screen:
    """The action has been taken; the card shows what follows."""
    return Screen(
        text=t(
            "✔ Done: {what} · return {number}. The card shows how things stand now.",
            what=labels.action(action, t),
            number=case.number,
        ),
        slot="draft",
    )
