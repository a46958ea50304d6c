"""How far pictures may differ that look alike, and that what is near is looked up (N-6)."""

from __future__ import annotations

import io
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.services.likeness import NEAR, SURE, View, alike, bands, near, probes
from bot.workers import picture as eye
from tests.pictures import COPIES, Made, jpeg, photographed, picture

HASHES = st.integers(0, 2**64 - 1)
VIEWS = st.tuples(HASHES, HASHES)
BITS = st.integers(0, 63)


def views_of(made: Made) -> tuple[View, ...]:
    seen = eye.look(io.BytesIO(jpeg(made)))
    return tuple((int(one, 16), int(other, 16)) for one, other in seen["views"])


def test_copies_are_found_and_others_are_not() -> None:
    """The small brother of `python -m tests.bench photos`."""
    made = [picture(number) for number in range(8)]
    seen = [views_of(each) for each in made]
    assert [pair for pair in combinations(seen, 2) if alike(*pair)] == []
    for at, (what, copied) in enumerate(COPIES.items()):
        of = at % len(made)
        assert alike(views_of(copied(made[of])), seen[of]), what


def test_one_thing_that_is_photographed_anew_is_no_copy() -> None:
    anew = [views_of(photographed(thing, time)) for thing in range(3) for time in range(2)]
    assert [pair for pair in combinations(anew, 2) if alike(*pair)] == []


@given(VIEWS, st.sets(BITS, max_size=NEAR), st.sets(BITS, max_size=SURE))
def test_what_differs_in_few_bits_looks_alike_whichever_is_asked(
    view: View, first: set[int], second: set[int]
) -> None:
    other = (_flipped(view[0], first), _flipped(view[1], second))
    there, back = alike([view], [other]), alike([other], [view])
    assert there == back
    assert there is not None
    assert (there.bits, there.cut) == (len(first), False)


@given(VIEWS, st.sets(BITS, min_size=NEAR + 1), st.sets(BITS, min_size=SURE + 1))
def test_what_differs_in_more_in_either_hash_does_not(
    view: View, first: set[int], second: set[int]
) -> None:
    assert alike([view], [(_flipped(view[0], first), view[1])]) is None
    assert alike([view], [(view[0], _flipped(view[1], second))]) is None
    assert alike([], [view]) is None


@given(VIEWS, VIEWS, st.sets(BITS, max_size=7), st.booleans())
def test_up_to_seven_bits_are_always_looked_up(
    view: View, whole: View, changed: set[int], cut: bool
) -> None:
    """Whether the copy was cut out of what is known, or what is known out of the copy."""
    copy = (_flipped(view[0], changed), view[1])
    known, asks = ([whole, view], [copy]) if cut else ([view], [whole, copy])
    asked = probes(asks)
    found = {
        band
        for at, each in enumerate(known)
        for band in bands(each, at)
        if band in asked and near(each[0], asked[band])
    }
    assert found


def _flipped(hash: int, bits: set[int]) -> int:
    for bit in bits:
        hash ^= 1 << bit
    return hash
