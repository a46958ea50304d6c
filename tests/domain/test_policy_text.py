"""A policy written as a file is read as itself."""

from __future__ import annotations

import pytest

from bot.domain.policy import Policy
from bot.domain.policy_text import as_toml


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ship.days = 0.00001\nmoderation.price_min = 9000\noffer.max_rounds = 'unlimited'\n"
        "clock.outage_credit = 'off'\nclock.mode = 'calendar'\n[rates.TRY]\n2026-03-01 = 2.5",
        "offer.max = 3000\nship.reminders = ['90m', '1h 30m 7s']\nreceipt.minutes = 7.5\n"
        "premoderation.lost_disputes = 'off'\nwindow.food.improper_days = 3\n"
        "window.food.proper_days = 0\n"
        "return_address.seller_courier = 'Куда \"угодно\"'\nrates.USD = 90",
        "[rates]\n'my \"dollar\"' = 90\n[rates.'турецкая лира']\n2026-03-01 = 2.5",
    ],
)
def test_what_is_written_is_read_as_it_was(text: str) -> None:
    policy = Policy.parse(text)
    assert Policy.parse(as_toml(policy)).canonical == policy.canonical
