"""Tables as a workbook: texts are texts, whatever they begin with; sums and times are typed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from bot.papers import Cell, Table

LONGEST = 32_767
"""Characters of a cell."""
EXACT = 10**15
"""Up to here a spreadsheet keeps every digit of a number."""


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """The tables as a file, each on a sheet of its own."""
    file = io.BytesIO()
    # Rows are written as they come: a long table needs no more memory than a short one.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sums = {
            digits: book.add_format({"num_format": "0." + "0" * digits if digits else "0"})
            for digits in (0, 2, 3)
        }
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(table.columns):
                sheet.set_column(at, at, column.width)
                sheet.write_string(0, at, column.title, head)
            for number, row in enumerate(table.rows, 1):
                for at, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                    _write(sheet, number, at, column.kind, cell, sums, moment)
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    return file.getvalue()


def _write(
    sheet: Any, row: int, at: int, kind: str, cell: Cell, sums: dict[int, Any], moment: Any
) -> None:
    match cell:
        case None:
            return
        case str() if kind == "moment":
            sheet.write_datetime(row, at, datetime.fromisoformat(cell), moment)
        case str():
            sheet.write_string(row, at, cell[:LONGEST])
        case int():
            sheet.write_number(row, at, cell)
        case minor, digits:
            sum = Decimal(minor).scaleb(-digits)
            if abs(minor) < EXACT:
                sheet.write_number(row, at, sum, sums[digits])
            else:
                sheet.write_string(row, at, str(sum))
