"""What a person reads before the last yes: what was given, and what follows from it.

What follows is never guessed from the action: the core has decided it on a copy (`Outlook`), and
here it is worded.
"""

from __future__ import annotations

from bot.domain.cases import (
    STAFF,
    Action,
    Given,
    Goods,
    Refund,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.outlook import NextStep, Outlook
from bot.screens import labels
from bot.screens.products import title
from bot.screens.proposals import terms
from bot.screens.words import small
from bot.texts import Html, Texts, joined


def answers(given: Given, case: ReturnCase, t: Texts) -> list[Html]:
    """The answers that were given, each in a line."""
    accepted = [
        t(
            "Accepted: {title}, {units} of {all}",
            title=title(line.title),
            units=(given.accepted or {}).get(line.sku, 0),
            all=line.quantity,
        )
        for line in (case.lines if given.accepted else ())
    ]
    found: list[Html | None] = [
        *accepted,
        t("Reason: {reason}", reason=labels.reject_reason(given.reason, t))
        if given.reason
        else None,
        t("Decision: {ruling}", ruling=labels.ruling(given.ruling, t)) if given.ruling else None,
        t("Proposal: {what}", what=terms(given.terms, case, t)) if given.terms else None,
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


def effect(case: ReturnCase, action: Action, role: Role, ahead: Outlook, t: Texts) -> Html:
    """What follows if the person, who acts in this role, says yes."""
    follows = what_follows(case, action, role, ahead, t)
    return joined([follows, stands(case, role, ahead, t)], "\n\n")


def stands(case: ReturnCase, role: Role, ahead: Outlook, t: Texts) -> Html:
    """The status after that, whose move it is then, and how much time there is."""
    status = small(labels.status(ahead.after.status, t))
    stays = ahead.after.status is case.status
    return joined(
        [
            t("The status stays: {status}.", status=status)
            if stays
            else t("Status after that: {status}.", status=status),
            _next(ahead.next, role, t) if ahead.next else None,
        ],
        " ",
    )


def what_follows(case: ReturnCase, action: Action, role: Role, ahead: Outlook, t: Texts) -> Html:
    """What the action does, in the words of the person who acts in this role."""
    after = ahead.after
    match action:
        case Action.APPROVE if case.status is Status.OVERDUE:
            return t("You confirm that the parcel was sent in time: the return goes on.")
        case Action.APPROVE:
            return joined([_sends_back(ahead, t), _for_good(t)], " ")
        case Action.REJECT if case.status is Status.OVERDUE:
            return t("The receipt is not accepted: the return stays closed.")
        case Action.REJECT:
            return t(
                "The customer is told your reason and can open a dispute, "
                "which a moderator decides."
            )
        case Action.OFFER:
            return _offering(role, ahead, t)
        case Action.REFUND_WITHOUT_RETURN:
            return joined(
                [
                    t(
                        "The customer gets {price} and keeps the product.",
                        price=_total(ahead.refund, t),
                    ),
                    _for_good(t),
                ],
                " ",
            )
        case Action.ACCEPT | Action.SETTLE if case.status is Status.DISPUTE:
            return _proposing(action, role, ahead, t)
        case Action.ACCEPT if ahead.refund:
            return joined([_you_get(ahead.refund, t, kept=True), _within(ahead, t)], " ")
        case Action.DECLINE:
            return _declining(ahead, t)
        case Action.CANCEL:
            return t(
                "The return ends and nothing is refunded. You can open a new one as long as the "
                "time for returns has not passed."
            )
        case Action.RECEIVE:
            return _receiving(ahead, t)
        case Action.REFUND | Action.CONFIRM_SHIPPING:
            return joined([_gets(ahead.refund, t), _for_good(t)], " ")
        case Action.VERDICT if ahead.child:
            return t(
                "{refund} For the units that you do not accept the customer can open a dispute.",
                refund=_gets(ahead.refund, t),
            )
        case Action.VERDICT:
            return joined([_gets(ahead.refund, t), _for_good(t)], " ")
        case Action.DECIDE:
            return _ruling(ahead, t)
        case Action.WITHDRAW:
            return _withdrawing(after, Role.CUSTOMER, t)
        case Action.PAID:
            return t(
                "The customer is told that {sum} has been paid, and the return is closed.",
                sum=_total(ahead.refund, t),
            )
        case Action.OVERRIDE:
            return _overriding(case, ahead, t)
        case Action.REOPEN if after.status is Status.CLARIFY:
            return t(
                "The return starts again with the customer, who reads your words and is to "
                "answer them first."
            )
        case Action.REOPEN:
            return t("The return starts again with the seller, and the time for a decision too.")
        case Action.SET_ADDRESS if case.status is Status.APPROVED:
            return t("The customer reads where to send the product, and their time begins.")
        case Action.SET_ADDRESS:
            return t("From then on your returns can be approved.")
        case Action.ASK:
            return t("The customer is asked at once and can answer with words and photos.")
        case Action.ANSWER:
            return t("The seller reads the answer and decides.")
        case Action.SENT:
            return t("The seller hears that the parcel is on its way, and by which number.")
        case Action.LATE_PROOF:
            return t("A moderator checks whether the parcel was sent in time.")
        case Action.PROVE:
            return t("The other side and the moderators see the photo, and the code beside it.")
        case Action.OPEN_DISPUTE | Action.WHERE_IS_THE_REFUND:
            return t("The seller must reply; if they do not, you win the dispute.")
        case Action.REPLY:
            return t("Your reply is seen by the customer and by the moderator who decides.")
        case _:
            return t("Everybody in this return sees on the card what happens next.")


def _for_good(t: Texts) -> Html:
    return t("This cannot be taken back.")


def _total(refund: Refund | None, t: Texts) -> str:
    return t.money(refund.total) if refund else "—"


def _gets(refund: Refund | None, t: Texts) -> Html:
    """The money in full: for the product, for the shipping, and in all."""
    if refund is None:
        return t("No money moves.")
    if refund.partial:
        return t("The customer gets {sum}.", sum=t.money(refund.total))
    if refund.shipping_open:
        return t(
            "The customer gets {price} for the product, and the shipping once somebody has "
            "confirmed its sum.",
            price=t.money(refund.goods),
        )
    if not refund.shipping:
        return t("The customer gets {price} for the product.", price=t.money(refund.goods))
    return t(
        "The customer gets {price} for the product and {shipping} for shipping, {total} in all.",
        price=t.money(refund.goods),
        shipping=t.money(refund.shipping),
        total=t.money(refund.total),
    )


def _sends_back(ahead: Outlook, t: Texts) -> Html:
    """An approval: what is refunded later, and of what it may be more."""
    price = t.money(ahead.price)
    if not ahead.refunds_shipping:
        told = t(
            "The customer sends the product back and gets {price} once it has been received and "
            "checked.",
            price=price,
        )
    elif ahead.shipping is None:
        told = t(
            "The customer sends the product back and gets {price}, and packaging and postage by "
            "the receipt, once it has been received and checked.",
            price=price,
        )
    else:
        told = t(
            "The customer sends the product back and gets {price}, and packaging and postage by "
            "the receipt up to {shipping}, once it has been received and checked.",
            price=price,
            shipping=t.money(ahead.shipping),
        )
    if ahead.after.address_known:
        return told
    waits = t("Their time to send it begins when the seller has set a return address.")
    return joined([told, waits], " ")


def _offering(role: Role, ahead: Outlook, t: Texts) -> Html:
    asked = t(
        "The customer is asked at once. If they accept, they keep the product and get the sum."
    )
    if Action.OFFER not in ahead.sellers:
        until = t("Until they answer, the offer stands as it is.")
    elif role is Role.SELLER:
        until = t("Until they answer, you can only raise it.")
    else:
        until = t("Until they answer, the seller can only raise it.")
    return joined([asked, until], " ")


def _declining(ahead: Outlook, t: Texts) -> Html:
    if ahead.after.status is Status.APPROVED:
        return t("The return is then approved: you send the product back for the whole price.")
    if Action.OFFER in ahead.sellers:
        return t("The seller can then offer more, approve or reject; silence approves the return.")
    return t("The seller can then approve or reject; silence approves the return.")


def _receiving(ahead: Outlook, t: Texts) -> Html:
    arrived = t("The parcel has arrived.")
    dispute = ahead.after.dispute
    if ahead.refund:
        return joined(
            [
                arrived,
                t("The dispute was lost because nobody replied to it, so the money is due now."),
                _gets(ahead.refund, t),
                _for_good(t),
            ],
            " ",
        )
    if dispute is None:
        follows = t(
            "From now on your time runs to check it and to refund or to refuse; if you do "
            "nothing, the money is refunded by itself."
        )
    elif dispute.decidable:
        follows = t("A moderator decides the dispute now.")
    else:
        follows = t(
            "The dispute goes on: if you do not reply to it in time, the money is refunded."
        )
    return joined([arrived, follows], " ")


def _ruling(ahead: Outlook, t: Texts) -> Html:
    both = t("Both parties read your reasons.")
    follows = after_ruling(ahead, t)
    return follows if ahead.after.status is Status.IN_TRANSIT else joined([follows, both], " ")


def after_ruling(ahead: Outlook, t: Texts) -> Html:
    """What a ruling leads to, and what it moves."""
    match ahead.after.status:
        case Status.APPROVED:
            return _sends_back(ahead, t)
        case Status.REFUND_DUE:
            return _gets(ahead.refund, t)
        case Status.IN_TRANSIT:
            return t(
                "The dispute ends, and the return goes on as before it: the parcel is on its way."
            )
        case _:
            return t("The return ends without a refund.")


def _proposing(action: Action, role: Role, ahead: Outlook, t: Texts) -> Html:
    """A proposal, or a yes to one: it ends the dispute where both parties want the same (N-5)."""
    after = ahead.after
    if after.status is not Status.DISPUTE:
        same = t("The other side proposes the same.") if action is Action.SETTLE else None
        final = _for_good(t) if role is not Role.CUSTOMER and ahead.refund else None
        return joined([same, _agreeing(role, ahead, t), final], " ")
    if role not in (Role.CUSTOMER, Role.SELLER):
        asked = t(
            "Both sides are asked at once, and until both have accepted it you can propose "
            "something else. When they have, the dispute ends like this."
        )
    elif action is Action.ACCEPT:
        asked = t(
            "You are bound by it as soon as the other side accepts it, too. The dispute then ends "
            "like this."
        )
    else:
        asked = t(
            "The other side is asked at once, and until they accept you can propose something "
            "else. If they accept, the dispute ends like this."
        )
    agreed = _agreeing(role, ahead.agreed, t) if ahead.agreed else None
    dispute = after.dispute
    if role is Role.SELLER and TimerKind.DISPUTE_REPLY in ahead.running:
        runs = t("Your time to reply runs on meanwhile.")
    elif dispute is not None and dispute.decidable and role not in STAFF:
        runs = t("A moderator can decide the dispute before that.")
    else:
        runs = None
    return joined([joined([asked, agreed], " "), runs], "\n\n")


def _agreeing(role: Role, ahead: Outlook, t: Texts) -> Html:
    """How the dispute ends, told to the party that ends it."""
    after, refund = ahead.after, ahead.refund
    customer, kept = role is Role.CUSTOMER, after.goods is Goods.KEPT_BY_CUSTOMER
    if after.status is Status.APPROVED:
        return _you_send_back(ahead, t) if customer else _sends_back(ahead, t)
    if refund is None:
        return _withdrawing(after, role, t)
    if not customer:
        keeps = t("They keep the product.") if kept else None
        return joined([_gets(refund, t), keeps, _within(ahead, t)], " ")
    return joined([_you_get(refund, t, kept=kept), _within(ahead, t)], " ")


def _within(ahead: Outlook, t: Texts) -> Html:
    """When promised money comes."""
    first, last = ahead.refund_days
    days = f"{first}–{last}" if first != last else str(last)
    return t("The money usually comes within {days} days.", days=days)


def _you_get(refund: Refund, t: Texts, *, kept: bool) -> Html:
    """The money of an agreement, told to the customer."""
    if kept:
        return t(
            "You get {sum} and keep the product. The return ends with it: what you keep "
            "cannot be returned again.",
            sum=_total(refund, t),
        )
    if refund.shipping_open:
        return t(
            "You get {price} for the product, and the shipping once somebody has confirmed its "
            "sum. The dispute ends with it.",
            price=t.money(refund.goods),
        )
    if refund.shipping:
        return t(
            "You get {price} for the product and {shipping} for shipping, {total} in all. The "
            "dispute ends with it.",
            price=t.money(refund.goods),
            shipping=t.money(refund.shipping),
            total=t.money(refund.total),
        )
    return t(
        "You get {sum}, and the dispute and the return end with it.",
        sum=_total(refund, t),
    )


def _you_send_back(ahead: Outlook, t: Texts) -> Html:
    """An approval, told to the customer."""
    price = t.money(ahead.price)
    told = t(
        "You send the product back and get {price} once it has been received and checked.",
        price=price,
    )
    if ahead.refunds_shipping and ahead.shipping is not None:
        told = t(
            "You send the product back and get {price}, and packaging and postage by the receipt "
            "up to {shipping}, once it has been received and checked.",
            price=price,
            shipping=t.money(ahead.shipping),
        )
    elif ahead.refunds_shipping:
        told = t(
            "You send the product back and get {price}, and packaging and postage by the receipt, "
            "once it has been received and checked.",
            price=price,
        )
    if ahead.after.address_known:
        return told
    waits = t("Your time to send it begins when the seller has set a return address.")
    return joined([told, waits], " ")


def _withdrawing(after: ReturnCase, role: Role, t: Texts) -> Html:
    match after.status:
        case Status.IN_TRANSIT:
            return t(
                "The dispute ends, and the return goes on as before it: the parcel is on its way."
            )
        case Status.RECEIVED if role is Role.SELLER:
            return t("The dispute ends: you check the product, then refund or refuse.")
        case Status.RECEIVED:
            return t("The dispute ends: the seller checks the product, then refunds or refuses.")
        case Status.REJECTED_MUTUAL if role is Role.SELLER:
            return t(
                "The dispute ends, and the return with it: your refusal is final, nothing is "
                "refunded, and you send the product back to the customer. This cannot be taken "
                "back."
            )
        case Status.REJECTED_MUTUAL:
            return t(
                "The dispute ends, and the return with it: the refusal is final, nothing is "
                "refunded, and the seller sends the product back to you. This cannot be taken back."
            )
        case _:
            return t(
                "The dispute ends, and the return with it: the rejection is final and nothing is "
                "refunded. This cannot be taken back."
            )


def _overriding(case: ReturnCase, ahead: Outlook, t: Texts) -> Html:
    """Row 56: where money moves, the first person only proposes."""
    promised, waiting = case.refund, ahead.after.override
    if case.override and not waiting and ahead.after.status is case.status:
        return t("Nothing changes: the return goes on as before, and whoever asked is told why.")
    paid = Status.REFUNDED in (ahead.after.status, waiting and waiting.to)
    if ahead.refund is not None and (paid or ahead.refund != promised):
        money: Html | None = _gets(ahead.refund, t)
    elif promised is not None and ahead.refund is None:
        money = t("{sum} that was promised is taken back.", sum=t.money(promised.total))
    else:
        money = None
    to = waiting.to if waiting else ahead.after.status
    asks = t("The customer reads your words and is to answer them.")
    asked = asks if to is Status.CLARIFY else None
    if waiting is None:
        return joined([t("The new status counts at once."), money, asked], " ")
    waits = t("Nothing changes until another administrator confirms the same. Then:")
    return joined([waits, Html(small(money or t("No money moves."))), asked], " ")


def _next(step: NextStep, reader: Role, t: Texts) -> Html:
    """Whose move it is then, and how much time there is."""
    owes = Role.MODERATOR if step.owes is Role.ADMIN else step.owes
    if step.span is None:
        when = t.when(step.due_at)
        match owes:
            case _ if step.owes is reader:
                return t("Your next step is due by {when}.", when=when)
            case Role.CUSTOMER:
                return t("The customer's next step is due by {when}.", when=when)
            case Role.SELLER:
                return t("The seller's next step is due by {when}.", when=when)
            case _:
                return t("The moderator's next step is due by {when}.", when=when)
    time = t.span(step.span)
    match owes:
        case _ if step.owes is reader:
            return t("You then have {time} for the next step.", time=time)
        case Role.CUSTOMER:
            return t("The customer then has {time} for the next step.", time=time)
        case Role.SELLER:
            return t("The seller then has {time} for the next step.", time=time)
        case _:
            return t("The moderator then has {time} for the next step.", time=time)
