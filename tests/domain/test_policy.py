"""A policy is read exactly, refused with its line, and known by its digest."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import ReasonClass, TimerKind
from bot.domain.money import Money
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_file import flat

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

LENGTHS = {
    TimerKind.DECISION: 24 * HOUR,
    TimerKind.PREMOD: 24 * HOUR,
    TimerKind.CLARIFY: 3 * DAY,
    TimerKind.OFFER: 3 * DAY,
    TimerKind.COUNTER: 3 * DAY,
    TimerKind.SHIP: 4 * DAY,
    TimerKind.LATE_PROOF: 48 * HOUR,
    TimerKind.PROOF: 72 * HOUR,
    TimerKind.TRANSIT_UNLOCK: 14 * DAY,
    TimerKind.TRANSIT_AUTO: 31 * DAY,
    TimerKind.TRANSIT_CAP: 60 * DAY,
    TimerKind.DELIVERED: 3 * DAY,
    TimerKind.APPEAL: 5 * DAY,
    TimerKind.DISPUTE_REPLY: 48 * HOUR,
    TimerKind.DISPUTE_DECIDE: 3 * DAY,
    TimerKind.INSPECT: 7 * DAY,
    TimerKind.REFUND_ETA: 10 * DAY,
}

REMINDERS = {
    TimerKind.DECISION: (12, 3, 1),
    TimerKind.PREMOD: (6, 1),
    TimerKind.CLARIFY: (24, 3),
    TimerKind.OFFER: (24, 3),
    TimerKind.COUNTER: (24, 3),
    TimerKind.SHIP: (48, 24, 3),
    TimerKind.LATE_PROOF: (),
    TimerKind.PROOF: (),
    TimerKind.TRANSIT_UNLOCK: (),
    TimerKind.TRANSIT_AUTO: (72,),
    TimerKind.TRANSIT_CAP: (168,),
    TimerKind.DELIVERED: (24, 3),
    TimerKind.APPEAL: (48, 24, 3),
    TimerKind.DISPUTE_REPLY: (24, 3),
    TimerKind.DISPUTE_DECIDE: (24, 3),
    TimerKind.INSPECT: (72, 24, 3),
    TimerKind.REFUND_ETA: (),
}


def test_the_named_defaults_are_built_in() -> None:
    policy = Policy()
    assert {kind: policy.length(kind) for kind in TimerKind} == LENGTHS
    assert {kind: policy.reminders(kind) for kind in TimerKind} == {
        kind: tuple(timedelta(hours=hours) for hours in before)
        for kind, before in REMINDERS.items()
    }
    assert [policy.min_photos(each) for each in ReasonClass] == [1, 2, 2, 2]
    assert policy.autocomp_limit == Money.of("1800.00")
    assert policy.ship_refund_cap == Money.of("5000.00")
    assert policy.moderated_from is None
    assert policy.refund_eta.earliest_days == 3 * DAY


def test_an_empty_file_is_the_default_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert Policy.load(file) == Policy() == Policy.load(None)


@pytest.mark.parametrize("kind", list(TimerKind))
@pytest.mark.parametrize(
    ("unit", "number", "length"),
    [
        ("days", "0.5", DAY / 2),
        ("hours", "1.25", 75 * timedelta(minutes=1)),
        ("minutes", "90", 1.5 * HOUR),
    ],
)
def test_every_timer_is_written_in_the_unit_one_likes(
    kind: TimerKind, unit: str, number: str, length: timedelta
) -> None:
    if kind is TimerKind.REFUND_ETA:
        text = f"refund_eta.{unit} = {number}\nrefund_eta.earliest_days = 0"
    else:
        text = f"[{kind}]\n{unit} = {number}"
    assert Policy.parse(text).length(kind) == length


@pytest.mark.parametrize(
    ("written", "kind", "length"),
    [
        ("overdue.late_proof_hours = 24", TimerKind.LATE_PROOF, DAY),
        ("transit.auto_dispute_days = 30", TimerKind.TRANSIT_AUTO, 30 * DAY),
        ("dispute.reply_hours = 24", TimerKind.DISPUTE_REPLY, DAY),
        ("dispute.decide_days = 2", TimerKind.DISPUTE_DECIDE, 2 * DAY),
        ("dispute.transit_cap_days = 45", TimerKind.TRANSIT_CAP, 45 * DAY),
        ("refund.eta_days = [1, 5]", TimerKind.REFUND_ETA, 5 * DAY),
        ('ship = "customer_guide"', TimerKind.SHIP, 7 * DAY),
        ('ship = "legacy_abroad"', TimerKind.SHIP, 10 * DAY),
        ("[ship]\ngrace_days = 1.5", TimerKind.SHIP, 5.5 * DAY),
    ],
)
def test_the_other_names_of_the_rules_are_understood(
    written: str, kind: TimerKind, length: timedelta
) -> None:
    assert Policy.parse(written).length(kind) == length


@given(st.integers(min_value=1, max_value=10**12))
def test_a_fraction_of_a_day_is_exact_to_the_microsecond(micros: int) -> None:
    days = Decimal(micros) / Decimal(86_400_000_000)
    policy = Policy.parse(f"transit_unlock.days = {days:.20f}")
    assert policy.length(TimerKind.TRANSIT_UNLOCK) == timedelta(microseconds=micros)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ship]\ndays = 4\ndayz = 5", "line 3: ship.dayz: there is no such key"),
        ("\n[shipp]\ndays = 4", "line 3: shipp.days: there is no such key"),
        ('\n"ship.dayz" = 4', "line 2: ship.dayz: there is no such key"),
        ('[ship]\nlength = "P4D"', "line 2: ship.length: there is no such key"),
        ("[ship]\ndays = 4\nhours = 96", "line 2: ship.days: give one of days or hours, not both"),
        (
            "[late_proof]\nhours = 1\n\n[overdue]\nlate_proof_hours = 1",
            "line 5: overdue.late_proof_hours: says the same as late_proof.hours",
        ),
        ("appeal.days = -1", "line 1: appeal.days: a number that is not below 0 is expected"),
        ("appeal.days = nan", "line 1: appeal.days: a number that is not below 0 is expected"),
        ("appeal.days = 0", "line 1: appeal.days: the length must be more than nothing"),
        ("appeal.days = true", "line 1: appeal.days: a number is expected"),
        ('appeal.days = "5"', "line 1: appeal.days: a number is expected"),
        ("appeal.days = 99999", "line 1: appeal.days: longer than a hundred years"),
        ("appeal = 5", "line 1: appeal: a table is expected"),
        (
            'ship = "sometimes"',
            "line 1: ship: one of seller_table, customer_guide, legacy_abroad is expected",
        ),
        (
            '[appeal]\nreminders = ["6d"]',
            "line 2: appeal.reminders: a reminder must be shorter than its timer",
        ),
        (
            '[appeal]\nreminders = ["soon"]',
            'line 2: appeal.reminders: a length such as "48h", "3d" or "15m" is expected',
        ),
        (
            "refund.eta_days = [5, 3]",
            "line 1: refund.eta_days: the earliest day is after the last one",
        ),
        (
            "refund.eta_days = 5",
            "line 1: refund.eta_days: two numbers are expected: [earliest, latest]",
        ),
        (
            'offer.on_expiry = "accepted"',
            "line 1: offer.on_expiry: 'declined' or 'cancel_inaction' is expected",
        ),
        (
            "offer.max_rounds = 0",
            "line 1: offer.max_rounds: at least 1 is expected",
        ),
        (
            "autocomp.offer_percent = 100",
            "line 1: autocomp.offer_percent: less than 100 is expected",
        ),
        (
            'ship_refund.cap = "5000.001"',
            "line 1: ship_refund.cap: a sum has no more than two decimal digits",
        ),
        (
            'ship_refund.cap = "-1"',
            "line 1: ship_refund.cap: at least 0 is expected",
        ),
        (
            "evidence.min_photos.proper = 11",
            "line 1: evidence.min_photos.proper: at most 10 is expected",
        ),
        (
            "evidence.max_photos = 1",
            "line 1: evidence.max_photos: more photos are asked for than are taken",
        ),
        ('clock.tz = "Mars/Olympus"', "line 1: clock.tz: 'Mars/Olympus' is not a time zone"),
        ('[rates]\nTRY = "0"', "line 2: rates.TRY: more than 0 is expected"),
        (
            "ship.days = 4\nship.days 5",
            "line 2: not TOML: Expected '=' after a key in a key/value pair",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.parse(text)
    assert str(refused.value) == said


_WRONG: tuple[Any, ...] = ("x", -1, 10**13, True, ["x"], {"a": 1}, 0.5, [], "")


@pytest.mark.parametrize(
    "text",
    [
        "autocomp.max_price = 1e30",
        "rates.USD = 1e400000000",
        "ship.days = 1e400000000",
        "ship.days = 1e9999999999999999999",
        f"ship.days = {'9' * 5_000}",
        f"ship.days = 0x{'f' * 5_000}",
        f"ship = {'[' * 30_000}",
        f"{'a.' * 5_000}a = 1",
        'ship.days = "P4000000D"',
        'ship.days = "P"',
    ],
    ids=lambda text: text[:40],
)
def test_numbers_and_tables_beyond_all_reading_are_faults_of_the_policy(text: str) -> None:
    with pytest.raises(PolicyError):
        Policy.parse(text)


def test_no_fault_of_a_policy_speaks_of_inputs_and_tuples() -> None:
    faults = set()
    for key in flat(json.loads(Policy().canonical)):
        for wrong in _WRONG:
            try:
                Policy().with_overrides({key: wrong})
            except PolicyError as error:
                faults.add(error.reason)
    assert len(faults) > 20
    assert not [each for each in faults if re.search("input|tuple|valid|bool|integer|string", each)]


def test_equal_policies_have_one_digest_however_they_are_written() -> None:
    one = Policy.parse("[ship]\ndays = 4.5\n[autocomp]\nmax_price = 1800\n[rates]\nTRY = 2.50")
    other = Policy.parse('rates.TRY = "2.5"\nautocomp.max_price = "1800.00"\nship.hours = 108')
    assert one.canonical == other.canonical
    assert one.digest == other.digest != Policy().digest
    assert len(one.digest) == 64


def test_a_stored_policy_comes_back_whole() -> None:
    policy = Policy.parse(
        "ship.days = 0.00001\nmoderation.price_min = 9000\noffer.max_rounds = 'unlimited'\n"
        "clock.outage_credit = 'off'\nclock.mode = 'calendar'\n[rates.TRY]\n2026-03-01 = 2.5"
    )
    again = Policy.from_canonical(policy.canonical)
    assert again == policy
    assert again.digest == policy.digest
    assert again.length(TimerKind.SHIP) == timedelta(microseconds=864_000)
    assert (again.offer.max_rounds, again.clock.outage_credit) == (None, False)
    assert again.moderated_from == Money.of("9000")


def test_a_damaged_stored_policy_is_refused() -> None:
    with pytest.raises(PolicyError):
        Policy.from_canonical('{"ship": {"length": "P4D", "colour": "red"}}')


def test_a_script_overrides_single_keys() -> None:
    policy = Policy.parse("[ship]\ndays = 5\n[rates]\nTRY = 2\n[offer]\nmax_rounds = 5")
    changed = policy.with_overrides(
        {"ship.days": 7, "overdue.late_proof_hours": 0.5, "rates.TRY": 3, "autocomp.max_price": "0"}
    )
    assert changed.length(TimerKind.SHIP) == 7 * DAY
    assert changed.length(TimerKind.LATE_PROOF) == HOUR / 2
    assert changed.offer.max_rounds == 5
    assert changed.converted(Money.of(1, "TRY"), "RUB", date(2026, 3, 1)) == Money.of(3)
    assert policy.length(TimerKind.SHIP) == 5 * DAY
    assert policy.with_overrides({}) == policy


def test_a_wrong_override_names_its_key() -> None:
    with pytest.raises(PolicyError, match=r"^ship\.dayz: there is no such key$") as refused:
        Policy().with_overrides({"ship.dayz": 7})
    assert refused.value.key == "ship.dayz"
    with pytest.raises(PolicyError, match=r"^ship\.days: a number is expected$"):
        Policy().with_overrides({"ship.days": "7"})


def test_a_shortened_timer_drops_the_reminders_that_no_longer_fit() -> None:
    assert Policy.parse("ship.days = 1").reminders(TimerKind.SHIP) == (3 * HOUR,)
    assert Policy().with_overrides({"ship.hours": 2}).reminders(TimerKind.SHIP) == ()


def test_reminders_are_set_in_words_and_come_longest_first() -> None:
    policy = Policy.parse('[ship]\nreminders = ["90m", "2d", "1.5h", "12h"]')
    assert policy.reminders(TimerKind.SHIP) == (2 * DAY, 12 * HOUR, 1.5 * HOUR)
    assert Policy.parse("ship.reminders = []").reminders(TimerKind.SHIP) == ()


def test_the_late_proof_alone_can_be_switched_off() -> None:
    assert Policy.parse("late_proof.hours = 0").length(TimerKind.LATE_PROOF) == timedelta(0)


def test_timers_elapse_to_the_microsecond() -> None:
    since = datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC)
    assert Policy().due(TimerKind.SHIP, since) == since + 4 * DAY


def test_in_calendar_mode_whole_days_end_with_the_local_day() -> None:
    policy = Policy.parse('clock.mode = "calendar"\nproof.hours = 71')
    since = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # already 3 March in Moscow
    assert policy.due(TimerKind.SHIP, since) == datetime(2026, 3, 7, 21, tzinfo=UTC)
    assert policy.due(TimerKind.PROOF, since) == since + 71 * HOUR


def test_an_offer_is_more_than_nothing_and_less_than_the_price() -> None:
    paid = Money.of("2500.00")
    offers = ["0.00", "0.01", "2499.99", "2500.00"]
    assert [Policy().allows_offer(Money.of(each), paid) for each in offers] == [
        False, True, True, False,
    ]  # fmt: skip
    bounded = Policy.parse("offer.min = 100\noffer.max = 1000")
    assert [bounded.allows_offer(Money.of(each), paid) for each in (100, 101, 1000, 1001)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_receipt_is_converted_at_the_rate_of_its_date() -> None:
    policy = Policy.parse(
        '[rates]\nUSD = "80"\n[rates.TRY]\n2026-01-01 = "2.5"\n2026-03-01 = "2.75"'
    )
    lira = Money.of("100", "TRY")
    assert policy.converted(lira, "RUB", date(2025, 12, 31)) is None
    assert policy.converted(lira, "RUB", date(2026, 2, 28)) == Money.of("250")
    assert policy.converted(lira, "RUB", date(2026, 3, 1)) == Money.of("275")
    assert policy.converted(lira, "USD", date(2026, 3, 1)) == Money.of("3.44", "USD")
    assert policy.converted(lira, "TRY", date(2025, 1, 1)) == lira
    assert policy.converted(Money.of(1, "EUR"), "RUB", date(2026, 3, 1)) is None
