"""Orders from CSV and JSON Lines files, one order a line.

Fields, in a CSV file the columns of its first line:

- `number`: the order number that customers know, at most 30 bytes, without colons and spaces
- `code`: the access code printed with the order (optional)
- `customer`, `phone`, `language`, `zone` (optional), `country` (two letters): phones in any usual
  form of the country; the language is "en" and the zone the country's main one, if not said
- `seller`, `seller_country`: the seller's code, at most 40 bytes without colons, and country
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
from bot.services.faults import Fault
from bot.texts import said

_LONGEST_NAME = 40
LONGEST_LINE = 1_000_000
"""Characters of a line that can still be an order."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no order: its number in the file, from 1, and why. It quotes no values."""

    number: int
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str:
        """The faults in English."""
        return "; ".join(map(str, self.faults))


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
            if isinstance(row, dict):
                yield _order(number, row, context)
            else:
                yield BadLine(number, (row,) if isinstance(row, Fault) else row)


Rows = Iterator[tuple[int, dict[str, Any] | Fault | tuple[Fault, ...]]]
"""Line numbers with the fields of a row, or with what is wrong with it."""


def _order(number: int, row: dict[str, Any], policy: Policy) -> Order | BadLine:
    try:
        return OrderRow.model_validate(row, context=policy).order()
    except ValidationError as error:
        return BadLine(number, tuple(_fault(each) for each in error.errors()[:3]))


def _fault(error: Any) -> Fault:
    place = "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in error["loc"]
    )
    facts = error.get("ctx", {})
    if error["type"] == "fault":
        at = f".{facts['at']}" if facts["at"] else ""
        return Fault(facts["words"], f"{place}{at}".removeprefix("."), facts["values"])
    words = _REASONS.get(error["type"], said("this value is not understood"))
    values = {name: str(value) for name, value in facts.items()}
    return Fault(words, place.removeprefix("."), values)


_TEXT, _NUMBER = said("a text is expected"), said("a number is expected")
_WHOLE, _LIST = said("a whole number is expected"), said("a list is expected")
_INSTANT = said("an instant such as 2026-03-01T12:00:00+03:00 is expected")
_OBJECT = said("a JSON object is expected")
_REASONS = {
    "missing": said("is missing"),
    "extra_forbidden": said("there is no such field"),
    "string_type": _TEXT,
    "string_too_short": _TEXT,
    "string_unicode": _TEXT,
    "string_too_long": said("at most {max_length} characters are expected"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than_equal": said("at least {ge} is expected"),
    "less_than_equal": said("at most {le} is expected"),
    "timezone_aware": said("an instant needs its offset, such as +03:00"),
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "too_long": said("at most {max_length} entries are expected"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
}
"""What pydantic finds, in words of the catalogues."""


def _json_rows(file: TextIO) -> Rows:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if not line.endswith("\n") and len(line) == LONGEST_LINE:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            most = f"{LONGEST_LINE:,}"
            yield (
                number,
                Fault(said("the line is longer than {most} characters"), "", {"most": most}),
            )
        elif line.strip():
            yield number, _fields(line)


_NOT_TEXT = Fault(said("the line is not UTF-8"))


def _not_json(error: Exception, place: str = "") -> Fault:
    # What the parser calls the fault is English: where it stands is told in every language.
    if isinstance(error, json.JSONDecodeError):
        at = {"sign": f"{error.pos + 1:,}"}
        return Fault(said("not JSON: look at character {sign} and before it"), place, at)
    return Fault(said("not JSON: nested too deeply, or a number is too large"), place)


def _fields(line: str) -> dict[str, Any] | Fault:
    if not _is_text(line):
        return _NOT_TEXT
    try:
        row = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        return _not_json(error)
    is_order = isinstance(row, dict)
    return row if is_order else Fault(said("one order as a JSON object is expected"))


def _csv_rows(file: TextIO) -> Rows:
    header = file.readline(LONGEST_LINE)
    separator = ";" if header.count(";") > header.count(",") else ","
    text = chain([header], iter(lambda: file.readline(LONGEST_LINE), ""))
    reader = csv.reader(text, delimiter=separator, strict=True)
    columns = [name.strip() for name in next(reader, [])]
    if faults := _header_faults(columns) if any(columns) else ():
        yield 1, faults
        return
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, Fault(said("not CSV: look for a quotation mark, or a cell is too long"))
            continue
        if any(cells):
            yield number, _row(columns, cells)


def _header_faults(columns: list[str]) -> tuple[Fault, ...]:
    known, needed = OrderRow.model_fields, OrderRow.needed()
    faults = {
        said("missing columns: {names}"): [name for name in needed if name not in columns],
        said("unknown columns: {names}"): [name for name in columns if name not in known],
        said("columns that stand twice: {names}"): sorted(
            {name for name in columns if columns.count(name) > 1}
        ),
    }
    return tuple(
        Fault(words, "", {"names": ", ".join(map(_readable, names))})
        for words, names in faults.items()
        if names
    )


def _readable(name: str) -> str:
    """A column's name for a terminal: what is no text at all may stand in the first line."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:_LONGEST_NAME])


def _row(columns: list[str], cells: list[str]) -> dict[str, Any] | Fault:
    if len(cells) != len(columns):
        counts = {"expected": str(len(columns)), "found": str(len(cells))}
        return Fault(said("{expected} cells are expected, not {found}"), "", counts)
    if not all(map(_is_text, cells)):
        return _NOT_TEXT
    named = zip(columns, map(str.strip, cells), strict=True)
    row: dict[str, Any] = {name: cell for name, cell in named if cell}
    if "lines" in row:
        try:
            row["lines"] = json.loads(row["lines"], parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            return _not_json(error, "lines")
    return row


def _is_text(text: str) -> bool:
    """Whether every byte of the file was UTF-8: what was not stands as a lone surrogate."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)
