"""Screens, albums and command menus as calls of the Bot API.

They are built of plain values and answered with plain values: of a sent message only its id is
wanted, and models of what is said and of what is answered would cost more than all the rest.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Any, Literal

from bot.screens.screen import Button, Key, Screen, Toast
from bot.services.records import How, OutboxRow
from bot.workers.link import Plain, Upload

Json = dict[str, Any]

ALBUM = 10
"""Telegram's limit of one album."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that Telegram has already, by its `file_id`."""

    file_id: str
    kind: Literal["photo", "video", "document"] = "photo"


@dataclass(frozen=True, slots=True)
class Album:
    """The evidence of a case, with an HTML caption under its first part."""

    media: tuple[Medium, ...]
    caption: str = ""
    thread: int | None = None
    """The topic of a group into which it goes."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that is to be made in a group, by its title."""

    name: str


@dataclass(frozen=True, slots=True)
class OldTopic:
    """A topic, by its number, that is to be opened again under a title, or closed."""

    thread: int
    name: str | None = None
    """What it is called from then on; None: it is closed."""


@dataclass(frozen=True, slots=True)
class InReply:
    """A screen that answers an earlier message of its chat."""

    screen: Screen
    to: int


@dataclass(frozen=True, slots=True)
class Commands:
    """A person's command menu: (command without slash, what it does)."""

    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file of our own making. `otherwise` is said where Telegram does not take it."""

    name: str
    content: bytes
    caption: str
    otherwise: Screen
    picture: bool = False
    """Whether it is shown, and not only attached."""


Rendered = Screen | InReply | Album | Commands | Topic | OldTopic | Document | None
"""What a row of the outbox says now; None: there is nothing left to say."""


class Wording(IntEnum):
    """How much of the markup is sent: less where a server does not take it."""

    FULL = 0
    NO_DATES = 1
    """Without date-time entities, which an old self-hosted server does not know."""
    PLAIN = 2


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `new` is how many new messages it brings into the chat, 0 for an edit."""

    method: Plain
    new: int

    @property
    def messages(self) -> int:
        """What it costs of Telegram's limits."""
        return max(self.new, 1)


_TOPIC = "createForumTopic"
_NO_PREVIEW = {"is_disabled": True}
_SENDS = {"photo": "sendPhoto", "video": "sendVideo", "document": "sendDocument"}
_DATE_TAG = re.compile(r"</?tg-time\b[^>]*>")
_TAG = re.compile(r"</?[a-z][^>]*>")


def calls_of(row: OutboxRow, said: Rendered, wording: Wording) -> tuple[Call, ...]:
    """The calls that deliver a row, in order; more than one only for an album of many parts."""
    if row.kind == "strip":
        strip = Plain("editMessageReplyMarkup", chat_id=row.chat, message_id=row.message)
        return (Call(strip, 0),)
    if row.kind == "delete":
        delete = Plain("deleteMessage", chat_id=row.chat, message_id=row.message)
        return (Call(delete, 0),)
    match said:
        case Screen():
            return _screen(row, said, wording, None)
        case InReply(screen, to):
            reply = {"message_id": to, "allow_sending_without_reply": True}
            return _screen(row, screen, wording, reply)
        case Album():
            return _album(row, said, wording)
        case Topic(name):
            return (Call(Plain(_TOPIC, chat_id=row.chat, name=name), 1),)
        case OldTopic(thread, None):
            return (Call(Plain("closeForumTopic", chat_id=row.chat, message_thread_id=thread), 0),)
        case OldTopic(thread, name):
            of = {"chat_id": row.chat, "message_thread_id": thread}
            again, title = Plain("reopenForumTopic", **of), Plain("editForumTopic", **of, name=name)
            return Call(again, 0), Call(title, 0)
        case Commands(commands):
            menu = [{"command": name, "description": text} for name, text in commands]
            scope = {"type": "chat", "chat_id": row.chat}
            return (Call(Plain("setMyCommands", commands=menu, scope=scope), 0),)
        case Document(name, content, caption, picture=picture):
            text, parse_mode = _worded(caption, wording)
            upload = Upload(row.chat, name, content, text, parse_mode, row.silent, picture=picture)
            return (Call(upload, 1),)
        case None:
            return ()


def has_dates(said: Rendered) -> bool:
    """Whether the texts hold date-time entities."""
    match said:
        case Screen(text=text) | InReply(Screen(text=text)):
            return "<tg-time" in text
        case Album(caption=text) | Document(caption=text):
            return "<tg-time" in text
    return False


def message_ids(call: Call, result: Any) -> tuple[int, ...]:
    """The ids of the messages that a call has left; raises LookupError for an odd answer.

    A topic is known by the number that messages in it carry.
    """
    if not call.new:
        return ()
    name = "message_thread_id" if call.method.__api_method__ == _TOPIC else "message_id"
    sent = result if isinstance(result, list) else [result]
    ids = tuple(message[name] for message in sent)
    if not all(isinstance(id, int) for id in ids):
        raise LookupError("a message without an id")
    return ids


def _screen(
    row: OutboxRow, screen: Screen, wording: Wording, reply: Json | None
) -> tuple[Call, ...]:
    text, parse_mode = _worded(screen.text, wording)
    buttons = _inline(screen.rows)
    if row.how is How.EDIT and row.message is not None and screen.keys is None:
        edit = Plain(
            "editMessageText",
            chat_id=row.chat,
            message_id=row.message,
            text=text,
            parse_mode=parse_mode,
            link_preview_options=_NO_PREVIEW,
            reply_markup=buttons,
        )
        return (Call(edit, 0),)
    send = Plain(
        "sendMessage",
        chat_id=row.chat,
        message_thread_id=screen.thread,
        text=text,
        parse_mode=parse_mode,
        link_preview_options=_NO_PREVIEW,
        reply_markup=buttons or _keyboard(screen.keys),
        reply_parameters=reply,
        disable_notification=row.silent or screen.silent,
    )
    return (Call(send, 1),)


def _album(row: OutboxRow, album: Album, wording: Wording) -> tuple[Call, ...]:
    """Photos and videos go together, documents apart, ten at a time; the first has the caption."""
    text, parse_mode = _worded(album.caption, wording)
    calls: list[Call] = []
    for _, group in groupby(
        sorted(album.media, key=lambda medium: medium.kind == "document"),
        key=lambda medium: medium.kind == "document",
    ):
        parts = list(group)
        for start in range(0, len(parts), ALBUM):
            said = "" if calls else text
            calls.append(_media(row, parts[start : start + ALBUM], said, parse_mode, album.thread))
    return tuple(calls)


def _media(
    row: OutboxRow, parts: list[Medium], caption: str, parse_mode: str | None, thread: int | None
) -> Call:
    place = {"chat_id": row.chat, "message_thread_id": thread}
    if len(parts) > 1:
        media = [_part(part, "" if n else caption, parse_mode) for n, part in enumerate(parts)]
        album = Plain("sendMediaGroup", **place, media=media, disable_notification=row.silent)
        return Call(album, len(parts))
    (part,) = parts
    send = Plain(
        _SENDS[part.kind],
        **place,
        caption=caption,
        parse_mode=parse_mode,
        disable_notification=row.silent,
        **{part.kind: part.file_id},
    )
    return Call(send, 1)


def _part(part: Medium, caption: str, parse_mode: str | None) -> Json:
    said = {"caption": caption, "parse_mode": parse_mode} if caption else {}
    return {"type": part.kind, "media": part.file_id, **said}


def _worded(text: str, wording: Wording) -> tuple[str, str | None]:
    match wording:
        case Wording.FULL:
            return text, "HTML"
        case Wording.NO_DATES:
            return _DATE_TAG.sub("", text), "HTML"
        case Wording.PLAIN:
            return html.unescape(_TAG.sub("", text)), None


def _inline(rows: tuple[tuple[Button, ...], ...]) -> Json | None:
    return (
        {"inline_keyboard": [[_button(button) for button in row] for row in rows]} if rows else None
    )


def _button(button: Button) -> Json:
    facts = {
        "text": button.label,
        "callback_data": button.data,
        "url": button.url,
        "copy_text": None if button.copy is None else {"text": button.copy},
        "style": button.style,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _keyboard(keys: tuple[tuple[Key, ...], ...] | None) -> Json | None:
    if keys is None:
        return None
    if not keys:
        return {"remove_keyboard": True}
    rows = [
        [{"text": key.label, **({"request_contact": True} if key.contact else {})} for key in row]
        for row in keys
    ]
    return {"keyboard": rows, "resize_keyboard": True}


def answering(query: str, toast: Toast | None) -> Plain:
    """The answer to a press, with what is to be shown for a moment."""
    return Plain(
        "answerCallbackQuery",
        callback_query_id=query,
        text=toast.text[:200] if toast else None,
        show_alert=toast.alert if toast else None,
    )
