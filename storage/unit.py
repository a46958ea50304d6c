"""One update or one due timer: reads now, effects later, all of them or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar

from storage.accounts import StoredAccounts
from storage.audit import StoredAudit
from storage.blocks import StoredBlocks
from storage.cases import StoredCases
from storage.desk_timers import StoredDeskTimers
from storage.drafts import StoredDrafts
from storage.effects import Effects
from storage.files import StoredFiles
from storage.gathered import Reads
from storage.imports import StoredImports
from storage.orders import StoredOrders
from storage.outbox import StoredOutbox
from storage.policies import StoredPolicies
from storage.ratings import StoredRatings
from storage.reminding import StoredReminders
from storage.repository import Repository
from storage.rooms import StoredRooms
from storage.templates import StoredTemplates
from storage.withholdings import StoredWithholdings

Release = Callable[[], Awaitable[None] | None]
R = TypeVar("R", bound=Repository)


class _View(Generic[R]):
    """A repository of a unit, made when it is asked for: most units need few of them."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind

    def __set_name__(self, owner: object, name: str) -> None:
        self._name = name

    def __get__(self, unit: StoredUnit, owner: object) -> R:
        made = self._kind(unit.reads, unit.effects, unit.now)
        # Next time it is found there, and not asked for here.
        vars(unit)[self._name] = made
        return made


class StoredUnit:
    """A `Unit` in the transaction of its group."""

    accounts = _View(StoredAccounts)
    orders = _View(StoredOrders)
    cases = _View(StoredCases)
    policies = _View(StoredPolicies)
    drafts = _View(StoredDrafts)
    files = _View(StoredFiles)
    templates = _View(StoredTemplates)
    ratings = _View(StoredRatings)
    outbox = _View(StoredOutbox)
    reminders = _View(StoredReminders)
    audit = _View(StoredAudit)
    blocks = _View(StoredBlocks)
    desk_timers = _View(StoredDeskTimers)
    withholdings = _View(StoredWithholdings)
    order_files = _View(StoredImports)

    def __init__(
        self,
        reads: Reads,
        now: datetime,
        *,
        only_reads: bool = False,
        salt: Callable[[], str] = str,
    ) -> None:
        self.reads = reads
        self.now = now
        self.effects = Effects(only_reads=only_reads)
        self._salt = salt
        self.releases: list[Release] = []

    @cached_property
    def rooms(self) -> StoredRooms:
        """The rooms of disputes; what is written in them is salted."""
        return StoredRooms(self.reads, self.effects, self.now, self._salt)

    def after_commit(self, release: Release) -> None:
        self.releases.append(release)

    def discard(self) -> None:
        self.effects.clear()
        self.releases.clear()
        for each in vars(self).values():
            if isinstance(each, Repository):
                each.forget()
