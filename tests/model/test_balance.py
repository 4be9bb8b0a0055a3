"""Money that comes back goes to the forms that it came from, exactly."""

from dataclasses import replace
from typing import Any

import pytest
from tests.orders.offered import T
from tests.orders.servicing import desk

from ndc_oms.model.balance import to_forms
from ndc_oms.model.cancellation import GivenUp
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PaymentState

NOTHING = Money(0, "EUR")


async def _order(**payments: Any) -> Order:
    """Two passengers' order. payments: by id, of what is left and the places of the items paid."""
    house = desk()
    order = await house.sell(T.ADULT, T.ADULT)
    made = tuple(_payment(order, name, *paid) for name, paid in payments.items())
    return replace(order, payments=made)


def _payment(order: Order, name: str, minor: int, *places: int) -> Payment:
    ids = tuple(order.live_items[place].id for place in places)
    return replace(
        order.payments[0], id=name, amount=Money(minor, "EUR"), item_ids=ids, refunded=None,
        state=PaymentState.CAPTURED,
    )  # fmt: skip


def _due(order: Order, *minor: int) -> dict[str, int]:
    """Of each payment, when so much of each item comes back."""
    items = zip(order.live_items, minor, strict=False)
    given_up = tuple(GivenUp(item.id, Money(n, "EUR"), NOTHING) for item, n in items)
    return {each.payment_id: each.amount.minor for each in to_forms(order, given_up)}


async def test_to_the_latest_first() -> None:
    order = await _order(A=(100, 0, 1), B=(50, 0))
    assert _due(order, 80) == {"B": 50, "A": 30}


async def test_what_came_back_already_for_another_comes_from_the_order_s_other_forms() -> None:
    """The first item is paid by both, the second by A alone, of which too little is left."""
    order = await _order(A=(60, 0, 1), B=(100, 0))
    assert _due(order, 40, 100) == {"B": 40 + 40, "A": 60}


async def test_never_more_than_was_paid() -> None:
    order = await _order(A=(60, 0, 1))
    with pytest.raises(AssertionError, match="paid by nobody"):
        _due(order, 40, 30)
