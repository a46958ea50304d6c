"""The table that a measure adds its lines to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table."""

    id: str
    what: str
    aim: str
    figure: str
    quartiles: str
    more: str
    met: bool


def table(lines: Sequence[Line]) -> str:
    """The lines in columns; what misses its aim is marked."""
    rows = [("id", "what", "aim", "figure", "quartiles", "")]
    rows += [
        (each.id, each.what, each.aim, each.figure, each.quartiles, each.more) for each in lines
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    marks = ["  ", *("  " if each.met else "! " for each in lines)]
    return "\n".join(
        mark + "  ".join([*map(str.ljust, row[:5], widths), row[5]]).rstrip()
        for mark, row in zip(marks, rows, strict=True)
    )
