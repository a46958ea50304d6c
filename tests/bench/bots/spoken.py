"""What is said at every step, for bots of any framework."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.recording import NUMBER

RETURN = "R-000001"
SELLER = 4_999_999_999
"""The chat of the seller who is asked."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A message: its words with two gaps, and its buttons as (label, data, style)."""

    text: str
    rows: tuple[tuple[tuple[str, str | None, str | None], ...], ...]
    keys: tuple[tuple[str, ...], ...]
    silent: bool

    def words(self, number: str, return_number: str = "") -> str:
        return self.text.replace(NUMBER, number).replace(RETURN, return_number)

    def buttons(
        self, number: str, return_number: str = ""
    ) -> list[list[tuple[str, str | None, str | None]]]:
        return [
            [
                (label, data.replace(NUMBER, number) if data else None, style)
                for label, data, style in row
            ]
            for row in self.rows
        ]


class Spoken:
    """The sayings by step, to the customer or to the seller; `commands` is the menu."""

    def __init__(self, path: Path) -> None:
        said = json.loads(path.read_text(encoding="utf-8"))["said"]
        self.commands: list[tuple[str, str]] = [
            (each["command"], each["description"])
            for call in said[0]
            if call["method"] == "setmycommands"
            for each in call["params"]["commands"]
        ]
        self._said: dict[tuple[int, str], list[Saying]] = {}
        for step, calls in enumerate(said):
            for call in calls:
                if call["method"] in ("sendmessage", "editmessagetext"):
                    key = (step, call["to"])
                    self._said.setdefault(key, []).append(_saying(call["params"]))
        (self.album,) = (
            call["params"]["media"][0]["caption"]
            for calls in said
            for call in calls
            if call["method"] == "sendmediagroup"
        )

    def at(self, step: int, to: str = "customer") -> list[Saying]:
        """What is said in answer to a step, in order."""
        return self._said[step, to]


def _saying(params: dict[str, Any]) -> Saying:
    markup = params.get("reply_markup") or {}
    return Saying(
        text=params["text"],
        rows=tuple(
            tuple((b["text"], b.get("callback_data"), b.get("style")) for b in row)
            for row in markup.get("inline_keyboard", ())
        ),
        keys=tuple(tuple(key["text"] for key in row) for row in markup.get("keyboard", ())),
        silent=bool(params.get("disable_notification")),
    )


def number_in(parameter: str) -> str:
    """The order number in a start parameter: the peers check no signature."""
    import base64

    body = parameter[1:-22]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


def return_number(count: int) -> str:
    """The number of a return."""
    return f"R-{count:06}"


ORDER = re.compile(r"\d{4,}-\d{4,}")
