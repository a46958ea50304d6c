"""My orders: what can be returned, until when, or why not and since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.eligibility import returnability
from bot.domain.orders import Order, OrderStatus, Units
from bot.domain.policy import Policy
from bot.screens.buttons import OpenOrder, StartReturn, To
from bot.screens.layout import menu
from bot.screens.orders import order as screen_of
from bot.screens.orders import orders
from bot.services.reading import LineView, OrderList, OrderView, Stopped
from bot.texts import Texts
from tests.domain.life import march
from tests.domain.orders import line, order, posting
from tests.screens.checks import check, labels
from tests.screens.scenes import LANGUAGES, scene, texts


def viewed(told: Order, now: datetime, used: Units | None = None) -> OrderView:
    """The order as `reading` gives it."""
    lines = tuple(
        LineView(each, line, returnability(line, each, used or {}, told.zone, now, Policy()))
        for each in told.postings
        for line in each.lines
    )
    return OrderView(told, lines)


def text(told: Order, now: datetime, t: Texts | None = None, used: Units | None = None) -> str:
    t = t or texts("en", told.zone)
    return check(screen_of(viewed(told, now, used), t, now))


def one(category: str) -> Order:
    return order(posting(line(category=category)))


def test_an_ordinary_thing_can_be_returned_for_fifteen_days() -> None:
    assert "You can return it until Mon 16 March." in text(one("other"), march(2))
    over = text(one("other"), march(17, 1))
    assert "The time for returning it ended on Mon 16 March." in over
    assert "Nothing of this order can be returned now." in over


def test_food_can_be_returned_only_if_something_is_wrong() -> None:
    expected = "Food can be returned only if something is wrong with it, until Mon 2 March."
    assert expected in text(one("food"), march(2, 9))
    russian = text(one("food"), march(2, 9), texts("ru", "UTC"))
    assert (
        "Продукты питания можно вернуть, только если что-то не так, до 2 марта (пн) включительно."
        in russian
    )


def test_a_defect_of_a_complex_thing_has_a_year_and_the_year_is_named() -> None:
    told = text(one("technically_complex"), march(20))
    assert "A defect can be claimed under warranty until Mon 1 March 2027." in told
    assert "Tap “Return products”" in told


def test_what_has_not_come_can_be_returned_once_it_has() -> None:
    waiting = order(posting(status=OrderStatus.ACCEPTED_FOR_DELIVERY, delivered_at=None))
    assert "On the way\n" in text(waiting, march(2))
    assert "You can return it once it is delivered." in text(waiting, march(2))
    presumed = order(
        posting(status=OrderStatus.PRESUMABLY_DELIVERED, delivered_at=None, presumed_at=march(2, 9))
    )
    expected = "You can return it once it is received, from Mon 2 March, 09:15 (UTC)."
    assert expected in text(presumed, march(2, 9))


def test_what_is_in_a_return_is_not_offered_again() -> None:
    told = one("other")
    used = {("P-1", "A-1"): 1}
    assert "All of it is already in a return." in text(told, march(2), used=used)
    assert not [
        b
        for b in labels(screen_of(viewed(told, march(2), used), texts(), march(2)))
        if b == "Return products"
    ]


def test_each_parcel_of_an_order_has_its_own_return() -> None:
    two = order(posting(number="P-1"), posting(line("B-2"), number="P-2"))
    screen = screen_of(viewed(two, march(2)), texts(), march(2))
    assert labels(screen)[:2] == ["Return products of P-1", "Return products of P-2"]
    assert screen.rows[1][0].data == StartReturn(order="O-1", posting=1).pack()
    assert "Parcel P-2 · Delivered on Sun 1 March" in check(screen)


def test_the_returns_of_an_order_are_a_tap_away() -> None:
    view = viewed(one("other"), march(2))
    view = OrderView(view.order, view.lines, (scene("new").case,))
    assert "R-000007 · New request" in labels(screen_of(view, texts(), march(2)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_of_a_blocked_customer_offers_no_return_but_an_objection(language: str) -> None:
    t, view = texts(language, "UTC"), viewed(one("other"), march(2))
    stopped = replace(view, stopped=Stopped(march(9), may_object=True))
    screen = screen_of(stopped, t, march(2))
    assert not [each for row in screen.rows for each in row if (each.data or "").startswith("s:")]
    assert menu(t.plain("Object"), To.APPEAL) in [each for row in screen.rows for each in row]
    if language == "en":
        assert "You can return it until" not in check(screen)
        assert "have stopped them until Mon 9 March" in check(screen)
    over = screen_of(replace(view, stopped=Stopped(None, may_object=False)), t, march(2))
    assert menu(t.plain("Object"), To.APPEAL) not in [each for row in over.rows for each in row]
    assert check(over)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_huge_order_fits_into_a_message(language: str) -> None:
    lines = [line(f"S-{n}", title="&" * 300, category="food", warranty_days=90) for n in range(20)]
    huge = order(*(posting(*lines, number=f"P-{n}") for n in range(9)))
    t = texts(language, "UTC")
    more = t.n("and {count} more product", "and {count} more products", 19)
    assert text(huge, march(2), t).count(more) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_paged(language: str) -> None:
    t = texts(language)
    some = tuple(order(number=f"O-{n}") for n in range(8))
    first = orders(OrderList(some, 0, True), t)
    assert t.plain("More →") in labels(first)
    assert t.plain("← Back") not in labels(first)
    assert first.rows[0][0].data == OpenOrder(number="O-0").pack()
    last = orders(OrderList(some[:1], 8, False), t)
    assert t.plain("More →") not in labels(last)
    assert t.plain("← Back") in labels(last)
    check(first)
    check(last)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_orders_there_are_three_ways_to_find_one(language: str) -> None:
    screen = orders(OrderList(()), texts(language))
    check(screen)
    assert len(screen.rows) == 3


def test_the_day_of_the_end_is_the_readers() -> None:
    told = one("other")
    moscow = check(screen_of(viewed(told, march(2)), texts("en", "Europe/Moscow"), march(2)))
    assert "until Tue 17 March, 03:00 (Moscow)." in moscow


def test_the_list_says_what_is_in_each_order() -> None:
    told = order(posting(line(), line("B-1")))
    screen = orders(OrderList((told,), 0, more=False), texts())
    assert f"{told.number} {told.postings[0].lines[0].title} and 1 more product" in check(screen)
