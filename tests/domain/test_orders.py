"""Orders know their free units, their routes back, and what a later file may change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import ReturnCase, Route, Status
from bot.domain.orders import (
    DeliveryMethod,
    OrderStatus,
    case_line,
    hash_of_code,
    passport_due,
    return_address,
    returnable_qty,
    routes_of,
    updated,
    used_units,
)
from bot.domain.policy import Policy

from .orders import DELIVERED, line, order, posting


def returned(status: Status, units: int = 1) -> ReturnCase:
    return ReturnCase(posting="P-1", lines=(case_line(line(), units),), status=status)


def test_units_in_live_and_refunded_cases_are_not_free() -> None:
    parcel = posting(line(quantity=5))
    used = used_units([returned(Status.NEW), returned(Status.REFUNDED, 2)])
    assert returnable_qty(parcel, "A-1", used) == 2
    assert returnable_qty(parcel, "no such", used) == 0


@pytest.mark.parametrize(
    "status",
    [Status.OVERDUE, Status.CANCELED_BY_CUSTOMER, Status.REJECTED_FINAL, Status.REJECTED_MUTUAL],
)
def test_units_of_a_case_that_came_to_nothing_are_free_again(status: Status) -> None:
    assert returnable_qty(posting(), "A-1", used_units([returned(status)])) == 1


def test_units_of_another_parcel_are_another_matter() -> None:
    used = used_units([returned(Status.NEW)])
    assert returnable_qty(posting(number="P-2"), "A-1", used) == 1


def test_an_order_is_as_far_as_its_slowest_parcel() -> None:
    on_its_way = posting(number="P-2", status=OrderStatus.AWAITING_SHIPMENT, delivered_at=None)
    assert order(posting(), on_its_way).status is OrderStatus.AWAITING_SHIPMENT
    assert order(posting(), on_its_way).delivered_at is None
    canceled = replace(on_its_way, status=OrderStatus.CANCELED)
    assert order(posting(), canceled).status is OrderStatus.DELIVERED
    assert order(posting()).delivered_at == DELIVERED


def test_the_access_code_opens_its_order_however_it_is_typed() -> None:
    mine = order(code_hash=hash_of_code("O-1", "K7-PQ 42"))
    assert mine.opens_with("k7pq42")
    assert not mine.opens_with("k7pq43")
    assert not order(number="O-2", code_hash=mine.code_hash).opens_with("k7pq42")
    assert not order().opens_with("")


def test_personal_details_stay_out_of_logs() -> None:
    shown = repr(order(customer_name="Ayşe", phone="+905321234567", code_hash="secret"))
    assert "Ayşe" not in shown
    assert "+90532" not in shown
    assert "secret" not in shown


def test_the_platforms_courier_takes_nothing_abroad() -> None:
    both, post = (Route.MAIL, Route.COURIER), (Route.MAIL,)
    assert routes_of(DeliveryMethod.PARTNER_COURIER, "KZ", "KZ") == both
    assert routes_of(DeliveryMethod.PARTNER_COURIER, "KZ", "TR") == post
    assert routes_of(DeliveryMethod.SELLER_COURIER, "KZ", "TR") == both
    assert routes_of(DeliveryMethod.PICKUP_POINT, "KZ", "KZ") == post


def test_a_return_goes_where_its_delivery_says() -> None:
    podolsk = return_address(DeliveryMethod.PARTNER_COURIER, None, Policy())
    assert podolsk is not None
    assert "Podolsk" in podolsk
    assert return_address(DeliveryMethod.SELLER_COURIER, None, Policy()) is None
    assert return_address(DeliveryMethod.SELLER_COURIER, "Izmir 35", Policy()) == "Izmir 35"


def test_an_order_without_passport_data_is_cancelled_after_a_day() -> None:
    waiting = order(posting(status=OrderStatus.PASSPORT_PENDING, delivered_at=None))
    assert passport_due(waiting, Policy()) == waiting.created_at + timedelta(hours=24)
    assert passport_due(order(), Policy()) is None


def test_a_later_file_updates_status_dates_and_contact() -> None:
    old = order(posting(status=OrderStatus.AT_PICKUP_POINT, delivered_at=None), phone="+901")
    told = order(posting(line(), line("B-2")), phone="+902", zone="Asia/Almaty")
    assert updated(old, told, {}) == told


def test_a_later_file_never_changes_lines_under_a_return() -> None:
    other = posting(line("B-2"), number="P-2")
    told = order(posting(line("C-3")), other)
    kept = updated(order(posting(), other), told, {("P-1", "A-1"): 1})
    assert kept.posting("P-1") == posting()
    assert kept.posting("P-2") == other
    vanished = updated(order(posting(), other), order(other), {("P-1", "A-1"): 1})
    assert vanished.posting("P-1") == posting()


def test_the_zone_is_frozen_at_delivery() -> None:
    old = order(zone="Asia/Almaty", code_hash="kept")
    told = updated(old, order(zone="Europe/Moscow"), {})
    assert (told.zone, told.code_hash) == ("Asia/Almaty", "kept")
    assert updated(old, order(posting(delivered_at=None)), {}).delivered_at == DELIVERED
