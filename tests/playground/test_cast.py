"""The cast meets every kind of order, whenever the demo starts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.eligibility import Returnability, returnability
from bot.domain.orders import Order, OrderStatus
from bot.domain.policy import Policy
from bot.playground import cast
from bot.services.links import invitation_parameter, order_of

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC)


def shop(now: datetime, language: str = "en") -> dict[str, Order]:
    return {order.number: order for order in cast.orders(now, language)}


def first_line(order: Order, now: datetime) -> Returnability:
    posting = order.postings[0]
    return returnability(
        posting.lines[0], posting, {}, order.zone, now, Policy(), ordered_at=order.created_at
    )


@pytest.mark.parametrize("now", [NOW, MIDNIGHT])
def test_there_is_an_order_for_every_answer(now: datetime) -> None:
    orders = shop(now)
    found = {number[-2:]: first_line(order, now) for number, order in orders.items()}
    assert found["37"].any_reason_until, "a mug, for any reason"
    assert found["36"].any_reason_until, "hygiene, for seven days"
    assert found["39"].complaint_until
    assert not found["39"].any_reason_until, "food, only if something is wrong"
    assert not found["31"].possible, "sneakers, too late"
    assert found["27"].defect_until
    assert not found["27"].any_reason_until, "headphones, under warranty alone"
    assert found["40"].why_not == "not_received"
    assert orders["33920142-0040"].status is OrderStatus.COURIER_ON_THE_WAY


def test_one_thing_is_cheap_enough_for_the_automatic_offer() -> None:
    prices = [
        line.unit_price
        for order in shop(NOW).values()
        for posting in order.postings
        for line in posting.lines
    ]
    cheap = [price for price in prices if price.amount <= Policy().autocomp.max_price]
    assert len(cheap) == 1


def test_titles_follow_the_reader() -> None:
    english, russian = shop(NOW), shop(NOW, "ru")
    assert english["33920142-0037"].postings[0].lines[0].title == "Hand-painted coffee mug"
    assert russian["33920142-0037"].postings[0].lines[0].title == "Кружка ручной росписи"
    assert english["33920177-0101"] == russian["33920177-0101"]


def test_every_link_opens_what_it_says() -> None:
    ordered = cast.orders(NOW)
    for member in (cast.AYGUN, cast.DMITRY):
        received = cast.links(member, ordered, "secret")
        assert tuple(order_of(each["payload"], "secret") for each in received) == member.orders
    (invitation,) = cast.links(cast.EMRE, ordered, "secret", "token")
    assert invitation["payload"] == invitation_parameter("token")
    (invitation,) = cast.links(cast.VERA, ordered, "secret", "other")
    assert invitation["payload"] == invitation_parameter("other")
    assert cast.links(cast.OLGA, ordered, "secret", "token") == ()


def test_dmitry_can_open_an_order_with_its_code() -> None:
    assert shop(NOW)["33920177-0102"].opens_with(cast.CODE_OF_DMITRY)
