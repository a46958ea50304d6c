"""All trials, in the order of `reliability.md` 2, and what waits for its object."""

from __future__ import annotations

from tests.torture import forgery, kills, points
from tests.torture.trial import Trial, Waiting

TRIALS: tuple[Trial, ...] = (*kills.TRIALS, *points.TRIALS, *forgery.TRIALS)

WAITING: tuple[Waiting, ...] = ()
