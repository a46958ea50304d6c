"""When two pictures look alike (N-6), and how the like of one is found among many.

A picture has several views: the whole first, then parts of it. Where the whole of one looks like a
view of the other, one is a copy of the other or was cut out of it. A view is two hashes of 64 bits,
so that what agrees by chance in one does not in the other. Lines of print on white paper agree in
both: what came as the receipt of a parcel is found by its file and its bytes, never by its looks.

The first hash is kept under four bands of 16 bits. Of two hashes that differ in less than eight
bits some band differs in one at most, and all such bands are looked up; at eight and ten bits the
chance is 96 and 78 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NEAR = 10
"""In how many bits the first hashes of what looks alike may differ."""
SURE = 16
"""In how many bits the second ones may differ then."""

View = tuple[int, int]
"""Two hashes from 0 to 2**64 - 1: by the frequencies of a picture, and by its gradients."""
Views = Sequence[View]

_BANDS = 4
_WIDTH = 16
_MASK = (1 << _WIDTH) - 1
_PARTS = _BANDS << _WIDTH
"""Where the bands of parts begin, behind those of wholes."""
_CHANGES = (0, *(1 << bit for bit in range(_WIDTH)))


@dataclass(frozen=True, slots=True)
class Near:
    """In how many bits two pictures differ. `cut`: one was cut out of the other."""

    bits: int
    cut: bool


def picture_of(sha256: str) -> int:
    """The number of the picture with these bytes: 60 bits of their digest."""
    return int(sha256[:15], 16)


def alike(one: Views, other: Views) -> Near | None:
    """How near two pictures are; None if they do not look alike."""
    if not one or not other:
        return None
    wholes = [(one[0], view) for view in other] + [(view, other[0]) for view in one[1:]]
    near = [
        Near(bits, cut=not (left is one[0] and right is other[0]))
        for left, right in wholes
        if (bits := _bits(left[0], right[0])) <= NEAR and _bits(left[1], right[1]) <= SURE
    ]
    return min(near, key=lambda each: (each.bits, each.cut), default=None)


def bands(view: View, at: int) -> Iterator[int]:
    """The numbers under which the view at this place is kept; those of wholes are apart."""
    for band, part in _parts(view):
        yield _number(band, part, whole=at == 0)


def probes(views: Views) -> dict[int, list[int]]:
    """Where what may look alike is kept: number → first hashes of the views that look there."""
    found: dict[int, list[int]] = {}
    for at, view in enumerate(views):
        for band, part in _parts(view):
            for change in _CHANGES:
                for whole in (True, False) if at == 0 else (True,):
                    number = _number(band, part ^ change, whole=whole)
                    found.setdefault(number, []).append(view[0])
    return found


def near(hash: int, others: Sequence[int]) -> bool:
    """Whether a first hash is near to one of the others."""
    return any(_bits(hash, other) <= NEAR for other in others)


def _bits(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def _parts(view: View) -> Iterator[tuple[int, int]]:
    for band in range(_BANDS):
        yield band, view[0] >> band * _WIDTH & _MASK


def _number(band: int, part: int, *, whole: bool) -> int:
    return (0 if whole else _PARTS) + (band << _WIDTH) + part
