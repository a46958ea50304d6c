"""Names of codes in the reader's language: plain text, for sentences, lists and buttons.

Every `match` over an enum is complete, and the type checker proves it.
"""

from __future__ import annotations

from typing import assert_never

from bot.domain.cases import (
    Action,
    DisputeKind,
    DisputeTopic,
    Goods,
    ReasonClass,
    Role,
    Route,
    Ruling,
    Status,
)
from bot.domain.money import Purse
from bot.domain.orders import OrderStatus
from bot.domain.reasons import Reason, RejectReason
from bot.domain.windows import Category
from bot.texts import Texts


def status(status: Status, t: Texts) -> str:
    """Where the decision stands, in the words of the sources."""
    match status:
        case Status.DRAFT:
            return t.plain("Not sent yet")
        case Status.NEW:
            return t.plain("New request")
        case Status.PREMOD:
            return t.plain("With a moderator")
        case Status.CLARIFY:
            return t.plain("Being clarified")
        case Status.OFFERED:
            return t.plain("Partial compensation offered")
        case Status.COUNTER:
            return t.plain("Offer declined")
        case Status.COMP_ACCEPTED:
            return t.plain("Partial compensation approved")
        case Status.APPROVED:
            return t.plain("Approved")
        case Status.REJECTED:
            return t.plain("Rejected by the seller")
        case Status.REJECTED_FINAL:
            return t.plain("Rejected for good")
        case Status.OVERDUE:
            return t.plain("Overdue")
        case Status.CANCELED_BY_CUSTOMER:
            return t.plain("Cancelled by the customer")
        case Status.CANCELED_INACTION:
            return t.plain("Closed, the customer did not answer")
        case Status.IN_TRANSIT:
            return t.plain("On the way back")
        case Status.DISPUTE:
            return t.plain("Dispute opened")
        case Status.REJECTED_BY_PLATFORM:
            return t.plain("Rejected by the moderator")
        case Status.RECEIVED:
            return t.plain("Received by the seller")
        case Status.REFUSED_AFTER_RECEIPT:
            return t.plain("Refused after receipt")
        case Status.REJECTED_MUTUAL:
            return t.plain("Rejected by mutual consent")
        case Status.REFUND_DUE:
            return t.plain("Refund decided")
        case Status.REFUNDED:
            return t.plain("Refunded")
        case _:
            assert_never(status)


def goods(goods: Goods, t: Texts) -> str:
    """Where the thing is."""
    match goods:
        case Goods.WITH_CUSTOMER:
            return t.plain("with the customer")
        case Goods.IN_TRANSIT:
            return t.plain("on the way to the seller")
        case Goods.WITH_SELLER:
            return t.plain("with the seller")
        case Goods.RETURNING_TO_CUSTOMER:
            return t.plain("on the way back to the customer")
        case Goods.KEPT_BY_CUSTOMER:
            return t.plain("kept by the customer")
        case Goods.LOST:
            return t.plain("lost")
        case _:
            assert_never(goods)


def reason(code: str | None, t: Texts) -> str:
    """Why the customer returns. A code of a later catalogue is called "another reason"."""
    try:
        known = Reason(code or "")
    except ValueError:
        return t.plain("Another reason")
    match known:
        case Reason.CHANGED_MIND:
            return t.plain("I changed my mind")
        case Reason.DOES_NOT_FIT:
            return t.plain("It does not fit")
        case Reason.DEFECTIVE:
            return t.plain("It is defective")
        case Reason.SPOILED:
            return t.plain("It is spoiled or expired")
        case Reason.INCOMPLETE:
            return t.plain("Something is missing")
        case Reason.WRONG_ITEM:
            return t.plain("I got a different product")
        case Reason.NOT_AS_DESCRIBED:
            return t.plain("It is not as described")
        case Reason.DAMAGED_IN_TRANSIT:
            return t.plain("It was damaged on the way")
        case _:
            assert_never(known)


def reason_class(reason_class: ReasonClass, t: Texts) -> str:
    """The heading over a group of reasons."""
    match reason_class:
        case ReasonClass.PROPER:
            return t.plain("The product is fine, but not for me")
        case ReasonClass.IMPROPER:
            return t.plain("Something is wrong with the product")
        case ReasonClass.SELLER_FAULT:
            return t.plain("The seller made a mistake")
        case ReasonClass.CARRIER_FAULT:
            return t.plain("The delivery damaged it")
        case _:
            assert_never(reason_class)


def reject_reason(code: str | None, t: Texts) -> str:
    """Why the seller refuses."""
    try:
        known = RejectReason(code or "")
    except ValueError:
        return t.plain("Another reason")
    match known:
        case RejectReason.USED:
            return t.plain("The product was used")
        case RejectReason.PACKAGING_DAMAGED:
            return t.plain("The packaging is damaged")
        case RejectReason.NOT_RETURNABLE:
            return t.plain("This product cannot be returned")
        case RejectReason.REASON_MISMATCH:
            return t.plain("The reason does not match")
        case RejectReason.DEFECT_NOT_FOUND:
            return t.plain("No defect was found")
        case RejectReason.PHOTOS_INSUFFICIENT:
            return t.plain("The photos do not show enough")
        case RejectReason.OTHER:
            return t.plain("Another reason")
        case _:
            assert_never(known)


def category(code: str, t: Texts) -> str:
    """What kind of product it is, as the subject of "can be returned"."""
    try:
        known = Category(code)
    except ValueError:
        known = Category.OTHER
    match known:
        case Category.FOOD:
            return t.plain("Food")
        case Category.PET_FOOD:
            return t.plain("Pet food")
        case Category.DIGITAL:
            return t.plain("A digital product")
        case Category.MADE_TO_ORDER:
            return t.plain("A product made to order")
        case Category.BOOKS:
            return t.plain("A book or print")
        case Category.HYGIENE:
            return t.plain("A hygiene product")
        case Category.CHRISTMAS:
            return t.plain("A Christmas product")
        case Category.HOSIERY:
            return t.plain("Underwear or hosiery")
        case Category.MEDICAL:
            return t.plain("A medical device")
        case Category.TECHNICALLY_COMPLEX:
            return t.plain("A technically complex product")
        case Category.OTHER:
            return t.plain("This product")
        case _:
            assert_never(known)


def action(action: Action, t: Texts) -> str:
    """The button of an action."""
    match action:
        case Action.SUBMIT:
            return t.plain("Send the request")
        case Action.APPROVE:
            return t.plain("Approve")
        case Action.REJECT:
            return t.plain("Reject")
        case Action.OFFER:
            return t.plain("Offer part")
        case Action.REFUND_WITHOUT_RETURN:
            return t.plain("Refund without return")
        case Action.ASK:
            return t.plain("Ask a question")
        case Action.ANSWER:
            return t.plain("Answer")
        case Action.ACCEPT:
            return t.plain("Accept")
        case Action.DECLINE:
            return t.plain("Decline")
        case Action.CANCEL:
            return t.plain("Cancel the return")
        case Action.SENT:
            return t.plain("I have sent it")
        case Action.LATE_PROOF:
            return t.plain("I sent it in time")
        case Action.TRACK:
            return t.plain("Add a tracking event")
        case Action.RECEIVE:
            return t.plain("Return received")
        case Action.WHERE_IS_THE_REFUND:
            return t.plain("Where is my refund?")
        case Action.REFUND:
            return t.plain("Refund")
        case Action.CONFIRM_SHIPPING:
            return t.plain("Confirm the shipping cost")
        case Action.VERDICT:
            return t.plain("Accept a part")
        case Action.OPEN_DISPUTE:
            return t.plain("Open a dispute")
        case Action.REPLY:
            return t.plain("Reply to the dispute")
        case Action.DECIDE:
            return t.plain("Decide the dispute")
        case Action.SETTLE:
            return t.plain("Propose a settlement")
        case Action.WITHDRAW:
            return t.plain("Withdraw the dispute")
        case Action.PAID:
            return t.plain("Mark as paid")
        case Action.PAYMENT_FAILED:
            return t.plain("The payment failed")
        case Action.OVERRIDE:
            return t.plain("Set another status")
        case Action.REOPEN:
            return t.plain("Open again")
        case Action.SET_ADDRESS:
            return t.plain("Set the return address")
        case Action.GET_CODE:
            return t.plain("Get a photo code")
        case Action.PROVE:
            return t.plain("Send the photo with the code")
        case Action.FIRE:
            return t.plain("The deadline passed")
        case _:
            assert_never(action)


def role(role: Role, t: Texts) -> str:
    """Who somebody is, with a small letter: "the seller". Nobody is called by name."""
    match role:
        case Role.CUSTOMER:
            return t.plain("the customer")
        case Role.SELLER:
            return t.plain("the seller")
        case Role.MODERATOR:
            return t.plain("the moderator")
        case Role.ADMIN:
            return t.plain("the administrator")
        case Role.POINT:
            return t.plain("the pick-up point")
        case Role.WAREHOUSE:
            return t.plain("the warehouse")
        case Role.CLOCK:
            return t.plain("the clock")
        case Role.SYSTEM | Role.SERVICE:
            return t.plain("the service")
        case Role.CARRIER:
            return t.plain("the carrier")
        case Role.PAYMENT:
            return t.plain("the payment service")
        case _:
            assert_never(role)


def purse(purse: Purse, t: Texts) -> str:
    """Whose money it is."""
    match purse:
        case Purse.CUSTOMER:
            return role(Role.CUSTOMER, t)
        case Purse.SELLER:
            return role(Role.SELLER, t)
        case Purse.PLATFORM:
            return t.plain("the platform")
        case Purse.CARRIER:
            return role(Role.CARRIER, t)
        case Purse.PARTNER:
            return t.plain("the partner")
        case _:
            assert_never(purse)


def own_role(role: Role, t: Texts) -> str:
    """A role on the button that switches to it."""
    match role:
        case Role.SELLER:
            return t.plain("Seller")
        case Role.MODERATOR:
            return t.plain("Moderator")
        case Role.ADMIN:
            return t.plain("Administrator")
        case _:
            return t.plain("Customer")


def ruling(ruling: Ruling, t: Texts) -> str:
    """How a dispute is decided, on the moderator's button."""
    match ruling:
        case Ruling.CUSTOMER:
            return t.plain("For the customer")
        case Ruling.SELLER:
            return t.plain("For the seller")
        case Ruling.IN_TRANSIT:
            return t.plain("It is still on the way")
        case _:
            assert_never(ruling)


def dispute(kind: DisputeKind, t: Texts) -> str:
    """What a dispute is about."""
    match kind:
        case DisputeKind.REFUSAL:
            return t.plain("about the refusal")
        case DisputeKind.TRANSIT_CUSTOMER:
            return t.plain("where the refund is")
        case DisputeKind.TRANSIT_AUTO:
            return t.plain("the parcel has been on the way for too long")
        case DisputeKind.AFTER_RECEIPT:
            return t.plain("about the refusal after receipt")
        case _:
            assert_never(kind)


def topic(topic: DisputeTopic, t: Texts) -> str:
    """What a dispute is about, in the words of who opens it."""
    match topic:
        case DisputeTopic.REASON_UNTRUE:
            return t.plain("The seller's reason is not true")
        case DisputeTopic.NOT_AS_DESCRIBED:
            return t.plain("It is not as described")
        case DisputeTopic.FAULTY:
            return t.plain("The product has a fault")
        case DisputeTopic.WRONG_ITEM:
            return t.plain("I got a different product")
        case DisputeTopic.DAMAGED_ON_THE_WAY:
            return t.plain("It was damaged on the way")
        case DisputeTopic.PARCEL_LOST:
            return t.plain("The parcel is lost")
        case DisputeTopic.REFUND_MISSING:
            return t.plain("The refund is missing or too small")
        case DisputeTopic.SWAPPED:
            return t.plain("The product shown is not mine")
        case DisputeTopic.OTHER:
            return t.plain("Something else")
        case _:
            assert_never(topic)


def route(route: Route, t: Texts) -> str:
    """How the thing travels, on a button."""
    match route:
        case Route.MAIL:
            return t.plain("By post")
        case Route.COURIER:
            return t.plain("By courier")
        case Route.PICKUP_POINT:
            return t.plain("Through a pick-up point")
        case _:
            assert_never(route)


def order_status(status: OrderStatus, t: Texts) -> str:
    """Where a posting is."""
    match status:
        case OrderStatus.PASSPORT_PENDING:
            return t.plain("Waiting for passport data")
        case OrderStatus.AWAITING_PACKAGING:
            return t.plain("Being packed")
        case OrderStatus.AWAITING_SHIPMENT:
            return t.plain("Waiting to be shipped")
        case OrderStatus.ACCEPTED_FOR_DELIVERY:
            return t.plain("On the way")
        case OrderStatus.COURIER_ON_THE_WAY:
            return t.plain("The courier is on the way")
        case OrderStatus.AT_PICKUP_POINT:
            return t.plain("At the pick-up point")
        case OrderStatus.PRESUMABLY_DELIVERED:
            return t.plain("Presumably delivered")
        case OrderStatus.DISPUTED:
            return t.plain("Delivery disputed")
        case OrderStatus.DELIVERED:
            return t.plain("Delivered")
        case OrderStatus.CANCELED:
            return t.plain("Cancelled")
        case _:
            assert_never(status)
