"""The rating of a finished return: asked for once, kept with the seller, changed for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.cases import Refused, ReturnCase, Role
from bot.domain.rating import STEP, open_until, was_decided
from bot.services.announcing import card_slot, notice, redraw
from bot.services.ports import Unit
from bot.services.records import Account, Rating

ASKED_AFTER: Final = timedelta(hours=1)
"""The news of the end stands alone; the question comes later, and silently."""
QUESTION: Final = "rating"
"""The notice that asks."""


LONGEST_WORD: Final = 500
"""Characters."""


def slot_of(case: int) -> str:
    """The slot of the one message in which a case is rated."""
    return f"rating:{case}"


def ask_when_it_ends(unit: Unit, before: ReturnCase, after: ReturnCase) -> None:
    """Let the customer be asked, once in the life of a case: who says nothing is left in peace."""
    if was_decided(after) and not was_decided(before):
        notice(
            unit,
            after.customer,
            QUESTION,
            {"case": after.id},
            key=f"{QUESTION}:{after.id}",
            slot=slot_of(after.id),
            silent=True,
            at_most_once=True,
            not_before=unit.now + ASKED_AFTER,
        )


async def asks_still(unit: Unit, case_id: int) -> bool:
    """Whether the question is still to be asked when its hour has come."""
    case = await unit.cases.get(case_id)
    return case is not None and was_decided(case) and await unit.ratings.get(case_id) is None


async def rateable(unit: Unit, account: Account, case_id: int) -> tuple[ReturnCase, datetime]:
    """A case that the person may rate now, and until when.

    Raises Refused: `not_found` for whoever is not its customer, `not_rated` or `rating_over`.
    """
    case = await unit.cases.get(case_id)
    if case is None or case.customer != account.id:
        raise Refused("not_found")
    until = open_until(case)
    if until is None:
        raise Refused("not_rated")
    if unit.now >= until:
        raise Refused("rating_over", closed=until)
    return case, until


async def rate(
    unit: Unit, account: Account, case_id: int, *, stars: int = 0, word: str | None = None
) -> tuple[Rating, datetime]:
    """Keep the stars, or the word beside them. Answers the rating and until when it may change.

    Raises as `rateable`, and `not_rated` for a word without stars.
    """
    case, until = await rateable(unit, account, case_id)
    known = await unit.ratings.get(case.id)
    if known is None and not stars:
        raise Refused("not_rated")
    rating = known or Rating(case=case.id, seller=case.seller, stars=stars, at=unit.now)
    rating = replace(rating, stars=stars or rating.stars, word=word or rating.word, at=unit.now)
    unit.ratings.keep(rating)
    if known is None and await unit.ratings.untold(case.seller) + 1 >= STEP:
        unit.ratings.tell(case.seller)
    for role in (Role.CUSTOMER, Role.MODERATOR):
        holders = await unit.outbox.holders(card_slot(case.id, role))
        redraw(unit, case, [(chat, role) for chat in holders])
    return rating, until
