"""The past of a request out of its stored history, as `bot.domain.replay` takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from bot.domain.cases import (
    Action,
    DisputeTopic,
    Event,
    Given,
    Party,
    ReturnCase,
    Role,
    Ruling,
    Status,
    Terms,
)
from bot.domain.money import Money
from bot.domain.replay import Deed, Past
from bot.domain.staff import OVERRIDE_LAPSED
from bot.services.records import HistoryLine

_ACTIONS = frozenset(Action)
_OVERRIDES = (Action.OVERRIDE, OVERRIDE_LAPSED)
_SUMS = ("amount", "receipt_amount", "shipping")
_WORDS = {"ruling": Ruling, "terms": Terms, "topic": DisputeTopic, "of": Role, "to": Status}


def past_of(
    case: ReturnCase,
    children: Sequence[ReturnCase],
    histories: Mapping[int, Sequence[HistoryLine]],
) -> Past | None:
    """What people did on a case and its children; None where the beginning is not there."""
    family = {case.id, *(child.id for child in children)}
    deeds = sorted(
        (deed for id in family for deed in _deeds(histories.get(id, ()), child=id != case.id)),
        key=lambda deed: deed.at,
    )
    if not deeds or deeds[0].event.action is not Action.SUBMIT:
        return None
    return Past(case, tuple(deeds), tuple(children))


def _deeds(lines: Sequence[HistoryLine], *, child: bool) -> Iterator[Deed]:
    """One for each version that somebody made; a child begins with the deed of its parent."""
    version = 1 if child else 0
    for at, line in enumerate(lines):
        if line.version == version or line.by is Role.CLOCK:
            continue
        version = line.version
        if line.event in _ACTIONS and not _lapsed(lines[at:]):
            by = Party(line.by, line.person)
            event = Event(Action(line.event), by, given_of(line))
            yield Deed(line.at, line.case, event, line.forgotten)


def _lapsed(lines: Sequence[HistoryLine]) -> bool:
    """Whether the first is an override that has lapsed: it is as if nobody had asked for it."""
    overrides = (line.event for line in lines if line.event in _OVERRIDES)
    return lines[0].event == Action.OVERRIDE and [*islice(overrides, 2)][1:] == [OVERRIDE_LAPSED]


def given_of(line: HistoryLine) -> Given:
    """What came with an event: `facts` as the history keeps them, and what is left of the words."""
    facts: dict[str, Any] = {**line.facts, "text": line.text, "photos": tuple(line.photos)}
    for name in _SUMS:
        if name in facts:
            facts[name] = Money(*facts[name])
    if "receipt_date" in facts:
        facts["receipt_date"] = datetime.fromisoformat(facts["receipt_date"])
    for name, kind in _WORDS.items():
        if name in facts:
            facts[name] = kind(facts[name])
    return Given(**facts)
