"""What each decision costs the seller, one line a button (N-3). The sums are the core's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.cases import STAFF, Action
from bot.domain.checks import divisible
from bot.domain.costs import Cost
from bot.domain.refunds import paid_for
from bot.services.views import CaseView
from bot.texts import Html, Texts, joined


def costs(view: CaseView, t: Texts) -> Html:
    """A list of what the buttons of the card cost the seller; empty where they move no money."""
    lines = [joined(["•", line], " ") for line in _lines(view, t)]
    head = t("What each decision costs the seller:") if lines and view.role in STAFF else None
    return joined([head, *lines])


def _lines(view: CaseView, t: Texts) -> Iterator[Html]:
    by_action: dict[Action, list[Cost]] = {}
    for cost in view.costs:
        by_action.setdefault(cost.action, []).append(cost)
    for action, found in by_action.items():
        match action:
            case Action.APPROVE:
                yield _approval(found[0], t)
            case Action.OFFER:
                yield joined([_offer(view, found, t), _rounds(view, t)], " ")
            case Action.REFUND_WITHOUT_RETURN:
                yield t(
                    "Refund without return: {sum}; the customer keeps the product.",
                    sum=t.money(found[0].goods),
                )
            case _:
                yield _refund(found[0], t)
    if Action.REFUND in by_action and _can(view, Action.VERDICT) and divisible(view.case):
        yield t("Accept a part: the price of what you accept, and the shipping as with a refund.")
    if by_action.keys() & {Action.APPROVE, Action.REFUND} and _can(view, Action.REJECT):
        yield t("Reject: nothing, unless a dispute is decided for the customer.")


def _can(view: CaseView, action: Action) -> bool:
    return any(option.action is action and option.opens is None for option in view.options)


def _approval(cost: Cost, t: Texts) -> Html:
    price = t.money(cost.goods)
    if cost.shipping is None:
        return t(
            "Approve: up to {price} and the shipping by the receipt, once the product is back.",
            price=price,
        )
    if not cost.shipping:
        return t("Approve: up to {price}, once the product is back.", price=price)
    return t(
        "Approve: up to {price} and up to {shipping} for shipping, once the product is back.",
        price=price,
        shipping=t.money(cost.shipping),
    )


def _offer(view: CaseView, parts: Sequence[Cost], t: Texts) -> Html:
    listed = joined((_part(part, t) for part in parts), " · ")
    price, last = t.money(paid_for(view.case)), view.case.offer
    if last is not None:
        return t(
            "Offer part: {parts}, or any sum above {last} and below {price}; the customer keeps "
            "the product.",
            parts=listed,
            last=t.money(last.amount),
            price=price,
        )
    return t(
        "Offer part: {parts}, or any other sum below {price}; the customer keeps the product.",
        parts=listed,
        price=price,
    )


def _part(part: Cost, t: Texts) -> str:
    """`10 % = 250.00 RUB`, never broken over two lines."""
    return f"{part.percent} % = {t.money(part.goods)}".replace(" ", "\N{NO-BREAK SPACE}")


def _rounds(view: CaseView, t: Texts) -> Html | None:
    if view.rounds_left is None:
        return None
    if view.role in STAFF:
        return t.n(
            "{count} offer is left for this return.",
            "{count} offers are left for this return.",
            view.rounds_left,
        )
    return t.n(
        "You can make {count} more offer.", "You can make {count} more offers.", view.rounds_left
    )


def _refund(cost: Cost, t: Texts) -> Html:
    price = t.money(cost.goods)
    if cost.shipping is None:
        return t("Refund: {price} and the shipping by the receipt.", price=price)
    if not cost.shipping:
        return t("Refund: {price}.", price=price)
    return t(
        "Refund: {price} and up to {shipping} for shipping.",
        price=price,
        shipping=t.money(cost.shipping),
    )
