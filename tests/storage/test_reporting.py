"""Returns are found by when they were asked for, whoever looks and whatever came of them."""

from datetime import timedelta

from bot.domain.cases import Status
from storage.database import Database
from storage.tables import EPOCH
from tests.storage.samples import DAY, NOW, decided, keep, new_case


async def test_a_report_is_read_a_page_at_a_time(memory: Database) -> None:
    for id, seller in enumerate(("acme", "other", "acme", "acme"), 1):
        before = new_case(id, seller=seller)
        decision = decided(before, Status.NEW)
        await keep(memory, before, decision, at=NOW + id * DAY)
        if id == 3:
            await keep(memory, decision.case, decided(decision.case, Status.REFUNDED), at=NOW)
    since, until = NOW + DAY, NOW + 4 * DAY
    async with memory.reading(EPOCH) as unit:
        assert await unit.cases.opened(since, until, None) == 3
        assert await unit.cases.opened(since, until, ["acme"]) == 2
        assert await unit.cases.opened(since, until, []) == 0
        (first,) = await unit.cases.opened_after(0, since, until, ["acme"], 1)
        (last,) = await unit.cases.opened_after(first[1].id, since, until, ["acme"], 9)
        late = await unit.cases.opened_after(0, since + timedelta(microseconds=1), until, None, 9)
    assert [(at, case.id) for at, case in (first, last)] == [
        (NOW + DAY, 1),
        (NOW + 3 * DAY, 3),
    ]
    assert last[1].status is Status.REFUNDED
    assert [case.id for _, case in late] == [2, 3]
