"""What a person is reminded of: one message for all that falls due within the hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.cases import Role, TimerKind, return_number
from bot.domain.closing import Scope
from bot.screens.buttons import OpenCase, OpenOrder
from bot.screens.layout import button, packed
from bot.screens.screen import Screen
from bot.texts import Html, Texts, joined, said, shortened

_MOST: Final = 10
"""Reminders shown one by one in a merged message."""

_NAMED: Final = 3
"""Products of a window that are named."""
_TITLE: Final = 40

_DUE: Final[Mapping[TimerKind, str]] = {
    TimerKind.DECISION: said("Return {number}: decide by {when}, {left}."),
    TimerKind.PREMOD: said("Return {number}: decide by {when}, {left}."),
    TimerKind.CLARIFY: said("Return {number}: your answer is awaited until {when}, {left}."),
    TimerKind.OFFER: said("Return {number}: accept or decline the offer by {when}, {left}."),
    TimerKind.COUNTER: said("Return {number}: the offer was declined; decide by {when}, {left}."),
    TimerKind.SHIP: said("Return {number}: send the parcel and report it by {when}, {left}."),
    TimerKind.DELIVERED: said(
        "Return {number}: confirm by {when}, {left}, that the parcel has come."
    ),
    TimerKind.TRANSIT_AUTO: said(
        "Return {number}: a dispute opens by itself if the parcel has not come by {when}, {left}."
    ),
    TimerKind.TRANSIT_CAP: said(
        "Return {number}: decide without the parcel if it has not come by {when}, {left}."
    ),
    TimerKind.APPEAL: said("Return {number}: if you disagree, open a dispute by {when}, {left}."),
    TimerKind.DISPUTE_REPLY: said("Return {number}: reply to the dispute by {when}, {left}."),
    TimerKind.DISPUTE_DECIDE: said("Return {number}: decide the dispute by {when}, {left}."),
    TimerKind.INSPECT: said(
        "Return {number}: check the product and refund or refuse by {when}, {left}."
    ),
}
_FORM_WAITS: Final = said(
    "Your return form is not sent yet. It is open until {when}, {left}; then it is forgotten with "
    "its photos."
)
_ADDRESS_WAITS: Final = said(
    "Return {number} is approved, and nobody knows where to send it: set your return address."
)
_DUE_ELSE: Final = said("Return {number}: it is your move until {when}, {left}.")
_CLOSES: Final[Mapping[Scope, str]] = {
    Scope.ANY_REASON: said("Order {number}: {products} can be returned until {when}, {left}."),
    Scope.COMPLAINT: said(
        "Order {number}: if something is wrong, {products} can be returned until {when}, {left}."
    ),
    Scope.DEFECT: said(
        "Order {number}: the warranty of {products} ends. A defect can be claimed until {when}, "
        "{left}."
    ),
}


def reminder(facts: Mapping[str, Any], t: Texts, now: datetime) -> Screen:
    """The items, the next deadline first, with a button to each return and order."""
    items = facts["items"]
    shown = items[:_MOST]
    lines = [_due(item, t, now) for item in shown]
    cases = {item["case"]: return_number(item["case"]) for item in shown if item["case"]}
    orders = dict.fromkeys(item["order"] for item in shown if item.get("order"))
    rows = packed([button(number, OpenCase(id=id)) for id, number in cases.items()], 2)
    rows += packed(
        [button(t.plain("Order {number}", number=each), OpenOrder(number=each)) for each in orders],
        2,
    )
    if not cases:
        return Screen(text=joined(["⏰", joined(lines, "\n\n")], " "), rows=rows)
    count = len({item["case"] for item in items if item["case"]})
    head = t.n("⏰ {count} return waits for you.", "⏰ {count} returns wait for you.", count)
    more = len(items) - len(shown)
    rest = (
        t.n("And {count} more, see /queue.", "And {count} more, see /queue.", more)
        if more
        else None
    )
    after = t("Open the card: it says what happens otherwise, and has the buttons.")
    text = joined([head, joined([*lines, rest]), after], "\n\n")
    return Screen(text=text, rows=rows)


def _due(item: Mapping[str, Any], t: Texts, now: datetime) -> Html:
    due_at = datetime.fromisoformat(item["due_at"])
    if item.get("order"):
        return _closes(item, due_at, t, now)
    if not item["case"]:
        return t(_FORM_WAITS, when=t.when(due_at), left=t.left(due_at - now))
    if item["kind"] == TimerKind.SHIP and item.get("owes") == Role.SELLER:
        return t(_ADDRESS_WAITS, number=return_number(item["case"]))
    kinds = {kind.value: sentence for kind, sentence in _DUE.items()}
    return t(
        kinds.get(item["kind"], _DUE_ELSE),
        number=return_number(item["case"]),
        when=t.when(due_at),
        left=t.left(due_at - now),
    )


def _closes(item: Mapping[str, Any], due_at: datetime, t: Texts, now: datetime) -> Html:
    """Until when, and what remains possible then."""
    until = t(
        _CLOSES[Scope(item["scope"])],
        number=item["order"],
        products=_products(item["products"], t),
        when=t.when(due_at),
        left=t.left(due_at - now),
    )
    return joined([until, _then(item, t, now)], " ")


def _products(titles: list[str], t: Texts) -> Html:
    named = [shortened(each, _TITLE) for each in titles[:_NAMED]]
    if more := len(titles) - len(named):
        named.append(t.plain_n("{count} more", "{count} more", more))
    return t.list(named)


def _then(item: Mapping[str, Any], t: Texts, now: datetime) -> Html:
    today = t.date_of(now)
    complaint, defect = item["complaint_until"], item["defect_until"]
    if complaint:
        day = t.until(datetime.fromisoformat(complaint), today)
        return t("After that only if something is wrong with it, until {day}.", day=day)
    if defect:
        day = t.until(datetime.fromisoformat(defect), today)
        return t("After that only a defect can be claimed under warranty, until {day}.", day=day)
    return t("After that it can no longer be returned.")
