"""Money as integer minor units, rounded half up, and the balanced lines of the ledger.

Sums of different currencies never meet: adding them raises `CurrencyMismatch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

# Currencies whose smallest unit is not a hundredth (ISO 4217).
_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3}


class CurrencyMismatch(ValueError):
    """Two sums of different currencies were added or compared."""


def digits_of(currency: str) -> int:
    """How many decimal digits a currency has: 2 for RUB, 0 for JPY."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in the smallest unit of its currency: `Money(180000, "RUB")` is 1,800.00 RUB."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str = "RUB") -> Money:
        """Read a decimal amount in major units, half up.

        Raises ValueError if it is no number, or one beyond all sums.
        """
        try:
            return cls(_half_up(Decimal(amount).scaleb(digits_of(currency))), currency)
        except (InvalidOperation, OverflowError, ValueError):
            raise ValueError(f"{amount!r} is not an amount") from None

    @property
    def amount(self) -> Decimal:
        """The sum in major units with the currency's own number of digits."""
        return Decimal(self.minor).scaleb(-digits_of(self.currency))

    def percent(self, rate: int | Decimal) -> Money:
        """The given percentage of this sum, half up to the smallest unit."""
        return Money(_half_up(Decimal(self.minor) * Decimal(rate) / 100), self.currency)

    def _checked(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._checked(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._checked(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._checked(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._checked(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._checked(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._checked(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class Purse(StrEnum):
    """Whose money a ledger line moves."""

    CUSTOMER = "customer"
    SELLER = "seller"
    PLATFORM = "platform"
    CARRIER = "carrier"
    PARTNER = "partner"


class LedgerKind(StrEnum):
    """What a ledger line pays for."""

    GOODS = "goods"
    SHIPPING = "shipping"
    PARTIAL = "partial"
    COMPENSATION = "compensation"
    DISPOSAL = "disposal"
    CLAIM = "claim"
    REVERSAL = "reversal"
    WITHHOLDING = "withholding"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One balanced pair: `amount` leaves one purse and enters another (`lifecycle.md` 2.8.4)."""

    to: Purse
    source: Purse
    kind: LedgerKind
    amount: Money
    part: int = 1
    """The part of a split case that the line belongs to: 1 is the case itself, 2 its child."""
