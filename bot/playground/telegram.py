"""A Telegram in memory: one bot, any number of people, strict where Telegram is strict.

How to use, in a test:

    telegram = Telegram(clock, "42:TOKEN", "return_desk_bot")
    anna = telegram.add_person("Anna", "ru", role="customer")
    bot = Bot("42:TOKEN", session=PlaygroundSession(telegram))     # a real aiogram Bot

    anna.start()                        # people act at once, without await
    anna.press("My orders")             # newest visible button: inline, else reply keyboard
    await anna.sees("Order 1042")       # waits for the bot
    anna.screen, anna.texts(), anna.buttons(), anna.toasts, anna.chat.messages
    anna.send_album(3, "torn"); anna.share_contact(); anna.open_link("https://t.me/…?start=…")
    anna.forge_press("x:1", message_id=7)
    print(telegram.transcript())

`telegram.on_confirm` is told the ids of every batch that getUpdates (or a webhook's 200)
confirms, before they are forgotten; what it raises is kept in `telegram.violations`, and
`telegram.updates.advances` counts the offsets that moved. Faults: see `faults.py`. Over HTTP:
see `server.py`. Everything lives on one event loop; only long polls take real time, all else
follows `clock`.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from aiogram.methods import GetUpdates
from aiogram.types import ChatMemberAdministrator

from bot.playground.chats import Chat, Message, Press
from bot.playground.faults import Faults, Limits
from bot.playground.files import MAX_UPLOAD, Files
from bot.playground.methods import HANDLERS
from bot.playground.people import Person
from bot.playground.updates import OnConfirm, Updates
from bot.playground.wire import (
    Answer,
    ApiError,
    Ending,
    Json,
    Upload,
    bad_request,
    forbidden,
    read_request,
    refused,
    succeeded,
)

_RIGHTS: Json = {
    name: name != "is_anonymous"
    for name, field in ChatMemberAdministrator.model_fields.items()
    if field.is_required() and field.annotation is bool
}
"""What an administrator of a group may do: all of it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came, and the HTTP status that it got (0: the connection broke)."""

    method: str
    params: Mapping[str, Any] = field(repr=False)
    status: int
    at: datetime


class Telegram:
    """One bot's Telegram.

    ``clock`` gives the time of everything that people and the bot see; ``clock_skew`` is added
    to the HTTP Date only. A press can be answered for ``answer_within``. Without ``limits`` no
    rate is enforced. ``reads_groups`` turns privacy mode off.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        token: str,
        bot_username: str,
        *,
        bot_name: str = "Return Desk",
        limits: Limits | None = None,
        answer_within: timedelta = timedelta(seconds=60),
        reads_groups: bool = False,
    ) -> None:
        self.clock = clock
        self.token = token
        self.username = bot_username
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.limits = limits
        self.answer_within = answer_within
        self.reads_groups = reads_groups
        self.clock_skew = timedelta()
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Chat] = {}
        self.files = Files()
        self.faults = Faults()
        self.updates = Updates()
        self.webhook_secret = ""
        self.commands: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.menu_buttons: dict[int, Json] = {}
        self.calls: deque[Call] = deque(maxlen=10_000)
        self.counts: Counter[str] = Counter()
        self.version = 0
        self._records: list[tuple[datetime, str, str]] = []
        self._presses: dict[str, Press] = {}
        self._watchers: list[asyncio.Future[None]] = []
        self._message_id = self._group_id = self._query_id = self._sample = 0

    # People and groups

    def add_person(
        self,
        first_name: str,
        language_code: str = "en",
        *,
        id: int | None = None,
        last_name: str = "",
        username: str = "",
        phone: str = "",
        role: str = "",
    ) -> Person:
        """A new account that has not opened the bot yet; ids are above 2**32 by default."""
        person_id = 5_000_000_001 + len(self.people) if id is None else id
        person = Person(
            self, person_id, first_name, language_code, last_name, username, phone, role
        )
        self.people[person_id] = person
        self.touch()
        return person

    def add_group(
        self,
        title: str,
        *members: Person,
        type: Literal["group", "supergroup"] = "supergroup",
        forum: bool = False,
        username: str | None = None,
        administrator: bool = False,
    ) -> Chat:
        """A group with the bot in it; the bot is told with ``my_chat_member``."""
        serial = len(self.groups) + 1
        chat_id = -1_002_000_000_000 - serial if type == "supergroup" else -4_000_000 - serial
        chat = Chat(chat_id, type, self.bot, title, username, list(members), forum)
        self.groups[chat_id] = chat
        chat.bot_status = "administrator" if administrator else "member"
        if members:
            self.member_changed(chat, members[0], "left", chat.bot_status)
        return chat

    def upgrade_group(self, chat: Chat) -> Chat:
        """Turn a basic group into a supergroup: the old id answers with the new one."""
        chat.upgraded_to = self.add_group(
            chat.title, type="supergroup", administrator=chat.bot_status == "administrator"
        )
        chat.upgraded_to.members = chat.members
        service = Message(
            chat,
            self.next_message_id(chat),
            chat.members[0] if chat.members else None,
            self.clock(),
            service={"migrate_to_chat_id": chat.upgraded_to.id},
        )
        chat.add(service)
        self.put_update("message", service.wire())
        return chat.upgraded_to

    def kick_bot(self, chat: Chat) -> None:
        before, chat.bot_status = chat.bot_status, "kicked"
        self.member_changed(chat, chat.members[0], before, "kicked")

    def chats(self) -> list[Chat]:
        """Every chat that somebody can look at: private ones, then groups."""
        return [person.chat for person in self.people.values()] + list(self.groups.values())

    def commands_for(self, person: Person) -> list[tuple[str, str]]:
        """The narrowest command list that fits the person in the private chat."""
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language_code[:2], ""):
                if (scope, language) in self.commands:
                    return self.commands[scope, language]
        return []

    def menu_button(self, chat_id: int) -> Json:
        return self.menu_buttons.get(chat_id) or self.menu_buttons.get(0) or {"type": "commands"}

    # The Bot API

    async def call(
        self,
        token: str,
        method: str,
        params: Mapping[str, Any],
        uploads: Mapping[str, Upload] | None = None,
    ) -> Answer:
        """One request as it came over the wire, faults and all; never raises `ApiError`."""
        chat_id = _integer(params.get("chat_id"))
        fault = self.faults.strike(method, chat_id)
        if delay := self.faults.delay():
            await asyncio.sleep(delay)
        answer: Answer | None = None
        if fault is None or fault.delivered:
            answer = await self._answer(token, method, params, uploads or {})
        if fault is not None:
            answer = fault.spoil(answer)
        assert answer is not None
        status = answer.status if answer.ending is Ending.WHOLE else 0
        self.calls.append(Call(method, params, status, self.clock()))
        self.counts[method] += 1
        return answer

    async def get_updates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: float = 0,  # noqa: ASYNC109 (the Bot API's word)
        allowed_updates: list[str] | None = None,
    ) -> list[Json]:
        """getUpdates without the wire and without faults. Raises `ApiError` 409."""
        self.updates.allow(allowed_updates)
        return await self.updates.get(offset, limit, timeout, self.faults.repeats())

    async def _answer(
        self, token: str, method: str, params: Mapping[str, Any], uploads: Mapping[str, Upload]
    ) -> Answer:
        try:
            if token != self.token:
                raise ApiError(401, "Unauthorized")
            if any(len(upload.content) > MAX_UPLOAD for upload in uploads.values()):
                raise ApiError(413, "Request Entity Too Large")
            attached = {name: f"attach://{name}" for name in uploads}
            request = read_request(method, attached | dict(params))
            if isinstance(request, GetUpdates):
                return succeeded(
                    await self.get_updates(
                        request.offset or 0,
                        request.limit or 100,
                        request.timeout or 0,
                        request.allowed_updates,
                    )
                )
            handler = HANDLERS.get(method.lower())
            if handler is None:
                raise ApiError(404, "Not Found: method not found")
            return succeeded(handler(self, request, uploads))
        except ApiError as error:
            return refused(error)

    def chat_to_write(self, chat_id: int | str) -> Chat:
        """The chat, if the bot may write there. Raises `ApiError` 400 or 403."""
        number = _integer(chat_id)
        if number is None:
            name = str(chat_id).removeprefix("@").lower()
            found = [c for c in self.groups.values() if c.username and c.username.lower() == name]
            if not found:
                raise bad_request("chat not found")
            number = found[0].id
        person = self.people.get(number)
        if person is not None:
            if person.deactivated:
                raise forbidden("user is deactivated")
            if not person.started:
                if any(person in group.members for group in self.groups.values()):
                    raise forbidden("bot can't initiate conversation with a user")
                raise bad_request("chat not found")
            if person.blocked:
                raise forbidden("bot was blocked by the user")
            return person.chat
        chat = self.groups.get(number)
        if chat is None:
            raise bad_request("chat not found")
        if chat.upgraded_to is not None:
            raise bad_request(
                "group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.upgraded_to.id,
            )
        if chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def spend(self, chat: Chat, messages: int) -> None:
        """Count messages against the limits. Raises `ApiError` 429."""
        if self.limits is None:
            return
        now = self.limits.now() if self.limits.now else self.clock().timestamp()
        wait = self.limits.take(now, chat.id, messages, group=not chat.is_private)
        if wait:
            raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    # What happens

    @property
    def on_confirm(self) -> OnConfirm | None:
        """Told the ids that the bot confirms; may be a coroutine function."""
        return self.updates.on_confirm

    @on_confirm.setter
    def on_confirm(self, told: OnConfirm | None) -> None:
        self.updates.on_confirm = told

    @property
    def violations(self) -> list[BaseException]:
        return self.updates.violations

    def put_update(self, kind: str, payload: Json) -> int | None:
        """Queue an update for the bot: its id, or None where its kind is not allowed."""
        return self.updates.put(kind, payload)

    def person_posts(self, message: Message) -> None:
        """A person's message reaches its chat, and the bot where it may read it."""
        person, chat = message.sender, message.chat
        assert person is not None
        if chat.is_private:
            if person.blocked:
                person.unblock()
            person.started = True
        chat.add(message)
        self.record(f"{person.name}: {_summary(message)}", chat)
        if chat.is_private or self._reads(message):
            self.put_update("message", message.wire())

    def _reads(self, message: Message) -> bool:
        if message.chat.bot_status in ("left", "kicked"):
            return False
        to_bot = message.reply_to is not None and message.reply_to.from_bot
        named = f"@{self.username}".lower() in message.text.lower()
        privileged = self.reads_groups or message.chat.bot_status == "administrator"
        return privileged or to_bot or named or message.text.startswith("/")

    def bot_posts(self, message: Message) -> None:
        message.chat.add(message)
        self.record(f"bot: {_summary(message)}", message.chat)

    def bot_edits(self, message: Message) -> None:
        message.keep_version(self.clock())
        self.record(f"bot edits: {_summary(message)}", message.chat)

    def member_changed(self, chat: Chat, by: Person, old: str, new: str) -> None:
        """Tell the bot what became of itself in a chat."""

        def member(status: str) -> Json:
            gone = {"until_date": 0} if status == "kicked" else {}
            rights = _RIGHTS if status == "administrator" else {}
            return {"user": self.bot, "status": status} | gone | rights

        self.record(f"{by.name}: the bot is {new}", chat)
        payload = {"chat": chat.wire(), "from": by.user(), "date": int(self.clock().timestamp())}
        payload |= {"old_chat_member": member(old), "new_chat_member": member(new)}
        self.put_update("my_chat_member", payload)

    def open_press(self, press: Press) -> None:
        if len(self._presses) > 10_000:
            self._presses = dict(list(self._presses.items())[5_000:])
        self._presses[press.id] = press

    def open_press_of(self, query_id: str) -> Press | None:
        """The press that can still be answered, answered already or not."""
        press = self._presses.get(query_id)
        fresh = press is not None and self.clock() - press.at <= self.answer_within
        return press if fresh else None

    def record(self, line: str, chat: Chat) -> None:
        self._records.append((self.clock(), chat.name, line))
        self.touch()

    def transcript(self) -> str:
        """All chats in time order, one entry a line, further lines of a text indented."""
        lines = []
        for at, chat, line in self._records:
            stamp = f"{at:%Y-%m-%d %H:%M:%S}  {chat} | "
            lines.append(stamp + line.replace("\n", "\n" + " " * 21))
        return "\n".join(lines)

    def touch(self) -> None:
        """Something visible changed: wake whoever watches."""
        self.version += 1
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)
        self._watchers.clear()

    async def changed(self, since: int) -> int:
        """Wait until ``version`` is another than ``since``; the new version."""
        while self.version == since:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher
        return self.version

    # Serial numbers

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves, all other chats of the bot share one sequence."""
        if chat.type == "supergroup":
            return chat.next_local_id()
        self._message_id += 1
        return self._message_id

    def next_group_id(self) -> str:
        self._group_id += 1
        return str(13_900_000_000_000_000 + self._group_id)

    def next_query_id(self) -> str:
        self._query_id += 1
        return str(4_000_000_000_000_000_000 + self._query_id)

    def next_sample(self) -> int:
        self._sample += 1
        return self._sample


def _integer(chat_id: object) -> int | None:
    try:
        return int(str(chat_id))
    except ValueError:
        return None


def _summary(message: Message) -> str:
    parts = []
    if message.photo:
        parts.append("(photo)")
    if message.video is not None:
        parts.append("(video)")
    if message.document is not None:
        parts.append(f"({message.document.name})")
    if message.contact is not None:
        parts.append("(contact)")
    if message.service is not None:
        parts.append(f"({next(iter(message.service))})")
    if message.text:
        parts.append(message.text)
    rows = ["  ".join(f"[{button.text}]" for button in row) for row in message.rows]
    return "\n".join([" ".join(parts), *rows])
