"""What a history comes to: marks, from which every figure is counted (N-13).

`marks` is the one function that reads figures out of a history. What is stored of them is what it
answered, so that a figure and a recount from the log are the same sum. A mark names nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.cases import STAFF, TERMINAL, Action, Role, Status
from bot.domain.moderation import LOSING, LOST_TO
from bot.domain.money import Purse
from bot.services.chain import ChainLine
from bot.services.records import Archive


class Kind(StrEnum):
    """What a mark is about; `what` and `value` of each are said beside it."""

    ASKED = "asked"
    """A return was asked for: the reason; 1."""
    DECIDED = "decided"
    """A request was decided for the first time: `Decided`; the seconds since it was made."""
    KEPT = "kept"
    """Somebody answered before the deadline: the `Turn`; the seconds that it took."""
    MISSED = "missed"
    """A deadline passed: the `Turn`; its seconds."""
    ENDED = "ended"
    """A dispute ended: `Ended`; the seconds that it lasted."""
    MONEY = "money"
    """Money was promised to the customer, or taken back: the currency; minor units."""


class Decided(StrEnum):
    """How a request was decided."""

    APPROVED = "approved"
    REJECTED = "rejected"
    OFFERED = "offered"
    REFUNDED = "refunded"
    """At once, without a return."""
    SILENCE = "silence"
    """By the clock: nobody decided in time."""
    AUTOMATIC = "automatic"
    """With an offer by the rules, as it came (D-09)."""
    SUPPORT = "support"
    """By a moderator."""


class Turn(StrEnum):
    """A deadline that somebody is to keep."""

    DECISION = "decision"
    CLARIFY = "clarify"
    """The seller has the customer's answer and is to decide."""
    ANSWER = "answer"
    OFFER = "offer"
    COUNTER = "counter"
    SHIP = "ship"
    INSPECT = "inspect"
    REPLY = "reply"
    """The seller's, in a dispute."""
    PREMOD = "premod"
    RULING = "ruling"


class Ended(StrEnum):
    """How a dispute ended, for the seller."""

    LOST = "lost"
    WON = "won"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    OTHERWISE = "otherwise"


SELLERS: Final = (Turn.DECISION, Turn.CLARIFY, Turn.COUNTER, Turn.INSPECT, Turn.REPLY)
"""The turns that are the seller's."""
BY_SELLER: Final = (Decided.APPROVED, Decided.REJECTED, Decided.OFFERED, Decided.REFUNDED)
"""The decisions that are the seller's own."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that counts, at the instant of the line of the history that says so."""

    at: datetime
    kind: Kind
    what: str
    value: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How a seller decides. Lengths are seconds; each share has what it is a share of."""

    decided: dict[str, int]
    """Requests by `Decided`, but for offers that the rules made."""
    response: int | None
    """Half of all answers came within this time."""
    asked_in_time: int
    """Requests that the seller decided, or asked about, before the deadline."""
    asked_of: int
    silent: int
    """How often the seller let a deadline pass, of whatever kind."""
    silent_of: int
    lost: int
    disputes: int

    @property
    def decisions(self) -> int:
        """How many requests were decided."""
        return sum(self.decided.values())


_ANSWERS: Final = frozenset({"approve", "reject", "offer", "refund_without_return", "ask"})
_KEPT: Final[Mapping[Turn, tuple[frozenset[Role], frozenset[str], str]]] = {
    Turn.DECISION: (frozenset({Role.SELLER}), _ANSWERS, "decision_due"),
    Turn.CLARIFY: (frozenset({Role.SELLER}), _ANSWERS, "clarify_due"),
    Turn.ANSWER: (frozenset({Role.CUSTOMER}), frozenset({"answer"}), "clarify_due"),
    Turn.OFFER: (frozenset({Role.CUSTOMER}), frozenset({"accept", "decline"}), "offer_due"),
    Turn.COUNTER: (frozenset({Role.SELLER}), _ANSWERS, "counter_due"),
    Turn.SHIP: (frozenset({Role.CUSTOMER}), frozenset({"sent"}), "ship_due"),
    Turn.INSPECT: (
        frozenset({Role.SELLER}), frozenset({"refund", "reject", "verdict"}), "inspect_due",
    ),
    Turn.REPLY: (frozenset({Role.SELLER}), frozenset({"reply"}), "dispute_reply_due"),
    Turn.PREMOD: (STAFF, _ANSWERS, "premod_due"),
    Turn.RULING: (STAFF, frozenset({"decide"}), "dispute_decide_due"),
}  # fmt: skip
"""Who keeps the deadline, by which events, and which one says that it has passed."""

_BEGINS: Final[Mapping[str, Turn]] = {
    Status.NEW: Turn.DECISION,
    Status.PREMOD: Turn.PREMOD,
    Status.OFFERED: Turn.OFFER,
    Status.COUNTER: Turn.COUNTER,
    Status.APPROVED: Turn.SHIP,
    Status.RECEIVED: Turn.INSPECT,
    Status.DISPUTE: Turn.REPLY,
    # Who is asked is in no line: a case comes here by a question to the customer.
    Status.CLARIFY: Turn.ANSWER,
}
_WITHIN: Final[Mapping[str, Turn]] = {
    Action.ANSWER: Turn.CLARIFY,
    Action.REPLY: Turn.RULING,
    "premod_due": Turn.PREMOD,
    "transit_cap_due": Turn.RULING,
}
"""What passes the turn on without another status."""
_UNDECIDED: Final = frozenset({Status.NEW, Status.CLARIFY, Status.PREMOD})
_DECISIONS: Final[Mapping[str, Decided]] = {
    Action.APPROVE: Decided.APPROVED,
    Action.REJECT: Decided.REJECTED,
    Action.OFFER: Decided.OFFERED,
    Action.REFUND_WITHOUT_RETURN: Decided.REFUNDED,
}


def marks(archive: Archive) -> tuple[Mark, ...]:
    """The marks of the history of one case, in its order."""
    at = {line.seq: line.at for line in archive.lines}
    return (*_Reader().read(archive.lines), *_money(archive, at))


def _money(archive: Archive, at: Mapping[int, datetime]) -> Iterator[Mark]:
    for seq, line in archive.ledger:
        if Purse.CUSTOMER in (line.to, line.source):
            sign = 1 if line.to is Purse.CUSTOMER else -1
            value = sign * line.amount.minor
            yield Mark(at[seq], Kind.MONEY, line.amount.currency, value)


class _Reader:
    """Reads a history line by line, and knows whose turn it is."""

    def __init__(self) -> None:
        self._turn: tuple[Turn, datetime] | None = None
        self._asked: datetime | None = None
        self._dispute: datetime | None = None

    def read(self, lines: Iterable[ChainLine]) -> Iterator[Mark]:
        for line in lines:
            if line.event == Action.SUBMIT:
                reason = json.loads(line.facts).get("reason") or "—"
                yield Mark(line.at, Kind.ASKED, reason)
            yield from self._decided(line)
            yield from self._turned(line)
            yield from self._disputed(line)

    def _decided(self, line: ChainLine) -> Iterator[Mark]:
        if line.before not in _UNDECIDED and line.after in _UNDECIDED:
            self._asked = line.at
        elif line.event == Action.SUBMIT and line.after == Status.OFFERED:
            yield Mark(line.at, Kind.DECIDED, Decided.AUTOMATIC, 0)
        elif self._asked is not None and line.after not in _UNDECIDED:
            if how := _how(line):
                yield Mark(line.at, Kind.DECIDED, how, _seconds(line.at - self._asked))
            self._asked = None

    def _turned(self, line: ChainLine) -> Iterator[Mark]:
        ended = False
        if self._turn is not None:
            turn, since = self._turn
            roles, events, due = _KEPT[turn]
            if line.event == due and not (turn is Turn.ANSWER and line.after not in TERMINAL):
                # A question of the last hours is no fault of the customer's: row 18.
                yield Mark(line.at, Kind.MISSED, turn, _seconds(line.at - since))
                ended = True
            elif line.by in roles and line.event in events:
                yield Mark(line.at, Kind.KEPT, turn, _seconds(line.at - since))
                ended = True
        begins = _WITHIN.get(line.event)
        if line.after != line.before or (line.event == Action.ASK and ended):
            begins = _BEGINS.get(line.after)
        if begins is not None:
            self._turn = (begins, line.at)
        elif ended or line.after != line.before:
            self._turn = None

    def _disputed(self, line: ChainLine) -> Iterator[Mark]:
        if line.before != Status.DISPUTE == line.after:
            self._dispute = line.at
        elif line.before == Status.DISPUTE != line.after and self._dispute is not None:
            value = _seconds(line.at - self._dispute)
            yield Mark(line.at, Kind.ENDED, _outcome(line), value)
            self._dispute = None


def _how(line: ChainLine) -> Decided | None:
    """How a request was decided by a line that ended the waiting; None: it was not."""
    if line.by == Role.CLOCK:
        return Decided.SILENCE if line.after == Status.APPROVED else None
    decided = _DECISIONS.get(line.event)
    return Decided.SUPPORT if decided and line.by in STAFF else decided


def _outcome(line: ChainLine) -> Ended:
    match line.event:
        case event if event in LOSING and line.after in LOST_TO:
            return Ended.LOST
        case Action.DECIDE if line.after == Status.REJECTED_BY_PLATFORM:
            return Ended.WON
        case Action.SETTLE | Action.ACCEPT:
            return Ended.AGREED
        case Action.WITHDRAW:
            return Ended.WITHDRAWN
        case _:
            return Ended.OTHERWISE


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
