"""The return desk: the service that all parties turn to.

Every method works inside one unit: it reads, lets the core decide, and writes the decision
together with what people must be told. Nothing is sent here and nothing is decided here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain import capsules, lifecycle, staff, timers
from bot.domain.cases import (
    CLOCK,
    NOTHING,
    STAFF,
    Action,
    Alarm,
    Decision,
    Event,
    Given,
    Option,
    Outages,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
)
from bot.domain.checks import same_override, turns_down
from bot.domain.intake import Context, ReturnDraft
from bot.domain.orders import return_address, returnable_qty
from bot.domain.policy import Policy
from bot.services import overriding, reuse
from bot.services.announcing import album, announce, call, notice, redraw
from bot.services.auditing import Deed, audited
from bot.services.moderating import held_by, lost_of, tell_of_lost
from bot.services.parties import roles_on
from bot.services.ports import Unit
from bot.services.rating import ask_when_it_ends
from bot.services.records import (
    Account,
    DraftRow,
    DueTimer,
    Outage,
    Reminder,
    Room,
    Seller,
    Spot,
    Twin,
)
from bot.services.rooms import close_topic, code_word, open_topic, state
from bot.services.staffing import at_hand

UNPAID = frozenset({Status.REFUND_DUE, Status.COMP_ACCEPTED})
"""Admins pay and mark it (row 54), so they hear of it."""


class ReturnDesk:
    """Carries returns. `policy` is the one in force: new cases are opened under it."""

    def __init__(
        self,
        policy: Policy,
        *,
        topics: int | None = None,
        below: Callable[[int], int] = secrets.randbelow,
        adopted: Callable[[Policy, bool], None] = lambda _, __: None,
    ) -> None:
        """`topics`: the group where each dispute has a topic. `below(n)` draws from 0 to n - 1.

        `adopted` hears of new rules, and whether other processes are to be told.
        """
        self.policy = policy
        self.topics = topics
        self._below = below
        self._adopted = adopted
        self._policies: dict[str, Policy] = {policy.digest: policy}
        self._kept = ""
        """The digest of the policy that this process has stored."""

    def adopt(self, policy: Policy, *, tell: bool = False) -> None:
        """Open new cases under this policy from now on; `tell` all processes of it."""
        self.policy = policy
        self._policies[policy.digest] = policy
        self._adopted(policy, tell)

    # ------------------------------------------------------------------ what parties do

    async def form(self, unit: Unit, account: Account, order: str, posting: str) -> Context:
        """What a return form of this posting is filled in against. Raises Refused(not_found)."""
        policy = self.policy  # others may be adopted while the memory is asked
        found = await unit.orders.get(order)
        parcel = found and found.posting(posting)
        if not found or not parcel or await unit.orders.owner(order) != account.id:
            raise Refused("not_found")
        return Context(
            order=found,
            posting=parcel,
            policy=policy,
            now=unit.now,
            used=await unit.orders.used_units(order),
            blocked=account.blocked_at(unit.now),
            outages=await self.outages(unit, parcel.delivered_at, policy),
        )

    async def outages(
        self, unit: Unit, since: datetime | None, policy: Policy | None = None
    ) -> Outages:
        """The outages that a window which began at `since` is credited (X-58, 2.12.11).

        By `policy`, or else by the one in force.
        """
        if since is None:
            return ()
        return timers.credited(await unit.cases.outages(since), policy or self.policy)

    async def submit(self, unit: Unit, account: Account, draft: ReturnDraft) -> ReturnCase:
        """Open a case from a finished draft (rows 02–06). Raises Refused."""
        context = await self.form(unit, account, draft.order, draft.posting)
        policy = context.policy
        case, given = draft.submission(context)
        # Asked in one moment, with those who will be told.
        stored, lost, reused, number, _ = await asyncio.gather(
            unit.accounts.seller(case.seller),
            lost_of(unit, case.seller, policy),
            unit.files.used_elsewhere(given.photos, 0),
            unit.cases.next_id(),
            unit.accounts.team(case.seller),
        )
        seller = stored or Seller(code=case.seller)
        address = return_address(context.order.delivery, seller.address, policy)
        held = held_by(seller, lost, unit.now, policy)
        case = replace(
            case,
            id=number,
            customer=account.id,
            premoderated=held is not None,
            flagged=account.flagged,
            photo_reused=bool(reused),
            address_known=address is not None,
        )
        event = Event(Action.SUBMIT, Party(Role.CUSTOMER, account.id), given)
        decision = lifecycle.decide(case, event, unit.now, policy)
        digest = policy.digest
        if self._kept != digest:
            unit.policies.keep(digest, policy.canonical)
            unit.after_commit(lambda: self._has_kept(digest))
        await self._keep(unit, case, decision, event, unit.now, policy)
        if held is not None:
            await tell_of_lost(unit, seller, held)
        if reused:
            same = {key: await unit.files.same(key) for key in given.photos}
            spot = Spot.of_return(decision.case.id)
            await reuse.tell(unit, await reuse.sightings_of(unit, spot, same))
        return decision.case

    async def compare(self, unit: Unit, case_id: int, twins: Mapping[str, Sequence[Twin]]) -> None:
        """Photos of a case were compared with all others (N-6): what follows from it.

        Staff hear of each pair once. Of two requests the newer one is not approved by silence,
        nor is one with a photo that is shown outside returns, too.
        """
        for key in twins:
            unit.files.compared(case_id, key)
        sightings = await reuse.sightings_of(unit, Spot.of_return(case_id), twins)
        await reuse.tell(unit, sightings)
        for newer in sorted({each.spot.case for each in sightings}):
            before, policy = await self.open(unit, newer)
            after = timers.photo_found_again(before)
            if after != before:
                reminders = _reminders(after, policy, unit.now)
                unit.cases.amend(before, after, reminders, timers.SILENCE_TURNED, "X-03")
                await announce(unit, after, frozenset())

    async def act(
        self,
        unit: Unit,
        account: Account,
        case_id: int,
        version: int | None,
        action: Action,
        given: Given = NOTHING,
        *,
        anew: bool = False,
    ) -> ReturnCase:
        """Let a person act on a case as it was at `version`. Raises Refused.

        `anew`: the person's own card comes again below what was just typed.
        """
        case, policy = await self.open(unit, case_id)
        # What waited for a restart counts as received before it, but after what it builds on.
        now = max(unit.now, case.since or unit.now)
        party = self.party(account, case, now, policy, action)
        if version is not None and version != case.version:
            raise await self.stale(unit, account, case, version)
        if action is Action.OVERRIDE:
            case = await self.lapse(unit, account, case) or case
        if action is Action.REOPEN:
            case = await self._as_it_would_open(unit, case)
        if action is Action.GET_CODE:
            given = Given(text=capsules.draw(self._below))
        event = Event(action, party, given)
        decision = lifecycle.decide(case, event, now, policy)
        if decision.case.live and not case.live:
            await _check_units_free(unit, case)
        await self._keep(unit, case, decision, event, now, policy)
        if anew:
            redraw(unit, decision.case, [(account.id, party.role)], anew=True)
        return decision.case

    async def stale(
        self, unit: Unit, account: Account, case: ReturnCase, seen: int | None = None
    ) -> Refused:
        """What a press on an old card is refused with: who has decided meanwhile, and when.

        Nobody has decided a new request: it was only made. `seen`: the version that the card
        showed. A decision that it showed already is none to tell of. Colleagues hear the name of
        who it was, all others the role.
        """
        history = reversed(await unit.cases.history(case.id))
        line = next((each for each in history if each.before != each.after == case.status), None)
        undecided = case.status is Status.NEW
        if undecided or (line is not None and seen is not None and line.version <= seen):
            return Refused("stale")
        by, person, name = case.decided_by, line.person if line else 0, None
        if person and line and line.by is by and person != account.id:
            found = await unit.accounts.get(person)
            if found and _colleagues(account, found, by, case):
                name = found.name
        return Refused(
            "stale",
            by=by,
            status=case.status,
            at=case.since,
            own=bool(line and line.by is by and person == account.id),
            colleague=name,
        )

    async def _as_it_would_open(self, unit: Unit, case: ReturnCase) -> ReturnCase:
        """An ended case with what it has not followed since: the address, and outages (X-58)."""
        order = await unit.orders.get(case.order)
        seller = await unit.accounts.seller(case.seller)
        if order is None:
            return case
        address = return_address(order.delivery, seller.address if seller else None, self.policy)
        outages = await self.outages(unit, case.delivered_at)
        return replace(case, address_known=address is not None, outages=outages)

    async def open(self, unit: Unit, case_id: int) -> tuple[ReturnCase, Policy]:
        """A case and the policy it was opened under. Raises Refused(not_found)."""
        case = await unit.cases.get(case_id)
        if case is None:
            raise Refused("not_found")
        return case, await self._policy_of(unit, case)

    def party(
        self,
        account: Account,
        case: ReturnCase,
        now: datetime,
        policy: Policy,
        action: Action | None = None,
    ) -> Party:
        """In which role a person acts on a case. Raises Refused(not_found) if in none.

        Not everybody may override: `own_return`, `blocked_admin`. Otherwise one who holds several
        roles acts in the one that has the action, the active role first.
        """
        roles = list(roles_on(account, case))
        if not roles:
            raise Refused("not_found")
        if action is Action.OVERRIDE:
            overriding.check_may_override(account, case, now)
        roles.sort(key=lambda role: role is not account.role)
        parties = [Party(role, account.id) for role in roles]
        for party in parties:
            options = lifecycle.available_actions(case, party, now, policy)
            if any(option.action is action and option.opens is None for option in options):
                return party
        return parties[0]

    async def options(self, unit: Unit, case: ReturnCase, party: Party) -> tuple[Option, ...]:
        """What this party may do on the case now, or from when."""
        policy = await self._policy_of(unit, case)
        return lifecycle.available_actions(case, party, unit.now, policy)

    async def show(
        self,
        unit: Unit,
        account: Account,
        case_id: int,
        *,
        photos: bool = False,
        anew: bool = True,
    ) -> ReturnCase:
        """Put the card of a case before a person, below its photos. Raises Refused(not_found).

        `anew`: as a new message; otherwise in the place of the old one.
        """
        case, role = await self.looked_at(unit, account, case_id)
        for shown in case.shown if photos else ():
            album(unit, shown, account.id, role, again=True)
        redraw(unit, case, [(account.id, role)], anew=anew)
        return case

    async def looked_at(
        self, unit: Unit, account: Account, case_id: int
    ) -> tuple[ReturnCase, Role]:
        """A case that somebody is about to see, and as whom. Raises Refused(not_found)."""
        case, policy = await self.open(unit, case_id)
        role = self.party(account, case, unit.now, policy).role
        if role in STAFF:
            audited(unit, account.id, Deed.SAW_CASE, case=case.id)
        return case, role

    async def set_address(self, unit: Unit, account: Account, code: str, address: str) -> Seller:
        """Set a seller's return address; approved cases that waited for it go on (X-48)."""
        if code not in account.sellers:
            raise Refused("not_found")
        seller = await unit.accounts.seller(code) or Seller(code=code)
        seller = replace(seller, address=address)
        unit.accounts.save_seller(seller)
        event = Event(Action.SET_ADDRESS, Party(Role.SELLER, account.id))
        for case in await unit.cases.awaiting_address(code):
            policy = await self._policy_of(unit, case)
            decision = lifecycle.address_known(case, unit.now, policy)
            if decision is not None:
                await self._keep(unit, case, decision, event, unit.now, policy)
        return seller

    # ------------------------------------------------------------------ what the clock does

    async def fire(self, unit: Unit, due: DueTimer) -> None:
        """Fire a timer at its own instant; one that somebody's act has ended does nothing."""
        case, policy = await self.open(unit, due.case)
        timer = case.timer(due.kind)
        if timer is None or timer.due_at != due.due_at:
            return
        event = Event(Action.FIRE, CLOCK, timer=due.kind)
        decision = lifecycle.decide(case, event, due.due_at, policy)
        await self._keep(unit, case, decision, event, due.due_at, policy)

    async def credit(self, unit: Unit, case: ReturnCase, outage: Outage) -> None:
        """Give people back the time in which nobody could reach us (X-58)."""
        policy = await self._policy_of(unit, case)
        after = timers.credit_outage(case, outage.since, outage.until, policy)
        if after != case:
            unit.cases.amend(case, after, _reminders(after, policy, outage.until))
            await announce(unit, after, frozenset())
            for person in await self.owing(unit, case, case.owes):
                notice(unit, person, "outage_credit", {"case": case.id}, silent=True)

    async def owing(self, unit: Unit, case: ReturnCase, owes: Role | None) -> Sequence[int]:
        """The people who owe in this role on a case."""
        match owes:
            case Role.CUSTOMER:
                return (case.customer,)
            case Role.SELLER:
                return [person.id for person in await unit.accounts.team(case.seller)]
            case Role.MODERATOR | Role.ADMIN:
                return [person.id for person in await at_hand(unit)]
            case _:
                return ()

    async def forget_draft(self, unit: Unit, draft: DraftRow) -> None:
        """The form has waited for its day: it is forgotten with its photos (row 06a)."""
        unit.drafts.drop(draft.account)
        key = f"draft:{draft.account}:{draft.due_at.isoformat()}"
        facts = {"form": draft.kind}
        notice(unit, draft.account, "draft_forgotten", facts, key=key, slot="draft", silent=True)

    # ------------------------------------------------------------------ staff

    async def alert(self, unit: Unit, name: str, facts: Mapping[str, Any]) -> None:
        """Page all staff."""
        for person in await unit.accounts.staff():
            call(unit, person, name, facts)

    # ------------------------------------------------------------------ inside

    async def _keep(
        self,
        unit: Unit,
        before: ReturnCase,
        decision: Decision,
        event: Event,
        at: datetime,
        policy: Policy,
    ) -> None:
        if decision.child is not None:
            child = replace(
                decision.child, id=await unit.cases.next_id(), parent=before.id, version=1
            )
            decision = replace(decision, child=child)
        reminders = _reminders(decision.case, policy, at)
        childs = _reminders(decision.child, policy, at) if decision.child else ()
        unit.cases.save(before, decision, event, at, reminders, childs_reminders=childs)
        if event.by.role in STAFF:
            _audit(unit, before, decision.case, event)
        hears = decision.hears
        if decision.case.status in UNPAID and before.status not in UNPAID:
            hears |= {Role.ADMIN}
        self._keep_room(unit, before, decision.case, event)
        await overriding.tell_who_asked(unit, before, decision.case, event)
        await announce(unit, decision.case, hears, opens=before.version == 0)
        ask_when_it_ends(unit, before, decision.case)
        if decision.child is not None:
            await announce(unit, decision.child, decision.hears, opens=True)
        for alarm in decision.alarms:
            if alarm is Alarm.SECOND_PERSON:
                await overriding.ask_for_another(unit, decision.case, policy, at)
                continue
            await self.alert(unit, str(alarm), {"case": decision.case.id})
            if alarm is Alarm.REFUND_LATE and staff.told_late(decision.case, at, policy):
                customer = decision.case.customer
                notice(unit, customer, "refund_is_late", {"case": decision.case.id})
        called = before.version == 0 or Role.SELLER in hears
        if called and not await _reachable(unit, decision.case.seller):
            facts = {"case": decision.case.id, "seller": decision.case.seller}
            await self.alert(unit, "no_seller", facts)

    async def lapse(self, unit: Unit, account: Account, case: ReturnCase) -> ReturnCase | None:
        """Forget an override that does not stand any more, when an admin comes to it.

        Answers the case without it; None where there was none, or it stands.
        """
        if account.staff is not Role.ADMIN or await overriding.stands(unit, case):
            return None
        after = staff.lapsed(case)
        reminders = _reminders(after, await self._policy_of(unit, case), unit.now)
        unit.cases.amend(case, after, reminders, staff.OVERRIDE_LAPSED, "")
        await announce(unit, after, frozenset())
        return after

    def _keep_room(self, unit: Unit, before: ReturnCase, case: ReturnCase, event: Event) -> None:
        """A dispute that opens has a room with a word of its own, and a topic of the staff.

        What the parties state in it comes there, too.
        """
        old = before.dispute if before.status is Status.DISPUTE else None
        new = case.dispute if case.status is Status.DISPUTE else None
        if old and not new and self.topics is not None:
            close_topic(unit, self.topics, case, old.opened_at)
        if new and not (old and old.opened_at == new.opened_at):
            unit.rooms.open(Room(case.id, new.opened_at, code_word(self._below)))
            if self.topics is not None:
                open_topic(unit, self.topics, case, new.opened_at)
        by_party = event.by.role in (Role.CUSTOMER, Role.SELLER)
        if new and self.topics is not None and by_party and event.given.text:
            state(unit, self.topics, case, event.by.role)

    def _has_kept(self, digest: str) -> None:
        self._kept = digest

    async def _policy_of(self, unit: Unit, case: ReturnCase) -> Policy:
        known = self._policies.get(case.policy)
        if known is None:
            canonical = await unit.policies.get(case.policy)
            if canonical is None:
                raise LookupError(f"the policy of {case.number} is not stored")
            known = self._policies[case.policy] = Policy.from_canonical(canonical)
        return known


def _colleagues(one: Account, other: Account, by: Role, case: ReturnCase) -> bool:
    """Whether both are of the side that has decided: the seller's team, or the staff."""
    if by is Role.SELLER:
        return case.seller in one.sellers and case.seller in other.sellers
    return by in STAFF and one.staff in STAFF and other.staff in STAFF


def _audit(unit: Unit, before: ReturnCase, after: ReturnCase, event: Event) -> None:
    """Of an override that moves money the audit names both people (row 56)."""
    overrides, first = event.action is Action.OVERRIDE, before.override
    facts: dict[str, Any] = {"action": str(event.action)}
    if overrides and after.override:
        facts["asks"] = True
    down = overrides and turns_down(before, event.given)
    if down:
        facts["down"] = True
    seconds = overrides and not after.override and same_override(before, event.given)
    audited(
        unit,
        event.by.id,
        Deed.ACTED,
        case=before.id,
        person=first.by if first and (seconds or down) else 0,
        **facts,
    )


def _reminders(case: ReturnCase, policy: Policy, now: datetime) -> list[Reminder]:
    return [
        Reminder(at, kind, owes) for at, kind, owes in timers.reminders_of(case, policy) if at > now
    ]


async def _check_units_free(unit: Unit, case: ReturnCase) -> None:
    """A return that ended gave its units back: another may have them by now (X-41).

    Raises Refused("quantity_used_up").
    """
    order = await unit.orders.get(case.order)
    posting = order and order.posting(case.posting)
    used = await unit.orders.used_units(case.order)
    for line in case.lines:
        left = returnable_qty(posting, line.sku, used) if posting else 0
        if line.quantity > left:
            raise Refused("quantity_used_up", rule="X-41", title=line.title, left=left)


async def _reachable(unit: Unit, seller: str) -> bool:
    return any(person.reachable for person in await unit.accounts.team(seller))
