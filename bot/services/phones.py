"""Phone numbers in international form, so that 8 (912) … and +7 912 … are one number."""

from __future__ import annotations

import phonenumbers


def international(typed: str, country: str | None = None) -> str | None:
    """E.164 (`+79121234567`) of what was typed; None if it cannot be a phone number.

    `country` (ISO 3166, two letters) is where a number without a country code is at home.
    Telegram gives contacts in international form, with or without the plus.
    """
    for text, region in ((typed, country), (f"+{typed.strip().lstrip('+')}", None)):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
