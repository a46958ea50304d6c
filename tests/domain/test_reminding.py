"""Nobody is reminded twice within an hour, and of nothing too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reminding import TOGETHER, Turn, free_at, turn

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Thing = tuple[int, int, int]
"""Minutes: when the timer starts, then how long until its reminder, then until its deadline."""

things = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 200), st.integers(1, 200)), max_size=12
)


def live(things: list[Thing], tick: int) -> list[tuple[datetime, Turn, set[int]]]:
    """What a person hears whose clock is looked at every so many minutes."""
    said: list[tuple[datetime, Turn, set[int]]] = []
    up_at = {n: START + (start + wait) * MINUTE for n, (start, wait, _) in enumerate(things)}
    due = {n: at + things[n][2] * MINUTE for n, at in up_at.items()}
    open_ = set(up_at)
    for minute in range(0, 800, tick):
        now = START + minute * MINUTE
        known = {n for n in open_ if START + things[n][0] * MINUTE <= now}
        soon = {n for n in known if up_at[n] <= now + TOGETHER}
        up = {n for n in soon if up_at[n] <= now}
        last = said[-1][0] if said else None
        if not up:
            continue
        what = turn([due[n] for n in up], last, now)
        if what is Turn.HOLD:
            assert last is not None
            up_at.update(dict.fromkeys(up, free_at(last, now)))
            continue
        said.append((now, what, soon))
        open_ -= soon
    assert not open_
    for at, _, heard in said:
        for n in heard:
            # Nothing is held beyond its deadline; the rest is how seldom the clock is looked at.
            assert up_at[n] < due[n]
            assert at < due[n] or at - up_at[n] <= tick * MINUTE
    return said


@given(things, st.just(1))
def test_messages_are_an_hour_apart_or_take_the_place_of_the_last(
    things: list[Thing], tick: int
) -> None:
    said = live(things, tick)
    for (before, _, _), (at, what, _) in pairwise(said):
        assert at - before >= TOGETHER or what is Turn.REPLACE


@given(things, st.integers(2, 90))
def test_nothing_is_lost_or_late_however_seldom_the_clock_is_looked_at(
    things: list[Thing], tick: int
) -> None:
    live(things, tick)


@given(st.integers(0, 59), st.integers(1, 300))
def test_to_wait_costs_at_most_half_of_the_time_that_is_left(ago: int, left: int) -> None:
    last, now = START, START + ago * MINUTE
    deadline = now + left * MINUTE
    if turn([deadline], last, now) is Turn.HOLD:
        assert free_at(last, now) - now <= (deadline - now) / 2


def test_what_has_no_deadline_waits() -> None:
    assert turn([None], START, START + MINUTE) is Turn.HOLD
    assert turn([None], None, START) is Turn.SAY


def test_a_clock_that_was_set_back_holds_nobody_longer_than_an_hour() -> None:
    assert free_at(START + timedelta(days=9), START) == START + TOGETHER
