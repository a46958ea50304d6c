import pytest

from bot.services.phones import international


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("+7 912 123-45-67", None),
        ("79121234567", None),
        ("8 (912) 123-45-67", "RU"),
        ("89121234567", "KZ"),
        ("79121234567", "RU"),
    ],
)
def test_eight_and_plus_seven_are_one_number(typed: str, country: str | None) -> None:
    assert international(typed, country) == "+79121234567"


def test_a_number_without_a_country_code_is_at_home_in_its_country() -> None:
    assert international("0532 123 45 67", "TR") == "+905321234567"


@pytest.mark.parametrize("typed", ["", "call me", "12", "8912"])
def test_what_is_no_number_has_no_international_form(typed: str) -> None:
    assert international(typed) is None
