"""The sections of a policy: what each key means, its default and what it may be.

Lengths are `timedelta`s, exact to the microsecond; sums are decimal roubles in major units.
The ids are those of `bot.domain.rulebook`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from bot.domain.policy_file import UNITS, Wrong, amount, length_of, number, span
from bot.texts import said

Span = Annotated[timedelta, BeforeValidator(span)]
InDays = Annotated[timedelta, BeforeValidator(lambda value: length_of("days", value))]
InHours = Annotated[timedelta, BeforeValidator(lambda value: length_of("hours", value))]
InMinutes = Annotated[timedelta, BeforeValidator(lambda value: length_of("minutes", value))]
Amount = Annotated[Decimal, BeforeValidator(amount), Field(ge=0, max_digits=14)]
Days = Annotated[int, Field(ge=0, le=36_500, strict=True)]
Photos = Annotated[int, Field(ge=0, le=10, strict=True)]
"""An album of Telegram holds ten."""


def _spans(*hours: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=each) for each in hours)


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Clock(Section):
    """A timer of `lifecycle.md` 2.3: how long it runs and when before its end it reminds.

    Written with one of `days`, `hours` or `minutes`; `reminders` are words such as "48h".
    """

    length: Span
    reminders: tuple[Span, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _length_from_one_unit(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = dict(data)
        units = [unit for unit in UNITS if unit in given]
        if len(units) > 1:
            raise Wrong(said("give one of {units}, not both"), units=" or ".join(units))
        if units:
            given["length"] = length_of(units[0], given.pop(units[0]))
        if "reminders" not in given:
            length = given.get("length", cls.model_fields["length"].default)
            fitting = cls.model_fields["reminders"].default
            given["reminders"] = fitting_in(length, fitting)
        return given

    @model_validator(mode="after")
    def _reminders_fit(self) -> Self:
        if self.length <= timedelta(0) and not self._may_be_off():
            raise Wrong(said("the length must be more than nothing"))
        if any(not timedelta(0) < reminder < self.length for reminder in self.reminders):
            raise Wrong(said("a reminder must be shorter than its timer"))
        return self

    @field_validator("reminders")
    @classmethod
    def _longest_first(cls, value: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        return tuple(sorted(set(value), reverse=True))

    @classmethod
    def _may_be_off(cls) -> bool:
        return False


def fitting_in(length: Any, reminders: Iterable[timedelta]) -> tuple[timedelta, ...]:
    """The reminders that a timer of this length can still give."""
    if not isinstance(length, timedelta):
        return ()
    return tuple(reminder for reminder in reminders if reminder < length)


class Draft(Clock):
    length: Span = timedelta(hours=24)
    reminders: tuple[Span, ...] = _spans(2)


class Decision(Clock):
    """X-02, X-03, X-54."""

    length: Span = timedelta(hours=24)
    reminders: tuple[Span, ...] = _spans(12, 3, 1)
    on_expiry: Literal["auto_unless_flagged", "auto", "moderators"] = "auto_unless_flagged"
    refund_without_return: bool = Field(default=True, strict=True)


class Premod(Clock):
    """Row 19a: at the end of round `rounds` the request is approved, before that escalated."""

    length: Span = timedelta(hours=24)
    reminders: tuple[Span, ...] = _spans(6, 1)
    rounds: int = Field(default=2, ge=1, strict=True)


class Clarify(Clock):
    """X-02, X-13. `floor_hours`: a younger question never costs the customer the request.

    `again_hours` is what must be left of the clock for one more question (row 13).
    """

    length: Span = timedelta(days=3)
    reminders: tuple[Span, ...] = _spans(24, 3)
    anchor: Literal["created", "asked"] = "created"
    on_expiry: Literal["who_owes_loses", "auto_approve", "moderators"] = "who_owes_loses"
    floor_hours: InHours = timedelta(hours=48)
    again_hours: InHours = timedelta(hours=1)


class OfferTerms(Clock):
    """X-12, X-14, X-55. An offer is above `min` and below the price paid (and `max`, if set)."""

    length: Span = timedelta(days=3)
    reminders: tuple[Span, ...] = _spans(24, 3)
    on_expiry: Literal["declined", "cancel_inaction"] = "declined"
    max_rounds: Annotated[
        Annotated[int, Field(ge=1, strict=True)] | None,
        BeforeValidator(lambda value: None if value == "unlimited" else value),
    ] = 3
    """None (in the file: "unlimited") for as many as the seller likes."""
    min: Amount = Decimal("0.00")
    max: Amount | None = None


class Counter(Clock):
    length: Span = timedelta(days=3)
    reminders: tuple[Span, ...] = _spans(24, 3)


class Ship(Clock):
    """X-01: the customer is told `length`; the clock acts `grace_days` later."""

    length: Span = timedelta(days=4)
    reminders: tuple[Span, ...] = _spans(48, 24, 3)
    grace_days: InDays = timedelta(0)


class LateProof(Clock):
    """X-52. No length at all switches the revival off."""

    length: Span = timedelta(hours=48)

    @classmethod
    def _may_be_off(cls) -> bool:
        return True


class Proof(Clock):
    length: Span = timedelta(hours=72)


class TransitUnlock(Clock):
    length: Span = timedelta(days=14)


class TransitAuto(Clock):
    length: Span = timedelta(days=31)
    reminders: tuple[Span, ...] = _spans(72)


class TransitCap(Clock):
    length: Span = timedelta(days=60)
    reminders: tuple[Span, ...] = _spans(168)


class Delivered(Clock):
    length: Span = timedelta(days=3)
    reminders: tuple[Span, ...] = _spans(24, 3)


class Appeal(Clock):
    length: Span = timedelta(days=5)
    reminders: tuple[Span, ...] = _spans(48, 24, 3)


class DisputeReply(Clock):
    length: Span = timedelta(hours=48)
    reminders: tuple[Span, ...] = _spans(24, 3)


class DisputeDecide(Clock):
    length: Span = timedelta(days=3)
    reminders: tuple[Span, ...] = _spans(24, 3)


class Inspect(Clock):
    length: Span = timedelta(days=7)
    reminders: tuple[Span, ...] = _spans(72, 24, 3)


class RefundEta(Clock):
    """X-18: money is promised between `earliest_days` and `length`; then the staff is paged."""

    length: Span = timedelta(days=10)
    earliest_days: InDays = timedelta(days=3)

    @model_validator(mode="after")
    def _earliest_is_not_later(self) -> Self:
        if self.earliest_days > self.length:
            raise Wrong(said("the earliest day is after the last one"))
        return self


class Passport(Clock):
    length: Span = timedelta(hours=24)
    reminders: tuple[Span, ...] = _spans(12, 3, 1)


class Receipt(Clock):
    length: Span = timedelta(minutes=15)
    reminders: tuple[Span, ...] = _spans(1 / 12)


class Transit(Section):
    """Row 51: after "still in transit" no new dispute for `again_days`."""

    again_days: InDays = timedelta(days=7)


class DisputeTerms(Section):
    """X-09, X-16. That a parcel came back to the customer is not reported, so that the time to
    dispute after receipt can only run from the rejection."""

    moderator_silence: Literal["escalate", "customer_wins", "status_quo"] = "escalate"
    window_after_receipt: Literal["from_reject"] = "from_reject"


class Moderation(Section):
    """X-03: from this price on (roubles, the whole request) silence leads to the moderators."""

    price_min: Amount | None = None


class Premoderation(Section):
    """X-50: so many disputes lost within so many days lead a seller's requests to the moderators.

    None (in the file: "off") for no such number.
    """

    lost_disputes: Annotated[
        Annotated[int, Field(ge=1, strict=True)] | None,
        BeforeValidator(lambda value: None if value == "off" else value),
    ] = 3
    within_days: InDays = timedelta(days=30)


class BlockConfirm(Clock):
    """X-26: until when a second person looks at a block; then the staff are paged again."""

    length: Span = timedelta(hours=72)
    reminders: tuple[Span, ...] = _spans(24)


class BlockTerms(Section):
    """X-26. `appeal_days`: how long the customer may object after a block was confirmed."""

    mode: Literal["two_step"] = "two_step"
    appeal_days: InDays = timedelta(days=14)


class Withholding(Clock):
    """X-36, O-09: how long a seller may contest a deduction."""

    length: Span = timedelta(days=30)
    reminders: tuple[Span, ...] = _spans(168, 24)


class Autocomp(Section):
    """X-11."""

    max_price: Amount = Decimal("1800.00")
    basis: Literal["unit", "line"] = "unit"
    offer_percent: Annotated[int, Field(gt=0, lt=100, strict=True)] = 50
    funded_by: Literal["seller", "platform"] = "seller"


class ShipRefund(Section):
    """X-20, R-05. A receipt is one sum, so that the cap is always for both together."""

    cap: Amount = Decimal("5000.00")
    includes_packaging: Literal[True] = True


class MinPhotos(Section):
    proper: Photos = 1
    improper: Photos = 2
    seller_fault: Photos = 2
    carrier_fault: Photos = 2


class Evidence(Section):
    """X-49."""

    min_photos: MinPhotos = MinPhotos()
    max_photos: Annotated[Photos, Field(ge=1)] = 10

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> Self:
        if max(self.min_photos.model_dump().values()) > self.max_photos:
            raise Wrong(said("more photos are asked for than are taken"))
        return self


class Capsule(Section):
    """N-7: codes on paper beside the product, and for how long one can be photographed."""

    mode: Literal["off", "on"] = "off"
    minutes: Annotated[InMinutes, Field(gt=timedelta(0))] = timedelta(minutes=60)


class WindowDays(Section):
    """Days of a group of categories; 0 days: never (W-01, W-02)."""

    proper_days: Days
    improper_days: Days


class WindowTerms(Section):
    """W-01 … W-04, X-31: through the end of local day N after the anchor.

    `reminders` are the times before its end at which a customer is reminded of an opened order.
    """

    reminders: tuple[Span, ...] = _spans(24)
    anchor: Literal["delivered_at", "ordered_at"] = "delivered_at"
    food: WindowDays = WindowDays(proper_days=0, improper_days=1)
    individual: WindowDays = WindowDays(proper_days=0, improper_days=7)
    personal: WindowDays = WindowDays(proper_days=7, improper_days=7)
    other: WindowDays = WindowDays(proper_days=15, improper_days=15)

    @field_validator("reminders")
    @classmethod
    def _longest_first(cls, value: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        if any(each <= timedelta(0) for each in value):
            raise Wrong(said("a reminder must come before the end of its window"))
        return tuple(sorted(set(value), reverse=True))


class Warranty(Section):
    """W-09, W-10."""

    seller_min_days: Days = 14
    complex_days: Days = 365


class CaseTerms(Section):
    """X-56."""

    scope: Literal["shipment", "line"] = "shipment"


PLATFORM_ADDRESS = (
    "7 Magistralnaya str. (Lvovsky microdistr.), P/O box 4, 140961 Podolsk, Moscow region, "
    "Russia. Recipient: Internet Solutions LLC."
)
SELLERS = "seller"
"""The word in `return_address` for the seller's own address."""


class ReturnAddress(Section):
    """X-48, A-09: where a return goes, by the way in which the order was delivered."""

    partner_courier: str = Field(default=PLATFORM_ADDRESS, min_length=1)
    pickup_point: str = Field(default=PLATFORM_ADDRESS, min_length=1)
    seller_courier: str = Field(default=SELLERS, min_length=1)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise Wrong(said("{value} is not a time zone"), value=repr(value)) from None
    return value


def _switch(value: Any) -> Any:
    return {"on": True, "off": False}.get(value, value) if isinstance(value, str) else value


class ClockTerms(Section):
    """X-05, X-51, X-58. `outage_threshold` is written in minutes."""

    mode: Literal["elapsed", "calendar"] = "elapsed"
    tz: Annotated[str, AfterValidator(_zone)] = "Europe/Moscow"
    outage_credit: Annotated[bool, BeforeValidator(_switch), Field(strict=True)] = True
    outage_threshold: InMinutes = timedelta(minutes=15)


def _rate(value: Any) -> Decimal:
    return number(value).normalize()


def _dated(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {date.min: value}


Rates = Annotated[
    dict[date, Annotated[Decimal, BeforeValidator(_rate), Field(gt=0)]], BeforeValidator(_dated)
]
"""Roubles for one unit of a currency: one number, or one for each date from which it holds."""
