"""Which days a report is about, in words that people type."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.domain.cases import Refused
from bot.services.reporting import Period, period_of

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03", " 2026-03-01 2026-03-31 ", "2026-03-31 2026-03-01", "1.3.2026 31.03.2026",
        "2026-03-01..2026-03-31", "2026-03-01 – 31.3.2026", MARCH.code,
    ],
)  # fmt: skip
def test_a_period_is_read_as_it_is_meant(typed: str) -> None:
    assert period_of(typed) == MARCH


def test_one_day_is_a_period() -> None:
    assert period_of("2026-03-05") == Period(date(2026, 3, 5), date(2026, 3, 5))


@pytest.mark.parametrize(
    "typed",
    [
        "march", "2026-13", "2026-02-30", "2026", "2026-03-01 2026-03-02 2026-03-03", "0000-01",
        "2026-03-01 to 2026-03-31", "9999-12", "32.1.2026", "-",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="period_expected"):
        period_of(typed)


def test_a_day_begins_and_ends_where_the_reader_lives() -> None:
    since, until = MARCH.instants("Europe/Berlin")
    assert since == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert until == datetime(2026, 3, 31, 22, tzinfo=UTC), "summer time has come meanwhile"
