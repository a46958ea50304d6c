"""Files are drawn whole, and nothing in a table is ever a formula (S10)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.papers import Block, Cell, Column, Paper, Sheet, Table
from bot.papers.__main__ import drawn
from bot.papers.csv import as_csv

COLUMNS = (
    Column("Название"), Column("n", "number"), Column("sum", "money"), Column("at", "moment"),
)  # fmt: skip


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table(name="Возвраты", columns=COLUMNS, rows=rows)


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


dangerous = st.builds(
    lambda blank, sign, rest: blank + sign + rest,
    st.text(" \t\r\n\v\f\xa0\u3000\u200b\ufeff\u2060\x00", max_size=3),
    st.sampled_from("=+-@＝＋－＠﹦﹢﹣﹫⁺₌|%−"),
    st.text(max_size=8),
)


@given(st.one_of(dangerous, st.text()))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    ((_, *_), (cell, *others)) = cells(as_csv(table((text, 7, (-5, 2), None))))
    assert others == ["7", "-0.05", ""]
    assert cell == cell.strip()
    assert unicodedata.normalize("NFKC", cell).strip()[:1] not in set("=+-@|%−")
    assert len(cell.splitlines()) <= 1
    assert all(sign.isprintable() for sign in cell)


def test_a_table_says_exactly_what_it_was_given() -> None:
    row: tuple[Cell, ...] = ('Кружка "İ", 2', 3, (123456789012345678901, 2), "2026-03-01 13:00:05")
    content = as_csv(table(row))
    assert cells(content)[1] == [row[0], "3", "1234567890123456789.01", "2026-03-01 13:00:05"]
    assert content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=1+1", "https://example.org", "+7", "{=A1}", "  @SUM"])
def test_a_workbook_keeps_texts_as_texts_and_sums_to_the_last_digit(text: str) -> None:
    paper = Paper(kind="xlsx", tables=(table((text, 3, (250005, 2), "2026-03-01 13:00:05")),))
    with zipfile.ZipFile(io.BytesIO(drawn(paper))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = "".join(book.namelist())
    assert "<f>" not in sheet
    assert "externalLink" not in names
    assert "hyperlink" not in sheet
    assert f">{text.strip()}</t>" in sheet.replace('xml:space="preserve"', "").replace("  @", "@")
    assert "<v>2500.05</v>" in sheet
    assert re.search(r"<v>46082\.54172\d*</v>", sheet)


def test_pages_hold_whatever_people_write() -> None:
    long = "Ыəİ₼漢字😀 " * 400 + "\ud800" + "x" * 500
    block = Block(head=long[:80], when="now", lines=("a → b",), quote=long, small=("f" * 64,))
    sheet = Sheet(
        title="Запись",
        language="ru",
        made_at="2026-03-05T12:00:00+00:00",
        facts=(("Заказ", "x" * 300),),
        blocks=(block, block),
    )
    content = drawn(Paper(kind="pdf", sheet=sheet))
    assert content.startswith(b"%PDF-")
    assert content == drawn(Paper(kind="pdf", sheet=sheet))
