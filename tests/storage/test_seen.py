"""What was decoded is remembered for a while, and forgotten with what retention forgets."""

import asyncio

import pytest

from bot.domain.orders import Order
from storage import seen
from storage.database import Database, open_database
from tests.storage.samples import NOW, order


async def looked_at(memory: Database) -> Order | None:
    async with memory.reading(NOW) as unit:
        return await unit.orders.get("O-1")


async def stored(memory: Database) -> None:
    async with memory.group() as group:
        unit = group.unit(NOW)
        unit.orders.save_all([order("O-1")])
        group.keep(unit)
        await group.commit()


async def test_an_order_is_decoded_once_while_a_form_is_filled_in(memory: Database) -> None:
    await stored(memory)
    assert await looked_at(memory) is await looked_at(memory) is not None


async def test_what_retention_has_forgotten_is_forgotten_in_memory(memory: Database) -> None:
    await stored(memory)
    before = await looked_at(memory)
    await memory.scrub()
    assert await looked_at(memory) is not before


async def test_a_process_that_forgets_nobody_remembers_nobody_for_long(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "LIFE_S", 0.05)
    async with await open_database(database_url) as memory, asyncio.timeout(60):
        await stored(memory)
        before = await looked_at(memory)
        while await looked_at(memory) is before:
            await asyncio.sleep(0.01)
