"""Permits keep Telegram's limits, whatever the order and the speed of the answers."""

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.faults import Limits
from bot.workers.permits import Permits, Rates
from tests.workers.local_bot import Clock

ANNA, BORIS, GROUP = 1, 2, -3


def test_a_chat_is_free_one_second_after_the_answer() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    permits.take(ANNA, 1)
    assert permits.chat_ready_at(ANNA) == inf
    clock.pass_by(0.4)
    permits.give_back(ANNA, 1)
    assert permits.chat_ready_at(ANNA) == clock.seconds + 1
    assert permits.chat_ready_at(BORIS) <= clock.seconds


def test_the_thirty_first_call_waits_for_the_first_permit_to_return() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    for chat in range(1, 31):
        permits.take(chat, 1)
    assert permits.bot_ready_at(1) == inf
    permits.give_back(1, 1)
    clock.pass_by(0.5)
    permits.give_back(2, 1)
    assert permits.bot_ready_at(1) <= clock.seconds + 0.5
    assert permits.bot_ready_at(2) == clock.seconds + 1


def test_every_part_of_an_album_needs_a_permit() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    permits.take(ANNA, 10)
    assert permits.bot_ready_at(20) <= clock.seconds
    assert permits.bot_ready_at(21) == inf


def test_the_twenty_first_message_of_a_group_waits_for_a_minute() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    first = clock.seconds
    for _ in range(20):
        permits.take(GROUP, 1)
        permits.give_back(GROUP, 1)
        clock.pass_by(1)
    assert permits.chat_ready_at(GROUP) == first + 60


def test_one_chat_told_to_wait_holds_up_nobody_else() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    assert not permits.told_to_wait(ANNA, 30)
    clock.pass_by(10)
    assert not permits.told_to_wait(BORIS, 30)
    assert permits.bot_ready_at(1) <= clock.seconds


def test_two_chats_told_to_wait_at_once_mean_the_whole_bot() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    permits.told_to_wait(ANNA, 30)
    assert permits.told_to_wait(BORIS, 7)
    assert permits.bot_ready_at(1) <= clock.seconds + 7


def test_chats_that_hold_nothing_are_forgotten() -> None:
    clock = Clock()
    permits = Permits(clock.steady, Rates())
    for chat in range(1, 5_000):
        permits.take(chat, 1)
        permits.give_back(chat, 1)
        clock.pass_by(0.1)
    assert len(permits._chats) <= 1_001


@settings(deadline=None)
@given(st.data())
def test_no_order_of_calls_and_answers_meets_a_limit(data: st.DataObject) -> None:
    clock, limits = Clock(), Limits(now=lambda: 0)
    permits = Permits(clock.steady, Rates())
    under_way: list[tuple[int, int]] = []
    for _ in range(60):
        if data.draw(st.booleans()) and under_way:
            permits.give_back(*under_way.pop(data.draw(st.integers(0, len(under_way) - 1))))
        chat = data.draw(st.sampled_from([*range(1, 20), *range(-3, 0)]))
        messages = data.draw(st.sampled_from([1, 1, 1, 5]))
        ready_at = max(permits.bot_ready_at(messages), permits.chat_ready_at(chat))
        if ready_at < inf:
            clock.seconds = max(clock.seconds, ready_at)
            permits.take(chat, messages)
            # The server counts at any moment between the call and its answer: now is the worst.
            assert limits.take(clock.seconds, chat, messages, group=chat < 0) == 0
            under_way.append((chat, messages))
        clock.seconds += data.draw(st.floats(0, 0.3))


def test_a_free_permit_was_free_before_it_was_asked_for() -> None:
    seconds = iter(range(1000))
    permits = Permits(lambda: float(next(seconds)), Rates())
    asked_at = float(next(seconds))
    assert permits.bot_ready_at(1) <= asked_at
