"""What happens next in a case: step by step if nobody acts, and by each thing one can do (N-9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.domain.cases import STAFF, TERMINAL, Action, ReturnCase, Role
from bot.domain.foresight import Possible, Unmoved
from bot.domain.timers import waits_for_address
from bot.screens import labels
from bot.screens.buttons import OpenCase
from bot.screens.effects import stands, what_follows
from bot.screens.layout import button
from bot.screens.proposals import accepting
from bot.screens.screen import Screen
from bot.screens.silence import told
from bot.screens.words import small
from bot.services.records import How
from bot.services.views import Prospect, Silence
from bot.texts import Html, Texts, joined

_MOST_STEPS: Final = 12


def prospect(ahead: Prospect, t: Texts) -> Screen:
    """The whole future of a case as this party has it now. It comes below; the card stays."""
    number = ahead.case.number
    acts = [_act(ahead, each, t) for each in ahead.acts]
    # Staff can always override, so that "nothing" would not be true of them.
    idle = None if ahead.role in STAFF else t("There is nothing that you could do now.")
    return Screen(
        text=joined(
            [
                t.bold(t("What happens next · return {number}", number=number)),
                joined([t("If nobody does anything:"), *foretold(ahead.silent, ahead.role, t)]),
                t("If you act now:") if acts else idle,
                *acts,
            ],
            "\n\n",
        ),
        rows=((button(t.plain("Back to the return"), OpenCase(id=ahead.case.id)),),),
        slot="ahead",
        how=How.REPLACE,
        silent=True,
    )


def foretold(silent: Unmoved, reader: Role, t: Texts) -> Iterator[Html]:
    """What the clock alone will do, told to somebody in this role."""
    for step in silent.steps[:_MOST_STEPS]:
        silence = Silence(step.kind, step.at, step.to)
        sentence = told(silence, reader, step.owes, t)
        yield t("• {what} Rule {rule}.", what=sentence, rule=step.rule)
    yield end(silent.end, t)


def end(case: ReturnCase, t: Texts) -> Html:
    """Where the clock leaves it."""
    if case.status in TERMINAL:
        return t("There it ends: {status}.", status=small(labels.status(case.status, t)))
    if waits_for_address(case):
        return t("Then the return waits until the seller has set a return address.")
    return t("Then nothing more happens by itself: the staff are called and must act.")


def _act(ahead: Prospect, possible: Possible, t: Texts) -> Html:
    case, role = ahead.case, ahead.role
    name = _named(case, role, possible, t)
    if possible.action is Action.VERDICT:
        follows = t(
            "What you accept is refunded. What you do not accept becomes a return of its own, and "
            "the customer can open a dispute about it."
        )
    else:
        follows = what_follows(case, possible.action, role, possible.ahead, t)
    after = stands(case, role, possible.ahead, t)
    return joined([t.bold(name), joined([follows, after], " ")])


def _named(case: ReturnCase, role: Role, possible: Possible, t: Texts) -> str:
    if possible.action is Action.ACCEPT and (words := accepting(case, role, possible.of, t)):
        return words
    action = labels.action(possible.action, t)
    return f"{action}: {labels.ruling(possible.ruling, t)}" if possible.ruling else action
