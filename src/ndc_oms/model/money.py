"""Money: whole minor units of one currency. Never a float; every rounding is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

# Minor-unit exponents that are not 2. Source: ISO 4217, list one.
_NO_MINOR: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_EXPONENTS: Final = {
    **dict.fromkeys(_NO_MINOR.split(), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
MAX_DIGITS: Final = 15  # of an amount on the wire; longer is an attack, not a price


def exponent(currency: str) -> int:
    """Digits after the point in one unit of the currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def minor_text(minor: int, currency: str) -> str:
    """An amount as the wire writes it: `120.50`, `12000` (JPY), `1.250` (KWD)."""
    digits = _EXPONENTS.get(currency, 2)
    if digits == 2 and minor >= 0:  # nearly always, and shopping writes thousands of amounts
        return f"{minor // 100}.{minor % 100:02}"
    if not digits:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


class CurrencyMismatchError(ArithmeticError):
    """Two currencies met in one sum. A bug, never a request's fault."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` whole minor units of `currency` (ISO 4217 alphabetic code)."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """From a decimal text such as `120.50`.

        Raises ValueError when it is no number, too long, or finer than the minor unit.
        """
        text = text.strip()
        if len(text) > MAX_DIGITS + 2:
            raise ValueError(f"an amount of more than {MAX_DIGITS} digits")
        try:
            scaled = Decimal(text).scaleb(exponent(currency))
        except ArithmeticError as error:
            raise ValueError(f"{text!r} is no amount") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{text!r} is finer than the minor unit of {currency}")
        return cls(int(scaled), currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def text(self) -> str:
        """As the wire writes it."""
        return minor_text(self.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.text()} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` for none."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatchError(f"{currency} and {amount.currency}")
        minor += amount.minor
    return Money(minor, currency)


def round_up(value: Decimal, unit: Decimal, currency: str) -> Money:
    """`value` (major units) up to the next multiple of `unit`: how fares are rounded."""
    return _rounded(value, unit, currency, ROUND_CEILING)


def round_half_up(value: Decimal, unit: Decimal, currency: str) -> Money:
    """`value` (major units) to the nearest multiple of `unit`, halves up: how taxes are rounded."""
    return _rounded(value, unit, currency, ROUND_HALF_UP)


def _rounded(value: Decimal, unit: Decimal, currency: str, mode: str) -> Money:
    steps = (value / unit).quantize(Decimal(1), rounding=mode)
    scaled = (steps * unit).scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"rounding unit {unit} is finer than the minor unit of {currency}")
    return Money(int(scaled), currency)


def split(amount: Money, weights: list[int]) -> list[Money]:
    """The amount in parts by weight that sum to it exactly; the first parts take the odd units."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("weights must sum to more than zero")
    parts = [amount.minor * weight // whole for weight in weights]
    for at in range(amount.minor - sum(parts)):
        parts[at % len(parts)] += 1
    return [Money(part, amount.currency) for part in parts]


def less(amounts: Iterable[Money], spent: Money) -> tuple[Money, ...]:
    """What is left of each, once so much is spent of them, the first ones first.

    >>> [str(each) for each in less([Money(300, "CAD"), Money(200, "CAD")], Money(400, "CAD"))]
    ['0.00 CAD', '1.00 CAD']
    """
    left = []
    for amount in amounts:
        part = spent if spent <= amount else amount
        spent -= part
        left.append(amount - part)
    return tuple(left)
