"""A page that no list has is no poison: it is an old button, and nobody is alarmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world import order, world


@pytest.mark.parametrize("offset", [1_000_000, 2**31, 2**63 - 1])
async def test_a_forged_page_behind_all_lists_is_no_fault_of_ours(
    database_url: str, tmp_path: Path, offset: int
) -> None:
    async with world(database_url, tmp_path) as w:
        anna = await w.customer("Anna", order())
        emre = await w.seller()
        await w.ask(anna)
        for person, lists in (
            (anna, ("orders", "returns")),
            (emre, ("queue",)),
            (w.owner, ("queue", "refunds")),
        ):
            for each in lists:
                person.forge_press(f"p:{each}:{offset}", person.last.id)
        await w.settle()
        assert w.running.processor.results.keys() == {"done"}
