"""Orders from CSV and JSON Lines files, one order a line.

Fields, in a CSV file the columns of its first line:

- `number`: the order number that customers know, at most 30 bytes
- `code`: the access code printed with the order (optional)
- `customer`, `phone`, `language`, `zone` (optional), `country` (two letters): phones in any usual
  form of the country; the language is "en" and the zone the country's main one, if not said
- `seller`, `seller_country`: the seller's code and country
- `delivery`: seller_courier, partner_courier or pickup_point
- `routes`: how things may travel back, "mail" or "mail,courier" (optional: by the delivery)
- `status`: a word of `OrderStatus`; `created_at`, `delivered_at`, `presumed_at` (when it became
  presumably delivered): instants with an offset, such as 2026-03-01T12:00:00+03:00
- `lines`: a list of `sku`, `title`, `category` (a word of `Category`), `price` (paid for one unit,
  after discounts), `currency` ("RUB" if not said), `quantity` (1), `weight_kg`, `warranty_days`
  (the seller's own); in a CSV cell this list is JSON

CSV may be separated by commas or semicolons. An empty cell says nothing. Files are UTF-8, read
line by line: memory does not grow with them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from bot.domain.orders import Order
from bot.domain.policy import Policy
from bot.marketplace.order_row import OrderRow

_LONGEST_NAME = 40
LONGEST_LINE = 1_000_000
"""Characters of a line that can still be an order."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no order: its number in the file, from 1, and why. It quotes no values."""

    number: int
    reason: str


def read_orders(path: Path, policy: Policy | None = None) -> Iterator[Order | BadLine]:
    """The orders of a file and its bad lines, in their order. Raises OSError.

    The policy says the least warranty of a seller (W-09); without one, the default does.
    """
    context = policy or Policy()
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        first = file.read(1)
        while first.isspace():
            first = file.read(1)
        file.seek(0)
        rows = _json_rows(file) if first in {"{", "["} else _csv_rows(file)
        for number, row in rows:
            yield BadLine(number, row) if isinstance(row, str) else _order(number, row, context)


Rows = Iterator[tuple[int, dict[str, Any] | str]]
"""Line numbers with the fields of a row, or with what is wrong with it."""


def _order(number: int, row: dict[str, Any], policy: Policy) -> Order | BadLine:
    try:
        return OrderRow.model_validate(row, context=policy).order()
    except ValidationError as error:
        return BadLine(number, "; ".join(_fault(each) for each in error.errors()[:3]))


def _fault(error: Any) -> str:
    place = "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in error["loc"]
    )
    reason = _REASONS.get(error["type"], error["msg"].removeprefix("Value error, "))
    reason = reason[:1].lower() + reason[1:]
    return f"{place.removeprefix('.')}: {reason}" if place else reason


_REASONS = {
    "missing": "is missing",
    "string_too_short": "a text is expected",
    "string_unicode": "a text is expected",
    "extra_forbidden": "there is no such field",
    "timezone_aware": "an instant needs its offset, such as +03:00",
    "string_type": "a text is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
}


def _json_rows(file: TextIO) -> Rows:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if not line.endswith("\n") and len(line) == LONGEST_LINE:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            yield number, f"the line is longer than {LONGEST_LINE:,} characters"
        elif line.strip():
            yield number, _fields(line)


def _fields(line: str) -> dict[str, Any] | str:
    if not _is_text(line):
        return "the line is not UTF-8"
    try:
        row = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {getattr(error, 'msg', 'too deep')}"
    return row if isinstance(row, dict) else "one order as a JSON object is expected"


def _csv_rows(file: TextIO) -> Rows:
    header = file.readline(LONGEST_LINE)
    separator = ";" if header.count(";") > header.count(",") else ","
    text = chain([header], iter(lambda: file.readline(LONGEST_LINE), ""))
    reader = csv.reader(text, delimiter=separator, strict=True)
    columns = [name.strip() for name in next(reader, [])]
    if fault := any(columns) and _header_fault(columns):
        yield 1, fault
        return
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"not CSV: {error}"
            continue
        if any(cells):
            yield number, _row(columns, cells)


def _header_fault(columns: list[str]) -> str | None:
    known, needed = OrderRow.model_fields, OrderRow.needed()
    faults = {
        "missing columns": [name for name in needed if name not in columns],
        "unknown columns": [name for name in columns if name not in known],
        "columns that stand twice": sorted({name for name in columns if columns.count(name) > 1}),
    }
    told = {what: ", ".join(map(_readable, names)) for what, names in faults.items() if names}
    return "; ".join(f"{what}: {names}" for what, names in told.items())


def _readable(name: str) -> str:
    """A column's name for a terminal: what is no text at all may stand in the first line."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:_LONGEST_NAME])


def _row(columns: list[str], cells: list[str]) -> dict[str, Any] | str:
    if len(cells) != len(columns):
        return f"{len(columns)} cells are expected, not {len(cells)}"
    if not all(map(_is_text, cells)):
        return "the line is not UTF-8"
    said = zip(columns, map(str.strip, cells), strict=True)
    row: dict[str, Any] = {name: cell for name, cell in said if cell}
    if "lines" in row:
        try:
            row["lines"] = json.loads(row["lines"], parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            return f"lines: not JSON: {getattr(error, 'msg', 'too deep')}"
    return row


def _is_text(text: str) -> bool:
    """Whether every byte of the file was UTF-8: what was not stands as a lone surrogate."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)
