"""One answer to the form of an action: what was typed or pressed, as the input takes it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from bot.domain import tracks
from bot.domain.cases import Action, Asked, Input, Refused
from bot.domain.money import Money
from bot.domain.refusals import Code
from bot.screens.buttons import DONE, SKIP
from bot.screens.forms import KEEP, OTHER
from handlers.action_draft import ActionDraft
from handlers.answers import amount_of, choice_of, count_of, date_of, part_of, text_of


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
    if pressed and typed == OTHER and asked.input is Input.AMOUNT:
        return form.model_copy(update={"typing": True})
    match asked.input:
        case Input.PHOTOS:
            return _album(form, asked, done=pressed and typed == DONE)
        case Input.TRACK:
            return _track(form, typed)
        case Input.RECEIPT_AMOUNT:
            return _receipt(form, typed)
        case Input.ACCEPTED:
            return form.with_units(count_of(typed, form.skus[form.sku]))
        case _:
            return form.answered(_plain(form, asked, typed, now, zone))


def _plain(
    form: ActionDraft, asked: Asked, typed: str | None, now: datetime, zone: str
) -> str | list[int | str]:
    """The JSON value of an input that takes one."""
    match asked.input:
        case Input.REASON | Input.RULING | Input.STATUS | Input.TERMS | Input.TOPIC | Input.OF:
            return choice_of(typed, asked.choices)
        case Input.TEXT | Input.REF | Input.PLACE | Input.ADDRESS:
            return text_of(typed, asked.least)
        case Input.AMOUNT | Input.SHIPPING:
            money = _share(form, typed) or amount_of(typed, form.currency)
            _check_sum(form, asked.input, money)
            return [money.minor, money.currency]
        case Input.RECEIPT_DATE:
            day = date_of(typed, now, zone)
            _check_date(form, day)
            return day.isoformat()
        case Input.PHOTOS | Input.TRACK | Input.RECEIPT_AMOUNT | Input.ACCEPTED:
            raise Refused("not_asked")
        case _:
            assert_never(asked.input)


def _share(form: ActionDraft, typed: str | None) -> Money | None:
    """`35 %` of what was paid, where a part of it is asked for."""
    price = form.limit("below")
    return part_of(typed, price) if price is not None else None


def _check_sum(form: ActionDraft, input: Input, sum: Money) -> None:
    """Say at once what the desk would say at the end: what the option's facts rule out."""
    if sum.currency != form.currency:
        raise Refused(Code.WRONG_CURRENCY, currency=form.currency)
    below, above, most = (form.limit(name) for name in ("below", "above", "most"))
    if input is Input.AMOUNT and below is not None and not 0 < sum.minor < below.minor:
        whole = sum == below and form.action is Action.OFFER
        raise Refused(Code.AMOUNT_OUT_OF_RANGE, below=below, whole=whole)
    if input is Input.AMOUNT and above is not None and sum <= above:
        raise Refused(Code.AMOUNT_NOT_HIGHER, above=above)
    if input is Input.SHIPPING and most is not None and sum > most:
        raise Refused(Code.SHIPPING_TOO_HIGH, most=most)


def _check_date(form: ActionDraft, day: datetime) -> None:
    """As `_check_sum`, of the date of a receipt."""
    if form.dated is not None and not form.dated[0] <= day < form.dated[1]:
        since, until = form.dated
        raise Refused(Code.RECEIPT_DATE_OUT_OF_RANGE, since=since, closed=until)


def _album(form: ActionDraft, asked: Asked, *, done: bool) -> ActionDraft:
    if not done:
        raise Refused("photo_expected")
    if len(form.album) < asked.least:
        raise Refused("photos_missing", least=asked.least, sent=len(form.album))
    return form.answered(list(form.album))


def _receipt(form: ActionDraft, typed: str | None) -> ActionDraft:
    """More than is ever refunded is perhaps a slip of the hand: it waits for a yes."""
    paid = amount_of(typed, form.receipts or form.currency)
    value = paid.minor, paid.currency
    cap = form.cap(paid.currency)
    if cap is not None and paid > cap:
        return form.model_copy(update={"doubted": value})
    return form.answered(value)


def _track(form: ActionDraft, typed: str | None) -> ActionDraft:
    """A number that fits no pattern, or whose check digit is wrong, waits for a yes."""
    track = tracks.check(text_of(typed, 1))
    if track.certain:
        return form.answered(track.number)
    return form.model_copy(update={"doubted": track.number})
