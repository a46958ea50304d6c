"""Order files in the chat: sending one, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.screens.policies import to_cancel
from bot.screens.screen import Screen
from bot.texts import Html, Texts, joined

_MOST_FAULTS = 15


def ask(t: Texts, problem: Html | None = None) -> Screen:
    """Send a file."""
    text = t(
        "Send me a file of orders, CSV or JSON Lines in UTF-8, of at most 20 MB. Orders are "
        "recognised by their numbers: what is told again changes nothing twice."
    )
    return Screen(text=joined([problem, text], "\n\n"), rows=(to_cancel(t),), slot="draft")


def taken(name: str, t: Texts) -> Screen:
    """The file waits to be read."""
    return Screen(
        text=t("I read {name} now, and tell you here what came of it.", name=name),
        rows=(to_cancel(t),),
        slot="draft",
    )


def imported(facts: Mapping[str, Any], t: Texts) -> Html:
    """What came of a file: how many orders, and what is wrong with which line."""
    name = str(facts.get("name", "—"))
    if facts.get("unread"):
        unread = t(
            "{name} could not be read: it is no text, too large, or gone from Telegram. Nothing "
            "was changed; orders are CSV or JSON Lines in UTF-8, of at most 20 MB.",
            name=name,
        )
        return joined([unread, _again(facts, t)], " ")
    bad = int(facts["bad"])
    if not any(int(facts[each]) for each in ("new", "changed", "unchanged", "bad")):
        nothing = t("There is no order in {name}: nothing was changed.", name=name)
        return joined([nothing, _again(facts, t)], " ")
    faults = [_fault(each, t) for each in facts["faults"][:_MOST_FAULTS]]
    more = bad - len({each["line"] for each in facts["faults"][:_MOST_FAULTS]})
    return joined(
        [
            t.bold(name),
            t("New orders: {count}", count=int(facts["new"])),
            t("Changed: {count}", count=int(facts["changed"])),
            t("As before: {count}", count=int(facts["unchanged"])),
            t("Lines refused: {count}", count=bad),
            *faults,
            t.n("and {count} more line", "and {count} more lines", more) if more > 0 else None,
            _next(facts, t) if bad else None,
        ]
    )


def _next(facts: Mapping[str, Any], t: Texts) -> Html:
    kept = any(int(facts[each]) for each in ("new", "changed", "unchanged"))
    return joined([t("The other lines are kept.") if kept else None, _again(facts, t)], " ")


def _again(facts: Mapping[str, Any], t: Texts) -> Html:
    """What to do with a mended file: the form still waits for it, or is to be opened anew."""
    if facts.get("waits"):
        return t("Send the file again when it is mended: I wait for it.")
    return t("When it is mended, send it again after /import.")


def _fault(each: Mapping[str, Any], t: Texts) -> Html:
    what = t(str(each["words"]), **each["values"])
    if not each["place"]:
        return t("Line {line}: {what}", line=int(each["line"]), what=what)
    return t(
        "Line {line}, {place}: {what}",
        line=int(each["line"]),
        place=str(each["place"]),
        what=what,
    )
