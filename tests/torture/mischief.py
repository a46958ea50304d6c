"""What else goes wrong while the program is killed: the line, the fingers and the forgers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select

from bot.domain.cases import Action
from bot.playground.cast import AYGUN, EMRE
from bot.playground.faults import (
    BAD_GATEWAY,
    BAD_GATEWAY_AFTER,
    RESET_AFTER,
    RESET_BEFORE,
    TOO_MANY_HTML,
    Fault,
    too_many,
)
from bot.playground.people import Person
from bot.screens.buttons import Act, Confirm
from storage import tables
from tests.torture.witness import WatchedTelegram

RATES: Mapping[Fault, float] = {
    too_many(1): 0.02,
    TOO_MANY_HTML: 0.01,
    BAD_GATEWAY: 0.02,
    BAD_GATEWAY_AFTER: 0.01,
    RESET_BEFORE: 0.02,
    RESET_AFTER: 0.02,
}
"""How often a call meets which fault."""
REDELIVERED = 0.1
"""How often a poll brings again what was confirmed."""
TAPPED_TWICE = 0.25
FORGED = 0.6
"""How often an act meets a forged press."""
TOGGLES = ("☐", "☑")

_SELLERS = (Action.APPROVE, Action.REJECT, Action.OFFER, Action.RECEIVE, Action.REFUND)
_STAFFS = (Action.DECIDE, Action.OVERRIDE, Action.PAID, Action.REOPEN)
_CUSTOMERS = (Action.ACCEPT, Action.CANCEL, Action.SENT, Action.OPEN_DISPUTE, Action.WITHDRAW)
_FORBIDDEN: Mapping[int, Sequence[Action]] = {
    AYGUN.id: (*_SELLERS, *_STAFFS),
    EMRE.id: (*_CUSTOMERS, *_STAFFS),
    0: (*_SELLERS, *_STAFFS, *_CUSTOMERS),
}
"""What no version of the table lets these people do; 0: a stranger."""


@dataclass(slots=True)
class Mischief:
    """Drawn from a seed: the same acts meet the same mischief."""

    telegram: WatchedTelegram
    chance: random.Random
    presses: set[str] = field(default_factory=set)
    """The ids of forged presses."""
    aimed: list[tuple[int, int]] = field(default_factory=list)
    """Case and version of the forged presses of this act."""
    forged: int = 0
    met: int = 0
    """Forged presses that came while their case was live and at the version they name."""
    doubled: int = 0

    @classmethod
    def of(cls, telegram: WatchedTelegram, seed: int) -> Mischief:
        """The mischief of a run; the line begins to fail."""
        telegram.faults.at_random(seed=seed, rates=RATES, redeliver=REDELIVERED)
        return cls(telegram, random.Random(seed))

    def tap_twice(self, person: Person, label: str) -> None:
        """Perhaps press again what was pressed last; a box is not ticked twice."""
        if self.chance.random() < TAPPED_TWICE and not label.startswith(TOGGLES):
            self.doubled += 1
            self._forge(person, person.presses[-1].data, person.presses[-1].message_id)

    def forge(self, cases: Sequence[Row[int, int]]) -> None:
        """Perhaps let somebody press what is not theirs, on one of these live cases."""
        draws = self.chance.random(), self.chance.random(), self.chance.random()
        if not cases or draws[0] >= FORGED:
            return
        case = cases[int(draws[1] * len(cases))]
        who = (AYGUN.id, EMRE.id, 0)[int(draws[2] * 3)]
        person = self.telegram.people[who] if who else self._stranger()
        action = self.chance.choice(_FORBIDDEN[who])
        kind = self.chance.choice((Act, Confirm))
        data = kind(case=case.id, version=case.version, action=action).pack()
        message = max((each.id for each in person.chat.messages if each.from_bot), default=1)
        self._forge(person, data, message)
        self.aimed.append((case.id, case.version))
        self.forged += 1

    def count(self, cases: Sequence[Row[int, int]]) -> None:
        """The act is over: which of its forged presses have met what they were aimed at."""
        standing = {(case.id, case.version) for case in cases}
        self.met += sum(aimed in standing for aimed in self.aimed)
        self.aimed.clear()

    def _stranger(self) -> Person:
        known = next((p for p in self.telegram.people.values() if p.role == "stranger"), None)
        if known is not None:
            return known
        mallory = self.telegram.add_person("Mallory", role="stranger")
        mallory.start()
        return mallory

    def _forge(self, person: Person, data: str, message: int) -> None:
        self.presses.add(person.forge_press(data, message).id)


LIVE = select(tables.cases.c.id, tables.cases.c.version).where(tables.cases.c.live)
