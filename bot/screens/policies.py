"""The rules in force, and what other rules would have made of the past (N-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.domain.cases import TERMINAL, ReturnCase, Status, return_number
from bot.domain.replay import Aspect, Difference, NotTaken, promised
from bot.screens import labels
from bot.screens.buttons import Cancel, Differing, OnTrial, RulesFile, To
from bot.screens.faults import fault
from bot.screens.layout import Row, Rows, button, menu
from bot.screens.screen import Screen
from bot.services.comparing import PAGE, Found, found_in
from bot.services.records import DraftKind, InForce, Trial
from bot.texts import Html, Texts, joined

_SHORT: Final = 12
"""Characters of a digest that people compare."""
_MOST_REFUSED: Final = 3
_BUILT_IN: Final = "built-in"
"""What the settings call the rules when they name no file."""


def ask(t: Texts, problem: Html | None = None) -> Screen:
    """Send the rules that are to be tried."""
    text = t(
        "Send me the rules as a file in TOML, .toml, with the keys that differ from the defaults. "
        "I decide every return of the past anew under them and tell you what would be different. "
        "Nothing is changed by that."
    )
    return Screen(text=joined([problem, text], "\n\n"), rows=(to_cancel(t),), slot="draft")


def to_cancel(t: Texts) -> Row:
    """Leaves the form that waits for a file."""
    return (button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value)),)


def taken(name: str, t: Texts) -> Screen:
    """The file waits to be tried."""
    return Screen(
        text=t(
            "I try {name} on all returns now, which may take some minutes, and tell you here what "
            "would be different.",
            name=name,
        ),
        rows=(to_cancel(t),),
        slot="draft",
    )


def in_force(
    rules: InForce | None, trials: Sequence[Trial], names: Mapping[int, str], t: Texts
) -> Screen:
    """Which rules are in force, since when and by whom, and which wait for a second person."""
    if rules is None:
        return Screen(text=t("The program has not started yet."), slot="menu")
    by = (
        t(
            "Switched on by {first} and {second}.",
            first=names.get(rules.asked_by) or "—",
            second=names.get(rules.confirmed_by) or "—",
        )
        if rules.confirmed_by
        else t("They come from the settings.")
    )
    parts = [
        t.bold(t("Rules in force: {name}, version {version}", **_named(rules, t))),
        t("Since {when}. {by}", when=t.when(rules.since), by=by),
        t("SHA-256: {digest}", digest=t.code(rules.digest)),
        t("A return keeps the rules under which it was opened."),
        *(
            t("{name} waits for a second administrator.", name=each.name)
            for each in trials
            if each.asked_by is not None
        ),
    ]
    rows: Rows = tuple(
        (button(t.plain("Look at {name}", name=each.name), OnTrial(id=each.id, act="open")),)
        for each in trials
    )
    file = button(t.plain("Get the file"), RulesFile(digest=rules.digest[:_SHORT]))
    return Screen(
        text=joined(parts),
        rows=(*rows, (file, menu(t.plain("Try other rules"), To.TRY_RULES))),
        slot="menu",
    )


def called(rules: InForce, t: Texts) -> str:
    """Rules by their name and version."""
    return t.plain("{name}, version {version}", **_named(rules, t))


def _named(rules: InForce, t: Texts) -> dict[str, Any]:
    return {"name": _name(rules.name, t), "version": rules.version}


def _name(name: str, t: Texts) -> str:
    """Rules are called as their file; those without one have a name in the reader's language."""
    return t.plain("built-in") if name == _BUILT_IN else name


def caption(name: str, t: Texts) -> Html:
    """What stands under the file."""
    return t("The rules {name}, with every key.", name=_name(name, t))


def not_made(name: str, t: Texts) -> Screen:
    """The file could not be sent."""
    return Screen(text=t("The file of the rules {name} could not be sent. Try again.", name=name))


def on_the_way(t: Texts) -> str:
    """The file has been asked for."""
    return t.plain("The file comes here in a moment.")


def trial(tried: Trial, reader: int, names: Mapping[int, str], t: Texts) -> Screen:
    """What would be different: first how much, and then what to do about it."""
    found = found_in(tried)
    parts = [
        t.bold(t("Rules {name}, tried on the past", name=tried.name)),
        t("As of {when}, SHA-256 {digest}", when=t.when(tried.at), digest=t.code(_short(tried))),
        _counts(found, t),
        t(
            "Running returns keep their rules. New ones are opened under these as soon as two "
            "administrators have switched them on."
        ),
        _state(tried, reader, names, t),
    ]
    return Screen(
        text=joined(parts, "\n\n"),
        rows=(*_lists(tried, found, t), *_acts(tried, reader, t)),
        slot="menu",
    )


def _short(tried: Trial) -> str:
    return tried.digest[:_SHORT]


def _counts(found: Found, t: Texts) -> Html:
    unlike = len(found.unlike)
    lost = t.n(
        "{count} more return does not follow its own rules and is not compared: {list}",
        "{count} more returns do not follow their own rules and are not compared: {list}",
        unlike,
        list=t.list([return_number(id) for id in found.unlike[:PAGE]]),
    )
    return joined(
        [
            t("Returns decided anew: {count}", count=found.cases),
            *(
                t("{aspect}: {count}", aspect=_aspect(each, t), count=len(found.of(each)))
                for each in Aspect
            ),
            lost if unlike else None,
        ]
    )


def _aspect(aspect: Aspect, t: Texts) -> str:
    match aspect:
        case Aspect.OUTCOME:
            return t.plain("Other outcomes")
        case Aspect.SUM:
            return t.plain("Other sums")
        case Aspect.DEADLINE:
            return t.plain("Other deadlines")


def _state(tried: Trial, reader: int, names: Mapping[int, str], t: Texts) -> Html | None:
    if tried.ended:
        return t("Nothing waits here any more.")
    if tried.asked_by is None:
        return None
    if tried.asked_by == reader:
        return t("You want them in force: another administrator confirms it.")
    return t("{name} wants them in force: please confirm it or not.", name=names[tried.asked_by])


def _lists(tried: Trial, found: Found, t: Texts) -> Rows:
    return tuple(
        (button(_aspect(each, t), Differing(trial=tried.id, aspect=each.value, offset=0)),)
        for each in Aspect
        if found.of(each)
    )


def _acts(tried: Trial, reader: int, t: Texts) -> Rows:
    if tried.ended:
        return ()
    drop = button(t.plain("Drop them"), OnTrial(id=tried.id, act="drop"))
    file = button(t.plain("Get the file"), RulesFile(digest=_short(tried)))
    if tried.asked_by == reader:
        return ((file, drop),)
    if tried.asked_by is None:
        ask = button(t.plain("Switch them on"), OnTrial(id=tried.id, act="ask"), "danger")
        return ((file, drop), (ask,))
    yes = button(t.plain("Confirm: switch them on"), OnTrial(id=tried.id, act="confirm"), "danger")
    return ((file, drop), (yes,))


def differing(
    tried: Trial, aspect: Aspect, offset: int, page: Mapping[int, Difference], t: Texts
) -> Screen:
    """Returns that would be different, by their numbers."""
    ids = found_in(tried).of(aspect)
    shown = ids[offset : offset + PAGE]
    lines = [
        difference(page[id], t)
        if id in page
        else t("{number}: cannot be told any more", number=return_number(id))
        for id in shown
    ]
    row = tuple(
        button(label, Differing(trial=tried.id, aspect=aspect.value, offset=at))
        for label, at in (
            (t.plain("← Back"), max(0, offset - PAGE) if offset else None),
            (t.plain("More →"), offset + PAGE if offset + PAGE < len(ids) else None),
        )
        if at is not None
    )
    back = (button(t.plain("Back to the rules"), OnTrial(id=tried.id, act="open")),)
    head = t(
        "{aspect} under {name}: {count}", aspect=_aspect(aspect, t), name=tried.name, count=len(ids)
    )
    return Screen(
        text=joined([t.bold(head), *lines], "\n\n"),
        rows=(*((row,) if row else ()), back),
        slot="menu",
    )


def difference(found: Difference, t: Texts) -> Html:
    """One return: as it is, and as it would be."""
    return joined(
        [
            t(
                "{number}: {was} → {would}",
                number=return_number(found.case),
                was=_stands(found.was, t),
                would=_stands(found.would, t),
            ),
            *_refused(found.refused, t),
        ]
    )


def _stands(case: ReturnCase | None, t: Texts) -> Html:
    if case is None:
        return t("there is no such return")
    if case.status is Status.DRAFT:
        return t("the request is refused")
    status = labels.status(case.status, t)
    due = min((timer.due_at for timer in case.timers), default=None)
    if case.status in TERMINAL and case.since:
        told = t("{status} on {when}", status=status, when=t.when(case.since))
    elif due is None:
        told = joined([status])
    else:
        told = t("{status}, waits until {when}", status=status, when=t.when(due))
    sum = promised(case)
    return t("{stands}, {sum}", stands=told, sum=t.money(sum)) if sum else told


def _refused(refused: Sequence[NotTaken], t: Texts) -> Iterator[Html]:
    for each in refused[:_MOST_REFUSED]:
        yield t(
            "— refused: {what} by {who} on {when}",
            what=labels.action(each.action, t),
            who=labels.role(each.by, t),
            when=t.when(each.at),
        )


def wrong(facts: Mapping[str, Any], t: Texts) -> Html:
    """Why a file of rules was not tried."""
    name, waits = str(facts.get("name", "—")), facts.get("waits")
    if facts.get("broken"):
        return t("The rules {name} could not be tried: the log of the service says why.", name=name)
    again = t("Send the file again when it is mended: I wait for it.") if waits else None
    if facts.get("unread"):
        unread = t(
            "{name} could not be read: it is no text, too large, or gone from Telegram. Rules are "
            "TOML in UTF-8 of at most 64 KB.",
            name=name,
        )
        return joined([unread, again], " ")
    why = fault(str(facts["words"]), facts["values"], facts["line"], str(facts["key"]), t)
    return joined(
        [t("The rules {name} were not tried.", name=name), why, t("Nothing was changed."), again],
        " ",
    )
