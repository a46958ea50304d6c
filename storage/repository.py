"""What every repository of a unit has in common."""

from __future__ import annotations

from datetime import datetime

from storage.effects import Effects
from storage.gathered import Reads


class Repository:
    """A unit's view of some tables: it reads together with the others of its group, and collects
    effects. What it has collected itself, it may read, too."""

    def __init__(self, reads: Reads, effects: Effects, now: datetime) -> None:
        self._reads = reads
        self._effects = effects
        self._now = now
        self.forget()

    def forget(self) -> None:
        """Forget what the unit has collected."""
