"""Names for what is known of photos: plain text, as in `labels`."""

from __future__ import annotations

from typing import assert_never

from bot.domain.cases import return_number
from bot.services.records import Likeness, Spot, SpotKind, Unseen
from bot.texts import Texts


def spot(spot: Spot, t: Texts) -> str:
    """A photo by where it is shown, in a list."""
    match spot.kind:
        case SpotKind.RETURN:
            return t.plain("a photo of return {number}", number=return_number(int(spot.of)))
        case SpotKind.DEDUCTION:
            return t.plain("a photo against the deduction of order {order}", order=spot.order)
        case SpotKind.SHOP:
            return t.plain("the shop's own picture of {sku}", sku=spot.sku)
        case _:
            assert_never(spot.kind)


def likeness(how: Likeness, t: Texts) -> str:
    """What is similar about two photos, in a list."""
    match how:
        case Likeness.FILE:
            return t.plain("the same photo, sent again")
        case Likeness.BYTES:
            return t.plain("the same file")
        case Likeness.ALIKE:
            return t.plain("they look alike")
        case Likeness.CUT:
            return t.plain("one looks cut out of the other")
        case _:
            assert_never(how)


def unseen(why: Unseen, t: Texts) -> str:
    """Why a photo could not be looked at, behind a colon."""
    match why:
        case Unseen.GONE:
            return t.plain("not given by Telegram")
        case Unseen.TOO_BIG:
            return t.plain("larger than a bot may fetch")
        case Unseen.NO_PICTURE:
            return t.plain("no picture that I can read")
        case Unseen.TOO_MANY_PIXELS:
            return t.plain("more pixels than I may look at")
        case Unseen.BROKEN:
            return t.plain("damaged")
        case Unseen.TOO_COSTLY:
            return t.plain("too much time or memory needed")
        case Unseen.PLAIN:
            return t.plain("nothing on it that tells it from others")
        case _:
            assert_never(why)
