"""Money: exact, in minor units, every rounding named."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.model.money import (
    CurrencyMismatchError,
    Money,
    exponent,
    round_half_up,
    round_up,
    split,
    total,
)

currencies = st.sampled_from(["EUR", "JPY", "KWD"])
amounts = st.builds(Money, st.integers(-(10**12), 10**12), currencies)


@given(amounts)
def test_text_and_back(amount: Money) -> None:
    assert Money.parse(amount.text(), amount.currency) == amount
    assert amount.decimal() == Decimal(amount.text())


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("120.50", "EUR", 12050), ("120.5", "EUR", 12050), ("-0.01", "EUR", -1),
     ("12000", "JPY", 12000), ("12000.0", "JPY", 12000), ("1.250", "KWD", 1250),
     (" 7 ", "EUR", 700)],
)  # fmt: skip
def test_parse(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1.005", "EUR"), ("0.5", "JPY"), ("", "EUR"), ("NaN", "EUR"), ("Infinity", "EUR"),
     ("1,5", "EUR"), ("9" * 18, "EUR"), ("1" + "0" * 100_000, "EUR")],
)  # fmt: skip
def test_parse_refuses(text: str, currency: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the type is the promise
        Money.parse(text, currency)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatchError):
        total([Money(1, "EUR"), Money(1, "USD")], "EUR")
    with pytest.raises(CurrencyMismatchError):
        _ = Money(1, "EUR") < Money(1, "USD")


def test_exponents() -> None:
    assert [exponent(c) for c in ("EUR", "JPY", "KWD", "CLP")] == [2, 0, 3, 0]
    assert str(Money(-5, "EUR")) == "-0.05 EUR"


def test_rounding() -> None:
    assert round_up(Decimal("100.001"), Decimal("0.01"), "EUR") == Money(10001, "EUR")
    assert round_up(Decimal("101"), Decimal("100"), "JPY") == Money(200, "JPY")
    assert round_half_up(Decimal("0.005"), Decimal("0.01"), "EUR") == Money(1, "EUR")
    assert round_half_up(Decimal("12.4"), Decimal("5"), "EUR") == Money(1000, "EUR")
    with pytest.raises(ValueError, match="finer"):
        round_up(Decimal("0.5"), Decimal("0.1"), "JPY")


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any))
def test_split_loses_nothing(minor: int, weights: list[int]) -> None:
    parts = split(Money(minor, "EUR"), weights)
    assert total(parts, "EUR") == Money(minor, "EUR")
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - minor * weight / whole) <= 1 + 1e-6 * minor


def test_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="more than zero"):
        split(Money(1, "EUR"), [0, 0])
