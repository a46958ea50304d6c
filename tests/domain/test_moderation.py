"""Why a seller is pre-moderated, and until when (X-50)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.moderation import Cause, Premoderation, premoderation
from bot.domain.policy import Policy

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def ago(*days: float) -> list[datetime]:
    return [NOW - timedelta(days=each) for each in days]


def found(
    lost: list[datetime], policy: str = "", *, requested: bool = False, forced_days: int | None = -1
) -> Premoderation | None:
    return premoderation(
        requested=requested,
        forced=forced_days is None or forced_days >= 0,
        forced_until=None if forced_days is None else NOW + timedelta(days=forced_days),
        lost=lost,
        now=NOW,
        policy=Policy.parse(policy),
    )


def test_three_lost_disputes_in_thirty_days_moderate_until_the_third_last_is_too_old() -> None:
    assert found(ago(1, 2)) is None
    assert found(ago(1, 2, 30)) is None
    assert found(ago(1, 2, 29)) == Premoderation(Cause.METRIC, NOW + timedelta(days=1), 3)
    assert found(ago(1, 2, 10, 29)) == Premoderation(Cause.METRIC, NOW + timedelta(days=20), 4)


def test_the_figures_are_keys_of_the_policy() -> None:
    assert found(ago(1, 2), "[premoderation]\nlost_disputes = 2") is not None
    assert found(ago(1, 2, 3), "[premoderation]\nwithin_days = 2.5") is None
    assert found(ago(1, 2, 3), '[premoderation]\nlost_disputes = "off"') is None


def test_the_word_of_the_staff_counts_before_the_figures_and_those_before_a_request() -> None:
    staff = found(ago(1, 2, 3), requested=True, forced_days=5)
    assert staff == Premoderation(Cause.STAFF, NOW + timedelta(days=5), 3)
    assert found([], forced_days=None) == Premoderation(Cause.STAFF, None, 0)
    metric = found(ago(1, 2, 3), requested=True, forced_days=0)
    assert metric is not None
    assert metric.cause is Cause.METRIC
    assert found([], requested=True) == Premoderation(Cause.REQUEST, None, 0)
