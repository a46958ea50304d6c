"""Track numbers: recognised in a chat message, checked when typed for a parcel (X-53).

UPU S10 and UPS numbers carry a check digit; the others are known by their shape. A number that
fits none, or whose check digit is wrong, is not certain: the person confirms it by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.cases import Refused
from bot.domain.refusals import Code


class TrackKind(StrEnum):
    """Whose number it looks like."""

    S10 = "s10"
    """Any post of the Universal Postal Union: RA123456785TR."""
    UPS = "ups"
    DHL = "dhl"
    CAINIAO = "cainiao"
    RUSSIAN_POST = "russian_post"
    """Fourteen digits: a parcel within Russia."""
    TURKISH_POST = "turkish_post"
    """Thirteen digits: a parcel within Turkey."""
    FEDEX = "fedex"
    EXPRESS = "express"
    """Ten digits: DHL Express and CDEK look the same."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Track:
    """A track number without spaces, in Latin capitals. `certain`: it fits a known pattern."""

    number: str
    kind: TrackKind
    certain: bool


_SHAPES = {
    TrackKind.S10: re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}"),
    TrackKind.UPS: re.compile(r"1Z[0-9A-Z]{15}\d"),
    TrackKind.DHL: re.compile(r"JJD\d{16,18}|JVGL\d{10,20}"),
    TrackKind.CAINIAO: re.compile(r"LP\d{14}"),
    TrackKind.RUSSIAN_POST: re.compile(r"\d{14}"),
    TrackKind.TURKISH_POST: re.compile(r"\d{13}"),
    TrackKind.FEDEX: re.compile(r"\d{12}|\d{15}"),
    TrackKind.EXPRESS: re.compile(r"\d{10}"),
}

# Shapes that nothing else in a chat has: digits alone may be a phone, a sum or an order.
_IN_CHAT = re.compile(
    r"(?<![0-9A-Z])(?:[A-Z]{2}[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?[A-Z]{2}"
    r"|1Z[ -]?[0-9A-Z]{15}\d|LP[ -]?\d{14}|JJD[ -]?\d{16,18})(?![0-9A-Z])"
)
_POSSIBLE = re.compile(r"(?=.*\d)[0-9A-Z]+")
_ANY = re.compile(r"(?=.*\d)[0-9A-Z]{6,35}")
_JUNK = re.compile(r"[\s\-–—.№#]+")

# Cyrillic letters that look like Latin ones: people type "РА…" on a Russian keyboard.
_LATIN = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")


def check(text: str) -> Track:
    """The number that was typed as a track number.

    Raises Refused("track_invalid") for what cannot be one: it has no digit, or less than 6 or more
    than 35 letters and digits, or other signs.
    """
    number = _JUNK.sub("", _capitals(text))
    if not _ANY.fullmatch(number):
        raise Refused(Code.TRACK_INVALID, rule="C-18")
    return _judged(number)


def possible(text: str) -> bool:
    """Whether a carrier may have given this number: letters and digits, one digit at least."""
    return _POSSIBLE.fullmatch(_JUNK.sub("", _capitals(text))) is not None


def recognise(text: str) -> Track | None:
    """A track number in free chat text: the first certain one, or else the first that looks so."""
    found = [_judged(_JUNK.sub("", match[0])) for match in _IN_CHAT.finditer(_capitals(text))]
    return next((track for track in found if track.certain), found[0] if found else None)


def _capitals(text: str) -> str:
    return text.upper().translate(_LATIN)


def _judged(number: str) -> Track:
    for kind, shape in _SHAPES.items():
        if shape.fullmatch(number):
            return Track(number, kind, _digit_fits(kind, number))
    return Track(number, TrackKind.UNKNOWN, certain=False)


def _digit_fits(kind: TrackKind, number: str) -> bool:
    if kind is TrackKind.S10:
        return s10_check_digit(number[2:10]) == int(number[10])
    if kind is TrackKind.UPS:
        return _ups_check_digit(number[2:17]) == int(number[17])
    return True


def s10_check_digit(serial: str) -> int:
    """The check digit of the eight digits of a UPU S10 number."""
    weighted = sum(
        int(digit) * weight for digit, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    return {10: 0, 11: 5}.get(rest := 11 - weighted % 11, rest)


def _ups_check_digit(body: str) -> int:
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    return -(sum(values[::2]) + 2 * sum(values[1::2])) % 10
