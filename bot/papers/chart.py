"""Charts as a picture that reads on a phone: bars under one another, every label whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.papers import Bar, Chart, Panel

WIDTH, MARGIN = 1080, 56
_FONTS = Path(__file__).parent / "fonts"
_INK, _PALE, _FAINT, _GROUND = "#1c2733", "#5d6b7a", "#e6eaef", "#ffffff"
_COLOURS = ("#2f7ed8", "#e0a030")
"""Of the first and the second part of a bar."""
_BAR, _GAP, _BETWEEN, _LEAD = 26, 14, 24, 1.28
_LABELS = 0.47
"""The share of the width that labels may take; longer ones are broken into lines."""

Font = ImageFont.FreeTypeFont


def as_png(chart: Chart) -> bytes:
    """The picture; it is as high as what is on it."""
    page = _Page()
    height = page.chart(chart)
    image = Image.new("RGB", (WIDTH, height), _GROUND)
    page.draw = ImageDraw.Draw(image)
    page.chart(chart)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class _Page:
    """Measures what it is to draw, and draws it once it has something to draw on."""

    draw: ImageDraw.ImageDraw | None = None

    def __init__(self) -> None:
        self._y = 0.0
        self._title, self._head = _font(46, bold=True), _font(34, bold=True)
        self._text, self._small = _font(29), _font(26)

    def chart(self, chart: Chart) -> int:
        """Everything, from the top. Answers how high it is."""
        self._y = MARGIN * 0.8
        self._say(chart.title, self._title, _INK)
        self._y += 6
        self._say(chart.subtitle, self._text, _PALE)
        for panel in chart.panels:
            self._y += 40
            self._rule()
            self._panel(panel)
        self._y += MARGIN * 0.8
        return round(self._y)

    def _rule(self) -> None:
        if self.draw:
            self.draw.line((MARGIN, self._y, WIDTH - MARGIN, self._y), _FAINT, 3)
        self._y += 28

    def _panel(self, panel: Panel) -> None:
        self._say(panel.title, self._head, _INK)
        if panel.note:
            self._y += 4
            self._say(panel.note, self._small, _PALE)
        for colour, name in zip(_COLOURS, panel.parts, strict=False):
            self._y += 12
            self._box(MARGIN, self._y + 5, 24, 24, colour)
            self._say(name, self._small, _PALE, left=MARGIN + 38)
        self._y += _GAP
        room = WIDTH - 2 * MARGIN
        labels = max((self._text.getlength(bar.label) for bar in panel.bars), default=0)
        labels = min(labels, room * _LABELS)
        ends = max((self._text.getlength(bar.said) for bar in panel.bars), default=0) + 18
        most = max((bar.first + bar.second for bar in panel.bars), default=0) or 1
        for bar in panel.bars:
            self._bar(bar, labels, (room - labels - _BETWEEN - ends) / most)

    def _bar(self, bar: Bar, labels: float, scale: float) -> None:
        line, top = self._text.size * _LEAD, self._y
        self._say(bar.label, self._text, _INK, room=labels)
        below, self._y = self._y, (self._y + top - line) / 2
        top = self._y + (line - _BAR) / 2
        at = left = MARGIN + labels + _BETWEEN
        for value, colour in zip((bar.first, bar.second), _COLOURS, strict=True):
            width = max(value, 0) * scale
            if value > 0:
                self._box(at, top, max(width, 3), _BAR, colour)
                at += max(width, 3)
        self._put(bar.said, at + (14 if at > left else 0), self._text, _INK)
        self._y = below + _GAP

    def _say(
        self, text: str, font: Font, colour: str, *, left: float = MARGIN, room: float = 0
    ) -> None:
        for line in _lines(text, font, room or WIDTH - MARGIN - left):
            self._put(line, left, font, colour)
            self._y += font.size * _LEAD

    def _put(self, text: str, left: float, font: Font, colour: str) -> None:
        if self.draw:
            self.draw.text((left, self._y), text, colour, font)

    def _box(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        if self.draw:
            self.draw.rounded_rectangle((left, top, left + width, top + height), 5, colour)


def _lines(text: str, font: Font, room: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and font.getlength(f"{line} {word}") > room + 1:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _font(size: int, *, bold: bool = False) -> Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(_FONTS / name, size)
