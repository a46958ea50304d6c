"""A sheet as PDF: A4, fonts inside, nothing of it is taken from the machine."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import TTFFont

from bot.papers import Block, Sheet

_FONTS: Final = Path(__file__).parent / "fonts"
_FONT: Final = "DejaVu"
_MARGIN: Final = 18
_LABEL: Final = 48
_LEAST: Final = 34
"""Millimetres that must be left on a page for another block to begin there."""
_HEX: Final = 64
"""Letters of a digest, which is to stay in one line."""
_INK, _GREY, _PALE = (20, 24, 31), (105, 112, 122), (208, 213, 221)
_INSTEAD: Final = {"₼": "AZN"}
"""For signs of money that the fonts do not have."""


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as a file."""
    pdf = _Pages(sheet)
    pdf.head()
    for block in sheet.blocks:
        pdf.block(block)
    pdf.paragraph(sheet.ending)
    return bytes(pdf.output())


class _Pages(FPDF):
    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        self.add_font(_FONT, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FONT, "B", _FONTS / "DejaVuSans-Bold.ttf")
        fonts = {style: self.fonts[_FONT.lower() + style] for style in ("", "B")}
        self._known = {s: set(f.cmap) for s, f in fonts.items() if isinstance(f, TTFFont)}
        self.set_title(self._drawable(sheet.title, ""))
        self.set_lang(sheet.language)
        self.set_creation_date(datetime.fromisoformat(sheet.made_at))
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        self.set_y(-_MARGIN)
        self._ink(7, _GREY)
        number = self._sheet.page.format(page=self.page_no(), pages=self.str_alias_nb_pages)
        self.cell(0, 4, self._drawable(self._sheet.footer, ""), align=Align.L)
        self.set_x(self.l_margin)
        self.cell(0, 4, number, align=Align.R)

    def head(self) -> None:
        """The title, what this is, and the facts."""
        self._ink(16, _INK, "B")
        self._text(8, self._sheet.title)
        self.ln(1)
        self.paragraph(self._sheet.intro)
        self.ln(2)
        for label, value in self._sheet.facts:
            self._fact(label, value)
        self.ln(2)

    def paragraph(self, text: str) -> None:
        """Words of our own, in grey."""
        if text:
            self._ink(9, _GREY)
            self._text(4.6, text)

    def _fact(self, label: str, value: str) -> None:
        if self.will_page_break(10):
            self.add_page()
        top, page = self.y, self.page
        self._ink(9, _GREY)
        self.multi_cell(
            _LABEL, 5, self._drawable(label, ""), align=Align.L, new_x=XPos.RIGHT, new_y=YPos.NEXT
        )
        below = self.y
        self.set_xy(self.l_margin + _LABEL + 2, top)
        self._ink(7.5 if len(value) == _HEX and " " not in value else 9.5, _INK)
        self._text(5, value)
        if self.page == page:
            self.set_y(max(self.y, below))

    def block(self, block: Block) -> None:
        """Something that happened, below a line."""
        if self.y > self.h - _MARGIN - _LEAST:
            self.add_page()
        self.ln(2)
        self.set_draw_color(*_PALE)
        self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.ln(2)
        self._ink(8, _GREY)
        self._text(4.2, block.when)
        self._ink(10.5, _INK, "B")
        self._text(5.4, block.head)
        self._ink(9.5, _INK)
        for line in block.lines:
            self._text(4.8, line)
        if block.quote:
            self._quote(block.quote)
        self._ink(6.5, _GREY)
        for line in block.small:
            self._text(3.4, line)

    def _quote(self, words: str) -> None:
        """What a person wrote, apart from our words by a bar on every line."""
        self.ln(1)
        self._ink(9.5, _INK)
        self.set_left_margin(_MARGIN + 5)
        self.set_x(self.l_margin)
        width = self.w - self.l_margin - self.r_margin
        broken = self.multi_cell(
            width, 4.8, self._drawable(words, ""), align=Align.L, dry_run=True, output="LINES"
        )
        self.set_draw_color(*_GREY)
        for line in broken if isinstance(broken, list) else ():
            self.set_x(self.l_margin)
            self.cell(width, 4.8, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.line(_MARGIN + 2, self.y - 4.8, _MARGIN + 2, self.y)
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)
        self.ln(1)

    def _text(self, height: float, text: str) -> None:
        if text:
            drawable = self._drawable(text, self.font_style)
            self.multi_cell(0, height, drawable, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _ink(self, size: float, color: tuple[int, int, int], style: str = "") -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*color)

    def _drawable(self, text: str, style: str) -> str:
        """The text with a sign for each letter that the font does not have."""
        known = self._known["B" if "B" in style else ""]
        plain = "".join(_INSTEAD.get(sign, sign) for sign in unicodedata.normalize("NFC", text))
        return "".join(
            sign if sign == "\n" or ord(sign) in known else "\N{REPLACEMENT CHARACTER}"
            for sign in plain
        )
