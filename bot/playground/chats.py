"""What chats hold: messages with every version, toasts, presses; and their wire form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bot.playground.files import File, document_json, photo_json
from bot.playground.keyboards import Button, ReplyKeyboard, Rows
from bot.playground.wire import Json

if TYPE_CHECKING:
    from bot.playground.people import Person

ChatType = Literal["private", "group", "supergroup"]


@dataclass(frozen=True, slots=True)
class Version:
    """A message as it was from ``at`` on."""

    at: datetime
    text: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press: a line at the top, or a window to close (``alert``)."""

    text: str
    alert: bool
    at: datetime
    url: str = ""


@dataclass(slots=True)
class Press:
    """One press of an inline button, with the first answer that the bot gave to it."""

    id: str
    person: Person
    message_id: int
    data: str
    at: datetime
    answered: bool = False
    toast: Toast | None = None


@dataclass(slots=True, eq=False)
class Message:
    """A message; ``sender`` None is the bot. ``text`` is what can be read: text or caption."""

    chat: Chat
    id: int
    sender: Person | None
    date: datetime
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    photo: list[File] = field(default_factory=list)
    document: File | None = None
    video: File | None = None
    contact: Json | None = None
    service: Json | None = None
    rows: Rows = ()
    markup: Json | None = None
    bars_editing: bool = False
    media_group_id: str | None = None
    reply_to: Message | None = None
    thread_id: int | None = None
    forwarded_from: Person | None = None
    silent: bool = False
    edited: datetime | None = None
    deleted: bool = False
    versions: list[Version] = field(default_factory=list)

    @property
    def has_media(self) -> bool:
        return bool(self.photo or self.document or self.video)

    @property
    def from_bot(self) -> bool:
        return self.sender is None

    @property
    def buttons(self) -> list[Button]:
        """The inline buttons, row by row."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """The labels of the inline buttons."""
        return [button.text for button in self.buttons]

    @property
    def version_history(self) -> list[str]:
        """Every text that this message has had, oldest first."""
        return [version.text for version in self.versions]

    def keep_version(self, at: datetime) -> None:
        self.versions.append(Version(at, self.text, self.rows))

    def wire(self, *, reply: bool = True) -> Json:
        """The Bot API's Message."""
        sender = self.chat.bot if self.sender is None else self.sender.user()
        wire: Json = {
            "message_id": self.id,
            "from": sender,
            "chat": self.chat.wire(),
            "date": int(self.date.timestamp()),
        }
        if self.thread_id is not None:
            wire |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        if self.edited is not None:
            wire["edit_date"] = int(self.edited.timestamp())
        if self.media_group_id is not None:
            wire["media_group_id"] = self.media_group_id
        if self.reply_to is not None and reply:
            wire["reply_to_message"] = self.reply_to.wire(reply=False)
        if self.forwarded_from is not None:
            wire["forward_origin"] = {
                "type": "user",
                "date": wire["date"],
                "sender_user": self.forwarded_from.user(),
            }
        if self.photo:
            wire["photo"] = photo_json(self.photo)
        if self.document is not None:
            wire["document"] = document_json(self.document)
        if self.video is not None:
            wire["video"] = document_json(self.video)
        if self.contact is not None:
            wire["contact"] = self.contact
        if self.service is not None:
            wire |= self.service
        if self.text:
            wire["caption" if self.has_media else "text"] = self.text
            if self.entities:
                wire["caption_entities" if self.has_media else "entities"] = self.entities
        if self.markup is not None:
            wire["reply_markup"] = self.markup
        return wire


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat (its id is the person's), a basic group or a supergroup."""

    id: int
    type: ChatType
    bot: Json
    title: str = ""
    username: str | None = None
    members: list[Person] = field(default_factory=list)
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    """The topics that are closed."""
    bot_status: Literal["member", "administrator", "left", "kicked"] = "member"
    upgraded_to: Chat | None = None
    history: list[Message] = field(default_factory=list)
    reply_keyboard: ReplyKeyboard | None = None
    pinned: list[int] = field(default_factory=list)
    action: tuple[str, datetime] | None = None
    _by_id: dict[int, Message] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        return self.type == "private"

    @property
    def messages(self) -> list[Message]:
        """What can be seen now, oldest first; ``history`` has the deleted ones too."""
        return [message for message in self.history if not message.deleted]

    @property
    def name(self) -> str:
        return self.members[0].name if self.is_private else self.title

    def add(self, message: Message) -> None:
        self.history.append(message)
        self._by_id[message.id] = message
        message.keep_version(message.date)

    def find(self, message_id: int) -> Message | None:
        """The message, unless it is deleted or never was."""
        message = self._by_id.get(message_id)
        return None if message is None or message.deleted else message

    def next_local_id(self) -> int:
        """The next id of a supergroup, which counts by itself."""
        return self.history[-1].id + 1 if self.history else 1

    def wire(self) -> Json:
        """The Bot API's Chat."""
        if self.is_private:
            person = self.members[0]
            named = {
                "first_name": person.first_name,
                "last_name": person.last_name,
                "username": person.username,
            }
            return {"id": self.id, "type": "private"} | {k: v for k, v in named.items() if v}
        wire: Json = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            wire["username"] = self.username
        if self.forum:
            wire["is_forum"] = True
        return wire
