"""Scripts on a virtual clock: the real core, nothing sent, nothing stored (`lifecycle.md` 2.11)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.domain import eligibility, lifecycle
from bot.domain.cases import (
    CLOCK,
    Action,
    Decision,
    Event,
    Given,
    Goods,
    Line,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
    Terms,
)
from bot.domain.money import LedgerLine
from bot.domain.orders import used_units
from bot.domain.refusals import Code
from bot.domain.timers import credit_outage, credited, in_order
from bot.services.script import OUTAGE, Script, ScriptError, Step, read_script

__all__ = [
    "Entry", "Played", "ScriptError", "as_json_lines", "as_text", "played", "run_script",
]  # fmt: skip

_CHILD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline: what happened, and how the case stands after it."""

    at: datetime
    by: str
    event: str
    status: Status
    goods: Goods
    rule: str
    due: Mapping[str, datetime]
    refused: str | None = None
    why: Refused | None = None
    """The refusal with all its facts."""
    opens: datetime | None = None
    closed: datetime | None = None
    ledger: tuple[LedgerLine, ...] = ()
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A script to its end: what happened, the cases as they are then, and when that is."""

    entries: tuple[Entry, ...]
    cases: tuple[ReturnCase, ...]
    now: datetime


def run_script(script: Path | str) -> tuple[Entry, ...]:
    """Play a script: a file, or the text of one. Raises ScriptError, or OSError for the file."""
    text = script.read_text(encoding="utf-8-sig") if isinstance(script, Path) else script
    return played(read_script(text)).entries


def played(script: Script) -> Played:
    """Play a script that has been read."""
    run = _Run(script)
    entries = run.play()
    last = script.steps[-1].instant(script.start) if script.steps else script.start
    return Played(entries=entries, cases=tuple(run.cases), now=script.until or last)


@dataclass(slots=True)
class _Run:
    """One run. `cases` holds the case and, after a split, its child."""

    script: Script
    cases: list[ReturnCase] = field(default_factory=list)
    refunded: list[ReturnCase] = field(default_factory=list)
    """Earlier cases of the script that keep their units (X-41)."""
    entries: list[Entry] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    dark: tuple[datetime, datetime] | None = None

    def play(self) -> tuple[Entry, ...]:
        """Every step and every clock event, in order."""
        script = self.script
        now = script.start
        for number, step in enumerate(script.steps, 1):
            now = step.instant(script.start)
            if self.dark is not None and self.dark[0] <= now < self.dark[1]:
                now = self.dark[0]  # what people did in an outage counts at its start (2.12.12)
            self._fire_until(now)
            if step.do == OUTAGE:
                self._outage(step, now)
            elif step.do == Action.SUBMIT:
                self._submit(step, now)
            else:
                self._act(step, number, now)
        self._fire_until(script.until or now)
        return tuple(self.entries)

    def _fire_until(self, until: datetime) -> None:
        """Fire what is due, in due order; at one instant the timer goes before the step."""
        while True:
            due = [
                (in_order(timer), place, timer)
                for place, case in enumerate(self.cases)
                for timer in case.timers
                if timer.due_at <= until
            ]
            if not due:
                return
            _, place, timer = min(due, key=lambda one: one[:2])
            event = Event(Action.FIRE, CLOCK, timer=timer.kind)
            self._decided(place, event, timer.due_at)

    def _decided(self, place: int, event: Event, now: datetime) -> None:
        """Decide on a case of the run and note it. Raises Refused."""
        case = self.cases[place]
        decision = lifecycle.decide(case, event, now, self.script.policy)
        self.cases[place] = decision.case
        if decision.child is not None:
            self.cases.append(decision.child)
        self._note(decision, now)

    def _note(self, decision: Decision, now: datetime) -> None:
        ledger = decision.ledger
        for happened in decision.happened:
            entry = _entry(decision.case, now, happened.by.role, happened.event, happened.rule)
            self.entries.append(replace(entry, ledger=ledger))
            ledger = ()
        if decision.child is not None:
            happened = decision.happened[0]
            self.entries.append(
                _entry(decision.child, now, happened.by.role, happened.event, happened.rule)
            )

    def _outage(self, step: Step, now: datetime) -> None:
        assert step.until is not None
        self.dark = (now, step.until)
        policy = self.script.policy
        self.outages += credited((self.dark,), policy)
        self.cases = [credit_outage(case, now, step.until, policy) for case in self.cases]
        for case in self.cases or [self._draft(None)]:
            self.entries.append(_entry(case, now, step.by, step.do, "X-58"))

    def _submit(self, step: Step, now: datetime) -> None:
        draft = self._draft(step.units)
        event = Event(Action.SUBMIT, _party(step, 1), _given(step))
        live = [case for case in self.cases if case.live]
        try:
            self._check_units(draft, now)
            case = live[0] if live else draft
            decision = lifecycle.decide(case, event, now, self.script.policy)
        except Refused as refused:
            self._refused(refused, draft, step, now)
            return
        self.refunded += [case for case in self.cases if case.status is Status.REFUNDED]
        self.cases = [decision.case]
        self._note(decision, now)

    def _check_units(self, draft: ReturnCase, now: datetime) -> None:
        used = used_units([*self.refunded, *self.cases])
        returnable = {
            item.sku: item.quantity - used["", item.sku] for item in self.script.order.items
        }
        claim = eligibility.Claim.of_case(draft, None, now, self.script.policy)
        eligibility.check(replace(claim, returnable=returnable))

    def _draft(self, units: Mapping[str, int] | None) -> ReturnCase:
        """The request as the order allows it, before it is sent: all units by default."""
        order = self.script.order
        return ReturnCase(
            id=1,
            profile=order.profile,
            route=order.route,
            customer=1,
            seller="seller",
            seller_country=order.seller.country,
            delivered_at=order.delivered_at,
            premoderated=order.seller.premoderated,
            flagged=order.customer.flagged,
            address_known=order.seller.address,
            outages=tuple(self.outages),
            lines=tuple(
                Line(
                    sku=item.sku,
                    title=item.sku,
                    category=item.category,
                    unit_price=item.price,
                    quantity=quantity,
                    weight_g=int(item.weight_kg * 1000) if item.weight_kg else None,
                )
                for item in order.items
                if (quantity := item.quantity if units is None else units.get(item.sku, 0))
            ),
        )

    def _act(self, step: Step, number: int, now: datetime) -> None:
        """A step is of the case that takes it; else the last that refuses says why."""
        event = Event(Action(step.do), _party(step, number), _given(step))
        refusals: list[tuple[Refused, ReturnCase]] = []
        for place, case in enumerate(self.cases or [self._draft(None)]):
            try:
                if self.cases:
                    self._decided(place, event, now)
                else:
                    lifecycle.decide(case, event, now, self.script.policy)
            except Refused as refused:
                refusals.append((refused, case))
            else:
                return
        telling = [one for one in refusals if one[0].code not in (Code.NOT_NOW, Code.ALREADY_PAID)]
        self._refused(*(telling or refusals)[-1], step, now)

    def _refused(self, refused: Refused, case: ReturnCase, step: Step, now: datetime) -> None:
        entry = _entry(case, now, step.by, step.do, refused.rule)
        self.entries.append(
            replace(
                entry,
                refused=str(refused.code),
                why=refused,
                opens=refused.opens,
                closed=refused.closed,
            )
        )


def _party(step: Step, number: int) -> Party:
    """Each step of an admin is another person's: two identical ones are two people (2.12.35)."""
    return Party(step.by, number if step.by is Role.ADMIN else 1)


def _given(step: Step) -> Given:
    # A script that dates a receipt shows it: `late_proof` takes no more than the date (2.11).
    photos = step.photos or int(step.receipt_date is not None)
    # And who settles for a sum proposes a part.
    part = Terms.PART if step.do == Action.SETTLE and step.amount is not None else None
    return Given(
        reason=step.reason,
        text=step.text,
        photos=tuple(f"photo-{number}" for number in range(photos)),
        amount=step.amount,
        track=step.track,
        receipt_amount=step.receipt_amount,
        receipt_date=step.receipt_date,
        shipping=step.shipping,
        accepted=step.accepted,
        ruling=step.ruling,
        terms=step.terms or part,
        topic=step.topic,
        of=step.of,
        ref=step.ref,
        place=step.place,
        to=step.to,
        address=step.address,
    )


def _entry(case: ReturnCase, at: datetime, by: Role, event: str, rule: str) -> Entry:
    return Entry(
        at=at,
        by=str(by),
        event=event,
        status=case.status,
        goods=case.goods,
        rule=rule,
        due={str(timer.kind): timer.due_at for timer in sorted(case.timers, key=in_order)},
        part=case.part,
    )


# ---------------------------------------------------------------------------- output


def as_json_lines(entries: Iterable[Entry]) -> str:
    """One JSON object a line, with the keys and their order of `lifecycle.md` 2.11."""
    return "".join(json.dumps(_plain(entry), ensure_ascii=False) + "\n" for entry in entries)


def _plain(entry: Entry) -> dict[str, Any]:
    plain: dict[str, Any] = {"at": _iso(entry.at), "by": entry.by, "event": entry.event}
    if entry.refused is not None:
        plain["refused"] = entry.refused
    if entry.opens is not None:
        plain["opens"] = _iso(entry.opens)
    if entry.closed is not None:
        plain["closed"] = _iso(entry.closed)
    plain |= {
        "status": str(entry.status),
        "goods": str(entry.goods),
        "rule": entry.rule,
        "due": {kind: _iso(due_at) for kind, due_at in entry.due.items()},
    }
    if entry.ledger:
        plain["ledger"] = [_plain_line(line) for line in entry.ledger]
    if entry.part == _CHILD:
        plain["case"] = _CHILD
    return plain


def _plain_line(line: LedgerLine) -> dict[str, str]:
    return {
        "to": str(line.to),
        "from": str(line.source),
        "kind": str(line.kind),
        "amount": str(line.amount.amount),
        "currency": line.amount.currency,
    }


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_text(entries: Iterable[Entry]) -> str:
    """A timeline to read: one line for what happened, one for each deadline and each sum."""
    return "".join(line + "\n" for entry in entries for line in _lines(entry))


def _lines(entry: Entry) -> Iterable[str]:
    case = f"  case {entry.part}" if entry.part == _CHILD else ""
    result = f"{entry.status} / {entry.goods}"
    if entry.refused is not None:
        result = f"refused: {entry.refused} ({result})"
    yield f"{_clock(entry.at)}  {entry.by:<9}  {entry.event:<22}  {result}  [{entry.rule}]{case}"
    gap = " " * 21
    if entry.opens is not None:
        yield f"{gap}opens {_clock(entry.opens)}"
    if entry.closed is not None:
        yield f"{gap}closed {_clock(entry.closed)}"
    for kind, due_at in entry.due.items() if entry.refused is None else ():
        yield f"{gap}{kind} until {_clock(due_at)}"
    for line in entry.ledger:
        yield f"{gap}{line.amount} from {line.source} to {line.to} ({line.kind})"


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
