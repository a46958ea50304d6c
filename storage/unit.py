"""One update or one due timer: reads now, effects later, all of them or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

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


class StoredUnit:
    """A `Unit` in the transaction of its group."""

    def __init__(
        self,
        reads: Reads,
        now: datetime,
        *,
        only_reads: bool = False,
        salt: Callable[[], str] = str,
    ) -> None:
        self.now = now
        self.effects = Effects(only_reads=only_reads)
        self.releases: list[Release] = []
        self.accounts = StoredAccounts(reads, self.effects, now)
        self.orders = StoredOrders(reads, self.effects, now)
        self.cases = StoredCases(reads, self.effects, now)
        self.policies = StoredPolicies(reads, self.effects, now)
        self.drafts = StoredDrafts(reads, self.effects, now)
        self.files = StoredFiles(reads, self.effects, now)
        self.templates = StoredTemplates(reads, self.effects, now)
        self.ratings = StoredRatings(reads, self.effects, now)
        self.outbox = StoredOutbox(reads, self.effects, now)
        self.rooms = StoredRooms(reads, self.effects, now, salt)
        self.reminders = StoredReminders(reads, self.effects, now)
        self.audit = StoredAudit(reads, self.effects, now)
        self.blocks = StoredBlocks(reads, self.effects, now)
        self.desk_timers = StoredDeskTimers(reads, self.effects, now)
        self.withholdings = StoredWithholdings(reads, self.effects, now)
        self.order_files = StoredImports(reads, self.effects, now)

    def after_commit(self, release: Release) -> None:
        self.releases.append(release)

    def discard(self) -> None:
        self.effects.clear()
        self.releases.clear()
        for each in vars(self).values():
            if isinstance(each, Repository):
                each.forget()
