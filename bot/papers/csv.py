"""A table as CSV: UTF-8 with a mark that spreadsheets know, commas, every text in quotes.

A spreadsheet runs what begins like a formula. What people have typed never does here: it gets an
apostrophe in front, also behind blanks, behind signs that are not seen, and in full width (S10).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal

from bot.papers import Cell, Table

_BEGINS = frozenset("=+-@|%\N{MINUS SIGN}")
_UNSEEN = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Co", "Cn"))
"""Controls, signs without a shape, and blanks of every kind."""


def as_csv(table: Table) -> bytes:
    """The table as a file."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(harmless(column.title) for column in table.columns)
    for row in table.rows:
        writer.writerow(_cell(cell) for cell in row)
    return file.getvalue().encode("utf-8-sig")


def _cell(cell: Cell) -> object:
    match cell:
        case str():
            return harmless(cell)
        case int() | None:
            return "" if cell is None else cell
        case minor, digits:
            return Decimal(minor).scaleb(-digits)


def harmless(text: str) -> str:
    """The text in one line, with an apostrophe in front where it begins like a formula."""
    line = " ".join(_seen(text).split())
    first = unicodedata.normalize("NFKC", line).lstrip()[:1]
    return f"'{line}" if first in _BEGINS else line


def _seen(text: str) -> str:
    return "".join(" " if unicodedata.category(sign) in _UNSEEN else sign for sign in text)
