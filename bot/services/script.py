"""Scripts of the simulation: TOML read into typed steps, every fault with its line (2.11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.domain import policy_file
from bot.domain.cases import Action, DisputeTopic, Role, Route, Ruling, Status, Terms
from bot.domain.money import Money
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_file import (
    A_MOMENT,
    A_TABLE,
    NOT_AN_AMOUNT,
    ONE_OF,
    Wrong,
    span,
    tables_of,
    worded,
    words_of,
)
from bot.domain.windows import Category
from bot.texts import said

OUTAGE = "outage"

TAKES: Mapping[str, frozenset[str]] = {
    Action.SUBMIT: frozenset({"reason", "units"}),
    Action.APPROVE: frozenset(),
    Action.REFUND_WITHOUT_RETURN: frozenset(),
    Action.CANCEL: frozenset(),
    Action.RECEIVE: frozenset(),
    Action.REJECT: frozenset({"reason"}),
    Action.OFFER: frozenset({"amount"}),
    Action.SETTLE: frozenset({"amount", "terms"}),
    Action.ASK: frozenset(),
    Action.ANSWER: frozenset(),
    Action.ACCEPT: frozenset({"of"}),
    Action.DECLINE: frozenset(),
    Action.SENT: frozenset({"track", "receipt_amount"}),
    Action.LATE_PROOF: frozenset({"receipt_date", "receipt_amount", "track"}),
    Action.TRACK: frozenset({"place"}),
    Action.REFUND: frozenset({"shipping"}),
    Action.VERDICT: frozenset({"accepted", "shipping"}),
    Action.CONFIRM_SHIPPING: frozenset({"shipping"}),
    Action.OPEN_DISPUTE: frozenset({"topic"}),
    Action.REPLY: frozenset(),
    Action.WITHDRAW: frozenset(),
    Action.WHERE_IS_THE_REFUND: frozenset({"topic"}),
    Action.DECIDE: frozenset({"for", "shipping"}),
    Action.PAID: frozenset({"ref"}),
    Action.PAYMENT_FAILED: frozenset({"ref"}),
    Action.SET_ADDRESS: frozenset({"address"}),
    Action.GET_CODE: frozenset(),
    Action.PROVE: frozenset(),
    Action.OVERRIDE: frozenset({"to", "amount"}),
    Action.REOPEN: frozenset({"to"}),
    OUTAGE: frozenset({"until"}),
}
"""What each `do` takes, beside when, who, `text` and `photos`."""

_ALWAYS = frozenset({"at", "after", "by", "do", "text", "photos"})

_AT_POINTS = said("`{do}` belongs to the route pickup_point, which this program lacks")
_LOCAL = said("`{do}` belongs to the profile ali_local, which this program lacks")
_ELSEWHERE: Mapping[str, str] = dict.fromkeys(
    (
        "point_accept",
        "point_refuse",
        "arrive",
        "grade",
        "choose",
        "standing_order",
        "confirm_block",
        "deny_block",
        "show_code",
        "request_photo",
        "carrier_claim",
    ),
    _AT_POINTS,
) | dict.fromkeys(("instructions", "checklist"), _LOCAL)
"""What other paths of a return have, and the word that they are not here."""


class ScriptError(ValueError):
    """A script that cannot be read: what is wrong, with which key, and in which line.

    `words` and `values` are as in `Wrong`.
    """

    def __init__(
        self, words: str, line: int | None = None, /, key: str = "", **values: str
    ) -> None:
        self.words = words
        self.values = values
        self.key = key
        self.line = line
        why = worded(words, self.values)
        message = f"{key}: {why}" if key else why
        super().__init__(f"line {line}: {message}" if line else message)


class Profile(StrEnum):
    OZON = "ozon"
    ALI_LOCAL = "ali_local"


def _instant(value: Any) -> Any:
    if not isinstance(value, datetime):
        raise Wrong(A_MOMENT)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min, UTC)
    return _instant(value)


def _money(value: Any) -> Money:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Wrong(said("an amount such as {example} is expected"), example='"2500.00"')
    try:
        money = Money.of(value)
    except ValueError:
        raise Wrong(NOT_AN_AMOUNT, value=repr(value)) from None
    if money.amount != Decimal(value):
        raise Wrong(said("an amount has no more than two decimal digits"))
    return money


def _weight(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Wrong(said("a weight such as {example} is expected"), example='"0.8"')
    return policy_file.number(value)


def _above_nothing(value: Money) -> Money:
    if value.minor <= 0:
        raise Wrong(said("a price above 0 is expected"))
    return value


def _actor(value: Any) -> Role:
    if value not in _ACTORS:
        raise Wrong(ONE_OF, expected=", ".join(_ACTORS))
    return Role(value)


_ACTORS = tuple(str(role) for role in Role if role not in (Role.CLOCK, Role.SYSTEM))

Actor = Annotated[Role, BeforeValidator(_actor)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[datetime, BeforeValidator(_day)]
Amount = Annotated[Money, BeforeValidator(_money)]
Price = Annotated[Amount, AfterValidator(_above_nothing)]
Weight = Annotated[Decimal, BeforeValidator(_weight), Field(gt=0)]
Count = Annotated[int, Field(ge=0, strict=True)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SellerTable(_Table):
    country: str = "TR"
    premoderated: bool = Field(default=False, strict=True)
    address: bool = Field(default=True, strict=True)


class CustomerTable(_Table):
    flagged: bool = Field(default=False, strict=True)


class Item(_Table):
    sku: str = Field(min_length=1)
    category: Category = Category.OTHER
    price: Price
    quantity: Annotated[int, Field(ge=1, strict=True)] = 1
    weight_kg: Weight | None = None


class OrderTable(_Table):
    profile: Profile = Profile.OZON
    route: Route = Route.MAIL
    delivered_at: Instant | None = None
    seller: SellerTable = SellerTable()
    customer: CustomerTable = CustomerTable()
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_sku_once(self) -> OrderTable:
        if len({item.sku for item in self.items}) < len(self.items):
            raise Wrong(said("a sku stands twice"))
        return self


class Step(_Table):
    """Somebody does something at an instant."""

    at: Instant | None = None
    after: Annotated[timedelta, BeforeValidator(span)] | None = None
    by: Actor
    do: str
    text: str | None = None
    photos: Count = 0
    reason: str | None = None
    units: dict[str, Count] | None = None
    amount: Amount | None = None
    track: str | None = None
    receipt_amount: Amount | None = None
    receipt_date: Day | None = None
    place: str | None = None
    shipping: Amount | None = None
    accepted: dict[str, Count] | None = None
    ruling: Ruling | None = Field(default=None, alias="for")
    terms: Terms | None = None
    topic: DisputeTopic | None = None
    of: Role | None = None
    ref: str | None = None
    address: str | None = None
    to: Status | None = None
    until: Instant | None = None

    def instant(self, start: datetime) -> datetime:
        """When the step is: `at`, or `after` the start."""
        if self.at is not None:
            return self.at
        assert self.after is not None
        return start + self.after


class Script(_Table):
    """A whole script. Its policy is the defaults with the overrides of `[policy]`."""

    start: Instant
    until: Instant | None = None
    order: OrderTable
    steps: tuple[Step, ...] = Field(default=(), alias="step")
    policy: Policy = Policy()


def read_script(text: str, base: Policy | None = None) -> Script:
    """Read a script. Raises ScriptError with the line and the fault.

    `base` is the policy whose keys it may change; without one, the defaults.
    """
    places = _places(text)
    try:
        raw = tables_of(text)
    except PolicyError as error:
        raise ScriptError(error.words, error.line, **error.values) from None
    raw["policy"] = _policy(raw.get("policy", {}), places, base or Policy())
    for place, step in enumerate(_tables(raw.get("step"))):
        _check_names(step, ("step", place), places)
    try:
        script = Script.model_validate(raw)
    except ValidationError as error:
        faults = error.errors()
        first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
        path = tuple(part for part in first["loc"] if not _is_type(part))
        words, values = words_of(first)
        name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
        raise ScriptError(words, _line(places, path), key=name, **values) from None
    _check_paths(script, places)
    _check_order(script, places)
    return script


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []


def _policy(keys: Any, places: Mapping[Path, int], base: Policy) -> Policy:
    if not isinstance(keys, dict):
        raise ScriptError(A_TABLE, _line(places, ("policy",)), key="policy")
    try:
        return base.with_overrides(keys)
    except PolicyError as error:
        line = _line(places, ("policy", *error.key.split(".")))
        raise ScriptError(error.words, line, key=f"policy {error.key}", **error.values) from None


def _check_names(step: Mapping[str, Any], path: Path, places: Mapping[Path, int]) -> None:
    do = step.get("do")
    if do is None:
        return
    line = _line(places, (*path, "do"))
    if do in _ELSEWHERE:
        raise ScriptError(_ELSEWHERE[do], line, do=do)
    if do not in TAKES:
        unknown = said("there is no `{do}`; one of {expected} is expected")
        raise ScriptError(unknown, line, do=do, expected=", ".join(TAKES))
    for key in step:
        if key not in _ALWAYS and key not in TAKES[do]:
            where = _line(places, (*path, key))
            raise ScriptError(said("`{do}` takes no `{name}`"), where, do=do, name=key)


def _check_paths(script: Script, places: Mapping[Path, int]) -> None:
    order = script.order
    if order.profile is not Profile.OZON:
        line = _line(places, ("order", "profile"))
        lacks = said("this program lacks the profile {profile}")
        raise ScriptError(lacks, line, profile=order.profile)
    if order.route is Route.PICKUP_POINT:
        line = _line(places, ("order", "route"))
        raise ScriptError(said("this program lacks the route {route}"), line, route=order.route)


def _check_order(script: Script, places: Mapping[Path, int]) -> None:
    last = script.start
    dark = script.start
    skus = {item.sku for item in script.order.items}
    for place, step in enumerate(script.steps):
        path: Path = ("step", place)
        if (step.at is None) == (step.after is None):
            raise ScriptError(said("a step has either `at` or `after`"), _line(places, path))
        now = step.instant(script.start)
        when = (*path, "at" if step.after is None else "after")
        if now < last:
            raise ScriptError(said("a step before the one above it"), _line(places, when))
        last = now
        for key, units in (("units", step.units), ("accepted", step.accepted)):
            for sku in (units or {}).keys() - skus:
                where = _line(places, (*path, key))
                raise ScriptError(said("the order has no {sku}"), where, sku=sku)
        if (step.do == OUTAGE) != (step.by is Role.SERVICE):
            line = _line(places, (*path, "by"))
            raise ScriptError(said("an outage, and nothing else, is of the service"), line)
        if step.do == OUTAGE:
            if step.until is None or step.until <= now:
                line = _line(places, (*path, "until"))
                raise ScriptError(said("an outage ends after it begins: `until`"), line)
            if now < dark:
                raise ScriptError(said("two outages at once"), _line(places, when))
            dark = step.until
    if script.until is not None and script.until < last:
        line = _line(places, ("until",))
        raise ScriptError(said("`until` is before the start or the last step"), line)


# ---------------------------------------------------------------------------- lines

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def _places(text: str) -> dict[Path, int]:
    """The line of every table and key: ("step", 1, "at") is `at` of the second step."""
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = tuple(_parts(header[2]))
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                places.setdefault(table, number)
                table = (*table, counts[table])
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            places.setdefault((*table, *_parts(key[1])), number)
    return places


def _parts(path: str) -> Iterator[str]:
    return (part.strip().strip("\"'") for part in re.sub(r"[\"']", "", path).split("."))


def _line(places: Mapping[Path, int], path: Path) -> int:
    """The line of a key, or else of the nearest table around it; the script itself is line 1."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)


def _is_type(part: str | int) -> bool:
    """Whether a part of a location names a type of a union, not a key."""
    return isinstance(part, str) and not re.fullmatch(r"[a-z_]+", part)
