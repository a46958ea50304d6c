"""A track number was typed into the chat: of which return may it be?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.cases import (
    ReturnCase,
    Status,
)
from bot.screens.buttons import OpenCase, To, UseTrack
from bot.screens.layout import button, menu, one_each
from bot.screens.screen import Screen
from bot.texts import Texts, joined

_UNDECIDED: Final = frozenset(
    {Status.NEW, Status.PREMOD, Status.CLARIFY, Status.OFFERED, Status.COUNTER}
)


def recognised(track: str, cases: Sequence[ReturnCase], t: Texts) -> Screen:
    """A track number was typed into the chat while these returns wait to be sent."""
    return Screen(
        text=t("Use {track} as your track number?", track=t.code(track)),
        rows=(
            *one_each(
                button(
                    t.plain("Yes, for return {number}", number=case.number),
                    UseTrack(case=case.id, track=track),
                    "primary",
                )
                for case in cases
            ),
            (menu(t.plain("No"), To.HOME),),
        ),
        slot="menu",
    )


def too_early(track: str, case: ReturnCase, t: Texts) -> Screen:
    """A track number was typed into the chat; this, the newest return, does not wait for one."""
    number = case.number
    if case.status is Status.APPROVED:
        why = t(
            "Return {number} is approved, but the seller has not given an address yet, so nothing "
            "can be sent. I tell you when the address is here: then send the parcel and type its "
            "track number again.",
            number=number,
        )
    elif case.status in _UNDECIDED:
        why = t(
            "Return {number} is not approved yet: please send nothing before. When it is, its "
            "card shows the address. Send the parcel there, then type its track number again.",
            number=number,
        )
    elif case.track:
        known = t.code(case.track)
        why = t("Return {number} has the track number {known}.", number=number, known=known)
    else:
        why = t("The card of return {number} shows how it stands.", number=number)
    seen = t("{track} looks like a track number, but no return waits for one.", track=t.code(track))
    to_card = button(t.plain("Open {number}", number=number), OpenCase(id=case.id))
    return Screen(text=joined([seen, why], "\n\n"), rows=((to_card,),), slot="menu")
