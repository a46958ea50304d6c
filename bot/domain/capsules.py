"""Codes on paper beside the product (N-7): a photo with one was taken for this case, after it.

The program gives a code that nobody could have known before, to a customer before shipping and to
a seller on opening; both where the policy says so. It is written on paper and photographed beside
the product, and typed with the photo. What stands on the paper people compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.cases import Capsule, Given, Refused, ReturnCase, Role
from bot.domain.refusals import Code
from bot.domain.turns import Moment, Turn

SIGNS = "CDFHJKLMNPRTWX3479"
"""What is read alike by everybody, from any hand; without vowels no code is a word."""
LENGTH = 4
_CYRILLIC = str.maketrans("СНКМРТХ", "CHKMPTX")


def draw(below: Callable[[int], int]) -> str:
    """A new code; `below(n)` draws from 0 to n - 1."""
    return "".join(SIGNS[below(len(SIGNS))] for _ in range(LENGTH))


def read(typed: str) -> str:
    """A code as it was given: in small or Cyrillic letters, or with spaces, it is the same."""
    return "".join(typed.upper().translate(_CYRILLIC).split())


def capsule_of(case: ReturnCase, role: Role) -> Capsule | None:
    """The code that this party was given last."""
    return next((each for each in reversed(case.capsules) if each.by is role), None)


def switched_on(moment: Moment) -> bool:
    return moment.policy.capsule.mode == "on"


def to_be_shown(moment: Moment) -> None:
    capsule = capsule_of(moment.case, moment.party.role)
    if capsule is None:
        raise Refused(Code.CODE_NOT_GIVEN, rule="C-12")
    if capsule.shown_at is not None:
        raise Refused(Code.CODE_SHOWN, rule="C-12")


def drawn(moment: Moment, given: Given) -> None:
    """The code itself is drawn by whoever asks the core: chance is an argument.

    One that counts is used up first, also if its photo has come. The button stays meanwhile: no
    card is drawn anew because the time of a code is over.
    """
    if not given.text:
        raise Refused(Code.TEXT_MISSING, rule="C-12")
    capsule = capsule_of(moment.case, moment.party.role)
    if capsule is not None and moment.now < capsule.until:
        raise Refused(Code.CODE_STILL_COUNTS, rule="C-12", opens=capsule.until)


def fits(moment: Moment, given: Given) -> None:
    """The code is this party's, of this case, and not too old."""
    capsule = capsule_of(moment.case, moment.party.role)
    assert capsule is not None
    assert given.text is not None
    if read(given.text) != capsule.code:
        raise Refused(Code.CODE_OF_ANOTHER, rule="C-12")
    if moment.now >= capsule.until:
        raise Refused(Code.CODE_EXPIRED, rule="C-12", closed=capsule.until)


def gave(turn: Turn) -> None:
    """A new code takes the place of one that was not photographed; what was proved stays."""
    assert turn.given.text is not None
    until = turn.now + turn.policy.capsule.minutes
    _put(turn, Capsule(turn.role, read(turn.given.text), turn.now, until))


def shown(turn: Turn) -> None:
    capsule = capsule_of(turn.case, turn.role)
    assert capsule is not None
    _put(turn, replace(capsule, shown_at=turn.now))


def _put(turn: Turn, capsule: Capsule) -> None:
    stay = (each for each in turn.case.capsules if each.by is not capsule.by or each.shown_at)
    turn.set(capsules=(*stay, capsule))
