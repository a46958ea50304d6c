"""What people are told that is no card: reminders, alarms, news. Facts are frozen JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.cases import TERMINAL, Alarm, Override, Status, return_number
from bot.domain.money import Money
from bot.domain.outlook import Moved
from bot.screens import labels, photos, rating
from bot.screens.blocks import object_button
from bot.screens.buttons import OnBlock, OnDeduction, OnTrial, OpenCase, To
from bot.screens.desk_notices import of_the_desk
from bot.screens.layout import Rows, button, menu
from bot.screens.policies import to_cancel
from bot.screens.reminders import reminder
from bot.screens.rules import BEHIND, show_rule
from bot.screens.screen import Screen
from bot.screens.words import moving, returns, seconding, set_to
from bot.services.rating import QUESTION
from bot.services.records import DraftKind, Sighting, sighting_in
from bot.texts import Html, Texts, joined

_SUMS = ("gets", "takes_back")


def notice(name: str, facts: Mapping[str, Any], t: Texts, now: datetime) -> Screen:
    """The message for a notice of this name."""
    if name == "reminder":
        return reminder(facts, t, now)
    if name == QUESTION:
        return rating.question(facts["case"], t)
    case = facts.get("case")
    rows: Rows = ()
    if isinstance(case, int):
        rows = ((button(t.plain("Open {number}", number=return_number(case)), OpenCase(id=case)),),)
        if name in BEHIND:
            rows = (*rows, (show_rule(case, BEHIND[name], t),))
    if isinstance(case, int) and name == Alarm.SECOND_PERSON and "status" in facts:
        to, as_it_is = Status(facts["to"]), Status(facts["status"])
        rows = (seconding(case, int(facts["version"]), to, as_it_is, t), *rows)
    if isinstance(block := facts.get("block"), int):
        rows = ((button(t.plain("Look at it"), OnBlock(id=block, act="open")),),)
    if isinstance(deduction := facts.get("withholding"), int):
        rows = ((button(t.plain("Look at it"), OnDeduction(id=deduction, act="open")),),)
    if isinstance(trial := facts.get("trial"), int):
        rows = ((button(t.plain("Look at it"), OnTrial(id=trial, act="open")),),)
    if facts.get("waits"):
        rows = (to_cancel(t),)
    if name in ("blocked_softly", "block_stands"):
        rows = ((object_button(t),),)
    if name == "draft_forgotten" and facts.get("form") == DraftKind.RETURN:
        rows = ((menu(t.plain("My orders"), To.ORDERS),),)
    number = return_number(case) if isinstance(case, int) else ""
    return Screen(text=_text(name, number, facts, t), rows=rows)


def sightings(found: Sequence[Sighting], t: Texts) -> Html:
    """What stands under photos that are shown in two places: where, and how they are similar."""
    head = t("Photos beside others that they look like")
    lines = [
        t(
            "{one} and {other}: {how} · {here}, {there}",
            one=2 * at + 1,
            other=2 * at + 2,
            how=photos.likeness(each.how, t),
            here=photos.spot(each.spot, t),
            there=photos.spot(each.older, t),
        )
        for at, each in enumerate(found)
    ]
    return joined([t.bold(head), *lines])


def _sighted(number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    found = [sighting_in(each) for each in facts.get("sightings", ())]
    places = [*dict.fromkeys(each.older for each in found)]
    if number and all(place.case for place in places):
        return t(
            "A photo of return {number} was already used in {others}. Look at both before "
            "anything is decided; nothing is rejected by itself.",
            number=number,
            others=returns(sorted(place.case for place in places), t, facts.get("more", 0)),
        )
    seen = [photos.spot(place, t) for place in places]
    if more := facts.get("more", 0):
        seen.append(t.plain_n("{count} more", "{count} more", more))
    if number:
        return t(
            "A photo of return {number} looks like another: {list}. Look at both before anything "
            "is decided; nothing is rejected by itself.",
            number=number,
            list=t.list(seen),
        )
    return t(
        "A photo that the seller shows against the deduction of order {order} looks like another: "
        "{list}. Look at both before you answer; nothing is decided by itself.",
        order=found[0].spot.order if found else "—",
        list=t.list(seen),
    )


def _wanted(facts: Mapping[str, Any], t: Texts) -> str:
    """What somebody wants a case to be."""
    if "to" not in facts:
        return "—"
    amount = Money(int(facts["minor"]), str(facts["currency"])) if "minor" in facts else None
    return set_to(Override(to=Status(facts["to"]), by=0, amount=amount), t)


def _overtaken(number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    return t(
        "Return {number} has moved on to “{now}” before anybody confirmed that it is set to "
        "“{status}”, as you had asked. That does not count any more.",
        number=number,
        now=labels.status(_now(facts), t),
        status=_wanted(facts, t),
    )


def _instead(number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    """What an admin can do about a case that has moved on."""
    now = _now(facts)
    if now is Status.REFUNDED:
        return t("The money is paid, so the return stays as it is.")
    if now in TERMINAL:
        return t("The return is closed: /reopen {number} opens it again.", number=number)
    return t("If you still want it, ask again with /override {number}.", number=number)


def _now(facts: Mapping[str, Any]) -> Status:
    return Status(facts.get("status", Status.NEW))


def _moving(facts: Mapping[str, Any], t: Texts) -> Html | None:
    if "open" not in facts:
        return None
    gets, takes_back = (Money(*facts[each]) if facts[each] else None for each in _SUMS)
    return moving(Moved(gets=gets, takes_back=takes_back, open=facts["open"]), t)


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
        case "photo_sighted":
            return _sighted(number, facts, t)
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
                "The refund of return {number} is late. It is to be paid and marked as paid; I ask "
                "again every day.",
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
            asks = t(
                "{who} wants to set return {number} to “{status}”. That needs a second person: "
                "nothing changes until you confirm the same.",
                who=str(facts.get("by") or "—"),
                number=number,
                status=_wanted(facts, t),
            )
            return joined([asks, _moving(facts, t)], " ")
        case "override_confirmed":
            return t(
                "{who} has confirmed that return {number} is set to “{status}”: it counts now.",
                who=str(facts.get("by") or "—"),
                number=number,
                status=_wanted(facts, t),
            )
        case "override_replaced":
            return t(
                "{who} has asked for something else: you wanted to set return {number} to "
                "“{status}”, and that does not count any more. Look at what is wanted now, and "
                "confirm it or turn it down.",
                who=str(facts.get("by") or "—"),
                number=number,
                status=_wanted(facts, t),
            )
        case "override_overtaken":
            return joined([_overtaken(number, facts, t), _instead(number, facts, t)], " ")
        case "override_turned_down":
            down = t(
                "{who} has turned down that return {number} is set to “{status}”. Nothing has "
                "changed: the return goes on as before.",
                who=str(facts.get("by") or "—"),
                number=number,
                status=_wanted(facts, t),
            )
            why = facts.get("text")
            return joined([down, t.quote(str(why)) if why else None])
        case Alarm.RECEIPT_UNCONFIRMED:
            return t(
                "Nobody has said what the receipt of return {number} is worth: its sum was not "
                "typed, or no rate is set for its currency. Please name the sum for shipping.",
                number=number,
            )
        case _:
            return _of_service(name, number, facts, t)


def _of_service(name: str, number: str, facts: Mapping[str, Any], t: Texts) -> Html:
    """What happened to the service and not to a case."""
    match name:
        case "refund_is_late":
            return t(
                "Your refund for return {number} has not been paid in time. Our staff are reminded "
                "of it every day; the card comes to you as soon as it is paid, and until then I "
                "write once a week.",
                number=number,
            )
        case "outage_credit":
            return t(
                "We could not be reached for a while. The deadline of return {number} is moved by "
                "that time, so that nobody loses by it; the card shows the new one.",
                number=number,
            )
        case "slow_down":
            return t(
                "You send more than I can read. Please slow down: what came last is left out, so "
                "send it again in a minute. Decisions that you tapped are kept."
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
        case "support_called" if not facts.get("missing"):
            return t(
                "{name} asks for help and was told to write to the shop. Answer there.",
                name=str(facts.get("name") or "—"),
            )
        case "support_called":
            return t(
                "{name} asks for help with an order that is not here, and was told to "
                "write to the shop with its number. Answer there with the link of the order: "
                "`returndesk orders links` prints it.",
                name=str(facts.get("name") or "—"),
            )
        case _ if (words := of_the_desk(name, facts, t)) is not None:
            return words
        case "unreachable" if number:
            return t(
                "A person of return {number} has stopped the bot. Their deadlines run on; their "
                "messages wait until they come back. The card says so to the staff.",
                number=number,
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
        case "update_too_large":
            return t(
                "Telegram posts an update that is larger than any should be. It is refused and "
                "comes again and again."
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
        case "disk_full":
            return t(
                "The disk of the database is full. Nothing is lost, and nothing new is taken in; "
                "I go on by myself once there is room."
            )
        case "books_wrong":
            return t.n(
                "The hourly look at what is stored found {count} fault. The log names it, and "
                "`returndesk check` looks again.",
                "The hourly look at what is stored found {count} faults. The log names them, and "
                "`returndesk check` looks again.",
                int(facts.get("count", 1)),
            )
        case "timer_failed":
            return t(
                "A deadline of return {number} could not be handled. I try again in a while; see "
                "the log if it stays so.",
                number=number,
            )
        case "credit_failed":
            return t(
                "The deadlines of return {number} could not be moved by the time of an outage: "
                "they stay where they were. See the log.",
                number=number,
            )
        case "no_topics":
            return t(
                "No topic could be made in the group of the staff: {reason}. Is it a group with "
                "topics, and may I manage them there? Disputes go on in the private chats.",
                reason=str(facts.get("reason", "—")),
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
