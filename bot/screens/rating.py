"""The rating of a finished return: the question, the thanks, the word, the seller's figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.cases import Role, return_number
from bot.domain.rating import STARS, STEP
from bot.screens.buttons import Cancel, OpenCase, Rate, RateInWords
from bot.screens.layout import Row, button
from bot.screens.screen import Button, Screen
from bot.services.rating import slot_of
from bot.services.records import DraftKind, Rating
from bot.services.views import CaseView
from bot.texts import Html, Texts, joined


def stars(count: int) -> str:
    """`★★★★☆`."""
    return "★" * count + "☆" * (STARS[-1] - count)


def _scale(case: int) -> Row:
    return tuple(button(f"{each} ★", Rate(case=case, stars=each)) for each in STARS)


def _to_card(case: int, t: Texts) -> Row:
    number = return_number(case)
    return (button(t.plain("Open {number}", number=number), OpenCase(id=case)),)


def question(case: int, t: Texts) -> Screen:
    """How was it? Asked once, silently, or by a button of the card."""
    return Screen(
        text=t(
            "Return {number} is closed. How well was it handled, from 1 (badly) to 5 (very well)? "
            "The seller sees figures, which move only when {step} new ratings have come, never "
            "who has rated how.",
            number=return_number(case),
            step=STEP,
        ),
        rows=(_scale(case), _to_card(case, t)),
        slot=slot_of(case),
    )


def thanks(rating: Rating, until: datetime, t: Texts) -> Screen:
    """The rating as it is kept, and how it can still be changed."""
    words = t.plain("Change the words") if rating.word else t.plain("Add a word")
    return Screen(
        text=joined(
            [
                t(
                    "Thank you! Your rating of return {number}: {stars}",
                    number=return_number(rating.case),
                    stars=stars(rating.stars),
                ),
                t.quote(rating.word) if rating.word else None,
                t("You can change it until {when}.", when=t.when(until)),
            ],
            "\n\n",
        ),
        rows=(
            _scale(rating.case),
            (button(words, RateInWords(case=rating.case)), *_to_card(rating.case, t)),
        ),
        slot=slot_of(rating.case),
    )


def ask_word(case: int, t: Texts, problem: Html | None = None) -> Screen:
    """Asks for the words beside the stars."""
    text = t(
        "What was good or bad about how return {number} was handled? Write it in one message; "
        "only our staff read it.",
        number=return_number(case),
    )
    cancel = button(t.plain("Cancel"), Cancel(form=DraftKind.SLIP))
    return Screen(text=joined([problem, text], "\n\n"), rows=((cancel,),), slot="draft")


def on_card(view: CaseView, t: Texts) -> Html | None:
    """The rating as its customer and the staff see it on the card."""
    rating = view.rating
    if rating is None:
        return None
    said = t.quote(rating.word, 300) if rating.word else None
    if view.role is Role.CUSTOMER:
        return joined([t("Your rating: {stars}", stars=stars(rating.stars)), said])
    return joined([t("The customer's rating: {stars}", stars=stars(rating.stars)), said])


def to_rate(view: CaseView, t: Texts) -> Button | None:
    """The card's button, as long as the customer can rate."""
    until = view.rated_until
    if view.role is not Role.CUSTOMER or until is None or view.now >= until:
        return None
    label = t.plain("Change the rating") if view.rating else t.plain("Rate the handling")
    return button(label, Rate(case=view.case.id, stars=0))


def own_figures(told: Mapping[int, int], t: Texts) -> Html | None:
    """What a seller is told of the ratings, and why not more."""
    if not told:
        return t(
            "Ratings of your customers are shown here as figures once there are {step} of them, "
            "so that nobody can tell who has rated how.",
            step=STEP,
        )
    steps = t(
        "The figures move only when {step} new ratings have come, so that nobody can tell who has "
        "rated how.",
        step=STEP,
    )
    return joined([figures(told, t), steps], " ")


def figures(given: Mapping[int, int], t: Texts) -> Html | None:
    """How many ratings there are, and how high."""
    count = sum(given.values())
    if not count:
        return None
    average = sum(each * times for each, times in given.items()) / count
    spread = joined((f"{each} ★ {given.get(each, 0)}" for each in reversed(STARS)), " · ")
    return t.n(
        "Customers give {average} of 5 on average in {count} rating: {spread}.",
        "Customers give {average} of 5 on average in {count} ratings: {spread}.",
        count,
        average=t.decimal(average),
        spread=spread,
    )
