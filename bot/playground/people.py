"""People: what they do in their chats with the bot, and what they see there.

Every action takes effect at once and needs no ``await``; ``chat`` is a group, or None for the
private chat with the bot.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bot.playground.chats import Chat, Message, Press, Toast
from bot.playground.entities import MAX_TEXT, read_text
from bot.playground.files import File, sample_photo
from bot.playground.keyboards import Button
from bot.playground.wire import Json

if TYPE_CHECKING:
    from bot.playground.telegram import Telegram

_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NoSuchButton(LookupError):
    """There is no such button where the person looks."""


@dataclass(eq=False)
class Person:
    """A Telegram account; ``role`` is only a label for pages and transcripts."""

    telegram: Telegram = field(repr=False)
    id: int
    first_name: str
    language_code: str
    last_name: str = ""
    username: str = ""
    phone: str = ""
    role: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    toasts: list[Toast] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    clipboard: str = ""
    opened: list[str] = field(default_factory=list)
    chat: Chat = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chat = Chat(self.id, "private", self.telegram.bot, members=[self])

    # What the person is and sees

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def user(self) -> Json:
        """The Bot API's User."""
        named = {"last_name": self.last_name, "username": self.username}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        } | {key: value for key, value in named.items() if value}

    @property
    def last(self) -> Message:
        """The newest visible message of the bot in the private chat."""
        for message in reversed(self.chat.history):
            if message.from_bot and not message.deleted:
                return message
        raise LookupError(f"the bot has said nothing to {self.name}")

    @property
    def screen(self) -> str:
        """The text of the bot's newest message, empty where there is none."""
        return next((m.text for m in reversed(self.chat.messages) if m.from_bot), "")

    def texts(self, chat: Chat | None = None) -> list[str]:
        """The texts of all visible messages of the bot, oldest first."""
        return [message.text for message in (chat or self.chat).messages if message.from_bot]

    def buttons(self, chat: Chat | None = None) -> list[str]:
        """The labels of everything that can be pressed: newest message first, then keyboard."""
        chat = chat or self.chat
        labels = [label for message in reversed(chat.messages) for label in message.labels]
        if chat.reply_keyboard is not None:
            labels += [button.text for button in chat.reply_keyboard.buttons]
        return labels

    def commands(self) -> list[tuple[str, str]]:
        """The menu that this person sees in the private chat: command and description."""
        return self.telegram.commands_for(self)

    async def sees(self, part: str, *, within: float = 60.0, chat: Chat | None = None) -> Message:
        """Wait until a visible message of the bot holds ``part``; the newest such message.

        ``within`` is in real seconds. Raises AssertionError with what is on the screen.
        """
        chat = chat or self.chat
        try:
            async with asyncio.timeout(within):
                while True:
                    version = self.telegram.version
                    for message in reversed(chat.messages):
                        if message.from_bot and part in message.text:
                            return message
                    await self.telegram.changed(version)
        except TimeoutError:
            seen = "\n---\n".join(self.texts(chat)[-3:]) or "nothing"
            raise AssertionError(f"{self.name} does not see {part!r} but:\n{seen}") from None

    # What the person sends

    def send(
        self, text: str, *, reply_to: Message | None = None, chat: Chat | None = None
    ) -> Message:
        """Send a text; a longer one than 4,096 goes out in pieces, as from Telegram's own apps.

        Gives the last piece.
        """
        *pieces, last = [text[at : at + MAX_TEXT] for at in range(0, len(text), MAX_TEXT)] or [""]
        for piece in pieces:
            self.send(piece, reply_to=reply_to, chat=chat)
        clean, entities = read_text(last, None, None)
        return self._post(chat, text=clean, entities=entities, reply_to=reply_to)

    def start(self, parameter: str = "") -> Message:
        """Open the bot; ``parameter`` as in a deep link."""
        if parameter and not _START_PARAMETER.fullmatch(parameter):
            raise ValueError(f"Telegram drops this start parameter: {parameter!r}")
        return self.send(f"/start {parameter}".strip())

    def open_link(self, url: str) -> Message | None:
        """Follow a link: one to this bot starts it, any other is only remembered."""
        self.opened.append(url)
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        to_bot = parts.netloc in ("t.me", "telegram.me") and parts.path[1:].lower() == (
            self.telegram.username.lower()
        )
        to_bot = to_bot or (
            parts.scheme == "tg" and query.get("domain") == [self.telegram.username]
        )
        return self.start(query.get("start", [""])[0]) if to_bot else None

    def send_photo(
        self,
        photo: bytes | Message | None = None,
        caption: str = "",
        *,
        chat: Chat | None = None,
    ) -> Message:
        """Send a photo: bytes, the photo of another message once more, or a sample."""
        return self._post(chat, photo=self._sizes(photo), caption=caption)

    def send_album(
        self,
        photos: int | list[bytes | Message | None] = 3,
        caption: str = "",
        *,
        chat: Chat | None = None,
    ) -> list[Message]:
        """Send several photos as one album: each part is an update, the caption on the first."""
        parts = [None] * photos if isinstance(photos, int) else photos
        group = self.telegram.next_group_id()
        return [
            self._post(
                chat,
                photo=self._sizes(part),
                caption="" if number else caption,
                media_group_id=group,
            )
            for number, part in enumerate(parts)
        ]

    def send_document(
        self,
        content: bytes = b"%PDF-1.4 sample",
        name: str = "file.pdf",
        caption: str = "",
        *,
        mime: str = "application/pdf",
        size: int | None = None,
        chat: Chat | None = None,
    ) -> Message:
        """Send a file; ``size`` in bytes claims more than ``content`` holds."""
        file = self.telegram.files.add("document", content, name, mime, size=size)
        return self._post(chat, document=file, caption=caption)

    def send_video(
        self,
        content: bytes = b"\0\0\0\x18ftypmp42sample",
        caption: str = "",
        *,
        size: int | None = None,
        media_group_id: str | None = None,
        chat: Chat | None = None,
    ) -> Message:
        file = self.telegram.files.add(
            "video", content, "video.mp4", "video/mp4", size=size, width=640, height=480
        )
        return self._post(chat, video=file, caption=caption, media_group_id=media_group_id)

    def share_contact(
        self, own: bool = True, phone: str | None = None, *, chat: Chat | None = None
    ) -> Message:
        """Share the own number (Telegram adds the sender's id), or somebody else's."""
        contact: Json = {
            "phone_number": phone or self.phone or f"+7999{self.id % 10_000_000:07d}",
            "first_name": self.first_name if own else "Somebody",
        }
        if own:
            contact["user_id"] = self.id
        message = self._post(chat, contact=contact)
        self._leave_one_time_keyboard(chat or self.chat)
        return message

    def forward(self, message: Message) -> Message:
        """Forward a message into the private chat; keyboards stay behind."""
        return self._post(
            None,
            text=message.text,
            entities=list(message.entities),
            photo=list(message.photo),
            document=message.document,
            video=message.video,
            forwarded_from=message.sender,
        )

    def edit(self, message: Message, text: str) -> None:
        """Edit one's own message."""
        message.text, message.entities = read_text(text, None, None)
        message.edited = self._now()
        message.keep_version(message.edited)
        self.telegram.record(f"{self.name} edits: {message.text}", message.chat)
        self.telegram.put_update("edited_message", message.wire())

    def block(self) -> None:
        """Block the bot: it is told once, and gets 403 from then on."""
        self.blocked = True
        self.telegram.member_changed(self.chat, self, "member", "kicked")

    def unblock(self) -> None:
        self.blocked = False
        self.telegram.member_changed(self.chat, self, "kicked", "member")

    def delete_account(self) -> None:
        self.deactivated = True

    # What the person presses

    def press(self, label: str, *, chat: Chat | None = None) -> Press | Message | None:
        """Press the newest visible button of this label, or else of a label that holds it.

        Inline buttons come before the reply keyboard. An inline callback gives a `Press`, a
        reply button the sent `Message`, a button to copy or to open something else None.
        Raises `NoSuchButton` with what there is.
        """
        chat = chat or self.chat
        visible = [(m, b) for m in reversed(chat.messages) for b in m.buttons]
        keyboard = chat.reply_keyboard.buttons if chat.reply_keyboard is not None else []
        for fits in (label.__eq__, lambda text: label.casefold() in text.casefold()):
            for message, button in visible:
                if fits(button.text):
                    return self.press_button(message, button)
            for button in keyboard:
                if fits(button.text):
                    return self._press_reply(chat, button)
        raise NoSuchButton(f"{label!r}: {self.name} sees {self.buttons(chat)} on {self.screen!r}")

    def press_on(self, message: Message, label: str) -> Press | Message | None:
        """Press a button of this very message, also of one scrolled far away."""
        exact = [button for button in message.buttons if button.text == label]
        part = [button for button in message.buttons if label.casefold() in button.text.casefold()]
        if message.deleted or not exact + part:
            raise NoSuchButton(f"{label!r}: the message has {message.labels}")
        return self.press_button(message, (exact + part)[0])

    def press_button(self, message: Message, button: Button) -> Press | Message | None:
        """Press exactly this button of this message."""
        match button.kind:
            case "callback":
                self.telegram.record(f"{self.name} presses [{button.text}]", message.chat)
                press = self._callback(message.chat, message.id, button.data)
                if self.telegram.faults.taps() == 2:
                    self._callback(message.chat, message.id, button.data)
                return press
            case "url":
                return self.open_link(button.data)
            case "copy_text":
                self.clipboard = button.data
                self.telegram.touch()
                return None
            case _:
                raise NoSuchButton(f"[{button.text}] does nothing ({button.kind})")

    def forge_press(self, data: str, message_id: int, chat: Chat | None = None) -> Press:
        """A press that no button offers: any data, on any message id, in any chat."""
        return self._callback(chat or self.chat, message_id, data)

    def _press_reply(self, chat: Chat, button: Button) -> Message:
        if button.kind == "contact":
            return self.share_contact(chat=chat)
        message = self.send(button.text, chat=chat)
        self._leave_one_time_keyboard(chat)
        return message

    def _leave_one_time_keyboard(self, chat: Chat) -> None:
        if chat.reply_keyboard is not None and chat.reply_keyboard.one_time:
            chat.reply_keyboard = None

    def _callback(self, chat: Chat, message_id: int, data: str) -> Press:
        press = Press(self.telegram.next_query_id(), self, message_id, data, self._now())
        self.presses.append(press)
        message = chat.find(message_id)
        self.telegram.open_press(press)
        self.telegram.put_update(
            "callback_query",
            {
                "id": press.id,
                "from": self.user(),
                "message": message.wire()
                if message is not None
                else {"chat": chat.wire(), "message_id": message_id, "date": 0},
                "chat_instance": str(abs(chat.id) * 31),
                "data": data,
            },
        )
        return press

    # Inside

    def _now(self) -> datetime:
        return self.telegram.clock()

    def _sizes(self, photo: bytes | Message | None) -> list[File]:
        if isinstance(photo, Message):
            return list(photo.photo)
        content = sample_photo(self.telegram.next_sample()) if photo is None else photo
        return self.telegram.files.add_photo(content)

    def _post(
        self,
        chat: Chat | None,
        *,
        text: str = "",
        caption: str = "",
        entities: list[Json] | None = None,
        photo: list[File] | None = None,
        document: File | None = None,
        video: File | None = None,
        contact: Json | None = None,
        media_group_id: str | None = None,
        reply_to: Message | None = None,
        forwarded_from: Person | None = None,
    ) -> Message:
        chat = chat or self.chat
        if caption:
            text, entities = read_text(caption, None, None, empty=True)
        message = Message(
            chat,
            self.telegram.next_message_id(chat),
            self,
            self._now(),
            text=text,
            entities=entities or [],
            photo=photo or [],
            document=document,
            video=video,
            contact=contact,
            media_group_id=media_group_id,
            reply_to=reply_to,
            thread_id=reply_to.thread_id if reply_to is not None else None,
            forwarded_from=forwarded_from,
        )
        self.telegram.person_posts(message)
        return message
