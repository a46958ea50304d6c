"""What looks alike is found among all evidence, and forgotten with the last file that shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.domain.cases import Given, ReturnCase, Role, Status
from bot.services import reuse
from bot.services.likeness import View
from bot.services.records import (
    Account,
    File,
    Likeness,
    Picture,
    Pictured,
    Sighting,
    Spot,
    Twin,
    Unseen,
)
from storage import tables
from storage.database import Database
from storage.files import TWINS
from storage.retention import START
from tests.storage.samples import DAY, NOW, decided, keep, new_case

ONE: View = (0xF0F0_F0F0_F0F0_F0F0, 0x1234_5678_9ABC_DEF0)
NEAR: View = (ONE[0] ^ 0b11 << 62, ONE[1] ^ 0xFF)
FAR: View = (ONE[0] ^ 0xFFF, ONE[1])
CUT: View = (0x0123_4567_89AB_CDEF, 0x0F0F_0F0F_0F0F_0F0F)


async def shown(
    memory: Database, key: str, *views: View, sha256: str = "", case: int | None = None
) -> int:
    """A photo that looks like this, and the new case that shows it."""
    picture = Picture(int.from_bytes((sha256 or key).encode()), views)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.policies.keep("p1", "{}")
        unit.files.keep(
            File(
                key=key,
                file_id=key,
                kind="photo",
                sent_at=NOW,
                sha256=sha256 or key,
                picture=picture.id,
            )
        )
        unit.files.seen(picture)
        id = case or await unit.cases.next_id()
        group.keep(unit)
        await group.commit()
    if case is None:
        before = new_case(id, order=f"O-{id}", posting=f"O-{id}-1")
        await keep(memory, before, decided(before, Status.NEW), given=Given(photos=(key,)))
    return id


async def twins(memory: Database, key: str) -> Sequence[Twin]:
    return await memory.twins(key)


async def test_the_same_bytes_and_what_is_near_are_found_and_nothing_else(
    memory: Database,
) -> None:
    first = await shown(memory, "a", ONE)
    second = await shown(memory, "b", NEAR)
    third = await shown(memory, "c", CUT, ONE)
    await shown(memory, "d", FAR)
    fifth = await shown(memory, "e", ONE, sha256="a")
    assert await twins(memory, "a") == (
        Twin(Spot.of_return(first), "a", Likeness.FILE),
        Twin(Spot.of_return(third), "c", Likeness.CUT),
        Twin(Spot.of_return(fifth), "e", Likeness.BYTES),
        Twin(Spot.of_return(second), "b", Likeness.ALIKE, 2),
    )
    assert {twin.file for twin in await twins(memory, "c")} == {"a", "b", "c", "e"}
    assert [twin.file for twin in await twins(memory, "d")] == ["d"]
    assert await memory.uncompared(3) == ((first, "a"), (second, "b"), (third, "c"))
    one, other = Spot.of_return(first), Spot.of_return(second)
    found = Sighting.of(one, "a", Twin(other, "b", Likeness.ALIKE, 2))
    assert found.spot == other, "of two returns the newer comes first"
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.files.compared(second, "b")
        for _ in range(2):
            unit.files.sighted(found)
        group.keep(unit)
        await group.commit()
    assert await memory.uncompared(2) == ((first, "a"), (third, "c"))
    async with memory.reading(NOW) as unit:
        assert await unit.files.sightings(one) == await unit.files.sightings(other) == (found,)


async def test_looks_are_forgotten_with_the_last_file_that_has_them(memory: Database) -> None:
    first = await shown(memory, "a", ONE, CUT)
    second = await shown(memory, "e", ONE, CUT, sha256="a")
    async with memory.group() as group:
        unit = group.unit(NOW)
        older = Twin(Spot.of_return(first), "a", Likeness.BYTES)
        unit.files.sighted(Sighting.of(Spot.of_return(second), "e", older))
        group.keep(unit)
        await group.commit()
    for case, left in ((first, ["e"]), (second, [])):
        await _ends(memory, case)
        await _forget(memory)
        await shown(memory, "new", ONE, case=99)
        assert [twin.file for twin in await twins(memory, "new")] == left
        async with memory.reading(NOW) as unit:
            assert await unit.files.sightings(Spot.of_return(second)) == ()
    assert await memory.alike(int.from_bytes(b"a")) == {}
    async with memory._transaction() as line:
        pictures = {row.picture for row in await line.execute(select(tables.looks))}
    assert pictures == {int.from_bytes(b"new")}


async def test_a_shop_s_own_pictures_are_found_and_never_looked_for(memory: Database) -> None:
    case = await shown(memory, "a", NEAR)
    await shown(memory, "p", ONE, case=99)
    product, other = Spot.of_product("acme", "A:1"), Spot.of_product("ACME", "A:1")
    async with memory.group() as group:
        unit = group.unit(NOW)
        for spot, keys in ((product, ["p", "q"]), (other, ["p"])):
            unit.files.display(spot, keys)
        unit.files.keep(
            File(key="q", file_id="q", kind="photo", sent_at=NOW, sha256="q", unseen=Unseen.PLAIN)
        )
        unit.files.sighted(Sighting(Spot.of_return(case), "a", product, "p", Likeness.ALIKE, 2))
        group.keep(unit)
        await group.commit()
    found = {(twin.spot, twin.how) for twin in await twins(memory, "a") if not twin.spot.case}
    assert found == {(product, Likeness.ALIKE), (other, Likeness.ALIKE)}
    assert await memory.unmatched(9) == ()
    async with memory.group() as group:
        unit = group.unit(NOW)
        assert await unit.files.pictured("acme") == (Pictured("A:1", 2, 1),)
        assert len(await unit.files.sightings(Spot.of_return(case))) == 1
        unit.files.hide(product)
        group.keep(unit)
        await group.commit()
    async with memory.reading(NOW) as unit:
        assert await unit.files.pictured("acme") == ()
        assert await unit.files.sightings(product) == ()
        assert await unit.files.pictured("ACME") == (Pictured("A:1", 1, 0),)


async def test_one_photo_in_many_cases_flooded_the_staff(memory: Database) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.accounts.save(Account(id=7, started_at=NOW))
        unit.accounts.join(7, Role.ADMIN)
        for key, sha256 in (("a", "one"), ("b", "two"), ("c", "two")):
            file = File(key=key, file_id=key, kind="photo", sent_at=NOW, sha256=sha256)
            unit.files.keep(file)
        group.keep(unit)
        await group.commit()
    for id in range(1, 26):
        before = new_case(id, order=f"O-{id}", posting=f"O-{id}-1")
        await keep(memory, before, decided(before, Status.NEW), given=Given(photos=("a", "b")))
    async with memory.group() as group:
        unit = group.unit(NOW)
        same = {key: await unit.files.same(key) for key in "abc"}
        for key in "ac":
            assert [twin.spot.case for twin in same[key]] == [*range(1, TWINS + 1)]
        of_both = {key: same[key] for key in "ab"}
        found = await reuse.sightings_of(unit, Spot.of_return(25), of_both)
        assert len(found) == 2 * TWINS
        await reuse.tell(unit, found)
        group.keep(unit)
        await group.commit()
    async with memory._transaction() as line:
        sent = [json.loads(row.payload) for row in await line.execute(select(tables.outbox))]
    told = [(len(each["sightings"]), each["more"]) for each in sent]
    assert told == [(5, 15)] * 2, "one album and one notice"


async def test_receipts_look_alike_and_were_taken_for_one_another(memory: Database) -> None:
    for key, sha256 in (("a", "one"), ("b", "two"), ("c", "one"), ("d", "four")):
        await shown(memory, key, ONE, sha256=sha256, case=9)
    for id, key, event in ((1, "a", "sent"), (2, "b", "late_proof"), (3, "c", "sent")):
        before = new_case(id, order=f"O-{id}", posting=f"O-{id}-1")
        decision = decided(before, Status.NEW)
        happened = (replace(decision.happened[0], event=event),)
        given = Given(photos=(key,))
        await keep(memory, before, replace(decision, happened=happened), given=given)
    before = new_case(4, order="O-4", posting="O-4-1")
    await keep(memory, before, decided(before, Status.NEW), given=Given(photos=("d",)))
    assert [twin.how for twin in await twins(memory, "a")] == [Likeness.FILE, Likeness.BYTES]
    assert [twin.file for twin in await twins(memory, "b")] == ["b"]
    assert [twin.file for twin in await twins(memory, "d")] == ["d"]


async def _ends(memory: Database, id: int) -> None:
    async with memory.reading(NOW) as unit:
        case: ReturnCase | None = await unit.cases.get(id)
    assert case
    await keep(memory, case, decided(case, Status.CANCELED_BY_CUSTOMER))


async def _forget(memory: Database) -> None:
    place = START
    while place := await memory.forget(NOW + DAY + timedelta(seconds=1), place):  # type: ignore[assignment]
        pass
