"""A simulated return: what happened in it, and what may come next (N-9). Nothing of it is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.domain.cases import TERMINAL, ReturnCase, Role, TimerKind
from bot.domain.foresight import Possible
from bot.domain.replay import promised
from bot.screens import labels
from bot.screens.ahead import end, foretold
from bot.screens.buttons import Cancel
from bot.screens.deadlines import clock, happened
from bot.screens.faults import fault
from bot.screens.layout import button
from bot.screens.screen import Screen
from bot.services.records import DraftKind
from bot.services.script import ScriptError
from bot.services.simulation import Entry
from bot.services.trying import Tried
from bot.texts import Html, Texts, joined

_MOST: Final = 40
"""Lines of a timeline that a message has room for."""

Why = Callable[[Entry], Html]
"""The sentence for a step that was refused."""


def ask(t: Texts, problem: Html | None = None) -> Screen:
    """What is to be simulated?"""
    text = t(
        "What is to be simulated? Write it in a few words, as in {example}, or send a script in "
        "TOML, as a text or as a file. Nothing is sent to anybody, and nothing is kept.",
        example=t.code(t.plain("delivered -3d, request, seller silent")),
    )
    return _asking(joined([problem, text], "\n\n"), t)


def taken(name: str, t: Texts) -> Screen:
    """The file waits to be played."""
    return _asking(t("I play {name} now, and show you here what comes of it.", name=name), t)


def _asking(text: Html, t: Texts) -> Screen:
    row = (button(t.plain("Finish"), Cancel(form=DraftKind.SLIP.value)),)
    return Screen(text=text, rows=(row,), slot="draft")


def unread(name: str, t: Texts) -> Html:
    """A file is no script that could be played."""
    return t(
        "{name} could not be read: it is no text, too large, or gone from Telegram. A script is "
        "TOML or a few words, in UTF-8, of at most 16 KB.",
        name=name,
    )


def broken(name: str, t: Texts) -> Html:
    """The program has failed at a script."""
    return t("The script {name} could not be played: the log of the service says why.", name=name)


def wrong(error: ScriptError, t: Texts) -> Html:
    """What of a script is not understood, where, and what was expected."""
    return fault(error.words, error.values, error.line, error.key, t)


def timeline(tried: Tried, why: Why, t: Texts) -> Screen:
    """What happened, step by step, as far as a message has room."""
    entries, lines = tried.played.entries, list[Html]()
    running: Mapping[str, datetime] = {}
    shown = 0
    for entry in entries:
        told = [*_entry(entry, running, why, t)]
        if len(lines) + len(told) > _MOST:
            break
        lines, running, shown = [*lines, *told], entry.due, shown + 1
    more = len(entries) - shown
    return Screen(
        text=joined(
            [
                t.bold(t("A simulation: nothing of this has happened")),
                *lines,
                t.n("and {count} more step", "and {count} more steps", more) if more else None,
            ]
        )
    )


def _entry(entry: Entry, before: Mapping[str, datetime], why: Why, t: Texts) -> Iterator[Html]:
    """A step, what it led to, and the deadlines and the money that came with it."""
    yield t(
        "{when}, {who}: {what}",
        when=t.bold(t.when(entry.at)),
        who=labels.role(Role(entry.by), t),
        what=happened(entry.event, t),
    )
    if entry.refused is not None:
        yield t("— refused: {why}", why=why(entry))
        return
    stands = t(
        "→ {status} ({goods}), rule {rule}",
        status=labels.status(entry.status, t),
        goods=labels.goods(entry.goods, t),
        rule=entry.rule,
    )
    child = t("the refused units, as a return of their own") if entry.part > 1 else None
    yield joined([stands, child], "; ")
    for kind, due_at in entry.due.items():
        if before.get(kind) != due_at:
            yield t("— {timer}: until {when}", timer=clock(TimerKind(kind), t), when=t.when(due_at))
    for line in entry.ledger:
        yield t(
            "— {sum}: {source} → {to}",
            sum=t.money(line.amount),
            source=labels.purse(line.source, t),
            to=labels.purse(line.to, t),
        )


def ahead(tried: Tried, t: Texts) -> Screen:
    """The future from there: if nobody does anything, and by each thing that somebody can do."""
    again = t("Write another story to simulate it.")
    case, silent = tried.case, tried.silent
    if case is None or silent is None:
        return _asking(joined([_over(tried, t), again], "\n\n"), t)
    steps = list(foretold(silent, Role.MODERATOR, t))
    acts = [
        joined([t.bold(t("If {who} acts:", who=labels.role(role, t))), *lines])
        for role, possible in tried.acts.items()
        if (lines := [*_acts(case, possible, t)])
    ]
    silence = joined([t.bold(t("If nobody does anything:")), *steps])
    return _asking(joined([silence, *acts, again], "\n\n"), t)


def _over(tried: Tried, t: Texts) -> Html:
    cases = tried.played.cases
    if cases and cases[-1].status in TERMINAL:
        return end(cases[-1], t)
    return t("There is no return at the end: nothing was requested.")


def _acts(case: ReturnCase, acts: tuple[Possible, ...], t: Texts) -> Iterator[Html]:
    for each in acts:
        action = labels.action(each.action, t)
        name = f"{action}: {labels.ruling(each.ruling, t)}" if each.ruling else action
        after = each.ahead.after
        status = labels.status(after.status, t)
        moved = (after.refund, after.offer) != (case.refund, case.offer)
        if moved and (sum := promised(after)):
            yield t("• {action} → {status}, {sum}", action=name, status=status, sum=t.money(sum))
        else:
            yield t("• {action} → {status}", action=name, status=status)
