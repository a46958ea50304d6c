"""Order links open what was signed and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from bot.services.links import (
    invitation_of,
    invitation_parameter,
    new_invitation,
    order_of,
    order_parameter,
    token_hash,
)

NUMBERS = st.text(min_size=1, max_size=30).filter(lambda text: 0 < len(text.encode()) <= 30)


@given(NUMBERS)
def test_a_signed_link_opens_its_order(number: str) -> None:
    parameter = order_parameter(number, "secret")
    assert len(parameter) <= 64
    assert order_of(parameter, "secret") == number


@given(NUMBERS, st.integers(min_value=0, max_value=63), st.sampled_from("AZaz09_-"))
def test_a_link_with_one_changed_character_opens_nothing(number: str, at: int, new: str) -> None:
    parameter = order_parameter(number, "secret")
    at %= len(parameter)
    forged = parameter[:at] + new + parameter[at + 1 :]
    assert order_of(forged, "secret") == (number if forged == parameter else None)


@given(st.text(max_size=70))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert order_of(text, "secret") is None
    invitation_of(text)


def test_a_link_of_another_key_opens_nothing() -> None:
    assert order_of(order_parameter("55-1", "secret"), "other") is None


def test_an_invitation_is_known_by_its_hash_alone() -> None:
    token = new_invitation()
    assert len(token) == 22
    assert invitation_of(invitation_parameter(token)) == token_hash(token)
