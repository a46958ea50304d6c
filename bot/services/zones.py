"""The main time zone of a country: for orders that name no zone of their own, and for sellers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.core import get_global

# Where most people of a country with several zones live.
_MAIN = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Chuuk",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}


def _territories() -> Mapping[str, Any]:
    zones: Mapping[str, Any] = get_global("territory_zones")
    return zones


def is_country(code: str) -> bool:
    """Whether this is a country of ISO 3166 (two capital letters) that has a time zone."""
    return code.isalpha() and code != "ZZ" and code in _territories()


def main_zone(country: str) -> str | None:
    """The zone most people of a country live in; None where there is no telling."""
    zones = _territories().get(country, ())
    return _MAIN.get(country) or (zones[0] if len(zones) == 1 else None)
