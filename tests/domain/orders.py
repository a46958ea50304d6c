"""Orders that the tests tell their stories with."""

from datetime import UTC, datetime

from bot.domain.money import Money
from bot.domain.orders import DeliveryMethod, Order, OrderLine, OrderStatus, Posting

DELIVERED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(sku: str = "A-1", category: str = "other", **changes: object) -> OrderLine:
    """One unit for 2,500 RUB, unless said otherwise."""
    values: dict[str, object] = {
        "sku": sku,
        "title": f"Thing {sku}",
        "category": category,
        "unit_price": Money.of("2500.00"),
        **changes,
    }
    return OrderLine(**values)  # type: ignore[arg-type]


def posting(*lines: OrderLine, **changes: object) -> Posting:
    """A parcel delivered on 1 March at noon, unless said otherwise."""
    values: dict[str, object] = {
        "number": "P-1",
        "status": OrderStatus.DELIVERED,
        "lines": lines or (line(),),
        "delivered_at": DELIVERED,
        **changes,
    }
    return Posting(**values)  # type: ignore[arg-type]


def order(*postings: Posting, **changes: object) -> Order:
    """An order of 25 February brought by the seller's courier, unless said otherwise."""
    values: dict[str, object] = {
        "number": "O-1",
        "seller": "acme",
        "created_at": datetime(2026, 2, 25, 9, tzinfo=UTC),
        "postings": postings or (posting(),),
        "delivery": DeliveryMethod.SELLER_COURIER,
        **changes,
    }
    return Order(**values)  # type: ignore[arg-type]
