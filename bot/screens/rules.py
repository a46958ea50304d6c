"""The rule behind an automatic step: what it says, where it stands, and which policy holds (N-12).

The figures in a rule are those of the policy under which the case was opened.
"""

from __future__ import annotations

from typing import Final

from bot.domain.cases import Alarm, ReturnCase, TimerKind
from bot.domain.policy import Policy, version_of
from bot.domain.rulebook import RULES, Rule, RuleKind
from bot.screens.buttons import BackToCard, OpenCase, ShowRule
from bot.screens.layout import button
from bot.screens.policies import called
from bot.screens.screen import Button, Screen
from bot.services.records import InForce
from bot.texts import Html, Texts, joined, said

_WORDS: Final = {
    "D-07": said(
        "The seller has {decision} to decide on a request. If they do not decide in that time, "
        "the request is approved by itself."
    ),
    "D-09": said(
        "For products up to {limit} a part of the price is offered at once, before the seller has "
        "looked at the request. If the customer declines it, the return is approved."
    ),
    "D-12": said(
        "A question to the customer extends the time for a decision to {clarify}. If nobody has "
        "decided by then, the request is approved by itself."
    ),
    "D-14": said(
        "The seller confirms that the parcel has come. If the carrier reports it as delivered and "
        "the seller says nothing for {delivered}, it counts as received."
    ),
    "R-01": said(
        "After receipt the seller has {inspect} to refund or to refuse. If they do neither, the "
        "money is refunded by itself."
    ),
    "R-07": said(
        "After a refusal on receipt the customer has {appeal} to open a dispute. If they open "
        "none, the refusal stands and the product goes back to them."
    ),
    "ST-04": said(
        "After a declined offer the seller has {counter} to offer more, to approve or to reject. "
        "If they do nothing, the return is approved by itself."
    ),
    "ST-08": said(
        "From the approval on the customer has {ship} to send the parcel and to report it as "
        "sent. Otherwise the return is overdue and is closed."
    ),
    "ST-09": said(
        "After a rejection the customer has {appeal} to open a dispute. If they open none, the "
        "rejection is final."
    ),
    "T-02": said(
        "Once a parcel has been on its way for {transit_unlock}, the customer may ask where the "
        "refund is, and the seller has to reply."
    ),
    "T-03": said(
        "Once a parcel has been on its way for {transit_auto}, a dispute is opened by itself, so "
        "that somebody looks after it."
    ),
    "T-06": said(
        "In a dispute the seller has {dispute_reply} to reply. A seller who does not reply loses "
        "the dispute."
    ),
    "T-07": said(
        "A dispute about a parcel on its way is settled after the parcel has arrived. A seller "
        "who did not reply has lost it by then."
    ),
    "X-03": said(
        "If the seller does not decide and something about the request needs a second look, a "
        "moderator decides and has {premod}. If no moderator does, the administrator is called, "
        "and in the end the request is approved by itself."
    ),
    "X-09": said(
        "In a dispute the seller has {dispute_reply} to reply and a moderator then has "
        "{dispute_decide} to decide. What happens if no moderator does is settled in the policy; "
        "unless it says otherwise, the administrator is called and nothing is decided by itself."
    ),
    "X-10": said(
        "If a disputed parcel has not arrived {transit_cap} after it was sent, a moderator decides "
        "without it, on tracking and receipt."
    ),
    "X-12": said(
        "An offer that is not answered within {offer} counts as declined: silence neither settles "
        "for a part nor takes the right to return. After a person's offer the seller decides "
        "again, after an automatic one the return is approved."
    ),
    "X-13": said(
        "When the time for questions is over, whoever owes an answer loses: the return is closed "
        "if the customer has left a question open for {floor} or more, and approved otherwise."
    ),
    "X-18": said(
        "A refund usually takes {earliest} to {latest} days. If it has not been paid by then, the "
        "staff are alerted every day until it is, and the customer is told at once and then once a "
        "week."
    ),
    "X-48": said(
        "The time to send the parcel begins only when the customer can be told where to send it: "
        "without a return address no clock runs against them."
    ),
    "X-52": said(
        "For {late_proof} after a return became overdue, a receipt from before the deadline "
        "brings it back; a moderator checks the receipt. After that it stays closed."
    ),
    "X-58": said(
        "Time in which nobody could reach us is given back to whoever had to act: their deadline "
        "moves by its length."
    ),
}
"""In a person's words, each rule that the clock or the service can act on."""

CITED: Final = frozenset(_WORDS)
"""The ids of rules that can be shown."""

BEHIND: Final = {
    Alarm.PREMOD_ESCALATED.value: "X-03",
    Alarm.PROOF_WAITS.value: "X-52",
    Alarm.DISPUTE_UNDECIDED.value: "X-09",
    Alarm.TRANSIT_CAP.value: "X-10",
    Alarm.REFUND_LATE.value: "X-18",
    Alarm.NO_ADDRESS.value: "X-48",
    "refund_is_late": "X-18",
    "outage_credit": "X-58",
}
"""Notices of what the clock did by itself, and the rule that each follows."""


def rule(
    case: ReturnCase,
    policy: Policy,
    id: str,
    t: Texts,
    *,
    named: InForce | None = None,
    on_card: bool,
) -> Screen:
    """A rule of `CITED` as it holds for this case. `on_card`: it stands in the card's place.

    `named`: what the case's policy is called; else it is called by its digest.
    """
    known = RULES[id]
    version = known_as(case, named, t)
    back = (
        button(t.plain("← Back"), BackToCard(case=case.id))
        if on_card
        else button(t.plain("Open {number}", number=case.number), OpenCase(id=case.id))
    )
    return Screen(
        text=joined(
            [
                t.bold(t("Rule {id} · return {number}", id=id, number=case.number)),
                t(_WORDS[id], **_figures(policy, t)),
                assumed_percent(policy.autocomp.offer_percent, version, t)
                if id == "D-09"
                else None,
                _place(known, t),
                t(
                    "The figures are those of the policy under which this return was opened "
                    "({version}); a later change does not touch it.",
                    version=version,
                ),
            ],
            "\n\n",
        ),
        rows=((back,),),
    )


def show_rule(case: int, id: str, t: Texts) -> Button:
    """The button that opens a rule."""
    return button(t.plain("Show the rule"), ShowRule(case=case, rule=id))


def known_as(case: ReturnCase, named: InForce | None, t: Texts) -> str | Html:
    """What the rules of a case are called: by name and version, or else by their digest."""
    return called(named, t) if named else t.code(version_of(case.policy))


def assumed_percent(percent: int, version: str | Html, t: Texts) -> Html:
    """The part that is offered at once: no source names it (X-11)."""
    return t(
        "{percent} % of the price is our own assumption (rules: {version}).",
        percent=percent,
        version=version,
    )


def _figures(policy: Policy, t: Texts) -> dict[str, str]:
    spans = {kind.value: t.span(policy.length(kind)) for kind in TimerKind}
    return spans | {
        "limit": t.money(policy.autocomp_limit),
        "floor": t.span(policy.clarify.floor_hours),
        "earliest": str(policy.refund_eta.earliest_days.days),
        "latest": str(policy.refund_eta.length.days),
    }


def _place(known: Rule, t: Texts) -> Html:
    """Where the rule stands, or that it stands nowhere."""
    match known.kind:
        case RuleKind.SOURCE:
            return t("It stands in the source at {place}.", place=known.source)
        case RuleKind.SETTLED if known.source == "-":
            return t("The sources are silent about it; the policy settles it so.")
        case RuleKind.SETTLED:
            return t(
                "The sources leave it open ({place}); the policy settles it so.",
                place=known.source,
            )
        case RuleKind.EXT:
            return t(
                "The source leaves it open at {place}; another public page of the marketplace "
                "says so.",
                place=known.source,
            )
        case RuleKind.ASSUME:
            return t(
                "The source leaves it open at {place}; it is an assumption of the policy.",
                place=known.source,
            )
