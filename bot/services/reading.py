"""What a party may see, read for the screens: lists, orders and cards, one role at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.domain import lifecycle
from bot.domain.cases import (
    STAFF,
    Action,
    Option,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
    TimerKind,
)
from bot.domain.costs import costs
from bot.domain.eligibility import Returnability, returnability
from bot.domain.foresight import if_nobody_acts, if_one_acts
from bot.domain.guards import offers_left
from bot.domain.money import Purse
from bot.domain.orders import Order, OrderLine, Posting, passport_due, return_address
from bot.domain.outlook import moved_by
from bot.domain.policy import Policy
from bot.domain.rating import open_until, was_decided
from bot.domain.staff import OVERRIDE_LAPSED
from bot.domain.timers import SILENCE_TURNED
from bot.domain.transitions import FROM_DISPUTE
from bot.services import blocking, overriding
from bot.services.desk import ReturnDesk
from bot.services.paging import SIZE, part_of
from bot.services.parties import roles_on
from bot.services.ports import Unit
from bot.services.proof import Record, photo_keys
from bot.services.records import (
    Account,
    File,
    HistoryLine,
    Letter,
    Only,
    Sighting,
    Spot,
)
from bot.services.reuse import with_order
from bot.services.views import CaseView, Doubts, Exhibit, Listed, Prospect, Said, Silence, Step

_CODES = frozenset({Action.GET_CODE.value, Action.PROVE.value})
"""What is said with them is the code, which the card shows by itself."""
_SENDING = frozenset({Status.APPROVED, Status.IN_TRANSIT, Status.DISPUTE, Status.OVERDUE})


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an order with what can be done about it."""

    posting: Posting
    line: OrderLine
    returnable: Returnability


@dataclass(frozen=True, slots=True)
class Stopped:
    """That new returns of a customer are stopped, until when, and whether they may object."""

    until: datetime | None
    may_object: bool


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its owner sees it."""

    order: Order
    lines: tuple[LineView, ...]
    returns: tuple[ReturnCase, ...] = ()
    passport_due: datetime | None = None
    """Until when the order waits for passport data (O-24)."""
    stopped: Stopped | None = None
    """What keeps the owner from returning anything (X-26)."""

    @property
    def possible(self) -> tuple[Posting, ...]:
        """Postings of which something can be returned now."""
        if self.stopped:
            return ()
        found = {
            view.posting.number: view.posting for view in self.lines if view.returnable.possible
        }
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class OrderList:
    """A page of somebody's orders, newest first. `more`: others follow."""

    orders: tuple[Order, ...]
    offset: int = 0
    more: bool = False


class Reading:
    """Answers what a person may see. Refused(not_found) for all that is not theirs."""

    def __init__(self, desk: ReturnDesk) -> None:
        self._desk = desk

    # ------------------------------------------------------------------ orders

    async def orders(
        self, unit: Unit, account: Account, offset: int = 0, new: Sequence[Order] = ()
    ) -> OrderList:
        """The person's orders; `new` are those that this very unit has made theirs."""
        found = await part_of(partial(unit.orders.of_customer, account.id), offset)
        if found.offset:
            return OrderList(*found)
        rows = (*new, *found.rows)
        return OrderList(rows[:SIZE], more=found.more or len(rows) > SIZE)

    async def order(self, unit: Unit, account: Account, number: str) -> OrderView:
        """One order with what can be returned of it. Raises Refused(not_found)."""
        order = await unit.orders.get(number)
        if order is None or await unit.orders.owner(number) != account.id:
            raise Refused("not_found")
        used = await unit.orders.used_units(number)
        outages = await self._desk.outages(unit, order.created_at)
        lines = tuple(
            LineView(
                posting,
                line,
                returnability(
                    line,
                    posting,
                    used,
                    order.zone,
                    unit.now,
                    self._desk.policy,
                    ordered_at=order.created_at,
                    outages=outages,
                ),
            )
            for posting in order.postings
            for line in posting.lines
        )
        cases = await unit.cases.of_order(number)
        returns = tuple(case for case in reversed(cases) if case.customer == account.id)
        stopped = None
        if account.blocked_at(unit.now):
            may_object = await blocking.may_object(unit, self._desk, account)
            stopped = Stopped(account.blocked_until, may_object)
        due = passport_due(order, self._desk.policy)
        return OrderView(order, lines, returns, due, stopped)

    # ------------------------------------------------------------------ lists of cases

    async def returns(self, unit: Unit, account: Account, offset: int = 0) -> Listed:
        """The person's own returns, newest first."""
        return Listed(*await part_of(partial(unit.cases.of_customer, account.id), offset))

    async def queue(
        self, unit: Unit, account: Account, role: Role, offset: int = 0, only: str = ""
    ) -> Listed:
        """What waits for the person in this role, the nearest deadline first.

        `only` a part of the staff's: a word of `Only`. Raises Refused("old_button").
        """
        if role in STAFF:
            if only and only not in set(Only):
                raise Refused("old_button")
            return Listed(*await part_of(partial(unit.cases.queue_of_staff, only=only), offset))
        return Listed(*await part_of(partial(unit.cases.queue_of_sellers, account.sellers), offset))

    async def refunds(self, unit: Unit, offset: int = 0, *, late: bool = False) -> Listed:
        """Money that is promised and not paid, oldest first; only what is `late` or has failed."""
        listed = Listed(*await part_of(partial(unit.cases.refunds, late=late), offset))
        due_at: dict[int, datetime] = {}
        for case in listed.cases:
            _, policy = await self._desk.open(unit, case.id)
            if case.since is not None:
                due_at[case.id] = policy.due(TimerKind.REFUND_ETA, case.since)
        return replace(listed, due_at=due_at)

    # ------------------------------------------------------------------ a case

    async def case(self, unit: Unit, account: Account, case_id: int) -> CaseView:
        """A case as this person sees it. Raises Refused(not_found)."""
        case, policy = await self._desk.open(unit, case_id)
        party = self._desk.party(account, case, unit.now, policy)
        return await self._view(unit, case, policy, party)

    async def prospect(self, unit: Unit, account: Account, case_id: int) -> Prospect:
        """What lies ahead of a case for this person (N-9). Raises Refused(not_found)."""
        case, policy = await self._desk.open(unit, case_id)
        party = self._desk.party(account, case, unit.now, policy)
        return Prospect(
            case=case,
            role=party.role,
            silent=if_nobody_acts(case, policy),
            acts=if_one_acts(case, party, unit.now, policy),
        )

    async def card(self, unit: Unit, person: int, role: Role, case_id: int) -> CaseView | None:
        """The card of a case for its slot; None if the person is no party in this role any more."""
        found = await self._part_in(unit, person, role, case_id)
        if found is None:
            return None
        case, party = found
        _, policy = await self._desk.open(unit, case_id)
        return await self._view(unit, case, policy, party)

    async def _part_in(
        self, unit: Unit, person: int, role: Role, case_id: int
    ) -> tuple[ReturnCase, Party] | None:
        """A case and what the person is in it; None if no party in this role any more."""
        case = await unit.cases.get(case_id)
        account = await unit.accounts.get(person)
        if case is None or account is None:
            return None
        if role in STAFF and account.staff:
            role = account.staff
        return (case, Party(role, person)) if role in roles_on(account, case) else None

    async def exhibit(
        self, unit: Unit, person: int, role: Role, case_id: int, version: int
    ) -> tuple[Exhibit, tuple[File, ...]] | None:
        """The photos with which a version of a case came; None if the person sees none there."""
        found = await self._part_in(unit, person, role, case_id)
        for exhibit in _exhibits(await _history(unit, found[0])) if found else ():
            if (exhibit.case, exhibit.version) == (case_id, version):
                files = await unit.files.get(exhibit.photos)
                return (exhibit, files) if files else None
        return None

    async def letter(
        self, unit: Unit, person: int, role: Role, place: tuple[int, int]
    ) -> tuple[Letter, str | None] | None:
        """What somebody wrote in a dispute, and its word; None if the person is no party now."""
        letter = await unit.rooms.letter(*place)
        if letter is None or await self._part_in(unit, person, role, letter.case) is None:
            return None
        return letter, await self.code(unit, letter.case)

    async def code(self, unit: Unit, case_id: int) -> str | None:
        """The word of the newest dispute of a case."""
        room = await unit.rooms.get(case_id)
        return room.code if room else None

    async def record(self, unit: Unit, person: int, role: Role, case_id: int) -> Record | None:
        """All that is kept of a case; None if the person is no party in this role any more."""
        found = await self._part_in(unit, person, role, case_id)
        if found is None:
            return None
        case, party = found
        archive = await unit.cases.archive(case_id)
        letters = await unit.rooms.letters(case_id)
        files = await unit.files.get(photo_keys(archive, letters))
        staff = party.role in STAFF
        return Record(
            case=case,
            role=party.role,
            person=person,
            now=unit.now,
            archive=archive,
            files={file.key: file for file in files},
            letters=letters,
            policy=await unit.policies.get(case.policy) if staff else None,
        )

    async def beside(
        self, unit: Unit, person: int, pairs: Sequence[Sighting]
    ) -> tuple[tuple[Sighting, File, File], ...]:
        """The files of pairs, for staff; of what has been forgotten there is nothing to see."""
        account = await unit.accounts.get(person)
        if account is None or account.staff not in STAFF:
            return ()
        keys = [key for pair in pairs for key in (pair.file, pair.older_file)]
        files = {file.key: file for file in await unit.files.get(keys)}
        return tuple(
            (pair, files[pair.file], files[pair.older_file])
            for pair in pairs
            if pair.file in files and pair.older_file in files
        )

    async def _view(self, unit: Unit, case: ReturnCase, policy: Policy, party: Party) -> CaseView:
        if not await overriding.stands(unit, case):
            case = replace(case, override=None)
        history = await _history(unit, case)
        options = lifecycle.available_actions(case, party, unit.now, policy)
        staff = party.role in STAFF
        seller = await unit.accounts.seller(case.seller)
        order = await unit.orders.get(case.order)
        address = (
            return_address(order.delivery, seller.address if seller else None, policy)
            if order and case.status in _SENDING
            else None
        )
        silence = lifecycle.what_happens_on_silence(case, policy)
        customer_sees, sells = party.role is Role.CUSTOMER, party.role is Role.SELLER
        return CaseView(
            case=case,
            role=party.role,
            now=unit.now,
            options=options,
            silence=Silence(silence.kind, silence.due_at, silence.status) if silence else None,
            steps=tuple(
                Step(line.at, line.event, line.by, Status(line.after), line.rule)
                for line in history
                if staff or not _inner(line)
            ),
            said=tuple(_said(line) for line in history if line.text and line.event not in _CODES),
            exhibits=_exhibits(history),
            address=address,
            seller_name=seller.name if staff and seller else "",
            reject_reason=_last(history, {"reject", "verdict"}, "reason"),
            place=_last(history, {"track"}, "place"),
            rating=await unit.ratings.get(case.id) if was_decided(case) and not sells else None,
            rated_until=open_until(case),
            meter=await unit.cases.meter(case.seller) if customer_sees and _waits(case) else None,
            costs=costs(case, party, options, unit.now, policy),
            rounds_left=offers_left(case, policy),
            offer_percent=policy.autocomp.offer_percent,
            rules=await unit.policies.called(case.policy, case.created_at or unit.now)
            if case.offer and case.offer.automatic
            else None,
            offer_funder=Purse(policy.autocomp.funded_by),
            refund_days=(policy.refund_eta.earliest_days.days, policy.refund_eta.length.days),
            record={} if customer_sees else await _earlier(unit, case),
            unreachable=await _unreachable(unit, case) if staff else frozenset(),
            code=await self.code(unit, case.id) if _disputed(case) else None,
            letters=await unit.rooms.letters(case.id) if case.dispute else (),
            doubts=await _doubts(unit, case, history) if staff else None,
            parts=await _parts(unit, case, history),
            moved=moved_by(case, unit.now, policy) if staff else None,
            seconds=_seconds(case, party, options),
        )


def _inner(line: HistoryLine) -> bool:
    """Whether only the staff are told of a step.

    Why silence leads elsewhere, an override that has not changed anything yet, and that it never
    will.
    """
    waits = line.event == Action.OVERRIDE and line.before == line.after
    return waits or line.event in (SILENCE_TURNED, OVERRIDE_LAPSED)


def _seconds(case: ReturnCase, party: Party, options: Sequence[Option]) -> bool:
    waiting = case.override
    overrides = any(each.action is Action.OVERRIDE for each in options)
    return waiting is not None and waiting.by != party.id and overrides


def _waits(case: ReturnCase) -> bool:
    """Whether the seller is to decide on the request."""
    return case.status in (Status.NEW, Status.CLARIFY) and case.owes is Role.SELLER


async def _parts(unit: Unit, case: ReturnCase, history: Sequence[HistoryLine]) -> tuple[int, ...]:
    """The returns that were split off from a case, if there was a verdict that could do it."""
    if not any(line.event == Action.VERDICT.value for line in history):
        return ()
    return tuple(
        each.id for each in await unit.cases.of_order(case.order) if each.parent == case.id
    )


def _disputed(case: ReturnCase) -> bool:
    """Whether a dispute is open, or has led to where the case is."""
    return case.status is Status.DISPUTE or case.row in FROM_DISPUTE


def said_in(history: Sequence[HistoryLine], version: int) -> Said | None:
    """The words with which a version of a case came, if they are still kept."""
    return next((_said(line) for line in history if line.version == version and line.text), None)


def _said(line: HistoryLine) -> Said:
    after = Status(line.after) if line.after != line.before else None
    return Said(line.at, line.event, line.by, line.text or "", len(line.photos), after)


def _exhibits(history: Sequence[HistoryLine]) -> tuple[Exhibit, ...]:
    """The evidence of a case, which all its parties see: nobody is judged by what is hidden."""
    return tuple(
        Exhibit(
            case=line.case,
            version=line.version,
            at=line.at,
            event=line.event,
            by=line.by,
            photos=line.photos,
        )
        for line in history
        if line.photos
    )


async def _doubts(unit: Unit, case: ReturnCase, history: Sequence[HistoryLine]) -> Doubts:
    here = Spot.of_return(case.id)
    others = {each.other_than(here) for each in await unit.files.sightings(here)}
    outside = sorted(other for other in others if not other.case)
    shown = [photo for line in history for photo in line.photos]
    written = [photo for letter in await unit.rooms.letters(case.id) for photo in letter.photos]
    files = await unit.files.get([*dict.fromkeys([*shown, *written])])
    reasons = Counter(file.unseen for file in files if file.kind == "photo")
    return Doubts(
        elsewhere=tuple(sorted(other.case for other in others if 0 < other.case < case.id)),
        again=tuple(sorted(other.case for other in others if other.case > case.id)),
        sighted=tuple([await with_order(unit, each) for each in outside]),
        uncompared={reason: count for reason, count in reasons.items() if reason},
        forwarded=sum(file.forwarded for file in files),
    )


async def _history(unit: Unit, case: ReturnCase) -> tuple[HistoryLine, ...]:
    """All that happened to a case; a split's child begins with what it shares with its parent."""
    own = await unit.cases.history(case.id)
    if not case.parent or not own:
        return own
    shared = await unit.cases.history(case.parent)
    return (*(line for line in shared if line.at < own[0].at), *own)


def _last(history: Sequence[HistoryLine], events: Collection[str], fact: str) -> str | None:
    """The fact that came with the last of these events."""
    facts: Mapping[str, object]
    for facts in (line.facts for line in reversed(history) if line.event in events):
        return str(facts[fact]) if facts.get(fact) is not None else None
    return None


async def _earlier(unit: Unit, case: ReturnCase) -> Mapping[str, int]:
    """How the customer's other returns stand."""
    record = dict(await unit.cases.customers_record(case.customer))
    if case.status in record:
        record[case.status] -= 1
    return {status: count for status, count in record.items() if count}


async def _unreachable(unit: Unit, case: ReturnCase) -> frozenset[Role]:
    customer = await unit.accounts.get(case.customer)
    team = await unit.accounts.team(case.seller)
    lost = set()
    if customer is not None and not customer.reachable:
        lost.add(Role.CUSTOMER)
    if not any(person.reachable for person in team):
        lost.add(Role.SELLER)
    return frozenset(lost)
