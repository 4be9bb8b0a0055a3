"""Payments against the total: exact, in one currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.payments.allocation import MisallocatedError, allocate, permission


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_one_alone_may_leave_its_amount_out() -> None:
    assert allocate(eur(100), [None]) == (eur(100),)


@pytest.mark.parametrize(
    ("asked", "code", "at"),
    [
        ([eur(99)], "290", None),
        ([eur(50), eur(51)], "290", None),
        ([eur(100), None], "290", 1),
        ([eur(100), eur(0)], "290", 1),
        ([eur(101), eur(-1)], "290", 1),
        ([Money(100, "USD")], "727", 0),
        ([], "290", None),
    ],
)
def test_refused(asked: list[Money | None], code: str, at: int | None) -> None:
    with pytest.raises(MisallocatedError) as wrong:
        allocate(eur(100), asked)
    assert (wrong.value.code, wrong.value.at) == (code, at)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_parts_that_sum_to_it_are_taken_as_they_are(parts: list[int]) -> None:
    assert allocate(eur(sum(parts)), [eur(p) for p in parts]) == tuple(eur(p) for p in parts)


def test_permissions() -> None:
    assert [permission(form) for form in PaymentForm] == [
        "pay:card",
        "pay:settlement-plan",
        "pay:voucher",
        "pay:redirect",
    ]
