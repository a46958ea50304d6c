"""People who talk to a bot of the bench, and what they must hear before they go on."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

FIRST_PERSON = 5_000_000_000
_VARIES = re.compile(
    r"\d{4,}-\d{4,}|R-\d+|\d\d:\d\d(:\d\d)?|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+|unix=\"\d+\""
)
_QUIET = {"deletewebhook", "setmycommands", "logout", "close"}


@dataclass(slots=True)
class Step:
    """What a person does, and the calls that answer it in the chat of that person."""

    act: str
    """`start`, `press`, `text` or `photo`."""
    what: str
    calls: Counter[str]


@dataclass(slots=True)
class Person:
    """Somebody in the middle of a return: the step, and the calls that are still to come."""

    id: int
    number: str
    link: str
    step: int = 0
    left: int = 0
    expected: Counter[str] = field(default_factory=Counter)
    buttons: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Label → (callback data, message)."""
    said: list[str] = field(default_factory=list)
    messages: int = 0
    waits_since: float = 0.0


class Line:
    """One bot: its updates, the people who talk to it, and what it has said."""

    def __init__(self, token: str, steps: list[Step], orders: Iterator[tuple[str, str]]) -> None:
        self.token = token
        self.steps = steps
        self.orders = orders
        self.people: dict[int, Person] = {}
        self.pending: deque[Json] = deque()
        self.poll: asyncio.Future[None] | None = None
        self.push: Callable[[Json], None] | None = None
        self.webhook_url = ""
        self.playing = False
        self.all_steps = 0
        self.ready = asyncio.Event()
        self.samples: list[list[str]] = []
        self.reset()
        self._update = 0
        self._person = FIRST_PERSON
        self._message = 0

    def reset(self) -> None:
        """Count anew."""
        self.steps_done = 0
        self.calls: Counter[str] = Counter()
        self.odd: Counter[str] = Counter()
        self.waits: list[float] = []

    # ------------------------------------------------------------------ people

    def begin(self) -> None:
        """Somebody new opens the link of an order."""
        order = next(self.orders, None)
        if order is None:
            self.odd["no order is left"] += 1
            return
        self._person += 1
        number, link = order
        person = Person(self._person, number, link)
        self.people[person.id] = person
        self._act(person)

    def _act(self, person: Person) -> None:
        step = self.steps[person.step]
        person.expected = step.calls.copy()
        person.left = step.calls.total()
        person.waits_since = time.perf_counter()
        who = {"id": person.id, "is_bot": False, "first_name": "Anna", "language_code": "en"}
        chat = {"id": person.id, "type": "private", "first_name": "Anna"}
        if step.act == "press":
            data, message = person.buttons[step.what]
            query = {
                "id": f"{person.id}{person.step:03}",
                "from": who,
                "message": {**person_message(person, message, chat), "text": "…"},
                "chat_instance": "42",
                "data": data,
            }
            self._put("callback_query", query)
            return
        person.messages += 1
        message_json: Json = {
            "message_id": self.next_message(),
            "from": who,
            "chat": chat,
            "date": int(time.time()),
        }
        if step.act == "photo":
            unique = f"AQAD{person.id}{person.messages}"
            message_json["photo"] = [
                {
                    "file_id": f"AgACAgIAA{unique}{size}",
                    "file_unique_id": f"{unique}{size}",
                    "file_size": size * 40,
                    "width": size,
                    "height": size * 3 // 4,
                }
                for size in (90, 320, 800)
            ]
        elif step.act == "start":
            message_json["text"] = f"/start {person.link}"
            message_json["entities"] = [{"type": "bot_command", "offset": 0, "length": 6}]
        else:
            message_json["text"] = step.what
        self._put("message", message_json)

    def _put(self, kind: str, content: Json) -> None:
        self._update += 1
        update = {"update_id": self._update, kind: content}
        if self.push:
            self.push(update)
            return
        self.pending.append(update)
        if self.poll and not self.poll.done():
            self.poll.set_result(None)

    def next_message(self) -> int:
        self._message += 1
        return self._message

    # ------------------------------------------------------------------ what the bot says

    def hear(self, method: str, params: Json) -> Any:
        """The result of a call."""
        self.calls[method] += 1
        match method:
            case "sendmessage" | "editmessagetext" | "sendphoto" | "editmessagereplymarkup":
                return self._message_for(method, params)
            case "sendmediagroup":
                media = as_json(params["media"])
                self._answered(int(params["chat_id"]), method, media[0].get("caption", ""), ())
                chat = {"id": int(params["chat_id"]), "type": "private", "first_name": "Emre"}
                return [
                    {
                        "message_id": self.next_message(),
                        "date": int(time.time()),
                        "chat": chat,
                        "media_group_id": "1",
                        "photo": [],
                    }
                    for _ in media
                ]
            case "answercallbackquery":
                person = int(str(params["callback_query_id"])[:-3])
                self._answered(person, method, str(params.get("text", "")), ())
                return True
            case "setmycommands":
                scope = as_json(params.get("scope", "{}"))
                self._answered(int(scope.get("chat_id", 0)), method, "", ())
                return True
            case "getme":
                return {
                    "id": 42,
                    "is_bot": True,
                    "first_name": "Return Desk",
                    "username": "return_desk_bot",
                    "can_join_groups": True,
                    "can_read_all_group_messages": False,
                    "supports_inline_queries": False,
                }
            case "setwebhook":
                self.webhook_url = params.get("url", "")
                return True
            case "getwebhookinfo":
                url = self.webhook_url
                return {"url": url, "has_custom_certificate": False, "pending_update_count": 0}
            case "getfile":
                file_id = params["file_id"]
                return {
                    "file_id": file_id,
                    "file_unique_id": file_id[9:],
                    "file_size": 3,
                    "file_path": "p",
                }
            case method if method in _QUIET:
                return True
        self.odd[method] += 1
        return True

    def _message_for(self, method: str, params: Json) -> Json:
        chat = int(params["chat_id"])
        new = method.startswith("send")
        message = self.next_message() if new else int(params["message_id"])
        text = params.get("text") or params.get("caption") or ""
        markup = as_json(params["reply_markup"]) if "reply_markup" in params else None
        inline = (markup or {}).get("inline_keyboard") or ()
        buttons = [button for row in inline for button in row]
        person = self.people.get(chat)
        if person is not None:
            if buttons:
                person.buttons = {
                    each["text"]: (each.get("callback_data", ""), message) for each in buttons
                }
            keys = (markup or {}).get("keyboard") or ()
            labels = [each["text"] for row in (keys or inline) for each in row]
            self._answered(chat, method, text, labels)
        result: Json = {
            "message_id": message,
            "from": {
                "id": 42,
                "is_bot": True,
                "first_name": "Return Desk",
                "username": "return_desk_bot",
            },
            "chat": {"id": chat, "first_name": "Anna", "type": "private"},
            "date": int(time.time()),
            "text": text,
        }
        if not new:
            result["edit_date"] = result["date"]
        if buttons:
            result["reply_markup"] = markup
        return result

    def _answered(self, chat: int, method: str, text: str, labels: Any) -> None:
        person = self.people.get(chat)
        if person is None:
            return
        if len(self.samples) < 3:
            person.said.append(
                f"{person.step} {method} {_VARIES.sub('#', text)} {' | '.join(labels)}"
            )
        if person.expected[method] <= 0:
            self.odd[f"{method} in step {person.step}"] += 1
            return
        person.expected[method] -= 1
        person.left -= 1
        if person.left:
            return
        self.waits.append(time.perf_counter() - person.waits_since)
        self.steps_done += 1
        self.all_steps += 1
        person.step += 1
        # The answer to this call leaves first.
        asyncio.get_running_loop().call_soon(self._next, person)

    def _next(self, person: Person) -> None:
        if person.step < len(self.steps):
            self._act(person)
            return
        del self.people[person.id]
        if len(self.samples) < 3:
            self.samples.append(sorted(person.said))
        if self.playing:
            self.begin()


def person_message(person: Person, message: int, chat: Json) -> Json:
    """The message under which a button was pressed, as Telegram repeats it."""
    row = [[{"text": label, "callback_data": data}] for label, (data, _) in person.buttons.items()]
    return {
        "message_id": message,
        "from": {"id": 42, "is_bot": True, "first_name": "Return Desk"},
        "chat": chat,
        "date": int(time.time()),
        "reply_markup": {"inline_keyboard": row},
    }


def as_json(value: Any) -> Any:
    """A structure, which a form carries as text."""
    return json.loads(value) if isinstance(value, str) else value
