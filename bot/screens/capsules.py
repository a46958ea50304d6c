"""Codes on paper beside the product (N-7), as the card shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.domain.cases import Capsule, Role
from bot.services.views import CaseView
from bot.texts import Html, Texts, said

_SHOWN: Final = {
    Role.CUSTOMER: said(
        "The customer was given the code {code} on {given} and has sent a photo with it on {shown}."
    ),
    Role.SELLER: said(
        "The seller was given the code {code} on {given} and has sent a photo with it on {shown}."
    ),
}


def on_card(view: CaseView, t: Texts) -> Iterator[Html]:
    """One's own code while it counts; whose photo with which code has come, for everybody."""
    for capsule in _newest(view.case.capsules):
        if capsule.shown_at is not None:
            yield _shown(capsule, view.role, t)
        elif capsule.by is view.role and view.now < capsule.until:
            yield t(
                "Your photo code: {code}, until {until}. Write it on paper, lay it beside the "
                "product, and photograph both: so everybody sees what it looked like today.",
                code=t.code(capsule.code),
                until=t.when(capsule.until),
            )


def _newest(capsules: Sequence[Capsule]) -> Iterable[Capsule]:
    """The last code of each party, and the last one before it whose photo has come."""
    return {(each.by, each.shown_at is None): each for each in capsules}.values()


def _shown(capsule: Capsule, reader: Role, t: Texts) -> Html:
    assert capsule.shown_at is not None
    given, shown = t.when(capsule.given_at), t.when(capsule.shown_at)
    if capsule.by is reader:
        return t(
            "Your photo with the code {code} came on {shown}.",
            code=t.code(capsule.code),
            shown=shown,
        )
    told = t(_SHOWN[capsule.by], code=t.code(capsule.code), given=given, shown=shown)
    return t("{told} Compare the code on the paper.", told=told)
