"""The form of an action: which inputs it asks for, which are answered, what comes next.

Its position is derived from what is unanswered, never stored. A draft lives as JSON in the
person's draft row; it is bound to a case, a version and an action, and keeps what it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.domain.cases import (
    Action,
    Asked,
    DisputeTopic,
    Given,
    Input,
    Option,
    Refused,
    ReturnCase,
    Role,
    Ruling,
    Status,
    Terms,
)
from bot.domain.forms import without_receipt
from bot.domain.money import Money
from bot.services.records import DraftKind, DraftRow
from handlers.answers import currency_at

SECOND_LOOK = frozenset(
    {
        Action.APPROVE,
        Action.REJECT,
        Action.OFFER,
        Action.REFUND_WITHOUT_RETURN,
        Action.ACCEPT,
        Action.DECLINE,
        Action.CANCEL,
        Action.RECEIVE,
        Action.REFUND,
        Action.VERDICT,
        Action.CONFIRM_SHIPPING,
        Action.DECIDE,
        Action.SETTLE,
        Action.WITHDRAW,
        Action.PAID,
        Action.OVERRIDE,
        Action.REOPEN,
    }
)
"""Actions that move money or end something: confirmed with a tap bound to the case's version."""

_WANTED = frozenset(
    {
        (Action.OPEN_DISPUTE, Input.TOPIC),
        (Action.WHERE_IS_THE_REFUND, Input.TOPIC),
        (Action.REPLY, Input.TEXT),
        (Action.TRACK, Input.PLACE),
    }
)
"""What a script may leave out and a form asks for: without it the step would say nothing."""


class ActionDraft(BaseModel):
    """The open form of one action. `answers` holds JSON values; None is an input left out."""

    model_config = ConfigDict(frozen=True)

    case: int
    version: int
    action: Action
    role: Role
    asks: tuple[Asked, ...]
    currency: str
    receipts: str = ""
    """The currency of a receipt that names none: that of the place where the customer lives."""
    limits: Mapping[str, tuple[int, str]] = {}
    """What the option says of sums: `below`, `above`, `most`."""
    dated: tuple[datetime, datetime] | None = None
    """From when on a receipt is dated, and before when, where the option says it."""
    caps: Mapping[str, int] = {}
    """Currency → the most of a receipt, in minor units, that is refunded."""
    skus: Mapping[str, int]
    """SKU → units of the case, in the order of its lines."""
    answers: Mapping[Input, Any] = {}
    album: tuple[str, ...] = ()
    """Keys of the photos so far; they become the answer when the person is done."""
    units: Mapping[str, int] = {}
    """SKU → accepted units so far; they become the answer when the last line has its number."""
    typing: bool = False
    """The sum is to be typed: none of the parts on the buttons was wanted."""
    rounds_left: int | None = None
    """How many offers can be made, this one counted."""
    doubted: str | tuple[int, str] | None = None
    """A track number or a sum that is hard to believe and waits to be confirmed by hand."""
    group: str | None = None
    """The album whose parts have just been coming in."""

    @classmethod
    def opened(cls, case: ReturnCase, option: Option, role: Role) -> ActionDraft:
        """A form with nothing answered."""
        return cls(
            case=case.id,
            version=case.version,
            action=option.action,
            role=role,
            asks=option.asks,
            currency=case.lines[0].unit_price.currency,
            receipts=currency_at(case.zone, case.since) or case.lines[0].unit_price.currency,
            limits={
                name: (fact.minor, fact.currency)
                for name, fact in option.facts.items()
                if name in ("below", "above", "most") and isinstance(fact, Money)
            },
            dated=option.facts.get("dated"),
            caps={cap.currency: cap.minor for cap in _caps(option)},
            skus={line.sku: line.quantity for line in case.lines},
            rounds_left=_rounds(option),
        )

    @classmethod
    def in_row(cls, row: DraftRow | None) -> ActionDraft | None:
        """The form that a person has open, if it is one of an action."""
        if row is None or row.kind is not DraftKind.ACTION:
            return None
        return cls.model_validate_json(row.body)

    @property
    def token(self) -> tuple[int, int, str]:
        """What a Confirm button must carry."""
        return self.case, self.version, self.action.value

    @property
    def question(self) -> Asked | None:
        """What is asked now; None when everything is answered or left out.

        Of two inputs that can stand in for each other one may be left out: the second is
        required if the first was.
        """
        asked = next((asked for asked in self.open_asks if asked.input not in self.answers), None)
        return asked and replace(asked, required=self._required(asked))

    @property
    def open_asks(self) -> tuple[Asked, ...]:
        """What is asked after the answers so far."""
        chosen = {value for value in self.answers.values() if isinstance(value, str)}
        return tuple(
            asked
            for asked in self.asks
            if (not asked.only_after or not chosen.isdisjoint(asked.only_after))
            and asked.of not in self._left_out
            and not (asked.of is Input.ACCEPTED and self._accepts_all)
        )

    @property
    def _accepts_all(self) -> bool:
        """Whether a verdict leaves nothing to be explained."""
        return self.answers.get(Input.ACCEPTED) == dict(self.skus)

    @property
    def _left_out(self) -> frozenset[Input]:
        return frozenset(key for key, value in self.answers.items() if value is None)

    def _required(self, asked: Asked) -> bool:
        stands_in = any(
            other.required and other.instead is asked.input and other.input in self._left_out
            for other in self.asks
        )
        always = asked.of is not None or (self.action, asked.input) in _WANTED
        return stands_in or always or (asked.required and asked.instead is None)

    def limit(self, name: str) -> Money | None:
        """`below`, `above` or `most`, where the option has one."""
        return Money(*self.limits[name]) if name in self.limits else None

    def cap(self, currency: str) -> Money | None:
        """The most of a receipt in this currency that is refunded, where a rate tells it."""
        return Money(self.caps[currency], currency) if currency in self.caps else None

    @property
    def sku(self) -> str:
        """The line whose accepted units are asked for now."""
        return next(sku for sku in self.skus if sku not in self.units)

    @property
    def name(self) -> str:
        """The word that buttons of the present question carry, so that old ones answer nothing."""
        if self.question is None:
            return "confirm"
        line = f".{len(self.units)}" if self.question.input is Input.ACCEPTED else ""
        return f"{self.action}.{self.question.input}{line}"

    def answered(self, value: Any) -> ActionDraft:
        """The form with an answer to the present question."""
        assert self.question is not None
        return self.knowing(self.question.input, value)

    def knowing(self, input: Input, value: Any) -> ActionDraft:
        """The form with an answer, whatever is asked now."""
        answers = {**self.answers, input: value}
        return self.model_copy(update={"answers": answers, "doubted": None, "typing": False})

    def with_photo(self, key: str, most: int, group: str | None = None) -> ActionDraft:
        """The form with one of `most` photos more, part of the album `group`.

        Raises `too_many_photos`.
        """
        album = tuple(dict.fromkeys((*self.album, key)))
        if len(album) > most:
            raise Refused("too_many_photos", most=most)
        return self.model_copy(update={"album": album, "group": group})

    def with_units(self, accepted: int) -> ActionDraft:
        """The form with the accepted units of the present line."""
        units = {**self.units, self.sku: accepted}
        more = self.model_copy(update={"units": units})
        return more.answered(units) if len(units) == len(self.skus) else more

    def back(self) -> ActionDraft:
        """The form without its last answer; what was begun of the present one goes first."""
        if self.typing:
            return self.model_copy(update={"typing": False})
        begun = bool(self.doubted or self.album or self.units)
        if self.question is not None and begun and not self._finished:
            return self._without(self.question.input)
        asked = {each.input for each in self.open_asks}
        given = [input for input in self.answers if input in asked]
        if not given:
            raise Refused("nothing_to_forget")
        return self._without(given[-1])

    @property
    def _finished(self) -> bool:
        """Whether what has been collected belongs to an earlier question."""
        here = self.question.input if self.question else None
        return not self.doubted and here not in (Input.PHOTOS, Input.ACCEPTED)

    def _without(self, last: Input) -> ActionDraft:
        answers = {key: value for key, value in self.answers.items() if key is not last}
        emptied: dict[str, Any] = {"answers": answers, "doubted": None}
        if last is Input.PHOTOS:
            emptied["album"] = ()
        if last is Input.ACCEPTED:
            emptied["units"] = {}
        return self.model_copy(update=emptied)

    @property
    def looked_at(self) -> Given:
        """The answers as the last look names them: shipping that was left out is all of it."""
        all_of_it = Input.SHIPPING in self.answers and self.answers[Input.SHIPPING] is None
        return replace(self.given, shipping=self.limit("most")) if all_of_it else self.given

    @property
    def given(self) -> Given:
        """The answers as the desk takes them."""
        found: dict[str, Any] = {
            _FIELDS.get(asked.input, asked.input.value): self.answers.get(asked.input)
            for asked in self.open_asks
        }
        values = {key: _value(key, value) for key, value in found.items() if value is not None}
        given = Given(**values)
        shown = all(asked.of not in self._left_out for asked in self.asks)
        return given if shown else without_receipt(given, self.currency)


def _rounds(option: Option) -> int | None:
    left = option.facts.get("rounds_left")
    return left if isinstance(left, int) else None


def _caps(option: Option) -> tuple[Money, ...]:
    caps = option.facts.get("caps")
    return caps if isinstance(caps, tuple) else ()


_FIELDS = {Input.STATUS: "to"}


def _value(field: str, value: Any) -> Any:
    match field:
        case "amount" | "receipt_amount" | "shipping":
            return Money(*value)
        case "receipt_date":
            return datetime.fromisoformat(value)
        case "photos":
            return tuple(value)
        case "ruling":
            return Ruling(value)
        case "terms":
            return Terms(value)
        case "topic":
            return DisputeTopic(value)
        case "of":
            return Role(value)
        case "to":
            return Status(value)
        case _:
            return value
