"""All trials, in the order of `reliability.md` 2, and what waits for its object."""

from __future__ import annotations

from tests.torture import clocks, defects, deliveries, disclosure, forgery, kills, lives, points
from tests.torture.trial import Trial, Waiting

TRIALS: tuple[Trial, ...] = (*kills.TRIALS, *points.TRIALS, *deliveries.TRIALS, *lives.TRIALS, *clocks.TRIALS, *forgery.TRIALS, *disclosure.TRIALS, *defects.TRIALS)

WAITING: tuple[Waiting, ...] = ()
