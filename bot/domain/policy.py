"""The policy: every choice that the sources leave open, with the named defaults built in.

One TOML file holds it; it is stored whole as canonical JSON under its SHA-256, and a case keeps
the policy that it was opened under (`rules.md` 1.14).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from bot.domain import policy_terms as terms
from bot.domain.cases import ReasonClass, TimerKind
from bot.domain.money import Money
from bot.domain.policy_file import (
    UNITS,
    PolicyError,
    Wrong,
    fault,
    flat,
    length_of,
    line_of,
    nested,
    readable,
    settled,
    tables_of,
    words_of,
)

__all__ = ["Policy", "PolicyError"]

ROUBLE = "RUB"
_DAY = timedelta(days=1)


class Policy(terms.Section):
    """Every key of `rules.md` 1.14 and `lifecycle.md` 2.3 that the mail and courier life uses."""

    draft: terms.Draft = terms.Draft()
    decision: terms.Decision = terms.Decision()
    premod: terms.Premod = terms.Premod()
    clarify: terms.Clarify = terms.Clarify()
    offer: terms.OfferTerms = terms.OfferTerms()
    counter: terms.Counter = terms.Counter()
    ship: terms.Ship = terms.Ship()
    late_proof: terms.LateProof = terms.LateProof()
    proof: terms.Proof = terms.Proof()
    transit_unlock: terms.TransitUnlock = terms.TransitUnlock()
    transit_auto: terms.TransitAuto = terms.TransitAuto()
    transit_cap: terms.TransitCap = terms.TransitCap()
    delivered: terms.Delivered = terms.Delivered()
    appeal: terms.Appeal = terms.Appeal()
    dispute_reply: terms.DisputeReply = terms.DisputeReply()
    dispute_decide: terms.DisputeDecide = terms.DisputeDecide()
    inspect: terms.Inspect = terms.Inspect()
    refund_eta: terms.RefundEta = terms.RefundEta()
    passport: terms.Passport = terms.Passport()
    receipt: terms.Receipt = terms.Receipt()
    transit: terms.Transit = terms.Transit()
    dispute: terms.DisputeTerms = terms.DisputeTerms()
    moderation: terms.Moderation = terms.Moderation()
    premoderation: terms.Premoderation = terms.Premoderation()
    block_confirm: terms.BlockConfirm = terms.BlockConfirm()
    block: terms.BlockTerms = terms.BlockTerms()
    withholding: terms.Withholding = terms.Withholding()
    autocomp: terms.Autocomp = terms.Autocomp()
    ship_refund: terms.ShipRefund = terms.ShipRefund()
    evidence: terms.Evidence = terms.Evidence()
    capsule: terms.Capsule = terms.Capsule()
    window: terms.WindowTerms = terms.WindowTerms()
    warranty: terms.Warranty = terms.Warranty()
    case: terms.CaseTerms = terms.CaseTerms()
    return_address: terms.ReturnAddress = terms.ReturnAddress()
    clock: terms.ClockTerms = terms.ClockTerms()
    rates: dict[str, terms.Rates] = Field(default={})

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read TOML. Raises PolicyError, with the line of the first fault."""
        try:
            with readable():
                return cls._of({}, flat(tables_of(text)))
        except PolicyError as error:
            line = error.line or line_of(text, error.key)
            raise PolicyError(error.words, key=error.key, line=line, values=error.values) from None

    @classmethod
    def load(cls, path: str | Path | None) -> Policy:
        """Read a file; without one, the named defaults. Raises PolicyError or OSError."""
        return cls() if path is None else cls.parse(Path(path).read_text(encoding="utf-8-sig"))

    @classmethod
    def from_canonical(cls, text: str) -> Policy:
        """The policy whose `canonical` this is. Raises PolicyError.

        Keys that a newer program knows and the text does not have their defaults: a stored
        policy goes by the digest under which it was stored.
        """
        try:
            return cls.model_validate(json.loads(text))
        except ValidationError as error:
            raise fault(error, {}) from None

    def with_overrides(self, keys: Mapping[str, Any]) -> Policy:
        """This policy with some dotted keys changed, as a script may. Raises PolicyError.

        Reminders that no longer fit into a shortened timer are dropped.
        """
        with readable():
            return self._of(flat(self.model_dump()), flat(keys))

    @classmethod
    def _of(cls, old: Mapping[str, Any], written: Mapping[str, Any]) -> Policy:
        new = settled(written)
        kept = {key: value for key, value in old.items() if not _replaced(key, new)}
        for key, (spelling, value) in new.items():
            section, _, unit = key.rpartition(".")
            reminders = f"{section}.reminders"
            if unit in UNITS and reminders in kept and reminders not in new:
                try:
                    length = length_of(unit, value)
                except Wrong as wrong:
                    raise PolicyError(wrong.words, key=spelling, values=wrong.values) from None
                except ValidationError as error:
                    words, values = words_of(error.errors()[0])
                    raise PolicyError(words, key=spelling, values=values) from None
                kept[reminders] = terms.fitting_in(length, kept[reminders])
        try:
            return cls.model_validate(nested(kept | {key: new[key][1] for key in new}))
        except ValidationError as error:
            raise fault(error, {key: spelling for key, (spelling, _) in new.items()}) from None

    @cached_property
    def canonical(self) -> str:
        """Stable JSON: equal for equal policies, however their files were written."""
        values = self.model_dump(mode="json")
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical form, in hex: what a case keeps."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def lengths(self) -> Mapping[TimerKind, timedelta]:
        """How long each timer runs before it fires: with the grace, for `ship`."""
        clocks = {kind: self._clock(kind).length for kind in TimerKind}
        return clocks | {TimerKind.SHIP: self.ship.length + self.ship.grace_days}

    @cached_property
    def _reminders(self) -> Mapping[TimerKind, tuple[timedelta, ...]]:
        return {kind: self._clock(kind).reminders for kind in TimerKind}

    def _clock(self, kind: TimerKind) -> terms.Clock:
        clock: terms.Clock = getattr(self, kind.value)
        return clock

    def length(self, kind: TimerKind) -> timedelta:
        """How long this timer runs before it fires."""
        return self.lengths[kind]

    def reminders(self, kind: TimerKind) -> tuple[timedelta, ...]:
        """How long before it fires this timer reminds, longest first."""
        return self._reminders[kind]

    def due(self, kind: TimerKind, since: datetime) -> datetime:
        """When a timer that starts at `since` fires, in UTC (X-05, X-51).

        Elapsed to the microsecond; in calendar mode, whole days end with the last local day.
        """
        length = self.lengths[kind]
        if self.clock.mode == "elapsed" or length % _DAY:
            return since + length
        zone = ZoneInfo(self.clock.tz)
        after = since.astimezone(zone).date() + length + _DAY
        return datetime.combine(after, time.min, zone).astimezone(UTC)

    @cached_property
    def _least_photos(self) -> Mapping[ReasonClass, int]:
        return {each: getattr(self.evidence.min_photos, each.value) for each in ReasonClass}

    def min_photos(self, reason_class: ReasonClass) -> int:
        """How many photos a request of this class needs (X-49)."""
        return self._least_photos[reason_class]

    @cached_property
    def autocomp_limit(self) -> Money:
        """Up to this price, inclusive, a part is offered at once (D-09, X-11)."""
        return Money.of(self.autocomp.max_price, ROUBLE)

    @cached_property
    def ship_refund_cap(self) -> Money:
        """The most that is refunded for packaging and postage of one case (R-05, X-20)."""
        return Money.of(self.ship_refund.cap, ROUBLE)

    @cached_property
    def moderated_from(self) -> Money | None:
        """From this price on silence leads to the moderators, if that is set (X-03)."""
        least = self.moderation.price_min
        return None if least is None else Money.of(least, ROUBLE)

    def allows_offer(self, amount: Money, paid: Money) -> bool:
        """Whether a partial compensation is more than nothing and less than the price (X-55)."""
        most = self.offer.max
        return (
            amount > Money.of(self.offer.min, amount.currency)
            and amount < paid
            and (most is None or amount <= Money.of(most, amount.currency))
        )

    def converted(self, amount: Money, currency: str, on: date) -> Money | None:
        """The amount in another currency at that date's rate; None where no rate is set."""
        if amount.currency == currency:
            return amount
        source, target = self._rate(amount.currency, on), self._rate(currency, on)
        if source is None or target is None:
            return None
        return Money.of(amount.amount * source / target, currency)

    def _rate(self, currency: str, on: date) -> Decimal | None:
        if currency == ROUBLE:
            return Decimal(1)
        known = [since for since in self.rates.get(currency, {}) if since <= on]
        return self.rates[currency][max(known)] if known else None


def version_of(digest: str) -> str:
    """The name of a policy that people read: the first signs of its digest."""
    return digest[:8]


def _replaced(key: str, new: Mapping[str, Any]) -> bool:
    section, _, name = key.rpartition(".")
    if name == "length":
        return any(f"{section}.{unit}" in new for unit in UNITS)
    return any(f"{key}.".startswith(f"{changed}.") for changed in new)
