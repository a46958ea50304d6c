"""S10: what people write begins a formula in no cell of a table that is exported."""

from __future__ import annotations

import csv
import io
import random
import unicodedata

from bot.papers import Cell, Column, Table
from bot.papers.csv import as_csv
from tests.torture.trial import Report, Setting, Trial

PAGE = 1_000
COLUMNS = (Column("what was said"), Column("sum", "money"))
BLANKS = " \t\r\n\v\f\xa0\u1680\u2003\u2028\u3000\u200b\u200e\u2060\ufeff\x00\x1b"
SIGNS = "=+-@|%\N{MINUS SIGN}=＋－＠％｜﹢﹣﹫﹦⁺₌"
REST = "cmd|' /C calc'!A0;SUM(1)\",'\\٣ё🧉" + BLANKS
_FORMULA = frozenset("=+-@|%\N{MINUS SIGN}")


def _cells(setting: Setting) -> Report:
    """Blanks that are not seen, a sign in any width, and anything: read again as a spreadsheet."""
    report, chance, behind = Report(), random.Random(setting.seed), 0
    for at in range(0, setting.size, PAGE):
        said = [_drawn(chance) for _ in range(min(PAGE, setting.size - at))]
        rows: tuple[tuple[Cell, ...], ...] = tuple((text, (-at, 2)) for text in said)
        content = as_csv(Table(name="said", columns=COLUMNS, rows=rows)).decode("utf-8-sig")
        read = list(csv.reader(io.StringIO(content, newline="")))[1:]
        report.expect(len(read) == len(said), f"{len(said)} rows became {len(read)}")
        for text, (cell, _) in zip(said, read, strict=False):
            begins = unicodedata.normalize("NFKC", cell).strip(BLANKS)[:1]
            report.expect(begins not in _FORMULA, f"{text!r} became the formula {cell!r}")
            behind += cell.startswith("'")
    report.seen = f"{behind:,} of them behind an apostrophe"
    report.expect(behind > setting.size // 10, "hardly a cell began like a formula")
    return report


def _drawn(chance: random.Random) -> str:
    blanks = "".join(chance.choices(BLANKS, k=chance.randrange(4)))
    sign = chance.choice(SIGNS) if chance.random() < 0.7 else ""
    return blanks + sign + "".join(chance.choices(REST, k=chance.randrange(9)))


TRIALS = (
    Trial(
        name="cells",
        goals="S10",
        what="what people write begins a formula in no cell of a table",
        size=100_000,
        most=1_000_000,
        unit="cells",
        run=_cells,
    ),
)
