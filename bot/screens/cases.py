"""The live card of a case, for the customer, the seller and the staff.

A card says what the return is about, how far it has come, whose move it is, what happens if
nobody acts, and carries the buttons that are allowed now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.domain.cases import (
    STAFF,
    TERMINAL,
    Action,
    Option,
    ReasonClass,
    Role,
    Status,
    return_number,
)
from bot.domain.checks import divisible
from bot.domain.refunds import paid_for
from bot.domain.staff import OVERRIDE_LAPSED
from bot.domain.timers import SILENCE_TURNED
from bot.screens import capsules, labels, photos, rating
from bot.screens.buttons import Act, GetRecord, LookAhead, OpenCase, ShowPhotos
from bot.screens.costs import costs
from bot.screens.deadlines import stayed
from bot.screens.last_look import style_of
from bot.screens.layout import Rows, button, packed
from bot.screens.meter import sellers_way
from bot.screens.products import products
from bot.screens.proposals import accepts, table
from bot.screens.room import talk, trusted
from bot.screens.rules import CITED, show_rule
from bot.screens.screen import Button, Screen
from bot.screens.silence import consequence
from bot.screens.spoken import spoken
from bot.screens.turns import turn
from bot.screens.words import moving, returns, seconding, set_to, small
from bot.services.views import CaseView, Doubts, Exhibit, Step
from bot.texts import Html, Texts, joined

_MOST_LINES: Final = 5
_NO_DEADLINE: Final = frozenset({"outage_credit", SILENCE_TURNED})
"""What happens by itself, and not because a time is over."""
_MOST_STEPS: Final = 6
_COPIED: Final = 256
"""Longest text that a copy button of Telegram carries."""

_LONGEST_QUOTES: Final = (600, 250, 100, 40)
"""Of what was said: as much of each as fits, in characters."""

_LAST: Final = frozenset({Action.CANCEL, Action.TRACK, Action.REOPEN, Action.OVERRIDE})
"""Buttons that stand below those that bring a return forward."""

_AHEAD: Final = {
    Status.NEW: (Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED, Status.REFUNDED),
    Status.PREMOD: (Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED, Status.REFUNDED),
    Status.CLARIFY: (Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED, Status.REFUNDED),
    Status.COUNTER: (Status.APPROVED, Status.IN_TRANSIT, Status.RECEIVED, Status.REFUNDED),
    Status.APPROVED: (Status.IN_TRANSIT, Status.RECEIVED, Status.REFUNDED),
    Status.IN_TRANSIT: (Status.RECEIVED, Status.REFUNDED),
    Status.RECEIVED: (Status.REFUNDED,),
    Status.OFFERED: (Status.COMP_ACCEPTED, Status.REFUNDED),
    Status.COMP_ACCEPTED: (Status.REFUNDED,),
    Status.REFUND_DUE: (Status.REFUNDED,),
}
"""The straight way from a status to the money; disputes and rejections have none."""


def card(view: CaseView, t: Texts) -> Screen:
    """The card as this party sees it now. What was said is cut shorter where it is too much."""
    first, *shorter = _LONGEST_QUOTES
    screen = _card(view, t, first)
    for longest in shorter:
        if screen.fits:
            break
        screen = _card(view, t, longest)
    return screen


def _card(view: CaseView, t: Texts, longest: int) -> Screen:
    case = view.case
    head = t.bold(
        t("Return {number} · {status}", number=case.number, status=labels.status(case.status, t))
    )
    parts = [
        head,
        _about(view, t),
        timeline(view, t),
        joined([turn(view, t), consequence(view, t)], "\n"),
        sellers_way(view.meter, t),
        table(view, t),
        _place(view, t),
        _sending(view, t),
        *capsules.on_card(view, t),
        *spoken(view, t, longest),
        _for_who_decides(view, t),
        _for_staff(view, t),
        _not_yet(view, t),
        rating.on_card(view, t),
        _by_rule(view, t),
    ]
    screen = Screen(text=joined(parts, "\n\n"), rows=_buttons(view, t))
    return trusted(screen, view.code, t) if view.code else screen


def caption(exhibit: Exhibit, reader: Role, now: datetime, t: Texts) -> Html:
    """What stands under an album: whose photos they are, of what and of which day."""
    number = return_number(exhibit.case)
    day = t.day(t.date_of(exhibit.at), near=t.date_of(now))
    if exhibit.event == Action.PROVE.value:
        return t("Beside the code on paper · return {number} · {day}", number=number, day=day)
    if exhibit.event in (Action.SENT.value, Action.LATE_PROOF.value):
        return t("The receipt of the parcel · return {number} · {day}", number=number, day=day)
    match exhibit.by:
        case Role.CUSTOMER if reader is Role.CUSTOMER:
            return t("Your photos · return {number} · {day}", number=number, day=day)
        case Role.CUSTOMER:
            return t("The customer's photos · return {number} · {day}", number=number, day=day)
        case Role.SELLER:
            return t("The seller's photos · return {number} · {day}", number=number, day=day)
        case _:
            return t("Photos from support · return {number} · {day}", number=number, day=day)


def _about(view: CaseView, t: Texts) -> Html:
    case = view.case
    parent = (
        t("The part of return {number} that was not accepted.", number=return_number(case.parent))
        if case.parent
        else None
    )
    return joined(
        [
            t("Order {order}", order=case.order),
            products(case.lines, _MOST_LINES, t),
            t("Paid: {sum}", sum=t.money(paid_for(case))),
            t("Reason: {reason}", reason=labels.reason(case.reason, t)) if case.reason else None,
            t("Topic of the dispute: {topic}", topic=labels.topic(case.topic, t))
            if case.topic
            else None,
            parent,
            *(
                t("What was not accepted goes on as return {number}.", number=return_number(each))
                for each in view.parts
            ),
        ]
    )


def timeline(view: CaseView, t: Texts) -> Html:
    """What has been (✔), what is (▶) and what comes if all goes well (○)."""
    reached: list[Step] = []
    for step in view.steps:
        if not reached or reached[-1].after is not step.after:
            reached.append(step)
    status = view.case.status
    over = status in TERMINAL and not view.case.timers
    past = [step for step in reached[-_MOST_STEPS:] if step.after is not Status.DRAFT]
    lines: list[Html] = []
    for at, step in enumerate(past):
        mark = "▶" if at == len(past) - 1 and not over else "✔"
        lines.append(
            t(
                "{mark} {status} · {day}",
                mark=mark,
                status=labels.status(step.after, t),
                day=t.day(t.date_of(step.at), near=t.date_of(view.now)),
            )
        )
    ahead = _AHEAD.get(status, ())
    return joined([*lines, *(f"○ {labels.status(each, t)}" for each in ahead)])


def _place(view: CaseView, t: Texts) -> Html | None:
    case = view.case
    if not case.track:
        return None
    receipt = case.receipt
    return joined(
        [
            t("Track number: {track}", track=t.code(case.track)),
            t("By the receipt: {sum}", sum=t.money(receipt)) if receipt else None,
            t("Last seen: {place}", place=view.place) if view.place else None,
        ]
    )


def _sending(view: CaseView, t: Texts) -> Html | None:
    """What the customer does with the parcel (C-10 … C-18)."""
    case = view.case
    if case.status is not Status.APPROVED or not view.address:
        return None
    address = joined([t("Address:"), t.code(view.address)])
    if view.role is not Role.CUSTOMER:
        return address
    keep = (
        t("4. Keep the receipt: packaging and postage are refunded within the limits.")
        if case.reason_class not in (None, ReasonClass.PROPER)
        else t("4. Keep the receipt: it proves that you sent the parcel in time.")
    )
    steps = joined(
        [
            t("1. Check that everything is there, take a picture of it, and pack it well."),
            t("2. Put a sheet with the number {number} into the parcel.", number=case.number),
            t("3. Write {number} on the form too, beside the recipient.", number=case.number),
            keep,
        ]
    )
    return joined([address, steps], "\n\n")


# ------------------------------------------------------------------- for sellers and staff


def _for_who_decides(view: CaseView, t: Texts) -> Html | None:
    """What each decision costs, and the customer's history in numbers."""
    if view.role is Role.CUSTOMER:
        return None
    return joined([costs(view, t), _record(view, t)], "\n\n")


def _record(view: CaseView, t: Texts) -> Html:
    running = sum(count for code, count in view.record.items() if Status(code) not in TERMINAL)
    known = [t("open: {count}", count=running)] if running else []
    known += [
        t("{status}: {count}", status=small(labels.status(Status(code), t)), count=count)
        for code, count in sorted(view.record.items())
        if count and Status(code) in TERMINAL
    ]
    if not known:
        return t("The customer has no other returns.")
    return t("The customer's other returns ({list}).", list=joined(known, ", "))


def _for_staff(view: CaseView, t: Texts) -> Html | None:
    if view.role not in STAFF:
        return None
    case = view.case
    lost = [labels.role(role, t) for role in sorted(view.unreachable)]
    return joined(
        [
            t("Seller: {seller} ({code})", seller=view.seller_name or "—", code=case.seller),
            t("Where the product is: {goods}", goods=labels.goods(case.goods, t)),
            t("Dispute: {kind}", kind=labels.dispute(case.dispute.kind, t))
            if case.dispute
            else None,
            t("Cannot be reached at present: {list}.", list=t.list(lost)) if lost else None,
            *(_doubtful(view.doubts, t) if view.doubts else ()),
            t("The customer is flagged.") if case.flagged else None,
            t(
                "An admin wants to set it to “{status}”. Nothing has changed yet: it counts when "
                "another one confirms the same.",
                status=set_to(case.override, t),
            )
            if case.override
            else None,
            moving(view.moved, t) if view.moved else None,
        ]
    )


def _doubtful(doubts: Doubts, t: Texts) -> Iterator[Html]:
    if doubts.elsewhere:
        yield t("A photo was used before, in {list}.", list=returns(doubts.elsewhere, t))
    if doubts.again:
        yield t("A photo was used again, in {list}.", list=returns(doubts.again, t))
    if doubts.sighted:
        seen = t.list([photos.spot(each, t) for each in doubts.sighted])
        yield t("A photo looks like another: {list}.", list=seen)
    for reason, count in sorted(doubts.uncompared.items()):
        why = photos.unseen(reason, t)
        yield t.n(
            "{count} photo could not be compared with others: {why}.",
            "{count} photos could not be compared with others: {why}.",
            count,
            why=why,
        )
    if doubts.forwarded:
        yield t.n(
            "{count} photo or video was forwarded, not sent first by who shows it.",
            "{count} photos or videos were forwarded, not sent first by who shows them.",
            doubts.forwarded,
        )


# ------------------------------------------------------------------------- rules and buttons


def _not_yet(view: CaseView, t: Texts) -> Html:
    """Actions that exist but are not allowed yet: when they open, or what they lack (2.1.3)."""
    waiting = [
        t("“{what}” opens on {when}.", what=labels.action(option.action, t), when=t.opening(opens))
        for option in view.options
        if (opens := option.opens) is not None
    ]
    if _lacks_address(view):
        what = labels.action(Action.APPROVE, t)
        waiting.append(
            t(
                "“{what}” opens as soon as your return address is set: customers must know where "
                "to send the product.",
                what=what,
            )
        )
    return joined(waiting)


def _lacks_address(view: CaseView) -> bool:
    """Whether the seller could approve if the return address were set (X-48)."""
    decides = view.case.status in (Status.NEW, Status.CLARIFY, Status.COUNTER)
    return decides and view.role is Role.SELLER and not view.case.address_known


def _by_rule(view: CaseView, t: Texts) -> Html | None:
    """The rule of the last step, if nobody pressed anything for it (N-12)."""
    if view.steps and view.steps[-1].event == OVERRIDE_LAPSED:
        return t(
            "An administrator had asked for another status, and may not decide that any more: it "
            "does not count, and nothing has changed."
        )
    last = _automatic(view)
    if last is None:
        return None
    before = view.steps[-2].after if len(view.steps) > 1 else None
    status = labels.status(last.after, t)
    if last.after is before:
        status = stayed(last.event, t) or status
    if last.by is Role.SYSTEM:
        return t("{status}: at once, under rule {rule}.", status=status, rule=last.rule)
    if last.event in _NO_DEADLINE:
        return t("{status}: under rule {rule}.", status=status, rule=last.rule)
    return t("{status}: by the clock, under rule {rule}.", status=status, rule=last.rule)


def _automatic(view: CaseView) -> Step | None:
    """The last step, if nobody pressed anything for it."""
    last = view.steps[-1] if view.steps else None
    return last if last and last.by in (Role.CLOCK, Role.SYSTEM) and last.rule else None


def _buttons(view: CaseView, t: Texts) -> Rows:
    now = [option for option in view.options if option.opens is None and not _over(option, view)]
    acts = [act for option in sorted(now, key=_place_of) for act in _acts(option, view, t)]
    if view.case.status is Status.DISPUTE:
        label, data = talk(view.case, view.role, t)
        acts.append(button(label, data))
    if view.exhibits:
        acts.append(button(t.plain("Photos"), ShowPhotos(id=view.case.id)))
    if (rate := rating.to_rate(view, t)) is not None:
        acts.append(rate)
    step = _automatic(view)
    if step is not None and step.rule in CITED:
        acts.append(show_rule(view.case.id, step.rule, t))
    if view.silence is not None:
        acts.append(button(t.plain("What happens next?"), LookAhead(id=view.case.id)))
    for other in (*((view.case.parent,) if view.case.parent else ()), *view.parts):
        label = t.plain("Open {number}", number=return_number(other))
        acts.append(button(label, OpenCase(id=other)))
    sends = view.role is Role.CUSTOMER and view.case.status is Status.APPROVED
    if sends and view.address and len(view.address) <= _COPIED:
        acts.append(Button(label=t.plain("Copy the address"), copy=view.address))
    second: Rows = ()
    if view.seconds and (waits := view.case.override):
        as_it_is = view.case.status
        second = (seconding(view.case.id, view.case.version, waits.to, as_it_is, t),)
    return (
        *second,
        *packed(acts, 2),
        (button(t.plain("Get the record"), GetRecord(id=view.case.id)),),
    )


def _place_of(option: Option) -> tuple[bool, bool]:
    """Decisions come first, so that they stand where they stood before a question."""
    return option.action in _LAST, option.action is Action.ASK


def _over(option: Option, view: CaseView) -> bool:
    """A payment may be reported twice (row 54), and a verdict be given on what cannot be divided
    (row 38), but nobody needs a button for it."""
    if option.action is Action.VERDICT:
        return not divisible(view.case)
    return option.action is Action.PAID and view.case.status is Status.REFUNDED


def _acts(option: Option, view: CaseView, t: Texts) -> Iterator[Button]:
    case = view.case
    if option.action is Action.ACCEPT and case.status is Status.DISPUTE:
        yield from accepts(option, view, t)
        return
    data = Act(case=case.id, version=case.version, action=option.action.value)
    yield button(labels.action(option.action, t), data, style_of(option.action))
