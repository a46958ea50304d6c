"""Order files as a nightly export writes them, of any length."""

from __future__ import annotations

import csv
import json
from pathlib import Path

FIELDS = (
    *("number", "code", "customer", "phone", "language", "country"),
    *("seller", "seller_country", "delivery", "status", "created_at", "delivered_at", "lines"),
)


def row(number: int, **said: str) -> dict[str, str]:
    """One delivered order."""
    line = {
        "sku": f"S-{number % 500}",
        "title": f"Кружка {number % 500}",
        "category": "other",
        "price": f"{100 + number % 9000}.50",
        "quantity": 1 + number % 3,
        "weight_kg": "0.4",
    }
    return {
        "number": f"{number:08}",
        "code": f"{number % 10000:04}",
        "customer": f"Покупатель {number}",
        "phone": f"+7900{number:07}",
        "language": "ru",
        "country": "RU",
        "seller": f"seller-{number % 40}",
        "seller_country": "TR",
        "delivery": "seller_courier",
        "status": "delivered",
        "created_at": "2026-02-01T10:00:00+03:00",
        "delivered_at": "2026-02-20T10:00:00+03:00",
        "lines": json.dumps([line], ensure_ascii=False),
        **said,
    }


def write_orders(path: Path, count: int, **said: str) -> Path:
    """A CSV file of this many orders, numbered from 0; `said` is the same in all of them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(row(number, **said) for number in range(count))
    return path


def bad_line(path: Path, number: int) -> None:
    """Spoil a line of the file, counted from 1."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace("seller_courier", "carrier_pigeon")
    path.write_text("".join(lines), encoding="utf-8")
