"""S1: who may press what. Twelve identities × every action × every state × whose the case is.

The presses go through the real dispatcher to the real handlers, in units that are never kept, so
that each of them meets the same database. What a press collects in its unit is what it would
have changed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update

from bot.domain.capsules import capsule_of
from bot.domain.cases import (
    Action,
    Decision,
    Event,
    Happened,
    Party,
    Refused,
    ReturnCase,
    Role,
    Status,
)
from bot.domain.lifecycle import available_actions
from bot.screens.buttons import Act, Confirm
from bot.services.records import Account, Seller
from handlers.errors import Errors
from storage.unit import StoredUnit
from tests.domain.life import Life
from tests.domain.test_lifecycle_table import ROWS
from tests.screens.scenes import SCENES
from tests.torture.trial import Report, Setting, Trial, awaited
from tests.world import OWNER, World, order, world

Whose = Literal["own", "other's", "absent"]
BATCH = 400
ABSENT = 999_999_999
GROUP = -1_002_000_000_001
CUSTOMER, OTHER, SELLER, COLLEAGUE, RIVAL, MODERATOR, BOTH, STRANGER, SOMEBODY = range(7001, 7010)
_OWN_FORM = Action.SET_ADDRESS
"""The one action of a card that is not of the one form: who it is for is checked beside it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who presses: `own` are the roles on a case of theirs, `others` those on any other."""

    name: str
    id: int
    own: tuple[Role, ...] = ()
    others: tuple[Role, ...] = ()
    chat: int | None = None
    is_bot: bool = False


_STAFF = ((Role.MODERATOR,), (Role.MODERATOR,))
IDENTITIES = (
    Identity("the customer", CUSTOMER, (Role.CUSTOMER,)),
    Identity("another customer", OTHER),
    Identity("the seller", SELLER, (Role.SELLER,)),
    Identity("a colleague of the seller", COLLEAGUE, (Role.SELLER,)),
    Identity("another seller", RIVAL),
    Identity("a moderator", MODERATOR, *_STAFF),
    Identity("an admin", OWNER, (Role.ADMIN,), (Role.ADMIN,)),
    Identity("another customer, in the seller's team", BOTH, (Role.SELLER,)),
    Identity("a stranger", STRANGER),
    Identity("the seller in a group", SELLER, chat=GROUP),
    Identity("an anonymous admin", 1_087_968_824),
    Identity("a bot", CUSTOMER, is_bot=True),
)

_BY_HAND = {
    (source, event): frozenset().union(
        *(by for _, froms, what, by, _ in ROWS if what == event and source in froms.split())
    )
    for _, sources, event, _, _ in ROWS
    for source in sources.split()
} | {
    (str(status), str(action)): frozenset({role})
    for status, role in ((Status.APPROVED, Role.CUSTOMER), (Status.RECEIVED, Role.SELLER))
    for action in (Action.GET_CODE, Action.PROVE)
}
"""Status and action → roles: the table as it is typed by hand in its test, and C-12."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One press: what must come of it."""

    who: Identity
    whose: Whose
    scene: str
    action: Action
    data: str
    now: datetime
    allowed: bool

    @property
    def told_the_same(self) -> bool:
        """Whether it must look as if there were no such case."""
        return not self.who.others and self.who.chat is None and self.whose != "own"


@dataclass(slots=True)
class Seen:
    """What came of it: `said` is what the person is told of a refusal."""

    result: str
    changed: int = 0
    said: str = ""


def one_of_each_status() -> tuple[str, ...]:
    """The first scene of every status."""
    return tuple({SCENES[name]().case.status: name for name in reversed(list(SCENES))}.values())


async def matrix(url: str, folder: Path, scenes: Sequence[str]) -> tuple[Counter[str], list[str]]:
    """Every cell of these scenes pressed. Answers how many came out how, and what is wrong."""
    async with world(url, folder) as w:
        cells = await _cells(w, scenes)
        found: list[str] = []
        outcomes: Counter[str] = Counter()
        absent: dict[tuple[str, Action], str] = {}
        # The absent come first: what is said of them is what is said of the others'.
        cells.sort(key=lambda cell: cell.whose != "absent")
        errors = Errors(w.running.desk, w.running.catalogues)
        for at in range(0, len(cells), BATCH):
            batch = cells[at : at + BATCH]
            async with w.running.memory.group() as group:
                seen = await asyncio.gather(
                    *(
                        _pressed(w, errors, group.unit(c.now), c, at + n)
                        for n, c in enumerate(batch)
                    )
                )
            for cell, one in zip(batch, seen, strict=True):
                outcomes["allowed" if cell.allowed else one.result] += 1
                found += _wrong(cell, one, absent)
        return outcomes, found


def _wrong(cell: Cell, seen: Seen, absent: dict[tuple[str, Action], str]) -> Iterator[str]:
    where = f"{cell.who.name} presses {cell.data} of {cell.whose} case in {cell.scene!r}"
    if cell.allowed:
        if seen.result != "taken":
            yield f"{where}: {seen.result}, and the table allows it"
        return
    if seen.result == "taken":
        yield f"{where}: it is taken, and the table forbids it"
    elif seen.changed:
        yield f"{where}: {seen.result}, and {seen.changed} rows change"
    if cell.told_the_same:
        key = cell.who.name, cell.action
        if cell.whose == "absent":
            absent[key] = seen.said
        elif seen.said != absent[key]:
            yield f"{where}: is told {seen.said!r}, of no case at all {absent[key]!r}"


async def _pressed(w: World, errors: Errors, unit: StoredUnit, cell: Cell, id: int) -> Seen:
    who = cell.who
    user = {"id": who.id, "is_bot": who.is_bot, "first_name": who.name, "language_code": "en"}
    kind = "private" if who.chat is None else "supergroup"
    message = {"message_id": 5, "date": 0, "chat": {"id": who.chat or who.id, "type": kind}}
    press = {"id": str(id), "from": user, "chat_instance": "1", "data": cell.data}
    raw = {"update_id": id + 1, "callback_query": press | {"message": message}}
    update = Update.model_validate(raw, context={"bot": w.running.bot})
    try:
        answer = await w.running.dispatcher.feed_update(
            w.running.bot, update, unit=unit, now=unit.now
        )
    except Refused as refused:
        unit.discard()
        if not cell.told_the_same:
            return Seen("refused")
        replies = await errors.refused(refused, update, unit)
        return Seen("refused", len(unit.effects.changes), repr(replies) + _rows(unit))
    if unit.effects.changes or any(thing == "draft" for thing, _ in unit.effects.keyed):
        return Seen("taken", len(unit.effects.changes))
    changed = len(unit.effects.keyed) + len(unit.effects.rows)
    return Seen("not heard" if answer in (None, UNHANDLED) else "turned away", changed)


def _rows(unit: StoredUnit) -> str:
    return repr([row for _, row in (*unit.effects.keyed.values(), *unit.effects.rows)])


# ------------------------------------------------------------------------------ what is stored


async def _cells(w: World, scenes: Sequence[str]) -> list[Cell]:
    """All presses, after the people and a pair of cases for each scene have been stored."""
    await _people(w)
    cells: list[Cell] = []
    for name in scenes:
        life = SCENES[name]()
        now = life.log[-1][0] + timedelta(minutes=1)
        own = await _stored(w, life, CUSTOMER, "acme")
        other = await _stored(w, life, SOMEBODY, "nobody")
        for who in IDENTITIES:
            cells += cells_of(who, "own", name, own, now, life, who.own)
            cells += cells_of(who, "other's", name, other, now, life, who.others)
    first = SCENES["new"]()
    for who in IDENTITIES:
        nothing = replace(first.case, id=ABSENT)
        cells += cells_of(who, "absent", "new", nothing, first.log[-1][0], first, ())
    return cells


def cells_of(
    who: Identity,
    whose: Whose,
    scene: str,
    case: ReturnCase,
    now: datetime,
    life: Life,
    roles: Sequence[Role],
) -> Iterator[Cell]:
    """What one identity presses on one case. AssertionError: the core allows what nobody typed."""
    heard = who.chat is None and not who.is_bot
    may: set[Action] = set()
    for role in roles if heard else ():
        listed = available_actions(case, Party(role, who.id), now, life.policy)
        may |= {option.action for option in listed if option.opens is None}
        if (code := capsule_of(case, role)) and now < code.until:
            # The button stays, and says until when the code counts (C-12).
            may.discard(Action.GET_CODE)
        for action in may - {_OWN_FORM}:
            by = _BY_HAND.get((str(case.status), str(action)), frozenset())
            acts = role in by or (role is Role.ADMIN and Role.MODERATOR in by)
            assert acts, f"{role} may {action} in {case.status}, and the table by hand forbids it"
    for action in Action:
        press = Act(case=case.id, version=case.version, action=action).pack()
        yield Cell(who, whose, scene, action, press, now, action in may)
        if action in may:
            yes = Confirm(case=case.id, version=case.version, action=action).pack()
            yield Cell(who, whose, scene, action, yes, now, False)
            for version in (case.version - 1, case.version + 1):
                old = Act(case=case.id, version=version, action=action).pack()
                yield Cell(who, whose, scene, action, old, now, False)


async def _people(w: World) -> None:
    running = w.running
    async with running.memory.group() as group:
        unit = group.unit(w.clock())
        for code in ("acme", "rival", "nobody"):
            unit.accounts.save_seller(Seller(code=code, address="İzmir 35220"))
        started = w.clock()
        for id in (CUSTOMER, OTHER, SELLER, COLLEAGUE, RIVAL, MODERATOR, BOTH, SOMEBODY):
            name = next((who.name for who in IDENTITIES if who.id == id), "somebody")
            unit.accounts.save(Account(id=id, name=name, started_at=started))
        for id, role, code in (
            (SELLER, Role.SELLER, "acme"),
            (COLLEAGUE, Role.SELLER, "acme"),
            (BOTH, Role.SELLER, "acme"),
            (RIVAL, Role.SELLER, "rival"),
            (MODERATOR, Role.MODERATOR, ""),
        ):
            unit.accounts.join(id, role, code or None)
        unit.orders.save_all([order("1001"), replace(order("1002"), seller="nobody")])
        group.keep(unit)
        await group.commit()


async def _stored(w: World, life: Life, customer: int, seller: str) -> ReturnCase:
    """The case of a scene as the memory has it, under another number and of these people."""
    by = Party(Role.SYSTEM)
    at = life.log[-1][0]
    async with w.running.memory.group() as group:
        unit = group.unit(at)
        case = replace(
            life.case,
            id=await unit.cases.next_id(),
            customer=customer,
            seller=seller,
            order="1001",
            posting="1001-1",
            policy=life.policy.digest,
        )
        unit.policies.keep(life.policy.digest, life.policy.canonical)
        for version in range(1, case.version + 1):
            before = Status.DRAFT if version == 1 else case.status
            happened = Happened("stored", by, "", "", before, case.status)
            ledger = tuple(life.ledger) if version == 1 else ()
            unit.cases.save(
                replace(case, version=version - 1),
                Decision(replace(case, version=version), (happened,), ledger),
                Event(Action.SUBMIT, by),
                at,
            )
        group.keep(unit)
        await group.commit()
    return case


async def _forgery(setting: Setting) -> Report:
    scenes = tuple(SCENES)[: setting.size]
    outcomes, found = await matrix(await setting.database(), setting.folder, scenes)
    report = Report(faults=found)
    report.seen = f"{sum(outcomes.values()):,} cells: " + ", ".join(
        f"{number:,} {name}" for name, number in outcomes.most_common()
    )
    report.expect(
        outcomes["allowed"] > setting.size, f"only {outcomes['allowed']} cells were allowed"
    )
    return report


TRIALS = (
    Trial(
        name="forgery",
        goals="S1",
        what="who may press what: identities × actions × states × whose",
        size=len(SCENES),
        most=len(SCENES),
        unit="scenes",
        run=awaited(_forgery),
    ),
)
