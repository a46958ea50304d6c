"""What people do while the program is killed, and what must have happened in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.domain.cases import Action, DisputeTopic
from bot.playground.story import Story
from bot.screens import labels
from storage import tables
from tests.torture.cycle import cycle
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
    kept: Mapping[str, int] = field(default_factory=dict)
    """How many rows tables hold in the end, by name: what is no history, and happened once."""

    def plan(self, seed: int, kills: int, *, rough: bool = False) -> Plan:
        """So many kills, the same for the same seed."""
        return plan(seed, kills, acts=self.acts, moves=self.moves, share=self.share, rough=rough)

    async def faults(self, on: Stage) -> list[str]:
        """What happened otherwise than it must."""
        query = select(_history.event, _history.by).order_by(_history.case_id, _history.seq)
        happened = tuple(f"{row.event} {row.by}" for row in await on.books.rows(query))
        found = []
        if happened != self.history:
            found.append(f"{happened} happened instead of {self.history}")
        for name, many in self.kept.items():
            rows = len(await on.books.rows(select(tables.metadata.tables[name])))
            if rows != many:
                found.append(f"{name} holds {rows} rows instead of {many}")
        if on.acts != self.acts or (on.moves != self.moves and not on.plan.blows):
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
    while on.plan.blows and await on.books.next_timer():
        # A timer that could not fire is looked at again later.
        await on.advance("next")


class _Quarrel(Story):
    """A story in which the seller refuses and the desk decides."""

    async def disagree(self) -> None:
        """Refused, disputed, answered, decided for the customer, and cancelled by the customer."""
        t, aygun, emre, olga = self.t, self.aygun, self.emre, self.olga
        await self._presses(emre, labels.action(Action.REJECT, t))
        await self._presses(emre, t.plain("The product was used"))
        await self._says(emre, "There are coffee stains inside.")
        await self._presses(emre, t.plain("Skip"))
        await self._presses(emre, self._yes(Action.REJECT))
        await self._presses(aygun, labels.action(Action.OPEN_DISPUTE, t))
        await self._presses(aygun, labels.topic(DisputeTopic.REASON_UNTRUE, t))
        await self._says(aygun, "I have never used it.")
        await self._presses(aygun, t.plain("Skip"))
        await self._presses(emre, labels.action(Action.REPLY, t))
        await self._says(emre, "The photos show the stains.")
        await self._presses(emre, t.plain("Skip"))
        await self._presses(olga, labels.action(Action.DECIDE, t))
        await self._presses(olga, t.plain("For the customer"))
        await self._says(olga, "Stains are what a leaking mug leaves.")
        await self._presses(olga, self._yes(Action.DECIDE))
        await self._acts(aygun, Action.CANCEL)


async def _quarrel(on: Stage) -> None:
    story = on.tell(_Quarrel)
    await story.arrive()
    await story.ask()
    await story.disagree()


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
QUARREL = Scenario(
    name="a dispute",
    acts=33,
    moves=0,
    share=0.0,
    play=_quarrel,
    history=(
        "submit customer",
        "reject seller",
        "open_dispute customer",
        "reply seller",
        "decide admin",
        "cancel customer",
    ),
)
CYCLE = Scenario(
    name="a dispute that comes again",
    acts=129,
    moves=0,
    share=0.0,
    play=cycle,
    history=(
        "submit customer",
        "reject seller",
        "open_dispute customer",
        "reply seller",
        "settle moderator",
        "withdraw customer",
        "reopen admin",
        "reject seller",
        "open_dispute customer",
        "reply seller",
        "decide moderator",
        "cancel customer",
        "reopen admin",
        "reject seller",
        "open_dispute customer",
        "settle moderator",
        "accept customer",
        "accept seller",
        "override admin",
        "override admin",
    ),
    # Two letters, one of them in two versions, in the first of three rooms; a part that was agreed
    # on, taken back, and the whole; the rules of the settings, and those that two switched on.
    kept={
        "letters": 3,
        "rooms": 3,
        "ledger": 3,
        "blocks": 1,
        "withholdings": 1,
        "withheld_money": 1,
        "imports": 2,
        "rules": 2,
    },
)
SCENARIOS = (WHOLE_RETURN, SILENCE, QUARREL, CYCLE)
