"""The page's API: what everybody sees, and what the one person at the page does for them.

``GET /play/state`` answers::

    {"version": 12, "now": "2026-03-01T10:00:00+03:00",
     "due": [{"at", "kind", "case"}], "bot": {"name", "username"}, "can_advance": true,
     "people": [{"id", "name", "role", "language", "username", "phone", "started", "blocked",
                 "chat": id, "groups": [id], "commands": [{"command", "description"}],
                 "menu_button": {…}, "toasts": [{"number", "text", "alert", "at", "url"}],
                 "clipboard", …what `facts` tells of the person}],
     "chats": [{"id", "type", "title", "members": [id], "pinned": [id], "action": "typing" | null,
                "topics": [{"id", "name", "closed"}] | null,
                "reply_keyboard": {"rows": [[{"text", "kind", "style"}]], "one_time",
                                   "placeholder"} | null,
                "messages": [MESSAGE]}]}

    MESSAGE: {"id", "date", "edited": date | null, "from": {"id" | null, "name", "is_bot"},
              "text", "html", "entities", "photo": {"url", "width", "height"} | null,
              "video" | "document": {"url", "name", "size"} | null, "contact": {…} | null,
              "service": {…} | null, "media_group": id | null, "reply_to": id | null,
              "topic": id | null, "forwarded_from": name | null, "silent", "versions": n,
              "buttons": [[{"text", "kind", "style", "url" | "copy_text": …}]]}

``html`` is safe; a date-time entity is ``<time datetime="UNIX" data-format="…">``.
Dates are ISO 8601 with an offset. ``?messages=N`` keeps the newest N messages of each chat.

``GET /play/events`` is a stream of server-sent events: ``data: {"version": 13}``.

``POST``, JSON bodies, ``chat`` optional (the private chat), answers ``{"version": n, …}`` or
400 ``{"error": "…"}``:

    /play/send    {person, text, chat?, reply_to?}     /play/start    {person, parameter? | link?}
    /play/press   {person, label, message?, chat?}     /play/contact  {person, phone?, own?}
                  or {person, message, row, column}    /play/block    {person, blocked}
    /play/photo   {person, caption?, data? (base64) or sample?}
    /play/album   {person, count?, caption?, data? [base64] or samples?}
    /play/document {person, name?, data?}              /play/language {person, language}
    /play/clock   {by: "1h" | "1d" | "next"}  → {"version", "label"}

``GET /play/file/<file id>`` gives a file's bytes; ``GET /play/samples`` the sample photos:
``[{"name", "url"}]``.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.playground.chats import Chat, Message, Press
from bot.playground.entities import as_html
from bot.playground.files import File
from bot.playground.keyboards import Button
from bot.playground.people import Person
from bot.playground.telegram import Telegram
from bot.playground.wire import ApiError, Json

SAMPLES = Path(__file__).parent / "photos"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that the program will do by itself: `kind` of which case (its number), when."""

    at: datetime
    kind: str
    case: str = ""


Advance = Callable[[str], Awaitable[str]]
Deadlines = Callable[[], Awaitable[Sequence[Deadline]]]
"""What is due, the nearest first."""
Facts = Callable[[Person], Json]
"""What else the page shows of a person: `place`, `zone`, `about` and `links` of the cast."""
_Act = Callable[[Person, Chat | None, Json], Any]

EVENT_EVERY = 0.05
"""Seconds between two events at least: many changes become one."""


def add_play_routes(
    app: web.Application,
    telegram: Telegram,
    advance: Advance | None,
    deadlines: Deadlines | None = None,
    facts: Facts | None = None,
) -> None:
    """Mount ``/play/…`` on the application."""

    async def state(request: web.Request) -> web.Response:
        newest = int(request.query.get("messages", "0"))
        due = await deadlines() if deadlines is not None else ()
        shown = page_state(telegram, newest=newest)
        if facts is not None:
            for person in shown["people"]:
                person |= facts(telegram.people[person["id"]])
        return web.json_response(
            shown
            | {
                "due": [
                    {"at": each.at.isoformat(), "kind": each.kind, "case": each.case}
                    for each in due
                ],
                "can_advance": advance is not None,
            }
        )

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Cache-Control": "no-cache"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        version = -1
        try:
            while True:
                if version == telegram.version:
                    await telegram.changed(version)
                version = telegram.version
                await response.write(f'data: {{"version": {version}}}\n\n'.encode())
                await asyncio.sleep(EVENT_EVERY)
        except ConnectionError:
            return response

    async def clock(request: web.Request) -> web.Response:
        by = (await _body(request)).get("by")
        if advance is None or not isinstance(by, str):
            return _error("the clock cannot be moved here")
        try:
            label = await advance(by)
        except ValueError as error:
            return _error(str(error))
        telegram.touch()
        return web.json_response({"version": telegram.version, "label": label})

    async def file(request: web.Request) -> web.Response:
        try:
            found = telegram.files.get(request.match_info["id"])
        except ApiError as error:
            return _error(error.description)
        return web.Response(
            body=found.content, content_type=found.mime, headers={"Cache-Control": "max-age=3600"}
        )

    async def samples(_: web.Request) -> web.Response:
        return web.json_response(
            [
                {"name": path.stem, "url": f"/play/samples/{path.name}"}
                for path in sorted(SAMPLES.glob("*.jpg"))
            ]
        )

    def acting(act: _Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            try:
                body = await _body(request)
                person = telegram.people[int(body["person"])]
                chat = _chat(telegram, body.get("chat"))
                done = act(person, chat, body)
            except KeyError as error:
                return _error(f"unknown or missing: {error}")
            except (ApiError, LookupError, ValueError, TypeError, binascii.Error) as error:
                return _error(str(error))
            told = done if isinstance(done, dict) else {}
            return web.json_response({"version": telegram.version} | told)

        return handler

    app.router.add_get("/play/state", state)
    app.router.add_get("/play/events", events)
    app.router.add_get("/play/file/{id}", file)
    app.router.add_get("/play/samples", samples)
    app.router.add_static("/play/samples", SAMPLES)
    app.router.add_post("/play/clock", clock)
    for name, act in _ACTS.items():
        app.router.add_post(f"/play/{name}", acting(act))


def page_state(telegram: Telegram, *, newest: int = 0) -> Json:
    """What the page shows; ``newest`` limits the messages of each chat, 0 shows all."""
    groups = list(telegram.groups.values())
    return {
        "version": telegram.version,
        "now": telegram.clock().isoformat(),
        "bot": {"name": telegram.bot["first_name"], "username": telegram.username},
        "people": [_person(telegram, person, groups) for person in telegram.people.values()],
        "chats": [_chat_state(chat, newest) for chat in telegram.chats()],
    }


def _person(telegram: Telegram, person: Person, groups: list[Chat]) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "language": person.language_code,
        "username": person.username,
        "phone": person.phone,
        "started": person.started,
        "blocked": person.blocked,
        "chat": person.chat.id,
        "groups": [group.id for group in groups if person in group.members],
        "commands": [
            {"command": command, "description": description}
            for command, description in telegram.commands_for(person)
        ],
        "menu_button": telegram.menu_button(person.id),
        "toasts": [
            {
                "number": number,
                "text": toast.text,
                "alert": toast.alert,
                "at": toast.at.isoformat(),
                "url": toast.url,
            }
            for number, toast in list(enumerate(person.toasts))[-20:]
        ],
        "clipboard": person.clipboard,
    }


def _chat_state(chat: Chat, newest: int) -> Json:
    keyboard = chat.reply_keyboard
    return {
        "id": chat.id,
        "type": chat.type,
        "title": chat.name,
        "members": [person.id for person in chat.members],
        "pinned": chat.pinned,
        "topics": [
            {"id": id, "name": name, "closed": id in chat.closed}
            for id, name in chat.topics.items()
        ]
        if chat.forum
        else None,
        "action": chat.action[0] if chat.action is not None else None,
        "reply_keyboard": None
        if keyboard is None
        else {
            "rows": [[_button(button) for button in row] for row in keyboard.rows],
            "one_time": keyboard.one_time,
            "placeholder": keyboard.placeholder,
        },
        "messages": [_message(message) for message in chat.messages[-newest:]],
    }


def _message(message: Message) -> Json:
    sender = message.sender
    return {
        "id": message.id,
        "date": message.date.isoformat(),
        "edited": message.edited.isoformat() if message.edited is not None else None,
        "from": {
            "id": sender.id if sender is not None else None,
            "name": sender.name if sender is not None else message.chat.bot["first_name"],
            "is_bot": sender is None,
        },
        "text": message.text,
        "html": as_html(message.text, message.entities),
        "entities": message.entities,
        "photo": _file(message.photo[-1]) if message.photo else None,
        "video": _file(message.video) if message.video is not None else None,
        "document": _file(message.document) if message.document is not None else None,
        "contact": message.contact,
        "service": message.service,
        "media_group": message.media_group_id,
        "reply_to": message.reply_to.id if message.reply_to is not None else None,
        "topic": message.thread_id,
        "forwarded_from": message.forwarded_from.name if message.forwarded_from else None,
        "silent": message.silent,
        "versions": len(message.versions),
        "buttons": [[_button(button) for button in row] for row in message.rows],
    }


def _button(button: Button) -> Json:
    shown: Json = {"text": button.text, "kind": button.kind, "style": button.style}
    if button.kind in ("url", "copy_text"):
        shown[button.kind] = button.data
    return shown


def _file(file: File) -> Json:
    return {
        "url": f"/play/file/{file.id}",
        "name": file.name,
        "size": file.size,
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
    }


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _error(text: str) -> web.Response:
    return web.json_response({"error": text}, status=400)


def _chat(telegram: Telegram, chat_id: Any) -> Chat | None:
    if chat_id is None or int(chat_id) in telegram.people:
        return None
    return telegram.groups[int(chat_id)]


def _bytes(data: str | None) -> bytes | None:
    return None if data is None else base64.b64decode(data)


def _send(person: Person, chat: Chat | None, body: Json) -> None:
    reply_to = (chat or person.chat).find(int(body["reply_to"])) if body.get("reply_to") else None
    person.send(str(body["text"]), reply_to=reply_to, chat=chat)


def _press(person: Person, chat: Chat | None, body: Json) -> Json:
    if body.get("message") is None:
        pressed = person.press(str(body["label"]), chat=chat)
    else:
        message = (chat or person.chat).find(int(body["message"]))
        if message is None:
            raise LookupError("this message is gone")
        if "row" in body:
            button = message.rows[int(body["row"])][int(body["column"])]
            pressed = person.press_button(message, button)
        else:
            pressed = person.press_on(message, str(body["label"]))
    return {"query": pressed.id} if isinstance(pressed, Press) else {}


def _sample(name: str) -> bytes:
    path = SAMPLES / f"{name}.jpg"
    if path.parent != SAMPLES or not path.is_file():
        raise LookupError(f"no sample photo {name!r}")
    return path.read_bytes()


def _photo(person: Person, chat: Chat | None, body: Json) -> None:
    photo = _sample(str(body["sample"])) if "sample" in body else _bytes(body.get("data"))
    person.send_photo(photo, str(body.get("caption", "")), chat=chat)


def _album(person: Person, chat: Chat | None, body: Json) -> None:
    photos: list[bytes | Message | None] = [_bytes(data) for data in body.get("data", [])]
    photos += [_sample(str(name)) for name in body.get("samples", [])]
    count = min(max(int(body.get("count", 3)), 2), 10)
    person.send_album(photos or count, str(body.get("caption", "")), chat=chat)


def _document(person: Person, chat: Chat | None, body: Json) -> None:
    content = _bytes(body.get("data"))
    name = str(body.get("name", "file.pdf"))
    caption = str(body.get("caption", ""))
    if content is None:
        person.send_document(name=name, caption=caption, chat=chat)
    else:
        mime = str(body.get("mime", "application/octet-stream"))
        person.send_document(content, name, caption, mime=mime, chat=chat)


def _contact(person: Person, chat: Chat | None, body: Json) -> None:
    person.share_contact(bool(body.get("own", True)), body.get("phone"), chat=chat)


def _start(person: Person, _: Chat | None, body: Json) -> None:
    if body.get("link"):
        person.open_link(str(body["link"]))
    else:
        person.start(str(body.get("parameter", "")))


def _language(person: Person, _: Chat | None, body: Json) -> None:
    person.language_code = str(body["language"])
    person.telegram.touch()


def _block(person: Person, _: Chat | None, body: Json) -> None:
    if body["blocked"]:
        person.block()
    else:
        person.unblock()


_ACTS: dict[str, _Act] = {
    "send": _send,
    "press": _press,
    "photo": _photo,
    "album": _album,
    "document": _document,
    "contact": _contact,
    "start": _start,
    "block": _block,
    "language": _language,
}
