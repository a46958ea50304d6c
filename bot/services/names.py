"""Names as they are searched for."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[\s.,/()\-‐-―]+")
"""What stands between the words of a name: spaces, hyphens and dashes, full stops."""


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name without differences of case, each once; none for no name."""
    return tuple(dict.fromkeys(filter(None, _BETWEEN.split(name.casefold()))))
