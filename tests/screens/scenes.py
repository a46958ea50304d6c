"""Cases at every stage of their life, and the cards that the parties see of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bot.domain.cases import (
    Action,
    DisputeTopic,
    Line,
    Party,
    ReturnCase,
    Role,
    Ruling,
    Status,
    Terms,
)
from bot.domain.costs import costs
from bot.domain.guards import offers_left
from bot.domain.lifecycle import available_actions, what_happens_on_silence
from bot.domain.money import Money
from bot.domain.policy import Policy
from bot.services.records import Spot, SpotKind, Unseen
from bot.services.views import CaseView, Doubts, Said, Silence, Step
from bot.texts import Catalogues, Texts
from tests.domain.life import (
    ADMIN,
    CARRIER,
    COMMENT,
    CUSTOMER,
    MODERATOR,
    SELLER,
    Life,
    approved,
    line,
    march,
    requested,
)

LANGUAGES = ("en", "ru")
READERS = (CUSTOMER, SELLER, MODERATOR, ADMIN)
CATALOGUES = Catalogues()
PLAIN = Catalogues(entities=False)
"""Without date-time entities, so that a test reads what a person reads."""

SPOT = Spot(SpotKind.DEDUCTION, "7", "1001")


def texts(language: str = "en", zone: str = "Asia/Almaty") -> Texts:
    """The words of a reader, without entities."""
    return PLAIN.texts(language, zone)


def sent(life: Life | None = None, receipt: Money | None = None) -> Life:
    """On its way since 4 March, noon."""
    life = life or approved()
    return life.do(
        march(4, 12),
        CUSTOMER,
        Action.SENT,
        track="RR123456785AZ",
        receipt_amount=receipt,
        photos=("receipt.jpg",),
    )


def rejected(**more: Any) -> Life:
    """Rejected by the seller on 1 March at noon."""
    return requested(**more).do(march(1, 12), SELLER, Action.REJECT, reason="used", text=COMMENT)


def received() -> Life:
    """With the seller since 15 March, 15:00."""
    return sent().do(march(15, 15), SELLER, Action.RECEIVE)


def refused() -> Life:
    """Refused after receipt."""
    return received().do(
        march(16), SELLER, Action.REJECT, reason="used", text=COMMENT, photos=("worn.jpg",)
    )


def disputed(**more: Any) -> Life:
    """A dispute about the rejection, with the seller."""
    return rejected(**more).do(
        march(2),
        CUSTOMER,
        Action.OPEN_DISPUTE,
        topic=DisputeTopic.REASON_UNTRUE,
        text="I never wore it.",
    )


def overdue() -> Life:
    """Approved by the clock, and nothing sent."""
    return requested().pass_until(march(6))


def paid() -> Life:
    """Refunded."""
    return (
        received()
        .do(march(16), SELLER, Action.REFUND)
        .do(march(18), ADMIN, Action.PAID, ref="bank-1")
    )


def offered() -> Life:
    """A seller's offer with the customer."""
    return requested().do(march(1, 12), SELLER, Action.OFFER, amount=Money.of("500"))


def asked() -> Life:
    """A seller's question with the customer."""
    return requested().do(march(1, 12), SELLER, Action.ASK, text="Which size is it?")


def coded(life: Life, by: Party, at: datetime, *, shown: bool = False) -> Life:
    """Where photos are taken beside a code: this party has been given one."""
    life.policy = life.policy.with_overrides({"capsule.mode": "on"})
    life.do(at, by, Action.GET_CODE, text="C7XK")
    if shown:
        life.do(at, by, Action.PROVE, text="C7XK", photos=("beside.jpg",))
    return life


SCENES: Mapping[str, Callable[[], Life]] = {
    "new": requested,
    "premoderated": lambda: requested(premoderated=True),
    "premoderated without address": lambda: requested(premoderated=True, address_known=False),
    "premod again": lambda: requested(premoderated=True).pass_until(march(2, 11)),
    "asked": asked,
    "asked by a moderator": lambda: requested(premoderated=True).do(
        march(1, 11), MODERATOR, Action.ASK, text="Which size did you receive?"
    ),
    "answered": lambda: asked().do(march(1, 13), CUSTOMER, Action.ANSWER, text="It is an M."),
    "offered": offered,
    "offered at once": lambda: requested(line("1800.00")),
    "declined": lambda: offered().do(march(1, 13), CUSTOMER, Action.DECLINE),
    "accepted": lambda: offered().do(march(1, 13), CUSTOMER, Action.ACCEPT),
    "approved": approved,
    "approved, defective": lambda: approved(reason="defective"),
    "approved without address": lambda: requested(address_known=False).pass_until(march(2)),
    "approved, with a code": lambda: coded(approved(), CUSTOMER, march(2)),
    "approved, with a photo beside a code": lambda: coded(
        approved(), CUSTOMER, march(2), shown=True
    ),
    "rejected": rejected,
    "rejected for good": lambda: rejected().pass_until(march(7)),
    "overdue": overdue,
    "late proof": lambda: overdue().do(
        march(7),
        CUSTOMER,
        Action.LATE_PROOF,
        receipt_date=march(5),
        photos=("receipt.jpg",),
    ),
    "overdue for good": lambda: overdue().pass_until(march(9)),
    "cancelled": lambda: requested().do(march(1, 12), CUSTOMER, Action.CANCEL),
    "not answered": lambda: asked().pass_until(march(5)),
    "on its way": sent,
    "delivered": lambda: sent().do(march(15), CARRIER, Action.RECEIVE),
    "disputed": disputed,
    "disputed, nobody decides": lambda: (
        disputed().do(march(2, 11), SELLER, Action.REPLY, text="It was worn.").pass_until(march(9))
    ),
    "disputed, settlement": lambda: disputed().do(
        march(2, 11), SELLER, Action.SETTLE, terms=Terms.PART, amount=Money.of("900")
    ),
    "disputed, three proposals": lambda: (
        disputed(reason="defective")
        .do(march(2, 11), SELLER, Action.SETTLE, terms=Terms.REJECT)
        .do(march(2, 12), CUSTOMER, Action.SETTLE, terms=Terms.RETURN)
        .do(march(2, 13), ADMIN, Action.SETTLE, terms=Terms.FULL)
    ),
    "agreed to end it": lambda: (
        disputed()
        .do(march(2, 11), SELLER, Action.SETTLE, terms=Terms.REJECT)
        .do(march(2, 12), CUSTOMER, Action.ACCEPT)
    ),
    "replied": lambda: disputed().do(march(2, 12), SELLER, Action.REPLY, text="It was worn."),
    "lost on the way": lambda: sent().do(
        march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND, text="Nothing has come."
    ),
    "lost, seller silent": lambda: (
        sent()
        .do(march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND, text="Nothing has come.")
        .pass_until(march(23))
    ),
    "lost, then replied": lambda: (
        sent()
        .do(march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND, text="Nothing has come.")
        .do(march(21), SELLER, Action.REPLY, text="It is still on the way.")
    ),
    "lost, wait for it": lambda: (
        sent()
        .do(march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND, text="Nothing has come.")
        .do(march(20, 11), SELLER, Action.SETTLE, terms=Terms.REJECT)
    ),
    "lost, then arrived": lambda: (
        sent(approved(reason="defective"), Money.of("350"))
        .do(march(20), CUSTOMER, Action.WHERE_IS_THE_REFUND, text="Nothing has come.")
        .do(march(21), SELLER, Action.RECEIVE)
    ),
    "ruled for the seller": lambda: (
        disputed()
        .do(march(2, 12), SELLER, Action.REPLY, text="It was worn.")
        .do(march(3), MODERATOR, Action.DECIDE, ruling=Ruling.SELLER, text="It has been worn.")
    ),
    "received": received,
    "received, with a code": lambda: coded(received(), SELLER, march(15, 16)),
    "received, with a photo beside a code": lambda: coded(
        received(), SELLER, march(15, 16), shown=True
    ),
    "refunded, postage in another currency": lambda: (
        sent(approved(reason="defective"), Money.of("200", "TRY"))
        .do(march(15, 15), SELLER, Action.RECEIVE)
        .pass_until(march(22, 15))
    ),
    "refused": refused,
    "disputed after receipt": lambda: refused().do(
        march(17), CUSTOMER, Action.OPEN_DISPUTE, text="I never wore it."
    ),
    "disputed after receipt, full refund": lambda: (
        sent(approved(reason="defective"), Money.of("350"))
        .do(march(15, 15), SELLER, Action.RECEIVE)
        .do(march(16), SELLER, Action.REJECT, reason="used", text=COMMENT, photos=("worn.jpg",))
        .do(march(17), CUSTOMER, Action.OPEN_DISPUTE, text="I never wore it.")
        .do(march(17, 11), MODERATOR, Action.SETTLE, terms=Terms.FULL)
        .do(march(17, 12), SELLER, Action.ACCEPT)
    ),
    "refused for good": lambda: refused().pass_until(march(22)),
    "to be refunded": lambda: received().do(march(16), SELLER, Action.REFUND),
    "refunded": paid,
}
"""Every status, and within a status every turn that its readers are told apart."""


@cache
def scene(name: str) -> Life:
    """The life of this name."""
    return SCENES[name]()


def view(name: str, reader: Party, *, story: str = "It scratches.", **changes: object) -> CaseView:
    """The card's values, filled in as `reading` does, an hour after the last event."""
    life = scene(name)
    case = _named(life.case)
    now = life.log[-1][0] + timedelta(hours=1)
    silence = what_happens_on_silence(life.case, life.policy)
    options = available_actions(life.case, reader, now, life.policy)
    view = CaseView(
        case=case,
        role=reader.role,
        now=now,
        options=options,
        silence=Silence(silence.kind, silence.due_at, silence.status) if silence else None,
        steps=tuple(
            Step(at, event, Role.CLOCK if event.endswith("_due") else Role.SELLER, status, "D-07")
            for at, event, status in life.log
        ),
        said=(
            Said(march(1), "submit", Role.CUSTOMER, story, 2),
            Said(march(1, 12), "reject", Role.SELLER, story),
            Said(march(1, 13), "open_dispute", Role.CUSTOMER, story),
        ),
        address=story if case.status is Status.APPROVED and case.address_known else None,
        seller_name=story,
        reject_reason="used",
        place=story,
        costs=costs(life.case, reader, options, now, life.policy),
        rounds_left=offers_left(life.case, life.policy),
        offer_percent=life.policy.autocomp.offer_percent,
        record={Status.REFUNDED.value: 3, Status.OVERDUE.value: 1},
        unreachable=frozenset({Role.SELLER}),
        doubts=Doubts(
            elsewhere=(12, 13),
            again=(15,),
            sighted=(SPOT,),
            uncompared=dict.fromkeys(Unseen, 2),
            forwarded=3,
        ),
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def _named(case: ReturnCase, title: str = "Blue kettle") -> ReturnCase:
    lines: tuple[Line, ...] = tuple(replace(each, title=title) for each in case.lines)
    return replace(case, order="1001", lines=lines, reason=case.reason or "changed_mind")


POLICY = Policy()
