"""Photos that are used again: how many are found, how many others are taken for them, how soon."""

from __future__ import annotations

import asyncio
import io
import json
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

from bot.services.likeness import NEAR, View, Views, alike
from bot.services.records import Picture
from bot.workers import picture as eye
from storage import looks, migrate, tables
from storage.database import open_database
from storage.engines import open_engine, parsed
from tests.bench.lines import Line
from tests.bench.measuring import Figure
from tests.databases import NoServer, start_postgres
from tests.pictures import COPIES, Made, jpeg, photographed, picture

MADE = 80
"""Photos of which copies are made."""
DIFFERENT = 360
THINGS, TIMES = 40, 6
"""Bare things, each photographed as often: what is hardest to tell apart."""
KNOWN = 100_000
SEARCHES = 40


def lines(folder: Path, chance: random.Random) -> list[Line]:
    """N-6: what is found of a made set, and how quickly among many."""
    return [*_found(), *_searched(folder, chance)]


def views_of(made: Made) -> Views:
    """How a picture looks, as the program sees it."""
    seen = eye.look(io.BytesIO(jpeg(made)))
    return tuple((int(one, 16), int(other, 16)) for one, other in seen["views"])


def _found() -> Iterator[Line]:
    seen = [views_of(picture(number)) for number in range(DIFFERENT)]
    for what, copied in COPIES.items():
        found = sum(
            alike(views_of(copied(picture(number))), seen[number]) is not None
            for number in range(MADE)
        )
        aim = MADE * 95 // 100
        yield Line("N-6", what, f"≥ {aim}", f"{found}", "", f"of {MADE}", found >= aim)
    yield _false("false alarms", combinations(seen, 2), 0.0)
    bare = [
        [views_of(photographed(thing, time)) for time in range(TIMES)] for thing in range(THINGS)
    ]
    anew = chain.from_iterable(combinations(photos, 2) for photos in bare)
    yield _false("one thing photographed anew", anew, 0.05)
    others = chain.from_iterable(product(*pair) for pair in combinations(bare, 2))
    yield _false("other things on the same bare tables", others, 0.01)


def _false(what: str, pairs: Iterable[tuple[Views, Views]], most: float) -> Line:
    """How many pairs of different photos are taken for copies, of which part at most may be."""
    told = [alike(*pair) is not None for pair in pairs]
    part = sum(told) / len(told)
    aim = f"≤ {most:.0%}" if most else "0"
    return Line("N-6", what, aim, f"{sum(told)}", "", f"of {len(told):,} pairs", part <= most)


def _searched(folder: Path, chance: random.Random) -> Iterator[Line]:
    url = f"sqlite:///{folder / 'looks.db'}"
    yield asyncio.run(_search(url, "SQLite", chance))
    try:
        server = start_postgres("photos", "photos", hurries=True)
    except NoServer as error:
        yield Line("N-6", "search, PostgreSQL", "< 250 ms", "—", "", str(error), False)
        return
    try:
        yield asyncio.run(_search(server.make(), "PostgreSQL", chance))
    finally:
        server.close()


async def _search(url: str, name: str, chance: random.Random) -> Line:
    """A copy among many: every search must find it."""
    await migrate.upgrade(url)
    known = [_random(chance) for _ in range(KNOWN)]
    await _fill(url, known)
    times, missed = [], 0
    async with await open_database(url) as memory:
        for at in chance.sample(range(KNOWN), SEARCHES):
            copy = [_changed(view, chance) for view in known[at]]
            new = KNOWN + 1 + at
            async with memory.group() as group:
                unit = group.unit(tables.EPOCH)
                unit.files.seen(Picture(new, tuple(copy)))
                group.keep(unit)
                await group.commit()
            began = time.perf_counter()
            found = await memory.alike(new)
            times.append(time.perf_counter() - began)
            missed += at + 1 not in found
    took = Figure.of(times)
    return Line(
        "N-6",
        f"search among {KNOWN:,}, {name}",
        "< 250 ms",
        f"{took.median * 1e3:.0f} ms",
        f"{took.low * 1e3:.0f} – {took.high * 1e3:.0f}",
        f"{SEARCHES - missed} of {SEARCHES} found, at {NEAR} bits at most",
        took.median < 0.25 and missed <= SEARCHES // 10,
    )


def _random(chance: random.Random) -> list[View]:
    return [(chance.getrandbits(64), chance.getrandbits(64)) for _ in eye.boxes()]


def _changed(view: View, chance: random.Random) -> View:
    """A view of a copy: up to eight bits of its first hash are others."""
    first = view[0]
    for bit in chance.sample(range(64), chance.randrange(9)):
        first ^= 1 << bit
    return first, view[1]


async def _fill(url: str, known: list[list[View]]) -> None:
    """Straight into the tables: the program would do it for as many photos in many days."""
    pictures = ((id, json.dumps(views)) for id, views in enumerate(known, 1))
    rows = (
        (band, id, place, hash)
        for id, views in enumerate(known, 1)
        for place, band, hash in looks.places(views)
    )
    if url.startswith("sqlite"):
        await asyncio.to_thread(_fill_file, url.removeprefix("sqlite:///"), pictures, rows)
        return
    engine = open_engine(parsed(url))
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.copy_records_to_table("pictures", records=pictures)
        await raw.copy_records_to_table("looks", records=rows)
    await engine.dispose()


def _fill_file(path: str, pictures: Iterable[Any], rows: Iterable[Any]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany("INSERT INTO pictures VALUES (?, ?)", pictures)
        ordered = sorted(rows)
        connection.executemany("INSERT INTO looks VALUES (?, ?, ?, ?)", ordered)
