"""Filters, every one a coroutine: aiogram runs any other kind in a thread (`performance.md` 1).

They look at what the middleware has already loaded and never at the database.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from aiogram.filters import Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.domain.cases import Action, Role
from bot.domain.tracks import recognise
from bot.screens.buttons import Paged
from bot.screens.keys import LABELS
from bot.services.records import Account, DraftKind, DraftRow
from bot.texts import Catalogues

Passed = bool | dict[str, Any]
P = TypeVar("P", bound=CallbackData)

SEPARATOR = ":"
"""Between the prefix and the values of callback data."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)


def command_of(text: str | None) -> tuple[str, str] | None:
    """`("return", "R-000123")` from `/return@bot R-000123`; None if the text is no command."""
    found = _COMMAND.fullmatch(text.strip()) if text else None
    return (found[1].lower(), (found[3] or "").strip()) if found else None


def said_in(message: Message) -> str | None:
    """The words that may be a command: a message, or what is written below a file.

    Below a photo it is about the photo.
    """
    return message.text or (message.caption if message.document else None)


class Asks(Filter):
    """A command, or its button of the reply keyboard in any language, so that an old one works.

    Hands over what follows the command as `rest`.
    """

    def __init__(self, command: str, label: str | None = None) -> None:
        self.command = command
        self.label = label

    async def __call__(self, message: Message, catalogues: Catalogues) -> Passed:
        text = said_in(message)
        said = command_of(text)
        if said is not None:
            return {"rest": said[1]} if said[0] == self.command else False
        if self.label is None or text not in renderings(self.label, catalogues):
            return False
        return {"rest": ""}


class Wants(Asks):
    """A command that leads straight into an action on a return; hands it over as `action`."""

    def __init__(self, command: str, action: Action) -> None:
        super().__init__(command)
        self.action = action

    async def __call__(self, message: Message, catalogues: Catalogues) -> Passed:
        passed = await super().__call__(message, catalogues)
        return {**passed, "action": self.action} if isinstance(passed, dict) else passed


class Commanding(Filter):
    """A command or a button of the reply keyboard (True), or any other message (False)."""

    def __init__(self, value: bool) -> None:
        self.value = value

    async def __call__(self, message: Message, catalogues: Catalogues) -> bool:
        text = said_in(message) or ""
        asks = text.startswith("/") or any(
            text in renderings(label, catalogues) for label in LABELS
        )
        return asks is self.value


@lru_cache(maxsize=64)
def renderings(label: str, catalogues: Catalogues) -> frozenset[str]:
    """A label in every language."""
    languages = catalogues.languages
    return frozenset(catalogues.texts(language).plain(label) for language in languages)


def read(kind: type[P], data: str | None) -> P | None:
    """The callback data of this kind, read strictly; None for anything else."""
    if not data or not data.startswith(kind.__prefix__ + SEPARATOR):
        return None
    try:
        return kind.unpack(data)
    except (TypeError, ValueError):
        return None


class Pressed(Filter, Generic[P]):
    """A button of this kind; hands it over as `pressed`."""

    def __init__(self, kind: type[P]) -> None:
        self.kind = kind
        self.prefix = kind.__prefix__

    async def __call__(self, query: CallbackQuery) -> Passed:
        found = read(self.kind, query.data)
        return {"pressed": found} if found is not None else False


class PressedTo(Filter):
    """A menu button that leads here."""

    def __init__(self, kind: type[CallbackData], to: str) -> None:
        self.data = kind(to=to).pack()
        self.prefix = kind.__prefix__

    async def __call__(self, query: CallbackQuery) -> bool:
        return query.data == self.data


class PagedTo(Filter):
    """A button to another page of this list; hands over where it begins as `offset`.

    `queue.dispute` is a part of the list `queue`: which one is handed over as `only`.
    """

    prefix = Paged.__prefix__

    def __init__(self, list: str) -> None:
        self.list = list

    async def __call__(self, query: CallbackQuery) -> Passed:
        found = read(Paged, query.data)
        list, _, only = found.list.partition(".") if found else ("", "", "")
        return {"offset": found.offset, "only": only} if found and list == self.list else False


class DraftOpen(Filter):
    """The person has a form of this kind open."""

    def __init__(self, kind: DraftKind) -> None:
        self.kind = kind

    async def __call__(self, _: Message | CallbackQuery, draft: DraftRow | None) -> bool:
        return draft is not None and draft.kind is self.kind


def working_role(account: Account) -> Role:
    """The role for commands of work: the active one, or the first special one held.

    So a seller who has just been looking at own orders still reaches `/queue` at once.
    """
    special = account.roles[1:]
    return account.role if account.role in special else next(iter(special), Role.CUSTOMER)


class HoldsTrack(Filter):
    """A text with a track number in it; hands it over as `track`."""

    async def __call__(self, message: Message) -> Passed:
        track = recognise(message.text or "")
        return {"track": track} if track else False


class Shows(Filter):
    """A message with content of this kind."""

    def __init__(self, *contents: Literal["text", "photo", "video", "contact", "document"]) -> None:
        self.contents = contents

    async def __call__(self, message: Message) -> bool:
        return any(getattr(message, content) for content in self.contents)


class Blocked(Filter):
    """The person has stopped the bot in the private chat (True), or let it in again (False)."""

    def __init__(self, value: bool) -> None:
        self.value = value

    async def __call__(self, event: ChatMemberUpdated) -> bool:
        if event.chat.type != "private":
            return False
        return (event.new_chat_member.status in ("kicked", "left")) is self.value
