"""The room of a dispute: the word by which it is known, and its topic in the group of the staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.domain.cases import ReturnCase
from bot.services.ports import Unit
from bot.services.records import Outgoing

_CONSONANTS = "BDFGKLMNPRSTVZ"
_VOWELS = "AEIOU"


def code_word(below: Callable[[int], int]) -> str:
    """Six letters that can be read aloud in any language; `below(n)` draws from 0 to n - 1."""
    return "".join(
        _CONSONANTS[below(len(_CONSONANTS))] + _VOWELS[below(len(_VOWELS))] for _ in range(3)
    )


def topic_slot(case: int, opened_at: datetime) -> str:
    """The slot of a dispute's topic: its message is the number of the topic."""
    return f"topic:{case}:{opened_at.isoformat()}"


def case_of_topic(slot: str) -> int | None:
    """The case of a topic's slot."""
    kind, _, rest = slot.partition(":")
    return int(rest.partition(":")[0]) if kind == "topic" else None


def place_of_letter(slot: str) -> tuple[int, int] | None:
    """The writer's chat and message in the slot of a letter or of its photos."""
    kind, _, place = slot.partition(":")
    if kind not in ("letter", "photos"):
        return None
    chat, _, message = place.partition(":")
    return int(chat), int(message)


def open_topic(unit: Unit, group: int, case: ReturnCase, opened_at: datetime) -> None:
    """Make a topic for a dispute, and say in it what it is about."""
    slot = topic_slot(case.id, opened_at)
    facts = {"case": case.id}
    unit.outbox.put(Outgoing(chat=group, kind="topic", payload=facts, key=slot, slot=slot))
    _say(unit, group, f"{slot}:opened", {**facts, "notice": "dispute_opened", "topic": slot})


def topic_closed(unit: Unit, group: int, case: ReturnCase, opened_at: datetime) -> None:
    """Say in the topic how the dispute has ended."""
    slot = topic_slot(case.id, opened_at)
    facts = {"case": case.id, "status": str(case.status)}
    _say(unit, group, f"{slot}:closed", {**facts, "notice": "dispute_closed", "topic": slot})


def _say(unit: Unit, group: int, key: str, payload: dict[str, object]) -> None:
    unit.outbox.put(Outgoing(chat=group, kind="notice", payload=payload, key=key, silent=True))
