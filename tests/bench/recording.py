"""The return conversation as our program holds it, for others to hold the same one.

It is recorded from the real program on the playground: what a person does at every step, what
is called in answer, and what is said. The peers say it in its words, and a bot that says
anything else in the measure is found out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.playground.people import Person
from bot.services.links import order_parameter
from tests.bench.conversation import STORY
from tests.world import World, order, world

Json = dict[str, Any]

ACTS = (
    ("start", ""),
    ("press", "Open the order"),
    ("press", "Return products"),
    ("press", "It is defective"),
    ("text", STORY),
    ("photo", ""),
    ("photo", ""),
    ("press", "Done"),
    ("press", "Send"),
)
"""A return from its link to its number."""
NUMBER = "7000-0001"


async def recorded(url: str, folder: Path) -> Json:
    """`steps`: what is done, with the calls in the person's chat; `said`: all calls of each."""
    async with world(url, folder) as w:
        await w.seller()
        await w.know(order(NUMBER))
        anna = w.telegram.add_person("Anna", "en")
        steps, said = [], []
        for act, what in ACTS:
            w.telegram.calls.clear()
            _do(w, anna, act, what)
            await w.settle()
            calls = [
                {"method": call.method.lower(), "to": _chat_of(call.params, anna), **_plain(call)}
                for call in w.telegram.calls
                if call.method.lower() not in ("getfile", "getupdates")
            ]
            own = Counter(call["method"] for call in calls if call["to"] == anna.id)
            steps.append((act, what, dict(own)))
            said.append([{**call, "to": _who(call["to"], anna)} for call in calls])
        return {"steps": steps, "said": said}


def _do(w: World, person: Person, act: str, what: str) -> None:
    match act:
        case "start":
            person.start(order_parameter(NUMBER, w.running.settings.secret))
        case "press":
            person.press(what)
        case "text":
            person.send(what)
        case "photo":
            person.send_photo()


def _plain(call: Any) -> Json:
    """What is said, without whom and where."""
    params: Json = {}
    for name, value in call.params.items():
        if name in ("chat_id", "message_id", "callback_query_id", "scope", "reply_parameters"):
            continue
        try:
            params[name] = json.loads(value)
        except (TypeError, ValueError):
            params[name] = value
    return {"params": params}


def _chat_of(params: Mapping[str, Any], anna: Person) -> int:
    return int(params.get("chat_id", anna.id))


def _who(chat: int, anna: Person) -> str:
    return "customer" if chat == anna.id else "seller"
