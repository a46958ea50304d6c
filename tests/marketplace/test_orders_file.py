"""Order files: good lines become orders, bad ones are named, and nothing grows with the file."""

import csv
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.cases import Route
from bot.domain.money import Money
from bot.domain.orders import DeliveryMethod, Order, OrderLine, OrderStatus
from bot.domain.policy import Policy
from bot.domain.windows import Category
from bot.marketplace.orders_file import LONGEST_LINE, BadLine, read_orders
from bot.services.zones import main_zone

EXAMPLE = Path(__file__).parents[2] / "bot" / "playground" / "orders.csv"

LINE: dict[str, Any] = {"sku": "A-1", "title": "Lamp", "category": "other", "price": "2500.00"}
ORDER: dict[str, Any] = {
    "number": "1001",
    "country": "RU",
    "seller": "acme",
    "seller_country": "TR",
    "delivery": "seller_courier",
    "status": "delivered",
    "created_at": "2026-02-25T12:00:00+03:00",
    "delivered_at": "2026-03-01T12:00:00+03:00",
    "lines": [LINE],
}


def told(path: Path, *rows: dict[str, Any] | str) -> list[Order | BadLine]:
    """What a JSON Lines file of these rows is read as."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(read_orders(path))


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    return tmp_path / "orders.jsonl"


def only(read: list[Order | BadLine]) -> Order:
    (order,) = read
    assert isinstance(order, Order), order
    return order


def reason(read: list[Order | BadLine]) -> str:
    (bad,) = read
    assert isinstance(bad, BadLine), bad
    return bad.reason


def test_the_example_of_the_demo_is_read_whole() -> None:
    read = list(read_orders(EXAMPLE))
    orders = [each for each in read if isinstance(each, Order)]
    assert len(orders) == len(read) == 6
    assert {order.phone for order in orders} == {"+994501234567", "+79161234567"}
    assert {order.zone for order in orders} == {"Asia/Baku", "Europe/Moscow"}
    assert {order.language for order in orders} == {"en", "ru"}
    assert orders[0].opens_with("7k4 p2q")
    assert orders[0].delivered_at == datetime(2026, 11, 16, 9, 40, tzinfo=UTC)


def test_a_whole_order_says_everything(jsonl: Path) -> None:
    line = {**LINE, "currency": "TRY", "quantity": 2, "weight_kg": "0.4205", "warranty_days": 30}
    order = only(
        told(
            jsonl,
            {
                **ORDER,
                "code": 4831,
                "customer": " Ayşe Kaya ",
                "phone": 79161234567,
                "language": "ru-RU",
                "zone": "Asia/Omsk",
                "lines": [line],
            },
        )
    )
    assert (order.number, order.seller, order.seller_country) == ("1001", "acme", "TR")
    assert (order.customer_name, order.phone) == ("Ayşe Kaya", "+79161234567")
    assert (order.language, order.zone) == ("ru", "Asia/Omsk")
    assert order.opens_with("4831")
    assert order.created_at == datetime(2026, 2, 25, 9, tzinfo=UTC)
    (posting,) = order.postings
    assert (posting.number, posting.status) == ("1001-1", OrderStatus.DELIVERED)
    assert posting.lines == (
        OrderLine(
            sku="A-1",
            title="Lamp",
            category=Category.OTHER,
            unit_price=Money.of("2500.00", "TRY"),
            quantity=2,
            weight_g=421,
            warranty_days=30,
        ),
    )


def test_what_is_not_said_has_its_default(jsonl: Path) -> None:
    order = only(told(jsonl, {**ORDER, "zone": None}))
    assert (order.language, order.zone, order.phone) == ("en", "Europe/Moscow", None)
    assert order.routes == (Route.MAIL, Route.COURIER)
    assert order.postings[0].lines[0].unit_price == Money.of("2500.00", "RUB")
    assert not order.opens_with("")


@pytest.mark.parametrize("typed", ["8 (916) 123-45-67", "+7 916 123 45 67", "79161234567"])
def test_one_phone_has_one_form(jsonl: Path, typed: str) -> None:
    assert only(told(jsonl, {**ORDER, "phone": typed})).phone == "+79161234567"


def test_the_file_may_say_the_routes_back(jsonl: Path) -> None:
    posted = {**ORDER, "delivery": DeliveryMethod.PICKUP_POINT, "country": "KZ"}
    assert only(told(jsonl, posted)).routes == (Route.MAIL,)
    both = only(told(jsonl, {**posted, "routes": "courier, mail"}))
    assert both.routes == (Route.COURIER, Route.MAIL)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seller": None}, "seller: a text is expected"),
        ({"colour": "red"}, "colour: there is no such field"),
        ({"number": "x" * 31}, "number: at most 30 bytes are expected"),
        ({"number": "12:34"}, "number: a number without colons and spaces is expected"),
        ({"seller": "ж" * 21}, "seller: at most 40 bytes are expected"),
        ({"seller": "a:b"}, "seller: a code without colons is expected"),
        ({"seller": "\ud83d"}, "seller: a text is expected"),
        ({"number": ""}, "number: a text is expected"),
        ({"country": "Turkey"}, "country: a country of two letters (ISO 3166) is expected"),
        ({"zone": "Mars/Olympus"}, "zone: a time zone such as Europe/Istanbul is expected"),
        ({"country": "AQ"}, "zone: this country needs one"),
        ({"phone": "12"}, "phone: this is no phone number"),
        ({"language": "english"}, "language: a language such as en or ru-RU is expected"),
        (
            {"delivery": "drone"},
            "delivery: one of partner_courier, pickup_point, seller_courier is expected",
        ),
        ({"routes": "drone"}, "routes: mail or courier, or both, are expected"),
        (
            {"created_at": "2026-02-25T12:00:00"},
            "created_at: an instant needs its offset, such as +03:00",
        ),
        ({"delivered_at": None}, "delivered_at: is missing for a delivered order"),
        ({"delivered_at": "2026-02-01T12:00:00Z"}, "delivered_at: is before created_at"),
        ({"status": "awaiting_packaging"}, "delivered_at: the order is not delivered"),
        ({"lines": []}, "lines: at least one is expected"),
        ({"lines": [LINE, LINE]}, "lines: an SKU stands twice; use quantity"),
        (
            {"lines": [LINE, {**LINE, "sku": "B", "currency": "TRY"}]},
            "lines: an order has one currency",
        ),
        (
            {"lines": [LINE, {**LINE, "price": "free"}]},
            "lines[2].price: a number is expected",
        ),
        ({"lines": [{**LINE, "price": "9.999"}]}, "lines[1].price: RUB has 2 decimal digits"),
        (
            {"lines": [{**LINE, "currency": "XYZ"}]},
            "lines[1].currency: a currency of three letters (ISO 4217) is expected",
        ),
        (
            {"lines": [{**LINE, "quantity": 0}]},
            "lines[1].quantity: at least 1 is expected",
        ),
        (
            {"lines": [{**LINE, "warranty_days": 13}]},
            "lines[1].warranty_days: a seller's warranty has at least 14 days (W-09)",
        ),
    ],
)
def test_a_bad_line_says_what_is_wrong(jsonl: Path, change: dict[str, Any], said: str) -> None:
    assert reason(told(jsonl, {**ORDER, **change})) == said


def test_a_category_that_nobody_knows_is_refused(jsonl: Path) -> None:
    wrong = {**ORDER, "lines": [{**LINE, "category": "fod"}]}
    assert reason(told(jsonl, wrong)).startswith(
        "lines[1].category: one of food, pet_food, digital"
    )


def test_a_missing_field_is_named(jsonl: Path) -> None:
    assert reason(told(jsonl, {k: v for k, v in ORDER.items() if k != "seller"})) == (
        "seller: is missing"
    )


def test_the_least_warranty_is_the_policys(jsonl: Path) -> None:
    told(jsonl, {**ORDER, "lines": [{**LINE, "warranty_days": 10}]})
    assert only(list(read_orders(jsonl, Policy.parse("warranty.seller_min_days = 7"))))


def test_good_lines_are_kept_between_bad_ones(jsonl: Path) -> None:
    read = told(jsonl, ORDER, "{oops", "", "[1]", {**ORDER, "number": "1002"}, '"\t"')
    assert [each.number for each in read] == ["1001", 2, 4, "1002", 6]
    assert [each.reason for each in read if isinstance(each, BadLine)] == [
        "not JSON: look at character 2 and before it",
        "one order as a JSON object is expected",
        "not JSON: look at character 2 and before it",
    ]


def test_a_list_of_orders_is_not_one_order_a_line(jsonl: Path) -> None:
    jsonl.write_text(json.dumps([ORDER]), encoding="utf-8")
    assert reason(list(read_orders(jsonl))) == "one order as a JSON object is expected"


def test_a_line_without_an_end_is_passed_over(jsonl: Path) -> None:
    read = told(jsonl, ORDER, "{" + "x" * (2 * LONGEST_LINE), {**ORDER, "number": "1002"})
    assert [each.number for each in read] == ["1001", 2, "1002"]


def test_bytes_that_are_no_text_spoil_only_their_line(jsonl: Path, tmp_path: Path) -> None:
    good = json.dumps(ORDER).encode()
    jsonl.write_bytes(good + b"\n" + good.replace(b"Lamp", b"L\xe0mp") + b"\n" + good + b"\n")
    assert [type(each) for each in read_orders(jsonl)] == [Order, BadLine, Order]


def test_a_file_from_windows_begins_with_its_mark(jsonl: Path) -> None:
    jsonl.write_text(json.dumps(ORDER) + "\r\n", encoding="utf-8-sig")
    assert only(list(read_orders(jsonl))).number == "1001"


def test_an_empty_file_holds_no_orders(jsonl: Path) -> None:
    assert told(jsonl, "") == []


# ---------------------------------------------------------------------------- CSV


def write_csv(path: Path, rows: list[dict[str, Any]], separator: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows({**row, "lines": json.dumps(row["lines"])} for row in rows)
    return path


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_and_json_lines_say_the_same(tmp_path: Path, jsonl: Path, separator: str) -> None:
    order = {**ORDER, "phone": " 8 916 123-45-67 ", "customer": 'Ann "Lee"; Smith,\nJr', "code": ""}
    table = write_csv(tmp_path / "orders.csv", [order], separator)
    plain = told(jsonl, {**order, "code": None})
    assert list(read_orders(table)) == plain
    assert only(plain).customer_name == 'Ann "Lee"; Smith,\nJr'


def test_a_line_of_csv_is_counted_where_it_begins(tmp_path: Path) -> None:
    rows = [{**ORDER, "customer": "a\nb"}, {**ORDER, "status": "lost"}, ORDER | {"customer": ""}]
    read = list(read_orders(write_csv(tmp_path / "orders.csv", rows)))
    assert [each.number for each in read] == ["1001", 4, "1001"]


def test_columns_that_are_missing_or_unknown_are_named_once(tmp_path: Path) -> None:
    row = {k: v for k, v in ORDER.items() if k != "seller"} | {"colour": "red"}
    read = list(read_orders(write_csv(tmp_path / "orders.csv", [row, row])))
    assert reason(read) == "missing columns: seller; unknown columns: colour"


def test_a_torn_line_of_csv_spoils_only_itself(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "orders.csv", [ORDER, ORDER])
    header, first, second = path.read_text(encoding="utf-8").splitlines()
    torn = [header, first, first[: len(first) // 2], 'x,"torn" quote', "1,2", second]
    path.write_text("\n".join(torn), encoding="utf-8")
    read = list(read_orders(path))
    assert isinstance(read[0], Order)
    assert isinstance(read[-1], Order)
    assert all(isinstance(each, BadLine) for each in read[1:-1])
    assert len(read) > 3


def test_a_cell_that_is_no_list_of_lines_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "orders.csv", [ORDER])
    path.write_text(path.read_text(encoding="utf-8").replace("[{", "[["), encoding="utf-8")
    assert reason(list(read_orders(path))).startswith("lines: not JSON: ")


# ---------------------------------------------------------------------------- size and zones


def test_memory_does_not_grow_with_the_file(jsonl: Path) -> None:
    line = json.dumps(ORDER) + "\n"
    jsonl.write_text(line * 4_000, encoding="utf-8")
    read_to_the_end = sum(1 for _ in read_orders(jsonl))  # warm caches are no growth
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_orders(jsonl)) == read_to_the_end == 4_000
        assert tracemalloc.get_traced_memory()[1] < len(line) * 1_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("country", "zone"),
    [("RU", "Europe/Moscow"), ("AZ", "Asia/Baku"), ("TR", "Europe/Istanbul"), ("AQ", None)],
)
def test_a_country_has_one_main_zone(country: str, zone: str | None) -> None:
    assert main_zone(country) == zone
