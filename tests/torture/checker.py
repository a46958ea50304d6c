"""What must hold whatever was played and however it was disturbed.

Each function answers with sentences about what is wrong; a sound run has none. They know the
tables, the playground and the evidence of its witness, and nothing of any scenario.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, select

from bot.domain.cases import TERMINAL, ReturnCase, Role, Status, load_case
from bot.domain.money import Purse
from bot.domain.policy import Policy
from bot.playground.entities import read_text
from bot.screens.screen import Screen
from bot.services.announcing import card_slot
from bot.services.desk import ReturnDesk
from bot.services.reading import Reading
from bot.services.records import How, OutboxRow
from bot.texts import Catalogues
from bot.workers.messages import InReply
from bot.workers.rendering import Renderer
from storage import tables
from storage.database import open_database
from storage.history import ChainLine, content_digest, verify_chain
from tests.torture.books import UNSENT, Books
from tests.torture.witness import WatchedTelegram

Rows = Sequence[Row[*tuple[Any, ...]]]
_MONEY = frozenset({Status.REFUND_DUE, Status.COMP_ACCEPTED, Status.REFUNDED})


async def faults(
    database_url: str, telegram: WatchedTelegram, now: datetime, *, struck: bool = False
) -> list[str]:
    """All that is wrong. The program must be down: the cards are drawn once more.

    `struck`: its own statements or calls have failed, so that it had to try again.
    """
    books = Books(database_url)
    try:
        found = [
            *telegram.evidence.broken,
            *map(str, telegram.violations),
            *await _received(books, telegram, struck),
            *await _said(books, telegram, now, struck),
            *await decided(books, now),
            *await _paid(books),
        ]
    finally:
        await books.close()
    return found + await _shown(database_url, telegram)


async def _received(books: Books, telegram: WatchedTelegram, struck: bool) -> list[str]:
    """R3 and the inbox: every update came in, was confirmed, and was done at the first try."""
    found = []
    inbox = {row.update_id: row for row in await books.rows(select(tables.inbox))}
    if not telegram.updates.advances:
        found.append("no offset was ever confirmed: nothing was proved")
    if telegram.updates.pending:
        found.append(f"{len(telegram.updates.pending)} updates were never confirmed")
    if lost := set(telegram.issued) - inbox.keys():
        found.append(f"updates were lost: {sorted(lost)}")
    if invented := inbox.keys() - set(telegram.issued):
        found.append(f"updates came from nowhere: {sorted(invented)}")
    return found + [
        f"update {row.update_id} is {row.state} ({row.tries} tries): {row.error}"
        for row in inbox.values()
        if row.state != "done" or (row.tries and not struck)
    ]


async def _said(
    books: Books, telegram: WatchedTelegram, now: datetime, struck: bool
) -> list[str]:
    """The outbox: all that was due was said, and at most one message twice for each kill."""
    found = []
    for row in await books.rows(select(tables.outbox)):
        said = telegram.evidence.said.get(row.id, ())
        if row.state in UNSENT and row.not_before <= now:
            found.append(f"a {row.kind} to {row.chat} was left unsaid ({row.key})")
        elif row.state == "dead":
            found.append(f"a {row.kind} to {row.chat} was given up ({row.key}): {row.error}")
        elif row.state == "sent" and row.kind not in ("commands", "strip", "delete"):
            if row.how != How.EDIT and not said:
                found.append(
                    f"a {row.kind} to {row.chat} is marked sent and never came ({row.key})"
                )
        elif row.state == "dropped" and said and not row.at_most_once:
            found.append(f"a {row.kind} to {row.chat} came and is marked dropped ({row.key})")
    for start, times in telegram.evidence.repeated().items():
        if not start and not struck:
            found.append(f"{times} messages were repeated without a kill")
        elif start and times > 1:
            found.append(f"{times} messages were repeated after the kill of start {start}")
    return found


async def decided(books: Books, now: datetime) -> list[str]:
    """Cases, histories and clocks agree; the chain holds; nothing happened twice."""
    found: list[str] = []
    cases = {row.id: row for row in await books.rows(select(tables.cases))}
    lines = _by_case(await books.rows(select(tables.history).order_by(tables.history.c.seq)))
    timers = _by_case(await books.rows(select(tables.timers)))
    reminders = _by_case(await books.rows(select(tables.reminders)))
    units = _by_case(await books.rows(select(tables.case_units)))
    contents = {(row.case_id, row.seq): row for row in await books.rows(select(tables.contents))}
    if strange := (lines.keys() | timers.keys() | reminders.keys()) - cases.keys():
        found.append(f"there are rows of cases that do not exist: {sorted(strange)}")
    for row in cases.values():
        case = load_case(row.body)
        wrong = [
            *_chain(row, lines[row.id], contents),
            *_case(row, case),
            *_clocks(row, case, timers[row.id], now),
            *(f"has line {line.seq} of {line.at}, and it is {now}" for line in lines[row.id] if line.at > now),
        ]
        if case.status in TERMINAL and reminders[row.id]:
            wrong.append("reminds of what is over")
        if {unit.sku: unit.units for unit in units[row.id]} != _units(case):
            wrong.append("holds other units than it is about")
        found += [f"{case.number} {each}" for each in wrong]
    return found


def _chain(case: Row[Any], lines: Rows, contents: dict[tuple[int, int], Row[Any]]) -> Iterator[str]:
    """Nothing is missing from the history, nothing was changed, and it leads to what is."""
    chain = [ChainLine(**line._mapping) for line in lines]
    if (broken := verify_chain(chain)) is not None:
        yield f"has a broken chain at line {broken}"
    if not lines or (case.seq, case.digest) != (lines[-1].seq, lines[-1].digest):
        yield "does not stand where its history ends"
    versions = Counter(line.version for line in lines)
    if sorted(versions) != list(range(1, case.version + 1)):
        yield f"has the versions {sorted(versions)} and stands at {case.version}"
    for line in lines:
        kept = contents.get((line.case_id, line.seq))
        if line.content != (content_digest(kept.salt, kept.body) if kept else ""):
            yield f"has lost or changed the words of line {line.seq}"
    for before, after in pairwise(lines):
        if before.after != after.before:
            yield f"jumps from {before.after} to {after.before} at line {after.seq}"
        if after.at < before.at:
            yield f"goes back in time at line {after.seq}: from {before.at} to {after.at}"
    if lines and lines[-1].after != case.status:
        yield f"is {case.status}, its history says {lines[-1].after}"


def _case(row: Row[Any], case: ReturnCase) -> Iterator[str]:
    for name, stored, meant in (
        ("version", row.version, case.version),
        ("status", row.status, case.status),
        ("customer", row.customer, case.customer),
        ("owes", row.owes, case.owes),
        ("live", row.live, case.status not in TERMINAL),
        ("due_at", row.due_at, min((each.due_at for each in case.timers), default=None)),
    ):
        if stored != meant:
            yield f"is listed with {name} {stored} and is {meant}"


def _clocks(row: Row[Any], case: ReturnCase, timers: Rows, now: datetime) -> Iterator[str]:
    running = {(timer.kind, timer.due_at) for timer in case.timers}
    if {(timer.kind, timer.due_at) for timer in timers} != running:
        yield f"has the timers {[t.kind for t in timers]} and should have {sorted(running)}"
    if any(timer.version != row.version for timer in timers):
        yield "has timers of an older version"
    if late := [timer.kind for timer in timers if timer.look_at <= now]:
        yield f"is late with {late}"
    if case.status in TERMINAL and case.timers:
        yield f"is over, and {[timer.kind for timer in case.timers]} still run"


def _units(case: ReturnCase) -> dict[str, int]:
    units: Counter[str] = Counter()
    for line in case.lines:
        units[line.sku] += line.quantity
    return dict(units)


async def _paid(books: Books) -> list[str]:
    """The ledger: each line hangs on a line of the history, and customers get what was decided."""
    found = []
    lines = {(row.case_id, row.seq) for row in await books.rows(select(tables.history))}
    received: dict[int, int] = defaultdict(int)
    for row in await books.rows(select(tables.ledger)):
        if (row.case_id, row.seq) not in lines:
            found.append(f"money of case {row.case_id} moved without a decision")
        if row.to == row.source or row.minor <= 0:
            found.append(f"a ledger line of case {row.case_id} does not balance")
        received[row.case_id] += row.minor * (
            (row.to == Purse.CUSTOMER) - (row.source == Purse.CUSTOMER)
        )
    for row in await books.rows(select(tables.cases)):
        case = load_case(row.body)
        promised = case.refund.total.minor if case.refund and case.status in _MONEY else 0
        if received[row.id] != promised:
            found.append(
                f"{case.number}: {promised} was promised, the ledger says {received[row.id]}"
            )
    return found


async def _shown(database_url: str, telegram: WatchedTelegram) -> list[str]:
    """What people were told equals what is decided: each card says what it would say now."""
    found = []
    async with await open_database(database_url) as memory:
        reading, catalogues = Reading(ReturnDesk(Policy.load(None))), Catalogues()
        render = Renderer(memory, reading, catalogues, telegram.clock)
        books = Books(database_url)
        slots = await books.rows(select(tables.slots).where(tables.slots.c.slot.like("card:%")))
        cases = await books.rows(select(tables.cases))
        await books.close()
        for row in slots:
            (drawn,) = await render([_card(row)])
            screen = drawn.screen if isinstance(drawn, InReply) else drawn
            message = telegram.people[row.chat].chat.find(row.message)
            if message is None or not isinstance(screen, Screen):
                found.append(f"{row.slot} of {row.chat} is not there")
                continue
            text, _ = read_text(str(screen.text), "HTML", None)
            labels = [button.label for buttons in screen.rows for button in buttons]
            if (message.text, message.labels) != (text, labels):
                found.append(
                    f"{row.slot} of {row.chat} says\n{message.text}\n{message.labels}\n"
                    f"and should say\n{text}\n{labels}"
                )
    holders = {(row.slot, row.chat) for row in slots}
    return found + [
        f"the customer of case {case.id} has no card"
        for case in cases
        if (card_slot(case.id, Role.CUSTOMER), case.customer) not in holders
    ]


def _card(slot: Row[Any]) -> OutboxRow:
    _, case, role = slot.slot.split(":")
    return OutboxRow(
        id=0,
        chat=slot.chat,
        kind="card",
        payload={"case": int(case), "role": role},
        slot=slot.slot,
        how=How.EDIT,
        message=slot.message,
        silent=True,
        at_most_once=False,
        tries=0,
        state_before="new",
        created_at=tables.EPOCH,
    )


def _by_case(rows: Rows) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found
