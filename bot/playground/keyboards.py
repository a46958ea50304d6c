"""Keyboards under a message and in place of the phone's: what Telegram accepts, what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.playground.markup import is_link
from bot.playground.wire import Json, bad_request

MAX_BUTTONS = 100
MAX_CALLBACK_DATA = 64
MAX_COPY_TEXT = 256

_COMMON = {"text", "style", "icon_custom_emoji_id"}

Kind = Literal["callback", "url", "copy_text", "disabled", "text", "contact", "other"]


@dataclass(frozen=True, slots=True)
class Button:
    """A button as a person sees it.

    ``kind`` tells what a press does; ``data`` holds the callback data, the url or the text to
    copy; ``style`` is ``primary``, ``success``, ``danger`` or ``""``.
    """

    text: str
    kind: Kind
    data: str = ""
    style: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class ReplyKeyboard:
    """The keyboard in place of the phone's: buttons of kind ``text``, ``contact`` or ``other``."""

    rows: Rows
    one_time: bool = False
    placeholder: str = ""

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.rows for button in row]


@dataclass(frozen=True, slots=True)
class Keyboards:
    """What a message brings: inline rows with their wire form, or a change of reply keyboard."""

    inline: Rows = ()
    wire: Json | None = None
    reply: ReplyKeyboard | None = None
    remove_reply: bool = False

    @property
    def bars_editing(self) -> bool:
        """Only messages without markup or with an inline keyboard can be edited."""
        return self.reply is not None or self.remove_reply


def read_keyboards(markup: Any, *, private: bool) -> Keyboards:
    """The keyboards of a request's ``reply_markup``. Raises `ApiError` 400."""
    match markup:
        case None:
            return Keyboards()
        case InlineKeyboardMarkup():
            return _inline(markup)
        case ReplyKeyboardMarkup():
            return _reply(markup, private)
        case ReplyKeyboardRemove():
            return Keyboards(remove_reply=True)
        case _:
            return Keyboards(reply=ReplyKeyboard(()))


def _inline(markup: InlineKeyboardMarkup) -> Keyboards:
    rows: list[tuple[Button, ...]] = []
    wire: list[list[Json]] = []
    for row in markup.inline_keyboard:
        kept = [button for button in row if button.text or button.icon_custom_emoji_id]
        if kept:
            rows.append(tuple(_inline_button(button) for button in kept))
            wire.append([button.model_dump(exclude_none=True) for button in kept])
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return Keyboards(tuple(rows), {"inline_keyboard": wire} if rows else None)


def _inline_button(button: InlineKeyboardButton) -> Button:
    style = _style(button.style)
    if button.url:
        if not is_link(button.url):
            raise bad_request(
                f"Inline keyboard button URL '{button.url}' is invalid: Wrong HTTP URL"
            )
        return Button(button.text, "url", button.url, style)
    if button.callback_data:
        if len(button.callback_data.encode()) > MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
        return Button(button.text, "callback", button.callback_data, style)
    if button.copy_text is not None:
        if not 1 <= len(button.copy_text.text) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return Button(button.text, "copy_text", button.copy_text.text, style)
    if button.disabled is not None:
        return Button(button.text, "disabled", "", style)
    if button.model_dump(exclude_none=True, exclude=_COMMON | {"url", "callback_data"}):
        return Button(button.text, "other", "", style)
    raise bad_request(
        "Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    )


def _reply(markup: ReplyKeyboardMarkup, private: bool) -> Keyboards:
    rows = tuple(
        tuple(_reply_button(button, private) for button in row if button.text)
        for row in markup.keyboard
    )
    rows = tuple(row for row in rows if row)
    if not rows:
        return Keyboards()
    if sum(map(len, rows)) > 3 * MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return Keyboards(
        reply=ReplyKeyboard(
            rows, bool(markup.one_time_keyboard), markup.input_field_placeholder or ""
        )
    )


def _reply_button(button: KeyboardButton, private: bool) -> Button:
    style = _style(button.style)
    if button.request_contact:
        if not private:
            raise bad_request("Phone number can be requested in private chats only")
        return Button(button.text, "contact", "", style)
    if button.model_dump(exclude_none=True, exclude=_COMMON):
        return Button(button.text, "other", "", style)
    return Button(button.text, "text", "", style)


def _style(style: str | None) -> str:
    lowered = (style or "").lower()
    if lowered in ("", "default"):
        return ""
    if lowered not in ("primary", "success", "danger"):
        raise bad_request("Can't parse inline keyboard button: invalid button style specified")
    return lowered
