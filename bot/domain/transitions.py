"""The transition table of the mail and courier life: `lifecycle.md` 2.4 as data.

Rows of one status and one trigger are tried from top to bottom; the first whose condition holds
is taken. Keyboards, forms, `README.md` and the whole-table tests come from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.domain import capsules, disputes, forms, proposals, staff
from bot.domain import effects as do
from bot.domain import guards as need
from bot.domain.cases import TERMINAL, Action, Role, Ruling, Status, TimerKind
from bot.domain.forms import Form
from bot.domain.turns import Moment, Turn

Effect = Callable[[Turn], None]
Condition = Callable[[Moment], bool]
Guard = Callable[[Moment], None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: who may do what in which statuses, and where it leads.

    A single target is entered before the effect runs; of several the effect enters one. No target
    means that the status stays. `hears` are the roles whose card comes anew with sound, beside
    whoever must act next and whose money moves. `otherwise`: taken only under a policy that
    departs from the defaults.
    """

    row: str
    sources: tuple[Status, ...]
    trigger: Action | TimerKind
    roles: frozenset[Role]
    to: tuple[Status, ...]
    rule: str
    effect: Effect | None = None
    when: Condition | None = None
    guard: Guard | None = None
    form: Form = forms.NOTHING
    hears: frozenset[Role] = frozenset()
    ruling: Ruling | None = None
    otherwise: bool = False

    @property
    def event(self) -> str:
        """`approve`, or `decision_due` for a timer."""
        timer = isinstance(self.trigger, TimerKind)
        return f"{self.trigger}_due" if timer else str(self.trigger)


S, A, T, R = Status, Action, TimerKind, Role

CUSTOMER = frozenset({R.CUSTOMER})
SELLER = frozenset({R.SELLER})
MODERATOR = frozenset({R.MODERATOR})
ADMIN = frozenset({R.ADMIN})
CARRIER = frozenset({R.CARRIER})
CLOCK = frozenset({R.CLOCK})
PAYMENT = frozenset({R.PAYMENT, R.ADMIN})
PAYMENT_SIDE = frozenset({R.PAYMENT})
ARRIVAL = frozenset({R.SELLER, R.CARRIER})
TRACKERS = frozenset({R.CARRIER, R.SELLER, R.MODERATOR})
CONFIRMERS = frozenset({R.SELLER, R.MODERATOR})
ADDRESSERS = frozenset({R.SELLER, R.SYSTEM})
BOTH = frozenset({R.CUSTOMER, R.SELLER})
DISPUTING = BOTH | MODERATOR


def _row(
    row: str,
    sources: Status | tuple[Status, ...],
    trigger: Action | TimerKind,
    roles: frozenset[Role],
    to: Status | tuple[Status, ...],
    rule: str,
    effect: Effect | None = None,
    *,
    when: Condition | None = None,
    guard: Guard | None = None,
    form: Form = forms.NOTHING,
    hears: frozenset[Role] = frozenset(),
    ruling: Ruling | None = None,
    otherwise: bool = False,
) -> Transition:
    begin = (sources,) if isinstance(sources, Status) else sources
    end = (to,) if isinstance(to, Status) else to
    return Transition(
        row, begin, trigger, roles, end, rule, effect, when, guard, form, hears, ruling, otherwise
    )


LIVE = tuple(each for each in S if each not in TERMINAL and each is not S.DRAFT)
CLOSED = tuple(each for each in S if each in TERMINAL and each is not S.REFUNDED)
_ANY = tuple(each for each in S if each is not S.DRAFT)
_BEFORE_SHIPPING = (
    S.NEW,
    S.PREMOD,
    S.CLARIFY,
    S.OFFERED,
    S.COUNTER,
    S.APPROVED,
    S.REJECTED,
    S.DISPUTE,
)
_WITHDRAWN = (S.REJECTED_FINAL, S.REJECTED_MUTUAL, S.RECEIVED, S.IN_TRANSIT)
_AGREED = (S.COMP_ACCEPTED, S.REFUND_DUE, S.APPROVED, *_WITHDRAWN)

# A row of the table is a line or two, not one line an argument: who does what, then on what terms.
# fmt: off
TABLE: tuple[Transition, ...] = (
    # the request
    _row("03", S.DRAFT, A.SUBMIT, CUSTOMER, S.OFFERED, "D-01", do.submitted_and_offered,
         when=need.offered_at_once, guard=need.eligible, form=forms.REQUEST, hears=SELLER),
    _row("04", S.DRAFT, A.SUBMIT, CUSTOMER, S.PREMOD, "D-05", do.submitted,
         when=need.premoderated, guard=need.eligible, form=forms.REQUEST),
    _row("02", S.DRAFT, A.SUBMIT, CUSTOMER, S.NEW, "D-01", do.submitted,
         guard=need.eligible, form=forms.REQUEST),
    _row("07", S.NEW, A.APPROVE, SELLER, S.APPROVED, "D-13", guard=need.address_set),
    _row("08", S.NEW, A.REJECT, SELLER, S.REJECTED, "D-15", form=forms.REJECTION),
    _row("09", S.NEW, A.OFFER, SELLER, S.OFFERED, "ST-03", do.offered, form=forms.OFFER),
    _row("10", S.NEW, A.REFUND_WITHOUT_RETURN, SELLER, S.REFUND_DUE, "X-54", do.kept_by_customer,
         guard=need.refund_without_return_on, form=forms.PRICE),
    _row("11", S.NEW, A.ASK, SELLER, S.CLARIFY, "D-12", do.asked, form=forms.QUESTION),
    _row("12", S.CLARIFY, A.ANSWER, CUSTOMER, S.CLARIFY, "D-12", do.answered,
         when=need.customer_owes, form=forms.ANSWER),
    _row("13", S.CLARIFY, A.ASK, SELLER, S.CLARIFY, "D-12", do.asked_again,
         guard=need.time_for_a_question, form=forms.QUESTION, hears=CUSTOMER),
    _row("14", S.CLARIFY, A.APPROVE, SELLER, S.APPROVED, "D-13", guard=need.address_set),
    _row("14", S.CLARIFY, A.REJECT, SELLER, S.REJECTED, "D-15", form=forms.REJECTION),
    _row("14", S.CLARIFY, A.OFFER, SELLER, S.OFFERED, "ST-03", do.offered, form=forms.OFFER),
    _row("14", S.CLARIFY, A.REFUND_WITHOUT_RETURN, SELLER, S.REFUND_DUE, "X-54",
         do.kept_by_customer,
         guard=need.refund_without_return_on, form=forms.PRICE),
    _row("16", S.NEW, T.DECISION, CLOCK, S.PREMOD, "X-03", when=need.silence_needs_moderators),
    _row("15", S.NEW, T.DECISION, CLOCK, S.APPROVED, "D-07"),
    _row("17", S.CLARIFY, T.CLARIFY, CLOCK, S.CANCELED_INACTION, "X-13",
         when=need.question_is_old, hears=CUSTOMER),
    _row("18", S.CLARIFY, T.CLARIFY, CLOCK, S.PREMOD, "X-13",
         when=need.clarify_to_moderators, otherwise=True),
    _row("18", S.CLARIFY, T.CLARIFY, CLOCK, S.APPROVED, "D-12"),
    _row("19", S.PREMOD, A.APPROVE, MODERATOR, S.APPROVED, "D-13", hears=SELLER),
    _row("19", S.PREMOD, A.REJECT, MODERATOR, S.REJECTED, "D-15", form=forms.REJECTION),
    _row("19", S.PREMOD, A.OFFER, MODERATOR, S.OFFERED, "ST-03", do.offered, form=forms.OFFER,
         hears=SELLER),
    _row("19", S.PREMOD, A.ASK, MODERATOR, S.CLARIFY, "D-12", do.asked, form=forms.QUESTION),
    _row("19a", S.PREMOD, T.PREMOD, CLOCK, S.PREMOD, "X-03", do.escalated,
         when=need.premod_rounds_left),
    _row("19a", S.PREMOD, T.PREMOD, CLOCK, S.APPROVED, "X-03", hears=SELLER),
    _row("X-48", _BEFORE_SHIPPING, A.SET_ADDRESS, ADDRESSERS, (), "X-48", do.address_arrived,
         when=need.address_unknown, form=forms.ADDRESS),
    # partial compensation
    _row("20", S.OFFERED, A.ACCEPT, CUSTOMER, S.COMP_ACCEPTED, "ST-05", do.part_accepted,
         form=forms.ON_TABLE),
    _row("22", S.OFFERED, A.DECLINE, CUSTOMER, S.APPROVED, "D-09",
         when=need.offer_is_automatic, hears=SELLER),
    _row("21", S.OFFERED, A.DECLINE, CUSTOMER, S.COUNTER, "ST-04"),
    _row("23", S.OFFERED, T.OFFER, CLOCK, S.CANCELED_INACTION, "X-12",
         when=need.silence_cancels_offer, hears=CUSTOMER, otherwise=True),
    _row("23", S.OFFERED, T.OFFER, CLOCK, S.APPROVED, "X-12",
         when=need.offer_is_automatic, hears=SELLER),
    _row("23", S.OFFERED, T.OFFER, CLOCK, S.COUNTER, "X-12"),
    _row("24", S.OFFERED, A.OFFER, SELLER, S.OFFERED, "X-14", do.offered,
         when=need.offer_is_a_persons, guard=need.rounds_left, form=forms.OFFER, hears=CUSTOMER),
    _row("25", S.COUNTER, A.OFFER, SELLER, S.OFFERED, "X-14", do.offered,
         guard=need.rounds_left, form=forms.OFFER),
    _row("26", S.COUNTER, A.APPROVE, SELLER, S.APPROVED, "ST-04", guard=need.address_set),
    _row("26", S.COUNTER, A.REJECT, SELLER, S.REJECTED, "ST-04", form=forms.REJECTION),
    _row("27", S.COUNTER, T.COUNTER, CLOCK, S.APPROVED, "ST-04"),
    _row("28", (S.NEW, S.CLARIFY, S.OFFERED, S.COUNTER, S.PREMOD, S.APPROVED), A.CANCEL, CUSTOMER,
         S.CANCELED_BY_CUSTOMER, "ST-12",
         when=need.goods_with_customer),
    # shipping
    _row("29", S.APPROVED, A.SENT, CUSTOMER, S.IN_TRANSIT, "C-18", do.sent,
         guard=need.address_set, form=forms.PARCEL),
    _row("29a", S.APPROVED, A.GET_CODE, CUSTOMER, S.APPROVED, "C-12", capsules.gave,
         when=capsules.switched_on, form=forms.CODE, otherwise=True),
    _row("29a", S.APPROVED, A.PROVE, CUSTOMER, S.APPROVED, "C-12", capsules.shown,
         when=capsules.switched_on, guard=capsules.to_be_shown, form=forms.PROOF, hears=SELLER,
         otherwise=True),
    _row("30", S.APPROVED, T.SHIP, CLOCK, S.OVERDUE, "ST-08", hears=CUSTOMER),
    _row("31", S.OVERDUE, A.LATE_PROOF, CUSTOMER, S.OVERDUE, "X-52", do.proof_lodged,
         guard=need.proof_in_time, form=forms.LATE_PROOF),
    _row("31", S.OVERDUE, A.APPROVE, MODERATOR, S.IN_TRANSIT, "X-52", do.proof_confirmed,
         when=need.proof_lodged, hears=CUSTOMER),
    _row("31", S.OVERDUE, A.REJECT, MODERATOR, S.OVERDUE, "X-52", do.proof_denied,
         when=need.proof_lodged, form=forms.COMMENT, hears=CUSTOMER),
    _row("31", S.OVERDUE, T.LATE_PROOF, CLOCK, S.OVERDUE, "X-52"),
    _row("31", S.OVERDUE, T.PROOF, CLOCK, S.OVERDUE, "X-52", do.proof_waits),
    _row("32", S.IN_TRANSIT, A.TRACK, TRACKERS, S.IN_TRANSIT, "T-01", do.tracked, form=forms.PLACE),
    _row("32", S.DISPUTE, A.TRACK, TRACKERS, S.DISPUTE, "T-01", do.tracked,
         when=need.about_transit, form=forms.PLACE),
    _row("33", S.IN_TRANSIT, A.RECEIVE, SELLER, S.RECEIVED, "D-14"),
    _row("33", S.IN_TRANSIT, A.RECEIVE, CARRIER, S.IN_TRANSIT, "D-14", do.reported,
         guard=need.not_reported),
    _row("33", S.IN_TRANSIT, T.DELIVERED, CLOCK, S.RECEIVED, "D-14"),
    _row("34", S.IN_TRANSIT, A.WHERE_IS_THE_REFUND, CUSTOMER, S.DISPUTE, "T-02",
         disputes.disputed_transit,
         guard=need.unlocked, form=forms.DISPUTED_TRANSIT),
    _row("34", S.IN_TRANSIT, T.TRANSIT_UNLOCK, CLOCK, S.IN_TRANSIT, "T-02", hears=CUSTOMER),
    _row("35", S.IN_TRANSIT, T.TRANSIT_AUTO, CLOCK, S.DISPUTE, "T-03", disputes.disputed_by_clock,
         hears=CUSTOMER),
    # receipt
    _row("36", S.RECEIVED, A.REFUND, SELLER, S.REFUND_DUE, "R-04", do.refunded_by_seller,
         form=forms.REFUND),
    _row("37", S.RECEIVED, A.REJECT, SELLER, S.REFUSED_AFTER_RECEIPT, "R-03",
         form=forms.REJECTION_WITH_PHOTO),
    _row("38", S.RECEIVED, A.VERDICT, SELLER, S.REFUND_DUE, "X-56", do.split,
         form=forms.VERDICT, hears=CUSTOMER),
    _row("38a", S.RECEIVED, A.GET_CODE, SELLER, S.RECEIVED, "C-12", capsules.gave,
         when=capsules.switched_on, form=forms.CODE, otherwise=True),
    _row("38a", S.RECEIVED, A.PROVE, SELLER, S.RECEIVED, "C-12", capsules.shown,
         when=capsules.switched_on, guard=capsules.to_be_shown, form=forms.PROOF, hears=CUSTOMER,
         otherwise=True),
    _row("39", S.RECEIVED, T.INSPECT, CLOCK, S.REFUND_DUE, "R-01", do.refunded_by_clock),
    # disputes
    _row("40", S.REJECTED, A.OPEN_DISPUTE, CUSTOMER, S.DISPUTE, "ST-10", disputes.disputed_refusal,
         form=forms.DISPUTED_REFUSAL),
    _row("41", S.REJECTED, T.APPEAL, CLOCK, S.REJECTED_FINAL, "ST-09", hears=CUSTOMER),
    _row("42", S.REFUSED_AFTER_RECEIPT, A.OPEN_DISPUTE, CUSTOMER, S.DISPUTE, "R-08",
         disputes.disputed_receipt,
         form=forms.DISPUTED_RECEIPT),
    _row("43", S.REFUSED_AFTER_RECEIPT, T.APPEAL, CLOCK, S.REJECTED_MUTUAL, "R-07", hears=BOTH),
    _row("44", S.DISPUTE, A.REPLY, SELLER, S.DISPUTE, "X-09", disputes.replied,
         guard=need.reply_awaited, form=forms.STORY),
    _row("45", S.DISPUTE, T.DISPUTE_REPLY, CLOCK, S.APPROVED, "T-06", disputes.approved_in_dispute,
         when=need.about_refusal, hears=BOTH),
    _row("46", S.DISPUTE, T.DISPUTE_REPLY, CLOCK, S.REFUND_DUE, "T-06",
         disputes.refunded_in_dispute,
         when=need.about_receipt),
    _row("47", S.DISPUTE, T.DISPUTE_REPLY, CLOCK, S.REFUND_DUE, "T-06",
         disputes.refunded_in_dispute,
         when=need.arrived_unanswered),
    _row("47", S.DISPUTE, T.DISPUTE_REPLY, CLOCK, S.DISPUTE, "T-07", disputes.lost_by_silence,
         hears=BOTH),
    _row("47", S.DISPUTE, A.RECEIVE, ARRIVAL, S.REFUND_DUE, "T-07", disputes.arrived_after_silence,
         when=need.late_after_silence),
    _row("48", S.DISPUTE, A.RECEIVE, ARRIVAL, S.DISPUTE, "T-07", disputes.arrived,
         when=need.on_the_way),
    _row("47", S.DISPUTE, T.DELIVERED, CLOCK, S.REFUND_DUE, "T-07", disputes.arrived_after_silence,
         when=need.late_after_silence),
    _row("48", S.DISPUTE, T.DELIVERED, CLOCK, S.DISPUTE, "T-07", disputes.arrived,
         when=need.on_the_way),
    _row("48", S.DISPUTE, T.TRANSIT_CAP, CLOCK, S.DISPUTE, "X-10", disputes.cap_reached),
    _row("49", S.DISPUTE, A.DECIDE, MODERATOR, (S.APPROVED, S.REFUND_DUE), "H-08",
         disputes.decided_for_customer,
         guard=need.decidable, form=forms.DECISION, ruling=Ruling.CUSTOMER, hears=BOTH),
    _row("50", S.DISPUTE, A.DECIDE, MODERATOR, S.REJECTED_BY_PLATFORM, "X-08",
         disputes.decided_for_seller,
         guard=need.decidable, form=forms.DECISION, ruling=Ruling.SELLER, hears=BOTH),
    _row("51", S.DISPUTE, A.DECIDE, MODERATOR, S.IN_TRANSIT, "H-08", disputes.still_in_transit,
         guard=need.decidable, form=forms.DECISION, ruling=Ruling.IN_TRANSIT, hears=BOTH),
    _row("2.3", S.DISPUTE, T.DISPUTE_DECIDE, CLOCK, (S.APPROVED, S.REFUND_DUE), "X-09",
         disputes.decided_for_customer,
         when=need.moderators_silence_wins, hears=BOTH, otherwise=True),
    _row("2.3", S.DISPUTE, T.DISPUTE_DECIDE, CLOCK,
         (S.REJECTED_FINAL, S.REJECTED_MUTUAL, S.RECEIVED), "X-09", disputes.withdrawn,
         when=need.moderators_silence_changes_nothing, hears=BOTH, otherwise=True),
    _row("2.3", S.DISPUTE, T.DISPUTE_DECIDE, CLOCK, S.DISPUTE, "X-09", disputes.undecided),
    _row("52", S.DISPUTE, A.SETTLE, DISPUTING, (S.DISPUTE, *_AGREED), "D-17", proposals.proposed,
         form=forms.PROPOSAL, hears=BOTH),
    _row("52", S.DISPUTE, A.ACCEPT, BOTH, (S.DISPUTE, *_AGREED), "D-17", proposals.accepted,
         when=need.something_to_accept, form=forms.ACCEPTANCE, hears=BOTH),
    _row("53", S.DISPUTE, A.WITHDRAW, CUSTOMER, _WITHDRAWN, "X-06", disputes.withdrawn,
         form=forms.WORD, hears=SELLER),
    # money and staff
    _row("2.8", S.REFUND_DUE, A.CONFIRM_SHIPPING, CONFIRMERS, (), "R-04", do.shipping_confirmed,
         when=need.shipping_open, form=forms.CONFIRMED_SHIPPING),
    _row("54", (S.REFUND_DUE, S.COMP_ACCEPTED, S.REFUNDED), A.PAID, PAYMENT, S.REFUNDED, "R-10",
         staff.paid,
         form=forms.PAYMENT, hears=CUSTOMER),
    _row("55", (S.REFUND_DUE, S.COMP_ACCEPTED), A.PAYMENT_FAILED, PAYMENT_SIDE, (), "X-18",
         staff.payment_failed,
         form=forms.FAILED_PAYMENT),
    _row("55a", (S.REFUND_DUE, S.COMP_ACCEPTED), T.REFUND_ETA, CLOCK, (), "X-18",
         staff.refund_late),
    _row("56", LIVE, A.OVERRIDE, ADMIN, _ANY, "M-01", staff.overridden,
         form=forms.OVERRIDE, hears=BOTH),
    _row("57", CLOSED, A.REOPEN, MODERATOR, (S.NEW, S.CLARIFY), "M-01", staff.reopened,
         guard=need.window_open_or_admin, form=forms.REOPENING, hears=BOTH),
)
# fmt: on


def _indexed(table: Iterable[Transition]) -> Mapping[tuple[Status, str], tuple[Transition, ...]]:
    index: dict[tuple[Status, str], tuple[Transition, ...]] = {}
    for row in table:
        for source in row.sources:
            index[source, row.event] = (*index.get((source, row.event), ()), row)
    return index


INDEX = _indexed(TABLE)
"""(status, event) → the rows to try, in order. Events: an action, or `offer_due` for a timer."""

ACTIONS: Mapping[Status, tuple[Transition, ...]] = {
    status: tuple(row for row in TABLE if status in row.sources and isinstance(row.trigger, Action))
    for status in S
}
"""The rows of people and services by status, in the order of their buttons."""

BY_CLOCK: Mapping[str, Transition] = {
    row.row: row for row in reversed(TABLE) if isinstance(row.trigger, TimerKind)
}
"""The first timer row of each number: what the clock ended, if it acted last."""

FROM_DISPUTE = frozenset(row.row for row in TABLE if row.sources == (S.DISPUTE,)) - {"32", "2.3"}
"""The rows that lead out of a dispute, and nowhere else."""

FIRST: Mapping[str, Transition] = {row.event: row for row in reversed(TABLE)}
"""The first row of each event: its rule is cited where no row fits."""
