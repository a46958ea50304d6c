"""A block is judged by people who have neither said it nor are concerned by it (X-26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.blocking import Block, confirmed, lifted, upheld
from bot.domain.cases import Refused

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
BLOCKED, FIRST, SECOND = 1, 2, 3
BLOCK = Block(id=1, account=BLOCKED, by=FIRST, at=NOW, reason="Four times the same photo.")
OBJECTED = replace(BLOCK, appeal="They are four mugs.", appealed_at=NOW)


@pytest.mark.parametrize(
    ("act", "block", "may"),
    [(confirmed, BLOCK, {SECOND}), (lifted, BLOCK, {FIRST, SECOND}), (upheld, OBJECTED, {SECOND})],
)
def test_who_has_blocked_and_who_is_blocked_do_not_judge_it(
    act: Callable[[Block, int, datetime], Block], block: Block, may: set[int]
) -> None:
    for person in (BLOCKED, FIRST, SECOND):
        if person in may:
            assert act(block, person, NOW + timedelta(hours=1)) != block
        else:
            with pytest.raises(Refused, match="second_person_needed"):
                act(block, person, NOW + timedelta(hours=1))


def test_an_objection_waits_on_after_somebody_has_confirmed_the_block() -> None:
    later = NOW + timedelta(hours=1)
    assert confirmed(OBJECTED, SECOND, later).waits(later)
    assert not confirmed(BLOCK, SECOND, later).waits(later)
    for answered in (upheld(OBJECTED, SECOND, later), lifted(OBJECTED, FIRST, later)):
        assert not answered.waits(later)
