"""Order files in the chat: sending one, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.screens.buttons import Cancel
from bot.screens.layout import button
from bot.screens.screen import Screen
from bot.services.records import DraftKind
from bot.texts import Html, Texts, joined

_MOST_FAULTS = 15


def ask(t: Texts, problem: Html | None = None) -> Screen:
    """Send a file."""
    text = t(
        "Send me a file of orders, CSV or JSON Lines in UTF-8, of at most 20 MB. Orders are "
        "recognised by their numbers: what is told again changes nothing twice."
    )
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP.value))
    return Screen(text=joined([problem, text], "\n\n"), rows=((cancel,),), slot="draft")


def taken(name: str, t: Texts) -> Screen:
    """The file waits to be read."""
    return Screen(
        text=t("I read {name} now, and tell you here what came of it.", name=name), slot="draft"
    )


def imported(facts: Mapping[str, Any], t: Texts) -> Html:
    """What came of a file: how many orders, and what is wrong with which line."""
    name = str(facts.get("name", "—"))
    if facts.get("unread"):
        return t(
            "{name} could not be read: it is no text, too large, or gone from Telegram. Nothing "
            "was changed; please send it again as CSV or JSON Lines.",
            name=name,
        )
    bad = int(facts["bad"])
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
        ]
    )


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
