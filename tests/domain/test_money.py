"""Money is counted in the smallest unit, rounded half up, and never mixed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import CurrencyMismatch, Money

SUMS = st.integers(min_value=0, max_value=10**12)


def test_amounts_are_read_in_major_units_and_written_with_their_digits() -> None:
    assert Money.of("1800").minor == 180_000
    assert str(Money.of("1800")) == "1800.00 RUB"
    assert Money.of(500, "JPY").minor == 500
    assert str(Money.of("1.5", "KWD")) == "1.500 KWD"


@pytest.mark.parametrize(("read", "minor"), [("0.005", 1), ("0.0049", 0), ("2.675", 268)])
def test_a_half_is_rounded_up(read: str, minor: int) -> None:
    assert Money.of(read).minor == minor


@pytest.mark.parametrize("text", ["", "much", "NaN", "Infinity", "1e30"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        Money.of(text)


def test_half_of_an_odd_kopeck_goes_up() -> None:
    assert Money(180_000, "RUB").percent(50) == Money(90_000, "RUB")
    assert Money(3, "RUB").percent(50) == Money(2, "RUB")
    assert Money(12_000_00, "RUB").percent(Decimal("17.5")) == Money(210_000, "RUB")


@given(SUMS, SUMS)
def test_sums_add_and_compare_as_their_minor_units(one: int, other: int) -> None:
    left, right = Money(one, "RUB"), Money(other, "RUB")
    assert (left + right - right) == left
    assert (left < right, left <= right, left > right, left >= right) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
    )
    assert bool(left) == (one != 0)
    assert left * 3 == left + left + left


def test_two_currencies_never_meet() -> None:
    roubles, liras = Money.of(1), Money.of(1, "TRY")
    for meet in (
        lambda: roubles + liras,
        lambda: roubles - liras,
        lambda: roubles < liras,
        lambda: roubles >= liras,
    ):
        with pytest.raises(CurrencyMismatch, match=r"^(TRY and RUB|RUB and TRY)$"):
            meet()
    assert roubles != liras
