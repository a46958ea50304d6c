"""Names of deadlines, and of what happened: plain text, as in `labels`."""

from __future__ import annotations

from typing import Final

from bot.domain.cases import Action, TimerKind
from bot.screens import labels
from bot.services.tallying import Turn
from bot.texts import Texts

_ACTIONS: Final = frozenset(Action)


def turn(which: Turn, t: Texts) -> str:
    """Whose deadline, and for what."""
    match which:
        case Turn.DECISION:
            return t.plain("The seller decides on a request")
        case Turn.CLARIFY:
            return t.plain("The seller decides after the customer's answer")
        case Turn.ANSWER:
            return t.plain("The customer answers a question")
        case Turn.OFFER:
            return t.plain("The customer answers an offer")
        case Turn.COUNTER:
            return t.plain("The seller goes on after a declined offer")
        case Turn.SHIP:
            return t.plain("The customer sends the parcel")
        case Turn.INSPECT:
            return t.plain("The seller checks what has come back")
        case Turn.REPLY:
            return t.plain("The seller replies in a dispute")
        case Turn.PREMOD:
            return t.plain("A moderator looks at a request")
        case Turn.RULING:
            return t.plain("A moderator decides a dispute")


def clock(kind: TimerKind, t: Texts) -> str:
    """What is to happen before a deadline, in the words of `turn` where figures count it."""
    match kind:
        case (
            TimerKind.DECISION
            | TimerKind.PREMOD
            | TimerKind.OFFER
            | TimerKind.COUNTER
            | TimerKind.SHIP
            | TimerKind.INSPECT
        ):
            return turn(Turn(kind.value), t)
        case TimerKind.DISPUTE_REPLY:
            return turn(Turn.REPLY, t)
        case TimerKind.DISPUTE_DECIDE:
            return turn(Turn.RULING, t)
        case TimerKind.CLARIFY:
            return t.plain("Questions are answered")
        case TimerKind.LATE_PROOF:
            return t.plain("The customer shows a late receipt")
        case TimerKind.PROOF:
            return t.plain("A moderator checks the receipt")
        case TimerKind.TRANSIT_UNLOCK:
            return t.plain("“Where is my refund?” is not open yet")
        case TimerKind.TRANSIT_AUTO | TimerKind.TRANSIT_CAP:
            return t.plain("The parcel is awaited")
        case TimerKind.DELIVERED:
            return t.plain("The seller confirms that the parcel has arrived")
        case TimerKind.APPEAL:
            return t.plain("The customer can open a dispute")
        case TimerKind.REFUND_ETA:
            return t.plain("The money is paid")


def stayed(event: str, t: Texts) -> str | None:
    """What happened by itself and left the status as it was; None for all others."""
    match event:
        case "outage_credit":
            return t.plain("Deadlines were moved, because we could not be reached")
        case "silence_to_moderators":
            return t.plain("If nobody decides, a moderator will")
        case "override_lapsed":
            return t.plain("What an administrator had asked for does not count any more")
        case "premod_due":
            return t.plain("The administrator was called")
        case "late_proof_due":
            return t.plain("The time for a late receipt is over")
        case "transit_unlock_due":
            return t.plain("“Where is my refund?” is open now")
        case "dispute_reply_due":
            return t.plain("The seller did not reply in time")
        case "delivered_due":
            return t.plain("The parcel counts as arrived")
        case "transit_cap_due":
            return t.plain("The wait for the parcel is over")
        case "proof_due" | "dispute_decide_due" | "refund_eta_due":
            return t.plain("The staff were alerted")
        case _:
            return None


def happened(event: str, t: Texts) -> str:
    """A line of a history; of a clock's step only that the time was over, if the status changed."""
    if event in _ACTIONS:
        return labels.action(Action(event), t)
    if event == "outage":
        return t.plain("the service cannot be reached")
    return stayed(event, t) or t.plain("The deadline passed")
