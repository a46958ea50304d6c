"""What the parties have said of a return, on its card: the newest, and what decisions rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bot.domain.cases import STAFF, Action, Role, Status
from bot.screens import labels
from bot.screens.room import words
from bot.screens.words import capital, quoted
from bot.services.views import CaseView, Said
from bot.texts import Html, Texts, joined

_USUAL: Final = 400
_OLDER: Final = 250
"""Characters of what is quoted."""

_WEIGHED: Final = frozenset(
    {
        Status.CLARIFY,
        Status.PREMOD,
        Status.OFFERED,
        Status.COUNTER,
        Status.REJECTED,
        Status.DISPUTE,
        Status.RECEIVED,
        Status.REFUSED_AFTER_RECEIPT,
    }
)
"""Where somebody is still to decide, and weighs what was asked and answered."""


def spoken(view: CaseView, t: Texts, longest: int) -> Iterator[Html]:
    """The quotes of a card, none longer than `longest` characters.

    The customer's story, what the others said last, the last question with its answer, and the
    newest of the room. Own words need not be read again, except those of the question.
    """
    staff = view.role in STAFF
    # What staff note for each other is theirs alone, unless the customer is to answer it.
    said = [each for each in view.said if staff or not each.among_staff]
    story = next((each for each in said if each.event == Action.SUBMIT.value), None)
    if story is not None and view.role is not Role.CUSTOMER:
        yield quoted(story, view.role, t, longest)
    others = [each for each in said if each is not story and (staff or each.by is not view.role)]
    newest = others[-3 if staff else -2 :]
    kept = _discussed(said) if view.case.status in _WEIGHED else ()
    for each in said:
        if each in newest or each in kept:
            limit = _USUAL if each in newest else _OLDER
            yield quoted(each, view.role, t, min(limit, longest))
    written = [each for each in view.letters if each.text and (staff or view.role in each.to)]
    for letter in written[-4 if staff else -2 :]:
        head = t("{who} wrote:", who=capital(labels.role(letter.by, t)))
        yield joined([head, words(letter, view.role, t, min(_USUAL, longest))])


def _discussed(said: Sequence[Said]) -> Sequence[Said]:
    """The last question that was answered, its answer, and what has been asked since."""
    talk = [each for each in said if each.asks or each.event == Action.ANSWER.value]
    answers = [at for at, each in enumerate(talk) if not each.asks]
    return talk[max(answers[-1] - 1, 0) :] if answers else talk[-1:]
