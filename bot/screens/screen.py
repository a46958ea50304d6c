"""What a person sees: a text and buttons, as plain values.

A handler returns a `Screen` (or several); the processor turns it into rows of the outbox, the
deliverer into calls of the Bot API. Texts are HTML that only `bot.texts` has composed: every
value that came from a person was escaped there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from bot.domain.cases import ReturnCase, Role
from bot.services.records import How

_LONGEST = 4096

Style = Literal["success", "danger", "primary"]


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button. Exactly one of `data` (packed CallbackData), `url`, `copy` is set."""

    label: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A button of the reply keyboard: sends its label, or the person's own contact."""

    label: str
    contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One message. `keys` is None: leave the reply keyboard; (): remove it; else show these."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    keys: tuple[tuple[Key, ...], ...] | None = None
    slot: str | None = None
    how: How | None = None
    """None: a press edits the pressed message, anything else is answered with a new one."""
    silent: bool = False
    thread: int | None = None
    """The topic of a group in which it is said."""
    not_before_s: float = 0
    """Wait this long before sending, so that the parts of an album make one question."""

    @property
    def fits(self) -> bool:
        """Whether Telegram takes the text: it counts UTF-16 units, and leaves out the markup."""
        return len(self.text.encode("utf-16-le")) <= 2 * _LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """The answer to a press, shown for a moment. Never the only carrier of a fact."""

    text: str
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that the person has asked for; it is made when its turn comes."""

    document: str
    kind: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """The card of a return, anew, below what is said before it."""

    case: ReturnCase
    person: int
    role: Role


Reply = Screen | Toast | Wanted | Below | None
"""What a handler may return, alone or in a tuple."""

_SCREEN = TypeAdapter(Screen)


def dump_screen(screen: Screen) -> dict[str, object]:
    """The screen as JSON values for the outbox."""
    values: dict[str, object] = _SCREEN.dump_python(screen, mode="json", exclude_defaults=True)
    return values


def load_screen(payload: object) -> Screen:
    """The screen back from the outbox."""
    return _SCREEN.validate_python(payload)
