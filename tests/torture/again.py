"""R4: every update comes up to five times, and the rows are the same to the byte."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from bot.services.links import order_parameter
from bot.workers.receiver import read_update
from storage import tables
from tests.torture.books import Books
from tests.torture.trial import Report, Setting, Trial, awaited
from tests.world import START, World, order, world

PAGE = 100
ORDER = 8_000
"""The number of the first customer's order."""


async def _recorded(w: World) -> list[str]:
    """What Telegram brings of one customer's request, as text."""
    raw: list[str] = []
    put = w.telegram.put_update

    def keep(kind: str, payload: Any) -> int | None:
        raw.append(json.dumps({kind: payload}))
        return put(kind, payload)

    w.telegram.put_update = keep  # type: ignore[method-assign]
    anna = await w.customer("Anna", order(str(ORDER)))
    await w.ask(anna, photos=2)
    w.telegram.put_update = put  # type: ignore[method-assign]
    return [each.replace(str(anna.id), "@ID@") for each in raw]


def _of(template: Sequence[str], number: int, secret: str) -> list[dict[str, Any]]:
    """The same updates of another customer."""
    mine = str(ORDER + number)
    link, own = order_parameter(str(ORDER), secret), order_parameter(mine, secret)
    found = []
    for each in template:
        text = each.replace(link, own).replace("@ID@", str(6_000_000_000 + number))
        text = re.sub(r'("file_(?:unique_)?id": ")', rf"\g<1>{number}-", text)
        found.append(json.loads(text.replace(f"{ORDER}", mine)))
    return found


async def _again(setting: Setting) -> Report:
    """Every update one to five times, chats shuffled: the same rows, to the byte."""
    report, chance = Report(), random.Random(setting.seed)
    async with world(await setting.database(), setting.place("template")) as w:
        template, secret = await _recorded(w), w.running.settings.secret
    people = max(2, setting.size // (3 * len(template)))
    chats = [_of(template, number, secret) for number in range(people)]
    numbered = iter(range(1, 10**9))
    shuffled = [number for number, chat in enumerate(chats) for _ in chat]
    chance.shuffle(shuffled)
    once = [{"update_id": next(numbered), **chats[number].pop(0)} for number in shuffled]
    pages = [once[at : at + PAGE] for at in range(0, len(once), PAGE)]
    dumps, delivered = [], 0
    for repeats in (False, True):
        url = await setting.database()
        async with world(url, setting.place(f"repeats-{repeats}")) as w:
            await w.know(*(order(str(ORDER + number)) for number in range(people)))
        received = 0
        async with world(url, setting.place(f"repeats-{repeats}")) as w:
            past: list[dict[str, Any]] = []
            for page in pages:
                past += page
                again = chance.choices(past, k=2 * len(page)) if repeats else []
                mixed = page + again
                # The first time an update comes, it comes in its order; the copies come anywhere.
                rows = [r for each in mixed if (r := read_update(each, START))]
                received += len(rows)
                await w.running.memory.receive(rows, START)
                w.running.processor.wake()
                while await w.running.memory.oldest_undone() is not None:
                    await asyncio.sleep(0.002)
            delivered = received
        dumps.append(await _dumped(url))
    for name in dumps[0]:
        report.expect(dumps[0][name] == dumps[1][name], f"{name} are others after repetition")
    requests = len(dumps[0]["cases"])
    report.expect(requests == people, f"{requests} requests of {people} people")
    report.seen = f"{len(once):,} updates of {people} chats, delivered {delivered:,} times"
    return report


_TABLES = (tables.cases, tables.case_units, tables.timers, tables.reminders, tables.ledger,
           tables.drafts, tables.orders, tables.evidence)  # fmt: skip


async def _dumped(url: str) -> dict[str, list[str]]:
    """What the tables hold, by order and not by the number that chance gave a case."""
    books = Books(url)
    cases = {row.id: row.order_number for row in await books.rows(select(tables.cases))}
    found: dict[str, list[str]] = {}
    for table in _TABLES:
        rows = []
        for row in await books.rows(select(table)):
            values = dict(row._mapping)
            # Whether the worker has come by yet is no word of an update.
            values.pop("compared", None)
            if "case_id" in values:
                values["case_id"] = cases[values["case_id"]]
            if table is tables.cases:
                body = json.loads(values.pop("body"))
                body["id"] = 0
                values = {**values, "id": 0, "digest": "", "body": json.dumps(body)}
            rows.append(repr(sorted(values.items(), key=lambda item: item[0])))
        found[table.name] = sorted(rows)
    lines = [
        f"{cases[row.case_id]} {row.seq} {row.event} {row.by} {row.after} {row.facts}"
        for row in await books.rows(select(tables.history))
    ]
    found["history"] = sorted(lines)
    said = await books.rows(
        select(tables.outbox.c.chat, func.count().label("n")).group_by(tables.outbox.c.chat)
    )
    # Reply by reply: how many rows each person has caused.
    found["messages"] = sorted(f"{row.chat} {row.n}" for row in said if row.chat > 6 * 10**9 - 1)
    await books.close()
    return found


TRIALS = (
    Trial(
        name="again",
        goals="R4",
        what="each update one to five times, shuffled across chats: the same state to the byte",
        size=6_000,
        most=100_000,
        unit="deliveries",
        run=awaited(_again),
    ),
)
