"""What people do while the program is killed, and what must have happened in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select

from storage import tables
from tests.torture.plan import Plan, plan
from tests.torture.stage import Stage

_history = tables.history.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Something to play. `acts` and `moves` say how long it is.

    `history` is what the case must remember: event and role, line by line.
    """

    name: str
    acts: int
    moves: int
    share: float
    """How many of the kills come while the clock moves."""
    play: Callable[[Stage], Awaitable[None]]
    history: tuple[str, ...]

    def plan(self, seed: int, kills: int) -> Plan:
        """So many kills, the same for the same seed."""
        return plan(seed, kills, acts=self.acts, moves=self.moves, share=self.share)

    async def faults(self, on: Stage) -> list[str]:
        """What happened otherwise than it must."""
        query = select(_history.event, _history.by).order_by(_history.case_id, _history.seq)
        happened = tuple(f"{row.event} {row.by}" for row in await on.books.rows(query))
        found = []
        if happened != self.history:
            found.append(f"{happened} happened instead of {self.history}")
        if (on.acts, on.moves) != (self.acts, self.moves):
            found.append(
                f"{on.acts} acts and {on.moves} moves instead of {self.acts}, {self.moves}"
            )
        return found


async def _whole(on: Stage) -> None:
    await on.story.play()


async def _silence(on: Stage) -> None:
    await on.story.arrive()
    await on.story.ask()
    for _ in range(3):
        await on.advance("next")


WHOLE_RETURN = Scenario(
    name="a whole return",
    acts=41,
    moves=6,
    share=0.05,
    play=_whole,
    history=(
        "submit customer",
        "approve seller",
        "sent customer",
        "track admin",
        "track admin",
        "track admin",
        "receive seller",
        "refund seller",
        "paid admin",
    ),
)
SILENCE = Scenario(
    name="nobody acts",
    acts=15,
    moves=3,
    share=0.6,
    play=_silence,
    history=("submit customer", "decision_due clock", "ship_due clock", "late_proof_due clock"),
)
SCENARIOS = (WHOLE_RETURN, SILENCE)
