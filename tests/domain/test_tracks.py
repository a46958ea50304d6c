"""Track numbers are recognised where they stand and doubted where their check digit is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import Refused
from bot.domain.tracks import Track, TrackKind, check, recognise, s10_check_digit

DIGITS = "0123456789"
EXAMPLE = Track("RR473124829GB", TrackKind.S10, certain=True)  # of UPU S10-12 itself


def test_the_check_digit_of_the_standards_own_example() -> None:
    assert s10_check_digit("47312482") == 9
    assert check("RR473124829GB") == EXAMPLE


def test_the_two_remainders_that_have_no_digit_of_their_own() -> None:
    assert s10_check_digit("00000015") == 5
    assert s10_check_digit("00000012") == 0


@given(st.text(DIGITS, min_size=8, max_size=8), st.integers(1, 9))
def test_a_wrong_check_digit_is_never_certain(serial: str, off: int) -> None:
    digit = s10_check_digit(serial)
    assert check(f"RR{serial}{digit}TR").certain
    wrong = check(f"RR{serial}{(digit + off) % 10}TR")
    assert (wrong.kind, wrong.certain) == (TrackKind.S10, False)


@pytest.mark.parametrize("typed", ["rr 473 124 829 gb", "RR473-124-829GB", "№ RR473124829GB"])
def test_spaces_hyphens_and_small_letters_do_not_matter(typed: str) -> None:
    assert check(typed) == EXAMPLE


def test_cyrillic_letters_that_look_latin_are_read_as_latin() -> None:
    assert check("РА473124829АМ").number == "PA473124829AM"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("1Z5R89390357567127", TrackKind.UPS),
        ("1Z879E930346834440", TrackKind.UPS),
        ("JJD0099999999999999", TrackKind.DHL),
        ("LP00123456789012", TrackKind.CAINIAO),
        ("80080012345678", TrackKind.RUSSIAN_POST),
        ("2712345678901", TrackKind.TURKISH_POST),
        ("123456789012", TrackKind.FEDEX),
        ("1234567890", TrackKind.EXPRESS),
    ],
)
def test_other_carriers_are_known_by_their_patterns(typed: str, kind: TrackKind) -> None:
    assert check(typed) == Track(typed, kind, certain=True)


def test_a_mistyped_ups_number_is_doubted() -> None:
    assert not check("1Z5R89390357567128").certain


def test_a_number_that_fits_nothing_can_be_confirmed_by_hand() -> None:
    assert check("GEO-77-1234-X") == Track("GEO771234X", TrackKind.UNKNOWN, certain=False)


@pytest.mark.parametrize("typed", ["", "yes", "12345", "I sent it today", "RR47/3124829", "1" * 36])
def test_what_cannot_be_a_track_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        check(typed)
    assert (refused.value.code, refused.value.rule) == ("track_invalid", "C-18")


@pytest.mark.parametrize(
    "said",
    [
        "Sent today, the number is RR473124829GB, thank you",
        "отправил: rr 473 124 829 gb",
        "RR473124828GB? no, RR473124829GB!",
    ],
)
def test_a_track_number_in_the_chat_is_recognised(said: str) -> None:
    assert recognise(said) == EXAMPLE


def test_a_mistyped_track_number_in_the_chat_is_doubted() -> None:
    assert recognise("it is RR473124828GB") == Track("RR473124828GB", TrackKind.S10, certain=False)


@pytest.mark.parametrize(
    "said",
    [
        "call me at +90 532 123 45 67",
        "order 1234567890 of 2026-03-01",
        "I paid 250000 for 12345678901234 reasons",
        "XRR473124829GBX",
        "where is my refund?",
    ],
)
def test_a_phone_a_sum_or_an_order_is_no_track_number(said: str) -> None:
    assert recognise(said) is None
