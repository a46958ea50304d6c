from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import Refused
from bot.domain.money import Money
from handlers.answers import amount_of, count_of, date_of, text_of

NOON = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "money"),
    [
        ("1234", Money(123400, "RUB")),
        ("1234.5", Money(123450, "RUB")),
        ("1 234,50", Money(123450, "RUB")),
        ("1,234.50", Money(123450, "RUB")),
        ("1.234,50", Money(123450, "RUB")),
        ("1,234", Money(123400, "RUB")),
        ("1,234,567", Money(123456700, "RUB")),
        ("350 TRY", Money(35000, "TRY")),
        ("$ 12", Money(1200, "USD")),
        ("350 руб.", Money(35000, "RUB")),
        ("12 000 ₽", Money(1200000, "RUB")),
        ("0", Money(0, "RUB")),
    ],
)
def test_a_sum_is_read_as_people_write_it(typed: str, money: Money) -> None:
    assert amount_of(typed, "RUB") == money


@pytest.mark.parametrize(
    "typed",
    [None, "", "a lot", "-5", "1.2.3", "1,23,456", "12 or 13", "5 EURO?", "RUB 5 RUB", "1.234,5,6"],
)
def test_what_is_no_sum_is_refused(typed: str | None) -> None:
    with pytest.raises(Refused, match="amount_expected"):
        amount_of(typed, "RUB")


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(typed: str) -> None:
    for reader in (
        lambda: amount_of(typed, "RUB"),
        lambda: date_of(typed, NOON, "Asia/Almaty"),
        lambda: count_of(typed, 3),
        lambda: text_of(typed, 10),
    ):
        with suppress(Refused):
            reader()


@given(st.integers(0, 10**13), st.sampled_from([" ", ",", "", "\u00a0", "'"]))
def test_a_sum_survives_its_thousands_marks(minor: int, mark: str) -> None:
    whole, part = divmod(minor, 100)
    written = f"{whole:,}".replace(",", mark) + f".{part:02d}"
    assert amount_of(written, "RUB") == Money(minor, "RUB")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", "2026-03-06"),
        ("yesterday", "2026-03-05"),
        ("2026-03-01", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("1.3", "2026-03-01"),
        ("1/3/26", "2026-03-01"),
        ("31.12", "2025-12-31"),
    ],
)
def test_a_date_is_the_readers_day_at_midnight_utc(typed: str, day: str) -> None:
    # Half past ten in the evening in London is the next morning in Almaty.
    assert date_of(typed, NOON, "Asia/Almaty") == datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_a_receipt_from_tomorrow_is_refused() -> None:
    with pytest.raises(Refused, match="date_in_future"):
        date_of("2026-03-06", NOON, "UTC")


@pytest.mark.parametrize("typed", [None, "soon", "31.02.2026", "32.1", "2026-3-1", "29.2"])
def test_what_is_no_date_is_refused(typed: str | None) -> None:
    with pytest.raises(Refused, match="date_expected"):
        date_of(typed, NOON, "UTC")


def test_a_comment_that_is_too_short_says_how_long_it_must_be() -> None:
    with pytest.raises(Refused) as refused:
        text_of("  too short  ", 10)
    assert (refused.value.code, refused.value.facts) == ("text_too_short", {"least": 10})
