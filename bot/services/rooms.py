"""The room of a dispute: the word by which it is known, and its topic in the group of the staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.domain.cases import ReturnCase, Role, side
from bot.services.ports import Unit
from bot.services.records import Outgoing

_CONSONANTS = "BDFGKLMNPRSTVZ"
_VOWELS = "AEIOU"


def code_word(below: Callable[[int], int]) -> str:
    """Six letters that can be read aloud in any language; `below(n)` draws from 0 to n - 1."""
    return "".join(
        _CONSONANTS[below(len(_CONSONANTS))] + _VOWELS[below(len(_VOWELS))] for _ in range(3)
    )


def topic_slot(case: int) -> str:
    """The slot of the topic of a case's disputes: its message is the number of the topic."""
    return f"topic:{case}"


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


def writer_of_statement(slot: str) -> Role | None:
    """Who has stated what is in this slot."""
    kind, _, rest = slot.partition(":")
    return Role(rest.rpartition(":")[2]) if kind == "stated" else None


def open_topic(unit: Unit, group: int, case: ReturnCase, opened_at: datetime) -> None:
    """Make the topic of a dispute, or open it again; and say in it what it is about."""
    slot, facts = topic_slot(case.id), {"case": case.id}
    key = f"{slot}:{opened_at.isoformat()}"
    unit.outbox.put(Outgoing(chat=group, kind="topic", payload=facts, key=key, slot=slot))
    _say(unit, group, f"{key}:opened", {**facts, "topic": case.topic, "notice": "dispute_opened"})


def close_topic(unit: Unit, group: int, case: ReturnCase, opened_at: datetime) -> None:
    """Say in the topic how the dispute has ended, and close it."""
    facts, key = {"case": case.id}, f"{topic_slot(case.id)}:{opened_at.isoformat()}:closed"
    _say(unit, group, key, {**facts, "status": str(case.status), "notice": "dispute_closed"})
    end = Outgoing(chat=group, kind="topic_end", payload=facts, key=f"{key}:end")
    unit.outbox.put(end)


def state(unit: Unit, group: int, case: ReturnCase, by: Role) -> None:
    """Put what a party has stated with this version of a case into the topic."""
    slot = f"stated:{case.id}:{case.version}:{side(by)}"
    facts = {"case": case.id, "version": case.version, "notice": "stated"}
    unit.outbox.put(
        Outgoing(chat=group, kind="notice", payload=facts, key=slot, slot=slot, silent=True)
    )


def _say(unit: Unit, group: int, key: str, payload: dict[str, object]) -> None:
    unit.outbox.put(Outgoing(chat=group, kind="notice", payload=payload, key=key, silent=True))
