"""One order as a file tells it: typed, checked and made into the values of the domain."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from babel.core import get_global
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.domain.cases import Refused, Route
from bot.domain.money import Money, digits_of
from bot.domain.orders import (
    DeliveryMethod,
    Order,
    OrderLine,
    OrderStatus,
    Posting,
    hash_of_code,
    routes_of,
)
from bot.domain.policy import Policy
from bot.domain.windows import Category, check_warranty
from bot.services.phones import international
from bot.services.zones import is_country, main_zone
from bot.texts import said

LONGEST_NUMBER = 30
"""Bytes: a signed link holds no longer order number."""
LONGEST_SELLER = 40
"""Bytes: a button holds no longer code beside what it does."""
_APART = re.compile(r"[:\x00-\x20]")
"""What would end a number in a button or in a command."""

_DELIVERED = frozenset({OrderStatus.DELIVERED, OrderStatus.DISPUTED, OrderStatus.CANCELED})


def wrong(words: str, *, at: str = "", **values: Any) -> PydanticCustomError:
    """A fault in words of the catalogues, as pydantic carries it; `at` is a field of the row."""
    facts = {name: str(value) for name, value in values.items()}
    return PydanticCustomError("fault", "{words}", {"words": words, "at": at, "values": facts})


def _typed(value: Any) -> Any:
    """Numbers where texts are expected: codes and numbers often lose their quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _short(value: str, most: int) -> str:
    if len(value.encode()) > most:
        raise wrong(said("at most {most} bytes are expected"), most=most)
    return value


def _country(value: str) -> str:
    if not is_country(value := value.upper()):
        raise wrong(said("a country of two letters (ISO 3166) is expected"))
    return value


def _language(value: str) -> str:
    language = value.replace("_", "-").partition("-")[0].lower()
    if len(language) != 2 or not language.isascii() or not language.isalpha():
        raise wrong(said("a language such as en or ru-RU is expected"))
    return language


def _currency(value: str) -> str:
    if (value := value.upper()) not in get_global("all_currencies"):
        raise wrong(said("a currency of three letters (ISO 4217) is expected"))
    return value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _word(words: type[Category | DeliveryMethod | OrderStatus]) -> BeforeValidator:
    known = ", ".join(words)

    def checked(value: Any) -> Any:
        if value not in list(words):
            raise wrong(said("one of {known} is expected"), known=known)
        return words(value)

    return BeforeValidator(checked)


Text = Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(_typed)]
Code = Annotated[str, Field(min_length=1, max_length=64), BeforeValidator(_typed)]
Country = Annotated[str, AfterValidator(_country)]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class LineRow(_Row):
    """Units of one SKU, as a file tells them."""

    sku: Code
    title: Text
    category: Annotated[Category, _word(Category)]
    price: Annotated[Decimal, Field(ge=0, le=10**10)]
    currency: Annotated[str, AfterValidator(_currency)] = "RUB"
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1
    weight_kg: Annotated[Decimal, Field(ge=0, le=100_000)] | None = None
    warranty_days: Annotated[int, Field(ge=0, le=36_500)] | None = None

    @field_validator("warranty_days")
    @classmethod
    def _is_long_enough(cls, days: int | None, info: ValidationInfo) -> int | None:
        if days is not None and isinstance(info.context, Policy):
            try:
                check_warranty(days, info.context)
            except Refused as short:
                raise wrong(
                    said("a seller's warranty has at least {least} days (W-09)"),
                    least=short.facts["least"],
                ) from None
        return days

    @model_validator(mode="after")
    def _price_has_no_more_digits_than_its_currency(self) -> Self:
        if self.price != Money.of(self.price, self.currency).amount:
            raise wrong(
                said("{currency} has {digits} decimal digits"),
                at="price",
                currency=self.currency,
                digits=digits_of(self.currency),
            )
        return self

    def line(self) -> OrderLine:
        """The line of the order."""
        grams = None if self.weight_kg is None else self.weight_kg * 1000
        return OrderLine(
            sku=self.sku,
            title=self.title,
            category=self.category,
            unit_price=Money.of(self.price, self.currency),
            quantity=self.quantity,
            weight_g=None if grams is None else int(grams.quantize(Decimal(1), ROUND_HALF_UP)),
            warranty_days=self.warranty_days,
        )


class OrderRow(_Row):
    """An order, as a file tells it."""

    number: Text
    code: Code | None = None
    customer: Annotated[str, Field(max_length=300)] = ""
    phone: Code | None = None
    language: Annotated[str, AfterValidator(_language)] = "en"
    country: Country
    zone: str | None = None
    seller: Code
    seller_country: Country
    delivery: Annotated[DeliveryMethod, _word(DeliveryMethod)]
    routes: tuple[Route, ...] | None = None
    status: Annotated[OrderStatus, _word(OrderStatus)]
    created_at: Instant
    delivered_at: Instant | None = None
    presumed_at: Instant | None = None
    lines: Annotated[tuple[LineRow, ...], Field(max_length=200)]

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        """The fields that every order has."""
        return tuple(name for name, field in cls.model_fields.items() if field.is_required())

    @field_validator("number")
    @classmethod
    def _fits_into_a_link(cls, value: str) -> str:
        if _APART.search(value):
            raise wrong(said("a number without colons and spaces is expected"))
        return _short(value, LONGEST_NUMBER)

    @field_validator("seller")
    @classmethod
    def _fits_into_a_button(cls, value: str) -> str:
        if ":" in value or not value.isprintable():
            raise wrong(said("a code without colons is expected"))
        return _short(value, LONGEST_SELLER)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        if value:
            try:
                ZoneInfo(value)
            except (ValueError, OSError, KeyError):
                raise wrong(said("a time zone such as Europe/Istanbul is expected")) from None
        return value

    @field_validator("routes", mode="before")
    @classmethod
    def _routes_may_be_one_text(cls, value: Any) -> Any:
        names = value.replace(",", " ").split() if isinstance(value, str) else value
        offered = {Route.MAIL.value, Route.COURIER.value}
        if names is not None and (not isinstance(names, list) or not names or set(names) - offered):
            raise wrong(said("mail or courier, or both, are expected"))
        return names and tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        if self.phone and international(self.phone, self.country) is None:
            raise wrong(said("this is no phone number"), at="phone")
        if not self.zone and main_zone(self.country) is None:
            raise wrong(said("this country needs one"), at="zone")
        if self.status is OrderStatus.DELIVERED and self.delivered_at is None:
            raise wrong(said("is missing for a delivered order"), at="delivered_at")
        if self.delivered_at and self.status not in _DELIVERED:
            raise wrong(said("the order is not delivered"), at="delivered_at")
        if self.delivered_at and self.delivered_at < self.created_at:
            raise wrong(said("is before created_at"), at="delivered_at")
        if not self.lines:
            raise wrong(said("at least one is expected"), at="lines")
        if len({line.currency for line in self.lines}) > 1:
            raise wrong(said("an order has one currency"), at="lines")
        if max(Counter(line.sku for line in self.lines).values()) > 1:
            raise wrong(said("an SKU stands twice; use quantity"), at="lines")
        return self

    def order(self) -> Order:
        """The order: one posting, which bears the order's number with a 1."""
        return Order(
            number=self.number,
            seller=self.seller,
            created_at=self.created_at,
            postings=(
                Posting(
                    number=f"{self.number}-1",
                    status=self.status,
                    lines=tuple(line.line() for line in self.lines),
                    delivered_at=self.delivered_at,
                    presumed_at=self.presumed_at,
                ),
            ),
            code_hash=hash_of_code(self.number, self.code) if self.code else None,
            customer_name=self.customer,
            phone=international(self.phone, self.country) if self.phone else None,
            language=self.language,
            country=self.country,
            zone=self.zone or main_zone(self.country) or "UTC",
            seller_country=self.seller_country,
            delivery=self.delivery,
            routes=self.routes or routes_of(self.delivery, self.country, self.seller_country),
        )
