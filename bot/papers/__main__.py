"""Draws one paper: its values come as JSON on standard input, the file goes to standard output."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from bot.papers import Bar, Block, Chart, Column, Panel, Paper, Sheet, Table

MEMORY = 2**30
"""Bytes of address space: a paper that needs more is a mistake."""
CPU_S = 60


def main() -> int:
    """Draw what is asked for; whatever goes wrong is an exit status that is not 0."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    sys.stdout.buffer.write(drawn(paper_of(json.load(sys.stdin.buffer))))
    return 0


def paper_of(said: Mapping[str, Any]) -> Paper:
    """The paper back from its JSON."""
    sheet = said["sheet"]
    if sheet is not None:
        blocks = tuple(Block(**each) for each in sheet["blocks"])
        sheet = Sheet(**{**sheet, "blocks": blocks})
    tables = tuple(
        Table(
            name=each["name"],
            columns=tuple(Column(**column) for column in each["columns"]),
            rows=each["rows"],
        )
        for each in said["tables"]
    )
    return Paper(kind=said["kind"], sheet=sheet, chart=_chart(said["chart"]), tables=tables)


def _chart(said: Mapping[str, Any] | None) -> Chart | None:
    if said is None:
        return None
    panels = (
        Panel(**{**each, "bars": tuple(Bar(**bar) for bar in each["bars"])})
        for each in said["panels"]
    )
    return Chart(**{**said, "panels": tuple(panels)})


def drawn(paper: Paper) -> bytes:
    """The file."""
    if paper.kind == "pdf":
        from bot.papers.pdf import as_pdf

        assert paper.sheet is not None
        return as_pdf(paper.sheet)
    if paper.kind == "xlsx":
        from bot.papers.xlsx import as_xlsx

        return as_xlsx(paper.tables)
    if paper.kind == "png":
        from bot.papers.chart import as_png

        assert paper.chart is not None
        return as_png(paper.chart)
    from bot.papers.csv import as_csv

    return as_csv(paper.tables[0])


if __name__ == "__main__":
    sys.exit(main())
