"""What people are told that is no card: reminders, alarms, news. Facts are frozen JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.cases import Alarm, Role, TimerKind, return_number
from bot.screens.buttons import OpenCase, To
from bot.screens.layout import Rows, button, menu, packed
from bot.screens.screen import Screen
from bot.services.records import DraftKind
from bot.texts import Html, Texts, joined, said

_MOST: Final = 10
"""Reminders shown one by one in a merged message."""

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


def notice(name: str, facts: Mapping[str, Any], t: Texts, now: datetime) -> Screen:
    """The message for a notice of this name."""
    if name == "reminder":
        return _reminder(facts, t, now)
    case = facts.get("case")
    rows: Rows = ()
    if isinstance(case, int):
        rows = ((button(t.plain("Open {number}", number=return_number(case)), OpenCase(id=case)),),)
    if name == "draft_forgotten" and facts.get("form") == DraftKind.RETURN:
        rows = ((menu(t.plain("My orders"), To.ORDERS),),)
    number = return_number(case) if isinstance(case, int) else ""
    return Screen(text=_text(name, number, facts, t), rows=rows)


def _reminder(facts: Mapping[str, Any], t: Texts, now: datetime) -> Screen:
    items = facts["items"]
    if not any(item["case"] for item in items):
        return Screen(text=joined(["⏰", *(_due(item, t, now) for item in items)], " "))
    lines = [_due(item, t, now) for item in items[:_MOST]]
    count = sum(bool(item["case"]) for item in items)
    head = t.n("⏰ {count} return waits for you.", "⏰ {count} returns wait for you.", count)
    more = len(items) - len(lines)
    rest = (
        t.n("And {count} more, see /queue.", "And {count} more, see /queue.", more)
        if more
        else None
    )
    after = t("Open the card: it says what happens otherwise, and has the buttons.")
    ids = dict.fromkeys(item["case"] for item in items[:_MOST] if item["case"])
    opens = [button(return_number(id), OpenCase(id=id)) for id in ids]
    text = joined([head, joined([*lines, rest]), after], "\n\n")
    return Screen(text=text, rows=packed(opens, 2))


def _due(item: Mapping[str, Any], t: Texts, now: datetime) -> Html:
    if item["kind"] == TimerKind.SHIP and item.get("owes") == Role.SELLER:
        return t(_ADDRESS_WAITS, number=return_number(item["case"]))
    due_at = datetime.fromisoformat(item["due_at"])
    if not item["case"]:
        return t(_FORM_WAITS, when=t.when(due_at), left=t.left(due_at - now))
    kinds = {kind.value: sentence for kind, sentence in _DUE.items()}
    return t(
        kinds.get(item["kind"], _DUE_ELSE),
        number=return_number(item["case"]),
        when=t.when(due_at),
        left=t.left(due_at - now),
    )


def _text(name: str, number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    match name:
        case "draft_forgotten" if facts.get("form") == DraftKind.RETURN:
            return t(
                "The form was not finished within its time, so it is closed and its photos are "
                "forgotten. You can start again from “My orders”."
            )
        case "draft_forgotten":
            return t(
                "The form was not finished within its time, so it is closed and nothing of it has "
                "been sent. You can begin again where you began it."
            )
        case "photo_reused":
            others = [return_number(id) for id in facts.get("others", ())]
            return t(
                "A photo of return {number} was already used in {others}. Look at both before "
                "anything is decided; nothing is rejected by itself.",
                number=number,
                others=t.list(others),
            )
        case Alarm.PREMOD_ESCALATED:
            return t(
                "No moderator has decided on return {number} in time. Please decide now: the next "
                "time the return is approved by itself.",
                number=number,
            )
        case Alarm.PROOF_WAITS:
            return t(
                "The customer of return {number} shows a receipt in time. Check it and approve, "
                "or leave the return closed.",
                number=number,
            )
        case Alarm.DISPUTE_UNDECIDED:
            return t(
                "The dispute of return {number} is not decided in time. Please decide it: the "
                "clock never does.",
                number=number,
            )
        case Alarm.TRANSIT_CAP:
            return t(
                "The parcel of return {number} has not come in time. Please decide the dispute on "
                "tracking and receipt.",
                number=number,
            )
        case Alarm.REFUND_LATE:
            return t(
                "The refund of return {number} is late. Pay it and mark it as paid; I ask again "
                "every day.",
                number=number,
            )
        case Alarm.PAYMENT_FAILED:
            return t(
                "The payment for return {number} has failed. Find out why, then pay again and "
                "mark it as paid.",
                number=number,
            )
        case Alarm.NO_ADDRESS:
            return t(
                "Return {number} is approved, but its seller has no return address. Please see "
                "that the seller sets one: the customer's time begins only then.",
                number=number,
            )
        case Alarm.NO_SELLER:
            return t(
                "Nobody of the seller {seller} can be reached about return {number}, and its clock "
                "runs. Please /invite somebody, or talk to the seller.",
                number=number,
                seller=str(facts.get("seller", "—")),
            )
        case Alarm.SECOND_PERSON:
            return t(
                "An override of return {number} moves money and waits for a second person. Do the "
                "same if you agree; otherwise nothing changes.",
                number=number,
            )
        case Alarm.RECEIPT_UNCONFIRMED:
            return t(
                "The receipt of return {number} is in another currency and no rate is set. Please "
                "name the sum for shipping.",
                number=number,
            )
        case _:
            return _of_service(name, number, facts, t)


def _of_service(name: str, number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    """What happened to the service and not to a case."""
    match name:
        case "refund_is_late":
            return t(
                "Your refund for return {number} has not been paid in time. Our staff have been "
                "alarmed and look after it; the card says when it is paid.",
                number=number,
            )
        case "outage_credit":
            return t(
                "We could not be reached for a while. The deadline of return {number} is moved by "
                "that time, so that nobody loses by it; the card shows the new one.",
                number=number,
            )
        case "invitation_accepted":
            return t(
                "{name} has accepted your invitation. Whatever needs the role comes to them now.",
                name=str(facts.get("name") or "—"),
            )
        case "support_called" if facts.get("order"):
            return t(
                "{name} asks for help with order {order}. Answer through the shop, which has "
                "their contact.",
                name=str(facts.get("name") or "—"),
                order=str(facts["order"]),
            )
        case "support_called":
            return t(
                "{name} asks for help, perhaps with an order that is not here, and was told to "
                "write to the shop with its number. Answer there with the link of the order: "
                "`returndesk orders links` prints it.",
                name=str(facts.get("name") or "—"),
            )
        case "unreachable":
            return t(
                "A person has stopped the bot. Their deadlines run on; their messages wait until "
                "they come back. Cards of their returns say so to the staff."
            )
        case "quarantined":
            return t(
                "Update {update} could not be handled three times and is in quarantine: {error}. "
                "The person was told that nothing was changed; see the log.",
                update=int(facts.get("update", 0)),
                error=str(facts.get("error", "—")),
            )
        case "update_unreadable":
            return t.n(
                "{count} update could not be read and is in quarantine; see the log.",
                "{count} updates could not be read and are in quarantine; see the log.",
                int(facts.get("count", 1)),
            )
        case "clock_disagrees":
            return t(
                "The clock of this machine differs from Telegram's by {seconds} s. No deadline "
                "fires until it is right again; please set it.",
                seconds=int(facts.get("seconds", 0)),
            )
        case "timer_failed":
            return t(
                "A deadline of return {number} could not be handled. I try again in a while; see "
                "the log if it stays so.",
                number=number,
            )
        case "dead_letter":
            return t(
                "A message was given up, because Telegram never takes it: {reason}. See the log.",
                reason=str(facts.get("reason", "—")),
            )
        case "markup_refused":
            return t(
                "Telegram refused the markup of a message; it was sent as plain text. See the log."
            )
        case _:
            return t("Alarm: {name}. See the log, and /health.", name=name)
