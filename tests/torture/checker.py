"""What must hold whatever was played and however it was disturbed.

Each function answers with sentences about what is wrong; a sound run has none. They know the
tables, the playground and the evidence of its witness, and nothing of any scenario.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from bot.domain.cases import Role, return_number
from bot.domain.policy import Policy
from bot.playground.entities import read_text
from bot.screens.screen import Screen
from bot.services.announcing import card_slot
from bot.services.desk import ReturnDesk
from bot.services.masking import masked
from bot.services.reading import Reading
from bot.services.records import How, OutboxRow
from bot.texts import Catalogues
from bot.workers.messages import InReply
from bot.workers.rendering import Renderer
from storage import tables
from storage.database import open_database
from tests.torture import deeds
from tests.torture.books import UNSENT, Books
from tests.torture.witness import WatchedTelegram


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
            *await _corresponded(books, telegram),
            *await deeds.faults(books),
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


async def _said(books: Books, telegram: WatchedTelegram, now: datetime, struck: bool) -> list[str]:
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


async def _corresponded(books: Books, telegram: WatchedTelegram) -> list[str]:
    """Every letter of a dispute has come, and its readers read what it says now."""
    found, said = [], dict[str, str]()
    for row in await books.rows(select(tables.letters).order_by(tables.letters.c.n)):
        said[f"letter:{row.chat}:{row.message}"] = json.loads(row.body)["text"]
    held = await books.rows(select(tables.slots).where(tables.slots.c.slot.in_(said)))
    for row in held:
        message = telegram.people[row.chat].chat.find(row.message)
        if message is None or masked(said[row.slot], "") not in message.text:
            found.append(f"{row.slot} of {row.chat} does not say {said[row.slot]!r}")
    unread = said.keys() - {row.slot for row in held}
    return found + [f"{slot} was read by nobody" for slot in unread if said[slot]]


async def decided(books: Books, now: datetime) -> list[str]:
    """What `returndesk check` finds wrong with the returns, and what it cannot know: the time."""
    found = await books.faults()
    for timer in await books.rows(select(tables.timers).where(tables.timers.c.look_at <= now)):
        found.append(f"{return_number(timer.case_id)} is late with {timer.kind}")
    for line in await books.rows(select(tables.history).where(tables.history.c.at > now)):
        found.append(
            f"{return_number(line.case_id)} has line {line.seq} of {line.at}, and it is {now}"
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
        created_at=tables.EPOCH,
    )
