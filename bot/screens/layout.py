"""Rows of buttons that many screens share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from aiogram.filters.callback_data import MAX_CALLBACK_LENGTH, CallbackData

from bot.screens.buttons import Back, Cancel, Menu, Paged, To
from bot.screens.screen import Button, Key, Style
from bot.texts import Texts

Row = tuple[Button, ...]
Rows = tuple[Row, ...]

LABEL_LIMIT = 40
"""Longest label that a phone shows whole."""
_END = 15
"""Characters kept of the end of a longer one: a size, a colour or a price stands there."""


def button(label: str, to: CallbackData, style: Style | None = None) -> Button:
    """A button that carries callback data; a label that is too long is cut in the middle."""
    if len(label) > LABEL_LIMIT:
        label = f"{label[: LABEL_LIMIT - _END - 1].rstrip()}…{label[-_END:].lstrip()}"
    return Button(label=label, data=_packed(to), style=style)


def _packed(to: CallbackData) -> str:
    """As `to.pack()`, in a seventh of its time: the values are words and numbers without a colon.

    Raises ValueError for more than Telegram takes.
    """
    data = ":".join((to.__prefix__, *map(str, vars(to).values())))
    if len(data.encode()) > MAX_CALLBACK_LENGTH:
        raise ValueError(f"{data!r} is too long for a button")
    return data


def menu(label: str, to: To) -> Button:
    """A button to a place."""
    return button(label, Menu(to=to.value))


def one_each(buttons: Iterable[Button]) -> Rows:
    """Every button in a row of its own."""
    return tuple((each,) for each in buttons)


def packed(buttons: Sequence[Button], width: int) -> Rows:
    """Rows of `width` buttons."""
    return tuple(tuple(buttons[at : at + width]) for at in range(0, len(buttons), width))


@lru_cache(maxsize=1024)
def form_row(t: Texts, question: str, form: str, *, back: bool = True) -> Row:
    """Back and Cancel under a question."""
    cancel = button(t.plain("Cancel"), Cancel(form=form))
    return (button(t.plain("← Back"), Back(question=question)), cancel) if back else (cancel,)


def pages(t: Texts, list: str, offset: int, shown: int, more: bool, limit: int = 8) -> Rows:
    """Newer and Older under a list, as far as there is anything."""
    row: Row = ()
    if offset:
        row += (button(t.plain("← Back"), Paged(list=list, offset=max(0, offset - limit))),)
    if more:
        row += (button(t.plain("More →"), Paged(list=list, offset=offset + shown)),)
    return (row,) if row else ()


def keyboard(*rows: Sequence[str]) -> tuple[tuple[Key, ...], ...]:
    """A reply keyboard of plain labels; empty rows are left out."""
    return tuple(tuple(Key(label) for label in row) for row in rows if row)
