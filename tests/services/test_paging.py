"""Pages of lists."""

from bot.services.paging import Part, part_of
from bot.services.records import Page

LIST = tuple(range(10))


async def read(page: Page) -> tuple[int, ...]:
    return LIST[page.offset : page.offset + page.limit]


async def test_a_page_knows_whether_others_follow() -> None:
    assert await part_of(read, 0, size=4) == Part((0, 1, 2, 3), 0, more=True)
    assert await part_of(read, 6, size=4) == Part((6, 7, 8, 9), 6, more=False)


async def test_behind_the_end_of_a_list_that_became_shorter_is_its_beginning() -> None:
    assert await part_of(read, 12, size=4) == Part((0, 1, 2, 3), 0, more=True)
