"""Ways around the bot are hidden, whatever stands around them; everything else is left alone."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from bot.services.masking import hides, masked

words = st.text(st.sampled_from("abc жñ .,!?\n«»"), max_size=20)
digits = st.text(st.sampled_from("0123456789"), min_size=10, max_size=11)
between = st.sampled_from(["", " ", "-", ") (", ".", "  ", "\u200b"])
names = st.text(st.sampled_from("abcxyz_059"), min_size=5, max_size=12)


@given(words, digits, between, st.booleans(), words)
@example("", "9945012345", "", True, "")
def test_no_digit_of_a_phone_is_left(
    before: str, number: str, sign: str, plus: bool, after: str
) -> None:
    phone = ("+" if plus else "") + sign.join((number[:3], number[3:6], number[6:]))
    told = masked(f"{before} {phone} {after}", "[hidden]")
    assert not any(sign in "0123456789" for sign in told), told


@given(words, names, words)
@example("write to", "anna_baku", "please")
def test_no_name_of_an_account_is_left(before: str, name: str, after: str) -> None:
    ways = (f"@{name}", f"https://t.me/{name}", f"t.me/{name}", f"{name}@mail.az", f"＠{name}")
    for way in (*ways, f"tg://resolve?domain={name}", f"{name}(at)shop.com", f"{name}.ru"):
        told = masked(f"{before} {way} {after}", "[hidden]")
        assert name not in told, told
        assert hides(way)


@pytest.mark.parametrize(
    "text",
    [
        "It leaks at the bottom, see photo 3.",
        "RR123456785AZ was posted on 05.03.2026",
        "2 500,00 RUB is the price, I want 1250",
        "Бракованная кружка, артикул А-1042.",
        "１２３ boxes",
    ],
)
def test_what_is_no_contact_stays_as_it_is_typed(text: str) -> None:
    assert masked(text, "[hidden]") == text


@pytest.mark.parametrize("part", ["a-", "a."])
def test_a_long_word_is_looked_through_once(part: str) -> None:
    """From each of its letters it would take minutes: four thousand took half a second."""
    word = part * 100_000
    assert masked(f"{word} t.me/anna", "[hidden]") == f"{word} [hidden]"
