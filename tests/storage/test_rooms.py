"""Rooms of disputes: every version of what was written is kept, and a changed one is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bot.services.ports import Unit
from bot.services.records import File, How, Outcome, Outgoing, Room
from storage.beside import reading
from storage.checking import examine
from storage.database import Database
from storage.engines import open_engine, parsed
from tests.storage.samples import NOW, letter, opened


async def put(memory: Database, *writes: object) -> None:
    """Keep letters and rooms, each in a group of its own."""
    for each in writes:
        async with memory.group() as group:
            unit: Unit = group.unit(NOW)
            unit.rooms.open(each) if isinstance(each, Room) else unit.rooms.write(each)  # type: ignore[arg-type]
            group.keep(unit)
            await group.commit()


async def test_a_letter_keeps_what_it_said_before(memory: Database, database_url: str) -> None:
    await opened(memory)
    first = letter(1, 5, "Call me", "p-1")
    edited = replace(first, text="Write to me", earlier=("Call me",))
    other = letter(1, 6, "Hello?")
    await put(memory, first, other, edited, first)
    async with memory.reading(NOW) as unit:
        assert await unit.rooms.letters(1) == (edited, other)
        assert await unit.rooms.letter(10, 5) == edited
        assert await unit.rooms.letter(10, 7) is None
    engine = open_engine(parsed(database_url))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE letters SET body = replace(body, 'me', 'him')"))
    await engine.dispose()
    async with reading(database_url) as looking:
        wrong = [fault async for looked in examine(looking) for fault in looked.wrong]
    assert len([each for each in wrong if "another letter" in each]) == 2


async def test_photos_of_letters_are_compared_as_all_evidence_is(memory: Database) -> None:
    await opened(memory)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.files.keep(File(key="p-1", file_id="f-1", kind="photo", picture=7))
        group.keep(unit)
        await group.commit()
    assert await memory.uncompared(9) == ()
    await put(memory, letter(1, 5, "Look", "p-1"))
    assert await memory.uncompared(9) == ((1, "p-1"),)


async def test_the_newest_dispute_has_the_room_and_the_first_word_stays(memory: Database) -> None:
    await opened(memory)
    rooms = [
        Room(1, NOW + timedelta(days=day), word) for day, word in enumerate(("BADEFI", "GOLUMA"))
    ]
    await put(memory, *rooms, replace(rooms[1], code="OTHER"))
    async with memory.reading(NOW) as unit:
        assert await unit.rooms.get(1) == rooms[1]
        assert await unit.rooms.get(2) is None


async def test_what_stands_in_a_group_tells_what_it_was_sent_for(memory: Database) -> None:
    await opened(memory)
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.files.keep(File(key="p-1", file_id="f-1", kind="photo"))
        unit.files.show(1, ["p-1"])
        for chat in (10, -100):
            row = Outgoing(
                chat=chat,
                kind="letter",
                payload={},
                key=f"k{chat}",
                slot="letter:10:5",
                how=How.EDIT,
            )
            unit.outbox.put(row)
        group.keep(unit)
        await group.commit()
    taken = (await memory.exchange((), NOW, 5)).rows
    sent = [Outcome(row=row.id, result="sent", message_ids=(77,)) for row in taken]
    await memory.exchange(sent, NOW, 0)
    async with memory.reading(NOW) as unit:
        assert await unit.outbox.slots_at(-100, 77) == ("letter:10:5",)
        assert await unit.outbox.slots_at(-100, 78) == ()
        assert await unit.files.used_elsewhere(["p-1"], 2) == (1,)
