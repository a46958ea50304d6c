"""Papers: what is drawn into a file, as plain values, and the drawing itself.

The values are composed by the screens, in words that are ready. They are drawn by a process of
its own (`python -m bot.papers`): its libraries are large, and it works for a second at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cell = str | int | tuple[int, int] | None
"""Of a column of texts or moments a text, of `number` an int, of `money` (minor units, digits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Something that happened: a heading, when it was, what is to be said, and small print."""

    head: str
    when: str = ""
    lines: tuple[str, ...] = ()
    quote: str = ""
    small: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A text on pages. `page` is filled in with `{page}` and `{pages}`."""

    title: str
    language: str
    made_at: str
    """ISO 8601."""
    intro: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    ending: str = ""
    footer: str = ""
    page: str = "{page} / {pages}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Moments are local times, `2026-03-01 13:00:05`."""

    title: str
    kind: Literal["text", "number", "money", "moment"] = "text"
    width: int = 16
    """In letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table under a name; the rows have a cell for every column."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one part or two, with its label and what stands at its end."""

    label: str
    said: str
    first: int
    second: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Bars of one scale. `parts` names the two parts of bars that have two."""

    title: str
    bars: tuple[Bar, ...]
    note: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels under one another."""

    title: str
    subtitle: str
    panels: tuple[Panel, ...]


As = Literal["pdf", "csv", "xlsx", "png"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What to draw, and as which kind of file. A CSV file holds the first table."""

    kind: As
    sheet: Sheet | None = None
    chart: Chart | None = None
    tables: tuple[Table, ...] = ()
