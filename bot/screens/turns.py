"""Whose move it is: one sentence for every status and reader, which says what comes next."""

from __future__ import annotations

from typing import Final, assert_never

from bot.domain.cases import (
    STAFF,
    Action,
    Dispute,
    DisputeKind,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.money import Purse
from bot.domain.refunds import paid_for, refunds_shipping
from bot.screens import labels
from bot.screens.rules import assumed_percent, known_as
from bot.screens.words import small
from bot.services.views import CaseView
from bot.texts import Html, Texts, joined


def turn(view: CaseView, t: Texts) -> Html:
    """What is going on and who must do what."""
    if view.role is Role.CUSTOMER:
        return _customer(view, t)
    if view.role in STAFF:
        return _staff(view, t)
    return _seller(view, t)


def offered(case: ReturnCase, t: Texts) -> str:
    """The sum on the table."""
    return t.money(case.offer.amount) if case.offer else "—"


def promised(case: ReturnCase, t: Texts) -> str:
    """The sum that the customer gets: for the product and for shipping, if both are refunded."""
    refund = case.refund
    if refund is None:
        return "—"
    if not (refund.goods and refund.shipping):
        return t.money(refund.total)
    return t.plain(
        "{total} ({price} for the product, {shipping} for shipping)",
        total=t.money(refund.total),
        price=t.money(refund.goods),
        shipping=t.money(refund.shipping),
    )


def _days(view: CaseView) -> str:
    first, last = view.refund_days
    return f"{first}–{last}" if first != last else str(last)


_BY_SILENCE: Final = frozenset({"41", "43"})
_BY_WITHDRAWAL: Final = "53"
_BY_AGREEMENT: Final = "52"


def _why_final(case: ReturnCase, t: Texts) -> Html | None:
    """Told to the customer: whether the own silence or the own withdrawal has ended it."""
    if case.row in _BY_SILENCE:
        return t("You have opened no dispute in time.")
    if case.row == _BY_WITHDRAWAL:
        return t("You have withdrawn the dispute.")
    if case.row == _BY_AGREEMENT:
        return t("You and the seller have agreed on it.")
    return None


def _may_ask(view: CaseView) -> bool:
    """Whether the customer may ask where the refund is, by now (row 34)."""
    ask = Action.WHERE_IS_THE_REFUND
    return any(option.action is ask and option.opens is None for option in view.options)


def _reason(view: CaseView, t: Texts) -> str:
    return small(labels.reject_reason(view.reject_reason, t))


def _moderator_asked(view: CaseView) -> bool:
    """Whether the last question was a moderator's; the answer goes to the seller (row 19)."""
    asked = [said.by for said in view.said if said.asks]
    return bool(asked) and asked[-1] in STAFF


_OFFER_EXPIRED: Final = "23"


def _automatically(view: CaseView, t: Texts) -> Html:
    """Of the offer that nobody has made (D-09, X-11)."""
    made = t("This offer is automatic: nobody has looked at the request for it.")
    version = known_as(view.case, view.rules, t)
    return joined([made, assumed_percent(view.offer_percent, version, t)], " ")


def _costs_of_it(view: CaseView, t: Texts) -> Html:
    """What the automatic offer costs the seller, whichever way the customer decides."""
    price = t.money(paid_for(view.case))
    if view.offer_funder is Purse.SELLER:
        accepted = t("If they accept, you pay {sum}.", sum=offered(view.case, t))
    else:
        accepted = t("If they accept, the marketplace pays the sum and you pay nothing.")
    if refunds_shipping(view.case):
        declined = t(
            "If they decline, the return is approved; once the product is back, you refund up to "
            "{price} and the shipping by the receipt.",
            price=price,
        )
    else:
        declined = t(
            "If they decline, the return is approved; once the product is back, you refund up to "
            "{price}.",
            price=price,
        )
    return joined([accepted, declined], " ")


def _rounds(view: CaseView, t: Texts) -> Html | None:
    """How often the seller can offer after this one (X-14)."""
    if view.rounds_left is None:
        return None
    if not view.rounds_left and view.case.status is Status.OFFERED:
        return t("It is the last offer: after it the seller can only approve or reject.")
    if not view.rounds_left:
        return t("No offer is left: the seller can only approve or reject.")
    return t.n(
        "The seller can make {count} more offer, which must be higher.",
        "The seller can make {count} more offers, each higher than the last.",
        view.rounds_left,
    )


def _customer(view: CaseView, t: Texts) -> Html:
    case = view.case
    match case.status:
        case Status.DRAFT:
            return t("Your request is not sent yet. Finish the form to send it.")
        case Status.NEW:
            return t("The seller is deciding on your request.")
        case Status.PREMOD:
            return t("A moderator is looking at your request and decides on it.")
        case Status.CLARIFY if case.owes is Role.CUSTOMER and _moderator_asked(view):
            return t(
                "Your move: answer the moderator's question. Your answer goes to the seller, who "
                "then decides on your request."
            )
        case Status.CLARIFY if case.owes is Role.CUSTOMER:
            return t("Your move: answer the seller's question.")
        case Status.CLARIFY:
            return t("The seller has your answer and is deciding on your request.")
        case Status.OFFERED if case.offer and case.offer.automatic:
            choice = t(
                "Your move: you can have {sum} at once and keep the product. "
                "Accept it, or decline and send the product back for the whole price.",
                sum=offered(case, t),
            )
            return joined([choice, _automatically(view, t)], " ")
        case Status.OFFERED:
            choice = t(
                "Your move: you are offered {sum}, and you keep the product. "
                "Accept it, or decline and the seller decides again.",
                sum=offered(case, t),
            )
            return joined([choice, _rounds(view, t)], " ")
        case Status.COUNTER if case.row == _OFFER_EXPIRED:
            again = t(
                "You did not answer the offer in time, so it counts as declined; the seller "
                "decides again."
            )
            return joined([again, _rounds(view, t)], " ")
        case Status.COUNTER:
            again = t("You have declined the offer; the seller decides again.")
            return joined([again, _rounds(view, t)], " ")
        case Status.COMP_ACCEPTED:
            return t(
                "You keep the product and get {sum}. The money usually comes within {days} days.",
                sum=promised(case, t),
                days=_days(view),
            )
        case Status.APPROVED if not case.address_known:
            return t(
                "Your return is approved, but the seller has not given an address yet. "
                "Your time to send the parcel begins when the address is here."
            )
        case Status.APPROVED:
            return t("Your move: send the product to the address below, then tap “I have sent it”.")
        case Status.REJECTED:
            return t(
                "Your return was rejected: {reason}. If you disagree, open a dispute, "
                "and a moderator decides.",
                reason=_reason(view, t),
            )
        case Status.REJECTED_FINAL:
            final = t("The rejection is final. The return is closed; nothing more happens.")
            return joined([_why_final(case, t), final], " ")
        case Status.OVERDUE if case.proof_date:
            return t("A moderator is checking your receipt. If it is in time, the return goes on.")
        case Status.OVERDUE if case.timer(TimerKind.LATE_PROOF):
            return t(
                "The parcel was not reported as sent in time, so the return is closed. "
                "If you did send it in time, tap “I sent it in time” and show the receipt."
            )
        case Status.OVERDUE:
            return t(
                "The parcel was not reported as sent in time: the return is closed. You can open a "
                "new one as long as the time for returns has not passed."
            )
        case Status.CANCELED_BY_CUSTOMER:
            return t(
                "You have cancelled this return: it is closed. You can open a new one as long as "
                "the time for returns has not passed."
            )
        case Status.CANCELED_INACTION:
            return t(
                "The question was not answered in time: the return is closed. You can open a new "
                "one as long as the time for returns has not passed."
            )
        case Status.IN_TRANSIT if case.timer(TimerKind.DELIVERED):
            return t("The parcel has been delivered; the seller is to confirm that it is there.")
        case Status.IN_TRANSIT if _may_ask(view):
            return t(
                "Your parcel is on its way to the seller and takes longer than it should. If you "
                "do not want to wait any more, tap “Where is my refund?”: the seller then has to "
                "reply."
            )
        case Status.IN_TRANSIT:
            return t(
                "Your parcel is on its way to the seller, who checks it and refunds you when it "
                "has arrived."
            )
        case Status.DISPUTE:
            return _dispute(view, t, _reply_to_customer(view, t))
        case Status.REJECTED_BY_PLATFORM:
            return t(
                "The moderator has decided for the seller. "
                "The return is closed without a refund; nothing more happens."
            )
        case Status.RECEIVED:
            return t("The seller has the product, checks it, and then refunds or refuses.")
        case Status.REFUSED_AFTER_RECEIPT:
            return t(
                "The seller has checked the product and refuses the refund: {reason}. "
                "If you disagree, open a dispute, and a moderator decides.",
                reason=_reason(view, t),
            )
        case Status.REJECTED_MUTUAL:
            stands = t(
                "The refusal stands. The return is closed without a refund, and the seller sends "
                "the product back to you and tells you the track number through the shop. No clock "
                "runs for that here: if nothing comes, tap “Help” and then “Call support”."
            )
            return joined([_why_final(case, t), stands], " ")
        case Status.REFUND_DUE:
            return t(
                "Your refund of {sum} is decided. The money usually comes within {days} days.",
                sum=promised(case, t),
                days=_days(view),
            )
        case Status.REFUNDED:
            return t("{sum} has been paid to you. The return is closed.", sum=promised(case, t))
        case _:
            assert_never(case.status)


def _seller(view: CaseView, t: Texts) -> Html:
    case = view.case
    match case.status:
        case Status.DRAFT:
            return t("The customer has not sent this request yet.")
        case Status.NEW:
            return t("Your move: decide on this request.")
        case Status.PREMOD:
            return t("A moderator decides on this request first; you need not do anything.")
        case Status.CLARIFY if case.owes is Role.CUSTOMER and _moderator_asked(view):
            return t(
                "A moderator has asked the customer a question. The answer comes to you, and you "
                "decide; you can also decide without it."
            )
        case Status.CLARIFY if case.owes is Role.CUSTOMER:
            return t("Your question is with the customer. You can also decide without the answer.")
        case Status.CLARIFY:
            return t("Your move: the customer has answered. Decide on the request.")
        case Status.OFFERED if case.offer and case.offer.automatic:
            waits = t(
                "The customer is offered {sum} for keeping the product and is deciding; you need "
                "not do anything.",
                sum=offered(case, t),
            )
            return joined([waits, _automatically(view, t), _costs_of_it(view, t)], " ")
        case Status.OFFERED if view.rounds_left == 0:
            return t(
                "The offer of {sum} is with the customer. It was the last one that is possible: "
                "if they decline, approve or reject.",
                sum=offered(case, t),
            )
        case Status.OFFERED if case.offer is not None and case.offer.by is Role.SELLER:
            return t(
                "Your offer of {sum} is with the customer. Until they answer, you can only "
                "raise it.",
                sum=offered(case, t),
            )
        case Status.OFFERED:
            return t(
                "The customer is offered {sum} for keeping the product and is deciding.",
                sum=offered(case, t),
            )
        case Status.COUNTER if view.rounds_left == 0:
            return t(
                "Your move: the customer has not accepted {sum}. No further offer is possible: "
                "approve or reject.",
                sum=offered(case, t),
            )
        case Status.COUNTER if case.row == _OFFER_EXPIRED:
            return t(
                "Your move: the customer has not answered the offer of {sum} in time, so it counts "
                "as declined. Offer more, approve or reject.",
                sum=offered(case, t),
            )
        case Status.COUNTER:
            return t(
                "Your move: the customer has declined {sum}. Offer more, approve or reject.",
                sum=offered(case, t),
            )
        case Status.COMP_ACCEPTED:
            return t(
                "The customer keeps the product and gets {sum}. You need not do anything.",
                sum=promised(case, t),
            )
        case Status.APPROVED if not case.address_known:
            return t(
                "Your move: set your return address. The customer cannot send the product before."
            )
        case Status.APPROVED:
            return t("The customer is to send the product to your return address.")
        case Status.REJECTED:
            return t("The return is rejected. The customer can still open a dispute.")
        case Status.REJECTED_FINAL:
            return t("The rejection is final, and the return is closed. Nothing more happens.")
        case Status.OVERDUE if case.proof_date:
            return t("The customer has shown a receipt in time; a moderator is checking it.")
        case Status.OVERDUE:
            return t(
                "The customer did not report the parcel as sent in time, so the return is closed."
            )
        case Status.CANCELED_BY_CUSTOMER:
            return t("The customer has cancelled the return: it is closed.")
        case Status.CANCELED_INACTION:
            return t("The customer did not answer the question in time: the return is closed.")
        case Status.IN_TRANSIT if case.timer(TimerKind.DELIVERED):
            return t("Your move: the parcel has been delivered. Confirm that it is there.")
        case Status.IN_TRANSIT:
            return t("The parcel is on its way to you. Tap “Return received” when it is there.")
        case Status.DISPUTE:
            ask = t("Your move: reply to the dispute. A moderator then decides it.")
            return _dispute(view, t, ask)
        case Status.REJECTED_BY_PLATFORM:
            return t("The moderator has decided for you. The return is closed without a refund.")
        case Status.RECEIVED:
            return t("Your move: check the product, then refund it or refuse.")
        case Status.REFUSED_AFTER_RECEIPT:
            return t("You have refused the refund. The customer can still open a dispute.")
        case Status.REJECTED_MUTUAL:
            return t(
                "The refusal stands, and the return is closed. Please send the product back to the "
                "customer and tell them the track number through the shop: this chat takes none "
                "here. No clock runs for that; if nothing comes, the customer calls support."
            )
        case Status.REFUND_DUE:
            return t("The customer gets {sum}. You need not do anything.", sum=promised(case, t))
        case Status.REFUNDED:
            return t(
                "{sum} has been paid to the customer. The return is closed.", sum=promised(case, t)
            )
        case _:
            assert_never(case.status)


def _staff(view: CaseView, t: Texts) -> Html:
    case = view.case
    match case.status:
        case Status.DRAFT:
            return t("The customer has not sent this request yet.")
        case Status.NEW:
            return t("The seller is to decide on the request.")
        case Status.PREMOD:
            return t("Your move: decide on this request in the seller's place.")
        case Status.CLARIFY if case.owes is Role.CUSTOMER and _moderator_asked(view):
            return t(
                "The customer is to answer the moderator's question. The answer goes to the "
                "seller, who then decides."
            )
        case Status.CLARIFY if case.owes is Role.CUSTOMER:
            return t("The customer is to answer the seller's question.")
        case Status.CLARIFY:
            return t("The seller has the answer and is to decide on the request.")
        case Status.OFFERED:
            waits = t(
                "The customer is offered {sum} for keeping the product and is deciding.",
                sum=offered(case, t),
            )
            more = (
                _automatically(view, t) if case.offer and case.offer.automatic else _rounds(view, t)
            )
            return joined([waits, more], " ")
        case Status.COUNTER:
            again = t(
                "The customer has not accepted {sum}; the seller is to decide again.",
                sum=offered(case, t),
            )
            return joined([again, _rounds(view, t)], " ")
        case Status.COMP_ACCEPTED | Status.REFUND_DUE if view.role is not Role.ADMIN:
            return t(
                "{sum} is to be paid to the customer; an administrator marks it as paid.",
                sum=promised(case, t),
            )
        case Status.COMP_ACCEPTED | Status.REFUND_DUE:
            return t(
                "Your move: {sum} is to be paid to the customer. Mark it as paid when it is.",
                sum=promised(case, t),
            )
        case Status.APPROVED if not case.address_known:
            return t(
                "The seller has no return address, so the customer cannot send the product. "
                "Please see that the seller sets one."
            )
        case Status.APPROVED:
            return t("The customer is to send the product back.")
        case Status.REJECTED | Status.REFUSED_AFTER_RECEIPT:
            return t(
                "Rejected: {reason}. The customer can open a dispute.", reason=_reason(view, t)
            )
        case Status.OVERDUE if case.proof_date:
            return t(
                "Your move: check the receipt, dated {day}. Approve if the parcel was sent in "
                "time, and the return goes on; otherwise reject.",
                day=t.day(case.proof_date.date()),
            )
        case Status.OVERDUE if case.timer(TimerKind.LATE_PROOF):
            return t("Not sent in time: closed, unless the customer shows a receipt in time.")
        case Status.IN_TRANSIT if case.timer(TimerKind.DELIVERED):
            return t("The parcel has been delivered; the seller is to confirm that it is there.")
        case Status.IN_TRANSIT:
            return t("The parcel is on its way to the seller.")
        case Status.DISPUTE:
            return _dispute(view, t, t("The seller is to reply to the dispute."))
        case Status.RECEIVED:
            return t("The seller has the product and is to check it.")
        case Status.REJECTED_MUTUAL:
            return t(
                "The refusal stands; the seller is to send the product back and to tell the "
                "customer the track number through the shop. No clock runs for that: see to it if "
                "the customer calls."
            )
        case Status.REFUNDED:
            return t(
                "{sum} has been paid to the customer. The return is closed.", sum=promised(case, t)
            )
        case (
            Status.REJECTED_FINAL
            | Status.OVERDUE
            | Status.CANCELED_BY_CUSTOMER
            | Status.CANCELED_INACTION
            | Status.REJECTED_BY_PLATFORM
        ):
            return t("The return is closed. Nothing more happens unless it is opened again.")
        case _:
            assert_never(case.status)


def _dispute(view: CaseView, t: Texts, awaiting_reply: Html) -> Html:
    dispute = view.case.dispute
    if dispute is None:
        return t("A dispute is open.")
    accept = any(option.action is Action.ACCEPT for option in view.options)
    proposal = t("You can end it now: accept what is on the table.") if accept else None
    return joined([_stands(dispute, view, t, awaiting_reply), proposal], " ")


def _reply_to_customer(view: CaseView, t: Texts) -> Html:
    """Whose dispute it is: the one about a parcel that is late opens by itself (T-03)."""
    dispute = view.case.dispute
    if dispute is not None and dispute.kind is DisputeKind.TRANSIT_AUTO:
        return t("The seller is to reply to the dispute.")
    return t("The seller is to reply to your dispute.")


def _stands(dispute: Dispute, view: CaseView, t: Texts, awaiting_reply: Html) -> Html:
    if dispute.decidable and view.role in STAFF:
        silent = t("The seller did not reply to it.") if dispute.seller_silent else None
        return joined([t("Your move: decide the dispute."), silent], " ")
    if dispute.decidable:
        return t("A moderator is deciding the dispute.")
    if dispute.seller_silent:
        return t(
            "The seller did not reply to the dispute: the money is refunded as soon as the parcel "
            "arrives."
        )
    if dispute.replied:
        return t("The dispute waits for the parcel: a moderator decides when it has arrived.")
    return awaiting_reply
