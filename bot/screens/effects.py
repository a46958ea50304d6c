"""What a person reads before the last yes: what was given, and what follows from it."""

from __future__ import annotations

from bot.domain.cases import Action, Given, ReturnCase, Role, Ruling, Status
from bot.domain.money import Money
from bot.screens import labels
from bot.screens.products import price_of
from bot.texts import Html, Texts


def answers(given: Given, t: Texts) -> list[Html]:
    """The answers that were given, each in a line."""
    found: list[Html | None] = [
        t("Reason: {reason}", reason=labels.reject_reason(given.reason, t))
        if given.reason
        else None,
        t("Decision: {ruling}", ruling=labels.ruling(given.ruling, t)) if given.ruling else None,
        t("New status: {status}", status=labels.status(given.to, t)) if given.to else None,
        t("Sum: {sum}", sum=t.money(given.amount)) if given.amount else None,
        t("Track number: {track}", track=t.code(given.track)) if given.track else None,
        t("By the receipt: {sum}", sum=t.money(given.receipt_amount))
        if given.receipt_amount
        else None,
        t("Shipping: {sum}", sum=t.money(given.shipping)) if given.shipping is not None else None,
        t("Reference: {ref}", ref=t.code(given.ref)) if given.ref else None,
        t.n("{count} photo or video", "{count} photos or videos", len(given.photos))
        if given.photos
        else None,
        t.quote(given.text) if given.text else None,
    ]
    return [line for line in found if line]


def effect(case: ReturnCase, action: Action, given: Given, t: Texts) -> Html:
    """What follows if the person says yes."""
    price = t.money(price_of(case))
    match action:
        case Action.APPROVE if case.status is Status.OVERDUE:
            return t("You confirm that the parcel was sent in time: the return goes on.")
        case Action.APPROVE:
            return t(
                "The customer sends the product back and gets {price} once it has been received "
                "and checked. This cannot be taken back.",
                price=price,
            )
        case Action.REJECT if case.status is Status.OVERDUE:
            return t("The receipt is not accepted: the return stays closed.")
        case Action.REJECT:
            return t(
                "The customer is told your reason and can open a dispute, "
                "which a moderator decides."
            )
        case Action.OFFER:
            return t(
                "The customer is asked at once. If they accept, they keep the product and get the "
                "sum; until they answer, you can only raise it."
            )
        case Action.REFUND_WITHOUT_RETURN:
            return t(
                "The customer gets {price} and keeps the product. This cannot be taken back.",
                price=price,
            )
        case Action.ACCEPT:
            return _accepting(case, t)
        case Action.DECLINE:
            return _declining(case, t)
        case Action.CANCEL:
            return t(
                "The return ends and nothing is refunded. You can open a new one as long as the "
                "time for returns has not passed."
            )
        case Action.RECEIVE:
            return t(
                "The parcel has arrived. From now on your time runs to check it and to refund "
                "or to refuse; if you do nothing, the money is refunded by itself."
            )
        case Action.REFUND if given.shipping is not None and given.shipping.minor:
            return t(
                "The customer gets {price} for the product and {shipping} for shipping, {total} "
                "in all. This cannot be taken back.",
                price=price,
                shipping=t.money(given.shipping),
                total=t.money(price_of(case) + given.shipping),
            )
        case Action.REFUND:
            return t(
                "The customer gets {price} for the product. This cannot be taken back.",
                price=price,
            )
        case Action.CONFIRM_SHIPPING:
            return t(
                "The customer gets the shipping named above beside the price. "
                "This cannot be taken back."
            )
        case Action.VERDICT:
            return t(
                "The accepted units are refunded; for the others the customer can open a dispute."
            )
        case Action.DECIDE:
            return _ruling(case, given.ruling, t)
        case Action.SETTLE:
            return t(
                "The customer is asked at once. If they accept, the dispute ends and they get "
                "the sum; your time to reply runs on."
            )
        case Action.WITHDRAW:
            return t("The dispute ends and the return stands as before it.")
        case Action.PAID:
            return t("The customer is told that the money has been paid, and the return is closed.")
        case Action.OVERRIDE:
            return t(
                "If money moves, nothing changes until another person of the staff does the same; "
                "otherwise the new status counts at once."
            )
        case Action.REOPEN:
            return t("The return starts again with the seller, and the time for a decision too.")
        case _:
            return t("Everybody in this return sees on the card what happens next.")


def _accepting(case: ReturnCase, t: Texts) -> Html:
    if case.status is Status.DISPUTE:
        return t(
            "You get {sum}, and the dispute and the return end with it.",
            sum=_sum(_on_the_table(case), t),
        )
    return t(
        "You get {sum} and keep the product; it can then be returned only for a defect under "
        "warranty.",
        sum=_sum(_on_the_table(case), t),
    )


def _declining(case: ReturnCase, t: Texts) -> Html:
    if case.offer is not None and case.offer.by is Role.SYSTEM:
        return t("The return is then approved: you send the product back and get the whole price.")
    return t("The seller can then offer more, approve or reject; silence approves the return.")


def _on_the_table(case: ReturnCase) -> Money | None:
    if case.dispute is not None and case.dispute.settlement is not None:
        return case.dispute.settlement
    return case.offer.amount if case.offer else None


def _sum(sum: Money | None, t: Texts) -> str:
    return t.money(sum) if sum is not None else "—"


def _ruling(case: ReturnCase, ruling: Ruling | None, t: Texts) -> Html:
    match ruling:
        case Ruling.SELLER:
            return t("The return ends without a refund, and both parties read your reasons.")
        case Ruling.IN_TRANSIT:
            return t("The parcel is still on the way: the dispute ends and the return goes on.")
        case _ if case.dispute is not None and case.dispute.previous is Status.REJECTED:
            return t("The return is approved: the customer sends the product back.")
        case _:
            return t("The customer gets the refund, and both parties read your reasons.")
