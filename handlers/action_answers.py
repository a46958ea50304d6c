"""One answer to the form of an action: what was typed or pressed, as the input takes it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from bot.domain import tracks
from bot.domain.cases import Asked, Input, Refused
from bot.domain.money import Money
from bot.screens.buttons import DONE, SKIP
from bot.screens.forms import KEEP
from handlers.action_draft import ActionDraft
from handlers.answers import amount_of, choice_of, count_of, date_of, text_of


def expected(form: ActionDraft) -> str:
    """The code that says what the present question takes."""
    if form.question is None or form.question.choices:
        return "choice_expected"
    match form.question.input:
        case Input.PHOTOS:
            return "photo_expected"
        case Input.AMOUNT | Input.SHIPPING | Input.RECEIPT_AMOUNT:
            return "amount_expected"
        case Input.RECEIPT_DATE:
            return "date_expected"
        case Input.TRACK:
            return "track_expected"
        case _:
            return "text_expected"


def taken(
    form: ActionDraft, typed: str | None, now: datetime, zone: str, *, pressed: bool = False
) -> ActionDraft:
    """The form with an answer. Raises Refused for what the present question cannot take.

    The words that only buttons carry (SKIP, DONE, KEEP) count only when `pressed`.
    """
    asked = form.question
    if asked is None:
        raise Refused("choice_expected")
    if pressed and typed == SKIP and not asked.required:
        return form.answered(None)
    if pressed and typed == KEEP and form.doubted:
        return form.answered(form.doubted)
    match asked.input:
        case Input.PHOTOS:
            return _album(form, asked, done=pressed and typed == DONE)
        case Input.TRACK:
            return _track(form, typed)
        case Input.ACCEPTED:
            return form.with_units(count_of(typed, form.skus[form.sku]))
        case _:
            return form.answered(_plain(form, asked, typed, now, zone))


def _plain(
    form: ActionDraft, asked: Asked, typed: str | None, now: datetime, zone: str
) -> str | list[int | str]:
    """The JSON value of an input that takes one."""
    match asked.input:
        case Input.REASON | Input.RULING | Input.STATUS:
            return choice_of(typed, asked.choices)
        case Input.TEXT | Input.REF | Input.PLACE | Input.ADDRESS:
            return text_of(typed, asked.least)
        case Input.AMOUNT | Input.SHIPPING | Input.RECEIPT_AMOUNT:
            return _money(amount_of(typed, form.currency))
        case Input.RECEIPT_DATE:
            return date_of(typed, now, zone).isoformat()
        case Input.PHOTOS | Input.TRACK | Input.ACCEPTED:
            raise Refused("not_asked")
        case _:
            assert_never(asked.input)


def _money(money: Money) -> list[int | str]:
    return [money.minor, money.currency]


def _album(form: ActionDraft, asked: Asked, *, done: bool) -> ActionDraft:
    if not done:
        raise Refused("photo_expected")
    if len(form.album) < asked.least:
        raise Refused("photos_missing", least=asked.least, sent=len(form.album))
    return form.answered(list(form.album))


def _track(form: ActionDraft, typed: str | None) -> ActionDraft:
    """A number that fits no pattern, or whose check digit is wrong, waits for a yes."""
    track = tracks.check(text_of(typed, 1))
    if track.certain:
        return form.answered(track.number)
    return form.model_copy(update={"doubted": track.number})
