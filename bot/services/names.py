"""Names as they are searched for."""

from __future__ import annotations


def name_key(name: str) -> str | None:
    """A name without differences of case and spaces; None for no name."""
    return " ".join(name.split()).casefold() or None
