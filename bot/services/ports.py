"""What the use cases need of the memory and the world, as Protocols.

Each sees one `Unit`: one update, one due timer. The transactions around units are in `memory`.

Reads are coroutines and are gathered: what several units of one group ask for in the same
moment becomes one statement. Writes are plain calls: a unit only collects them, and they reach
the database in batches, all of a unit's or none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.blocking import Block
from bot.domain.cases import Decision, Event, Outages, ReturnCase, Role
from bot.domain.money import LedgerLine
from bot.domain.orders import Order
from bot.domain.withholding import Withholding
from bot.services.auditing import AuditLine
from bot.services.heads import Head, Sealed
from bot.services.records import (
    Account,
    Archive,
    DeskClock,
    DeskTimer,
    DraftRow,
    DueReminder,
    File,
    HistoryLine,
    InForce,
    Invitation,
    Letter,
    OpenedOrder,
    OrderFile,
    Outgoing,
    Page,
    Picture,
    Pictured,
    Rating,
    Reminded,
    Reminder,
    Room,
    Search,
    Seller,
    Sighting,
    Spot,
    Template,
    Trial,
    Twin,
)
from bot.services.tallying import Meter

Clock = Callable[[], datetime]
"""The present instant, UTC."""


class Accounts(Protocol):
    """People, their roles and the invitations into them."""

    async def get(self, id: int) -> Account | None: ...
    async def team(self, seller: str) -> tuple[Account, ...]: ...
    async def staff(self) -> tuple[Account, ...]: ...
    async def staff_since(self) -> Mapping[int, datetime | None]:
        """Since when the staff are that; None for those of whom it was not written down."""

    def one_admin_less(self) -> None:
        """Of two units that take an admin away one is decided again."""

    def save(self, account: Account) -> None:
        """Insert or update the person; memberships are written by `join` and `leave`."""

    def join(self, account: int, role: Role, seller: str | None = None) -> None: ...
    def leave(self, account: int, role: Role, seller: str | None = None) -> None: ...
    async def seller(self, code: str) -> Seller | None: ...
    def save_seller(self, seller: Seller) -> None: ...
    async def sellers(self, page: Page) -> tuple[Seller, ...]:
        """All sellers, by their codes."""

    async def invitation(self, token_hash: str) -> Invitation | None: ...
    def invite(self, invitation: Invitation) -> None: ...
    def redeem(self, invitation: Invitation, account: int) -> None:
        """Compare-and-set: of two redeemers one unit is stale."""


class Orders(Protocol):
    """Orders as the marketplace has told them."""

    async def get(self, number: str) -> Order | None: ...
    async def of_customer(self, account: int, page: Page) -> tuple[Order, ...]: ...
    async def count_of_customer(self, account: int) -> int: ...
    async def by_phone(self, phone: str) -> tuple[Order, ...]:
        """Unclaimed orders with this phone (E.164)."""

    async def found(self, search: Search, page: Page) -> tuple[Order, ...]:
        """Orders that fit a search in any of its ways, newest first."""

    async def owner(self, number: str) -> int | None: ...
    def claim(self, number: str, account: int) -> None:
        """Compare-and-set: the first opener owns the order."""

    async def used_units(self, number: str) -> Mapping[tuple[str, str], int]:
        """(posting, SKU) → units in live or refunded cases (X-41)."""

    async def missed(self, account: int, since: datetime) -> tuple[datetime, ...]:
        """When this person tried wrong codes and invitations after an instant, in order."""

    def missed_claim(self, account: int, at: datetime) -> None:
        """Remember a wrong code or invitation."""

    async def news(self, orders: Sequence[Order]) -> Sequence[tuple[Order, bool]]:
        """Those of these orders that are new or differ from what is stored: (order, known)."""

    def save_all(self, orders: Iterable[Order]) -> None:
        """Upsert by number; lines under a return are never changed."""


class Cases(Protocol):
    """Returns, their histories, timers and ledger."""

    async def get(self, id: int) -> ReturnCase | None: ...
    async def next_id(self) -> int:
        """A number that no other case has; numbers of discarded units are not used again."""

    async def of_customer(self, account: int, page: Page) -> tuple[ReturnCase, ...]: ...
    async def queue_of_sellers(self, sellers: Sequence[str], page: Page) -> tuple[ReturnCase, ...]:
        """Live cases of these sellers, the nearest deadline first."""

    async def of_order(self, number: str) -> tuple[ReturnCase, ...]:
        """All returns of an order, oldest first."""

    async def queue_of_staff(self, page: Page, only: str = "") -> tuple[ReturnCase, ...]:
        """What a moderator owes, disputes and what is alarmed, the nearest deadline first.

        `only` the requests that are moderated, the disputes, the alarms, or all live cases with a
        photo that is shown elsewhere, too: a word of `Only`.
        """

    async def refunds(self, page: Page, *, late: bool = False) -> tuple[ReturnCase, ...]:
        """REFUND_DUE and COMP_ACCEPTED, oldest first; only the `late` or failed ones."""

    async def awaiting_address(self, seller: str) -> tuple[ReturnCase, ...]: ...
    async def counts(self) -> Mapping[str, int]:
        """For /health: open cases by status, and rows by what they wait for.

        `inbox`, `quarantine`; `outbox`, `unopened` (for people who have not opened the bot or
        have stopped it), `dead` (given up); `timers` and, of those, `late` by over a minute.
        """

    async def history(self, id: int) -> tuple[HistoryLine, ...]: ...
    async def ledger(self, id: int) -> tuple[LedgerLine, ...]: ...
    async def archive(self, id: int) -> Archive:
        """The history of a case as it is stored, with its digests and salts."""

    async def opened(self, since: datetime, until: datetime, sellers: Sequence[str] | None) -> int:
        """How many returns were asked for in a time, of these sellers or (None) of all."""

    async def opened_after(
        self,
        after: int,
        since: datetime,
        until: datetime,
        sellers: Sequence[str] | None,
        most: int,
    ) -> tuple[tuple[datetime, ReturnCase], ...]:
        """The next of these returns above an id, by id, with the instants they were asked for."""

    async def outages(self, since: datetime) -> Outages:
        """The outages (since, until) that ended after an instant, in order (X-58)."""

    async def lost_disputes(self, seller: str, since: datetime) -> tuple[datetime, ...]:
        """When disputes of a seller were decided for the customer after an instant (X-50)."""

    def seal(self, seal: Sealed, ended: Sequence[Head]) -> None:
        """Keep where histories ended when a day was sealed; of two seals of a day the first."""

    async def meter(self, seller: str) -> Meter | None:
        """How a seller decides, as it was counted last; None: nothing was (N-13)."""

    async def customers_record(self, account: int) -> Mapping[str, int]:
        """How many returns of each status a customer has: the history in numbers."""

    def save(
        self,
        before: ReturnCase,
        decision: Decision,
        event: Event,
        at: datetime,
        reminders: Sequence[Reminder] = (),
        childs_reminders: Sequence[Reminder] = (),
    ) -> None:
        """Write a decision: case, units, timers and reminders, history with contents, ledger.

        The child of a split case begins its own history with the line of the split.

        Compare-and-set on `before.version`; of two units of one group that touch the same case
        the later is left out and decided again. `before.version == 0` inserts.
        """

    def amend(
        self,
        before: ReturnCase,
        after: ReturnCase,
        reminders: Sequence[Reminder],
        event: str = "outage_credit",
        rule: str = "X-58",
    ) -> None:
        """Write what nobody has decided: an outage's credit, a photo found again (X-03).

        With the same check. `rule` is empty where none of the rules has done it.
        """


class Policies(Protocol):
    """Policies, whole, under their SHA-256."""

    async def get(self, digest: str) -> str | None: ...
    def keep(self, digest: str, canonical: str) -> None: ...
    async def in_force(self) -> InForce | None:
        """The last rules that were brought into force."""

    async def called(self, digest: str, at: datetime) -> InForce | None:
        """The rules of this digest that were the last to be brought into force until then."""

    def bring(self, rules: InForce) -> None:
        """Bring rules into force. Of two units that do so at once one is decided again."""

    async def trial(self, id: int) -> Trial | None: ...
    async def open_trials(self) -> tuple[Trial, ...]:
        """The newest trials of rules that were neither switched on nor dropped."""

    async def trials_of(self, digest: str) -> tuple[Trial, ...]:
        """The newest trial of a policy, by how its digest begins."""

    async def next_trial(self) -> int: ...
    def save_trial(self, trial: Trial) -> None: ...


class Drafts(Protocol):
    """The one open form of each person."""

    async def get(self, account: int) -> DraftRow | None: ...
    def put(self, draft: DraftRow) -> None: ...
    def drop(self, account: int) -> None: ...


class Templates(Protocol):
    """What sellers' teams write again and again when they reject."""

    async def of(self, seller: str) -> tuple[Template, ...]:
        """Oldest first."""

    def add(self, seller: str, text: str) -> None: ...
    def change(self, template: Template) -> None:
        """Give it other words; one that is gone stays gone."""

    def drop(self, template: Template) -> None: ...


class Ratings(Protocol):
    """How customers rated the handling of their returns."""

    async def get(self, case: int) -> Rating | None: ...
    async def figures(self, seller: str) -> Mapping[int, int]:
        """Stars → how often this seller was given them."""

    async def told(self, seller: str) -> Mapping[int, int]:
        """The same as the seller sees it: as it was when it was told last."""

    async def untold(self, seller: str) -> int:
        """How many stored ratings have come since. Of two units that ask one is decided again."""

    def keep(self, rating: Rating) -> None:
        """Insert or change the rating of a case."""

    def tell(self, seller: str) -> None:
        """From now on the seller sees all ratings as they are."""


class Files(Protocol):
    """What people sent as evidence."""

    async def get(self, keys: Sequence[str]) -> tuple[File, ...]: ...
    def keep(self, file: File) -> None: ...
    def show(self, case: int, keys: Sequence[str]) -> None:
        """These files are evidence of a case, though no event of it has brought them."""

    async def used_elsewhere(self, keys: Sequence[str], case: int) -> tuple[int, ...]:
        """Other cases whose evidence holds one of these files or the same bytes."""

    async def same(self, key: str) -> tuple[Twin, ...]:
        """Where a file is evidence, or others with its bytes are: in the oldest cases."""

    def seen(self, picture: Picture) -> None:
        """Let a picture be found by its looks."""

    def compared(self, case: int, key: str) -> None:
        """Remember that a photo of a case was compared with all others."""

    def display(self, spot: Spot, keys: Sequence[str]) -> None:
        """These files are shown outside returns. Those of a shop are found, and never looked for:
        what customers show comes after them."""

    def hide(self, spot: Spot) -> None:
        """Nothing is shown there any more, and nothing was seen there."""

    async def pictured(self, seller: str) -> tuple[Pictured, ...]:
        """The products of a shop that have pictures, in the order of their SKUs."""

    def matched(self, spot: Spot, key: str) -> None:
        """Remember that a photo that is shown outside returns was compared with all others."""

    async def sightings(self, spot: Spot) -> tuple[Sighting, ...]:
        """The photos of a spot that staff have been told of, whichever was compared."""

    def sighted(self, sighting: Sighting) -> None:
        """Remember that staff are told of a sighting; one that is known stays."""


class Rooms(Protocol):
    """Where the parties of a dispute write to each other."""

    async def get(self, case: int) -> Room | None:
        """The room of the newest dispute of a case."""

    def open(self, room: Room) -> None: ...
    async def letters(self, case: int) -> tuple[Letter, ...]:
        """All that was written in the disputes of a case, oldest first."""

    async def letter(self, chat: int, message: int) -> Letter | None: ...
    def write(self, letter: Letter) -> None:
        """Keep a letter, or one more version of it; whatever was kept before stays."""


class Blocks(Protocol):
    """Who may open no returns (X-26)."""

    async def get(self, id: int) -> Block | None: ...
    async def of(self, account: int) -> Block | None:
        """The last block of a person."""

    async def held(self, page: Page) -> tuple[Block, ...]:
        """Blocks that were not lifted, the newest first."""

    async def next_id(self) -> int: ...
    def save(self, block: Block) -> None: ...


class Withholdings(Protocol):
    """Deductions for missing products (O-08, O-09)."""

    async def get(self, id: int) -> Withholding | None: ...
    async def page(self, page: Page, sellers: Sequence[str] = ()) -> tuple[Withholding, ...]:
        """Those of these sellers, or those that the staff have to do with, the newest first."""

    async def next_id(self) -> int: ...
    def uses_units_of(self, order: str) -> None:
        """Of two units that use units of an order one is decided again."""

    def save(self, withholding: Withholding, money: LedgerLine | None = None) -> None: ...


class OrderFiles(Protocol):
    """Order files of the chat. A worker fetches and reads them, outside every transaction."""

    def add(self, file: OrderFile) -> None: ...
    def done(self, file: OrderFile) -> None: ...


class DeskTimers(Protocol):
    """Clocks of what is no return."""

    def run(self, timer: DeskTimer) -> None:
        """Start the clock, or look at it at another instant."""

    def stop(self, kind: DeskClock, subject: int) -> None: ...
    async def due(self, kind: DeskClock, subject: int) -> datetime | None:
        """When this clock ends; None if it does not run."""


class Audit(Protocol):
    """What the staff have done and looked at."""

    def add(self, line: AuditLine) -> None: ...
    async def lines(self, page: Page, by: int = 0, case: int = 0) -> tuple[AuditLine, ...]:
        """The newest lines first, of one person and about one return where they are named."""


class Outbox(Protocol):
    """What people must hear."""

    def put(self, message: Outgoing) -> None: ...
    async def holders(self, slot: str) -> tuple[int, ...]:
        """Chats that have a message in this slot: whose cards must be redrawn."""

    def release(self, chat: int) -> None:
        """What this person could not be told may go out now: the bot is open, or open again."""

    async def message_of(self, chat: int, slot: str) -> int | None:
        """The message that the slot's last delivery left: replies, and whose button was pressed."""

    async def slots_at(self, group: int, message: int) -> tuple[str, ...]:
        """What a message, or a topic, of a group was sent for."""


class Reminders(Protocol):
    """What people are reminded of, and when they last were (`lifecycle.md` 2.3)."""

    async def last(self, person: int) -> Reminded | None: ...
    def said(self, reminded: Reminded) -> None:
        """Remember what a person has been reminded of: the last time counts."""

    def done(self, reminder: DueReminder) -> None:
        """Everybody whom the reminder is for has heard it, or hears it alone."""

    def hold(self, reminder: DueReminder, person: int, until: datetime) -> None:
        """This person is reminded at `until`."""

    def watch(self, order: OpenedOrder) -> None:
        """Remember that the customer has looked at an order, and when to look at its windows."""


class Unit(Protocol):
    """One update or one due timer: reads now, effects later, all of them or none."""

    @property
    def now(self) -> datetime: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def files(self) -> Files: ...
    @property
    def templates(self) -> Templates: ...
    @property
    def ratings(self) -> Ratings: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def reminders(self) -> Reminders: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def blocks(self) -> Blocks: ...
    @property
    def desk_timers(self) -> DeskTimers: ...
    @property
    def withholdings(self) -> Withholdings: ...
    @property
    def order_files(self) -> OrderFiles: ...

    def after_commit(self, release: Callable[[], Awaitable[None] | None]) -> None:
        """Run this once the unit is committed: callback answers, wake-ups. Never before."""

    def discard(self) -> None:
        """Forget every effect collected so far: an error screen replaces them."""
