"""When the program is killed: drawn from a seed, before anything happens."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.torture.wall import Blows

Moment = Literal["left", "received", "told", "idle"]
_MOMENTS: Mapping[Moment, tuple[int, float]] = {
    "left": (3, 0.020),
    "received": (7, 0.006),
    "told": (9, 0.004),
    "idle": (1, 0.0),
}
"""How often each is drawn, and the longest delay after it in seconds."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One `kill -9`, so many seconds after a moment that can be seen from outside.

    `left`: the press leaves, the move is asked for; `received`: the program has an update in
    hand, or unfinished work in its database; `told`: a message or an edit arrives at Telegram;
    `idle`: nothing is left to do, and the program stays down until somebody has acted. Who sees
    nothing happen may press `again` while it is dead.
    """

    moment: Moment
    delay_s: float
    again: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Kills by the number of the act, and by that of the clock's move, counted from 1.

    `rough`: the line to Telegram fails, taps are doubled, updates come again, and strangers
    press what they never saw.
    """

    seed: int
    at_acts: Mapping[int, Sequence[Kill]]
    at_moves: Mapping[int, Sequence[Kill]]
    rough: bool = False
    blows: Blows | None = None
    """Statements or calls of the program that fail, or are its last."""

    calm: bool = False
    """Nothing fails by the plan, but what waits for another try is not waited for."""

    @property
    def hurried(self) -> bool:
        """Whether the pauses of the program pass faster."""
        return self.rough or self.calm or self.blows is not None

    @property
    def kills(self) -> int:
        """How many there are."""
        return sum(map(len, (*self.at_acts.values(), *self.at_moves.values())))


def plan(
    seed: int, kills: int, *, acts: int, moves: int, share: float, rough: bool = False
) -> Plan:
    """So many kills in so many acts and moves: the same for the same seed.

    `share` of them come while the clock moves.
    """
    chance = random.Random(seed)
    at_moves = round(kills * share)
    in_acts = _spread(chance, kills - at_moves, acts)
    return Plan(seed, in_acts, _spread(chance, at_moves, moves), rough)


def _spread(chance: random.Random, kills: int, places: int) -> dict[int, list[Kill]]:
    found: dict[int, list[Kill]] = defaultdict(list)
    if not kills:
        return {}
    # Where there are more kills than places, a start is killed while it gets up.
    times, rest = divmod(kills, places)
    all_of_them = range(1, places + 1)
    for place in sorted([*all_of_them] * times + chance.sample(all_of_them, rest)):
        moment = chance.choices(list(_MOMENTS), [often for often, _ in _MOMENTS.values()])[0]
        delay_s = chance.uniform(0, _MOMENTS[moment][1])
        found[place].append(Kill(moment, delay_s, chance.random() < 0.5))
    return found
