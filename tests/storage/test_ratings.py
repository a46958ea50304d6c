"""What a seller is told of ratings moves in steps: nobody's own can be told from it."""

from __future__ import annotations

from bot.domain.cases import Status
from bot.services.rating import rate
from bot.services.records import Account
from storage.database import Database
from tests.storage.samples import NOW, decided, keep, new_case


async def rated(memory: Database, case: int, stars: int) -> tuple[dict[int, int], dict[int, int]]:
    """A customer rates: what the staff and what the seller see then."""
    async with memory.group() as group:
        unit = group.unit(NOW)
        await rate(unit, Account(id=10), case, stars=stars)
        group.keep(unit)
        assert not await group.commit()
    async with memory.reading(NOW) as unit:
        return dict(await unit.ratings.figures("acme")), dict(await unit.ratings.told("acme"))


async def test_a_seller_cannot_tell_one_rating_by_the_figures_before_and_after_it(
    memory: Database,
) -> None:
    for number in range(1, 12):
        before = new_case(number, order=f"O-{number}")
        await keep(memory, before, decided(before, Status.REFUNDED))
    for case in (1, 2, 3, 4):
        assert (await rated(memory, case, 5))[1] == {}
    assert (await rated(memory, 4, 1))[1] == {}, "a change is no new rating"
    assert (await rated(memory, 5, 4))[1] == {5: 3, 1: 1, 4: 1}
    assert await rated(memory, 5, 2) == ({5: 3, 1: 1, 2: 1}, {5: 3, 1: 1, 4: 1})
    for case in (6, 7, 8):
        assert (await rated(memory, case, 3))[1] == {5: 3, 1: 1, 4: 1}
    async with memory.group() as group:
        units = [group.unit(NOW), group.unit(NOW)]
        for case, unit in enumerate(units, 9):
            await rate(unit, Account(id=10), case, stars=3)
            group.keep(unit)
        assert await group.commit() == {id(units[1])}, "the tenth has not seen the ninth"
    everything = {5: 3, 1: 1, 2: 1, 3: 5}
    assert await rated(memory, 10, 3) == (everything, everything)
    assert (await rated(memory, 11, 3))[1] == everything
