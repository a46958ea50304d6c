"""All trials, in the order of `reliability.md` 2, and what waits for its object."""

from __future__ import annotations

from tests.torture import (
    again,
    cells,
    clocks,
    copies,
    crowd,
    defects,
    deliveries,
    disclosure,
    duels,
    forgery,
    ground,
    kills,
    limits,
    lives,
    migrations,
    nonsense,
    outages,
    pictures,
    points,
    processes,
    rivals,
    stops,
)
from tests.torture.trial import Trial, Waiting

TRIALS: tuple[Trial, ...] = (
    *kills.TRIALS,
    *points.TRIALS,
    *again.TRIALS,
    *deliveries.TRIALS,
    *stops.TRIALS,
    *limits.TRIALS,
    *crowd.TRIALS,
    *duels.TRIALS,
    *rivals.TRIALS,
    *lives.TRIALS,
    *clocks.TRIALS,
    *processes.TRIALS,
    *outages.TRIALS,
    *copies.TRIALS,
    *migrations.TRIALS,
    *ground.TRIALS,
    *forgery.TRIALS,
    *nonsense.TRIALS,
    *pictures.TRIALS,
    *disclosure.TRIALS,
    *cells.TRIALS,
    *defects.TRIALS,
)

WAITING: tuple[Waiting, ...] = (
    Waiting("B5", "", "there is no Redis in the program: forms live in the database"),
)
"""Goals without a scenario, and why."""
