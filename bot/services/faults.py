"""What is wrong with a line of a file: a sentence of the catalogues, where, and its values.

The report beside a file is English; in the chat the reader's own words are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """`words` is a message of the catalogues with `values` in it; `place` is a field, if one."""

    words: str
    place: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.words.format(**self.values)
        return f"{self.place}: {said}" if self.place else said
