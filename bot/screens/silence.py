"""What happens if nobody acts: a sentence made from the running timer, never typed by hand.

It names who is waited for, the exact instant in the reader's zone, and the consequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from bot.domain.cases import Role, Status, TimerKind
from bot.services.views import CaseView, Silence
from bot.texts import Html, Texts, said


class Told(NamedTuple):
    """For everybody, for the role that is waited for, for the seller where more is theirs then."""

    others: str
    owner: Role | None = None
    you: str = ""
    seller: str = ""


_APPROVED_BY_SELLERS_SILENCE = Told(
    said("If the seller does not decide by {when}, the return is approved by itself."),
    Role.SELLER,
    said("If you do not decide by {when}, the return is approved by itself."),
)
_CLOSED_BY_CUSTOMERS_SILENCE = Told(
    said("If the customer does not answer by {when}, the return is closed."),
    Role.CUSTOMER,
    said("If you do not answer by {when}, the return is closed."),
)
_DECIDED_FOR_CUSTOMER = Told(said("If no moderator decides by {when}, the customer wins."))

_TOLD: Final[Mapping[tuple[TimerKind, Status | None], Told]] = {
    (TimerKind.DECISION, None): _APPROVED_BY_SELLERS_SILENCE,
    (TimerKind.DECISION, Status.PREMOD): Told(
        said("If the seller does not decide by {when}, a moderator decides instead."),
        Role.SELLER,
        said("If you do not decide by {when}, a moderator decides in your place."),
    ),
    (TimerKind.PREMOD, Status.APPROVED): Told(
        said("If no moderator decides by {when}, the return is approved by itself.")
    ),
    (TimerKind.PREMOD, None): Told(
        said("If no moderator decides by {when}, the administrator is called.")
    ),
    (TimerKind.CLARIFY, None): Told(
        said("If nobody acts by {when}, the return is approved by itself.")
    ),
    (TimerKind.CLARIFY, Status.PREMOD): Told(
        said("If nobody acts by {when}, a moderator decides.")
    ),
    (TimerKind.CLARIFY, Status.CANCELED_INACTION): _CLOSED_BY_CUSTOMERS_SILENCE,
    (TimerKind.OFFER, Status.COUNTER): Told(
        said(
            "If the customer does not answer by {when}, the offer counts as declined and the "
            "seller decides again."
        ),
        Role.CUSTOMER,
        said(
            "If you do not answer by {when}, the offer counts as declined and the seller decides "
            "again."
        ),
        said(
            "If the customer does not answer by {when}, the offer counts as declined and you "
            "decide again."
        ),
    ),
    (TimerKind.OFFER, Status.APPROVED): Told(
        said(
            "If the customer does not answer by {when}, the offer counts as declined and the "
            "return is approved."
        ),
        Role.CUSTOMER,
        said(
            "If you do not answer by {when}, the offer counts as declined and the return is "
            "approved: you can send the product back."
        ),
    ),
    (TimerKind.OFFER, None): _CLOSED_BY_CUSTOMERS_SILENCE,
    (TimerKind.COUNTER, None): _APPROVED_BY_SELLERS_SILENCE,
    (TimerKind.SHIP, None): Told(
        said(
            "If the customer does not report the parcel as sent by {when}, the return becomes "
            "overdue and is closed."
        ),
        Role.CUSTOMER,
        said(
            "If you do not report the parcel as sent by {when}, the return becomes overdue and is "
            "closed."
        ),
    ),
    (TimerKind.LATE_PROOF, None): Told(
        said("If the customer shows no receipt by {when}, the return stays closed for good."),
        Role.CUSTOMER,
        said("If you show no receipt by {when}, the return stays closed for good."),
    ),
    (TimerKind.PROOF, None): Told(
        said("If no moderator has checked the receipt by {when}, the staff are alerted.")
    ),
    (TimerKind.TRANSIT_UNLOCK, None): Told(
        said("If it has not arrived by {when}, the customer can ask where the refund is."),
        Role.CUSTOMER,
        said("If it has not arrived by {when}, you can ask where your refund is."),
    ),
    (TimerKind.TRANSIT_AUTO, None): Told(
        said("If it has not arrived by {when}, a dispute is opened by itself.")
    ),
    (TimerKind.TRANSIT_CAP, None): Told(
        said("If it has not arrived by {when}, a moderator decides without it.")
    ),
    (TimerKind.DELIVERED, None): Told(
        said("If the seller does not confirm it by {when}, the parcel counts as received."),
        Role.SELLER,
        said("If you do not confirm it by {when}, the parcel counts as received."),
    ),
    (TimerKind.APPEAL, Status.REJECTED_MUTUAL): Told(
        said(
            "If the customer opens no dispute by {when}, the refusal stands and the product goes "
            "back to the customer."
        ),
        Role.CUSTOMER,
        said(
            "If you open no dispute by {when}, the refusal stands and the product is sent back to "
            "you."
        ),
        said(
            "If the customer opens no dispute by {when}, the refusal stands and you send the "
            "product back to them."
        ),
    ),
    (TimerKind.APPEAL, None): Told(
        said("If the customer opens no dispute by {when}, the rejection is final."),
        Role.CUSTOMER,
        said("If you open no dispute by {when}, the rejection is final."),
    ),
    (TimerKind.DISPUTE_REPLY, Status.APPROVED): Told(
        said(
            "If the seller does not reply by {when}, they lose the dispute: the return is approved."
        ),
        Role.SELLER,
        said("If you do not reply by {when}, the customer wins: the return is approved."),
    ),
    (TimerKind.DISPUTE_REPLY, Status.REFUND_DUE): Told(
        said(
            "If the seller does not reply by {when}, they lose the dispute: the money is refunded."
        ),
        Role.SELLER,
        said("If you do not reply by {when}, the customer wins: the money is refunded."),
    ),
    (TimerKind.DISPUTE_REPLY, None): Told(
        said(
            "If the seller does not reply by {when}, they lose the dispute: the money is refunded "
            "when the parcel arrives."
        ),
        Role.SELLER,
        said(
            "If you do not reply by {when}, the customer wins: the money is refunded when the "
            "parcel arrives."
        ),
    ),
    (TimerKind.DISPUTE_DECIDE, Status.APPROVED): _DECIDED_FOR_CUSTOMER,
    (TimerKind.DISPUTE_DECIDE, Status.REFUND_DUE): _DECIDED_FOR_CUSTOMER,
    (TimerKind.DISPUTE_DECIDE, Status.DISPUTE): Told(
        said(
            "If no moderator decides by {when}, the administrator is called; nothing is decided "
            "by itself."
        )
    ),
    (TimerKind.DISPUTE_DECIDE, None): Told(
        said("If no moderator decides by {when}, everything stays as it was before the dispute.")
    ),
    (TimerKind.INSPECT, None): Told(
        said(
            "If the seller neither refunds nor refuses by {when}, the money is refunded by itself."
        ),
        Role.SELLER,
        said("If you neither refund nor refuse by {when}, the money is refunded by itself."),
    ),
    (TimerKind.REFUND_ETA, None): Told(
        said("If the money has not been paid by {when}, the staff are alerted.")
    ),
}


def consequence(view: CaseView, t: Texts) -> Html | None:
    """The sentence for the reader of a card; None where the return is over."""
    if view.case.status is Status.APPROVED and not view.case.address_known:
        return t(
            "Until the return address is set no deadline runs and nothing happens by itself; the "
            "seller is reminded, and our staff are told."
        )
    if view.silence is None and view.case.status is Status.DISPUTE:
        return t(
            "No deadline runs any more: the administrator has been called, and nothing is decided "
            "by itself."
        )
    return told(view.silence, view.role, view.case.owes, t) if view.silence else None


def told(silence: Silence, reader: Role, owes: Role | None, t: Texts) -> Html:
    """What the clock does at the end of a timer, told to somebody in this role."""
    key = (silence.kind, silence.to)
    words = _TOLD.get(key) or _TOLD[silence.kind, None]
    if key == (TimerKind.CLARIFY, Status.APPROVED) and owes is Role.SELLER:
        words = _APPROVED_BY_SELLERS_SILENCE
    own = words.you if words.owner is reader else words.seller if reader is Role.SELLER else ""
    return t(own or words.others, when=t.when(silence.due_at))
