"""What is wrong with a file or a script that somebody wrote: where, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.policy_file import NOT_TOML
from bot.texts import Html, Texts


def fault(words: str, values: Mapping[str, str], line: int | None, key: str, t: Texts) -> Html:
    """The sentence for a fault: `words` is a message of the catalogues with `values` in it."""
    if words == NOT_TOML:
        # What the parser says is English alone, and the line tells more.
        what = t(
            "this is not TOML: look for a quote, a bracket or a sign = that is missing or too many"
        )
    else:
        what = t(words, **{name: _either(value, t) for name, value in values.items()})
    match line, key:
        case int(), "":
            return t("Line {line}: {what}.", line=line, what=what)
        case int(), _:
            return t("Line {line}, {key}: {what}.", line=line, key=t.code(key), what=what)
        case None, "":
            return t("This is not understood: {what}.", what=what)
        case _:
            return t("{key}: {what}.", key=t.code(key), what=what)


def _either(value: str, t: Texts) -> str:
    """Choices, in the reader's words."""
    first, found, last = value.rpartition(" or ")
    return t.plain("{first} or {last}", first=first, last=last) if found else value
