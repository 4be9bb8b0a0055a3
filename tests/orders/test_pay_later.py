"""Paying for a hold: in full or item by item, in several forms, all of a message or none of it."""

from datetime import timedelta

import pytest
from tests.orders.offered import T
from tests.orders.paying import is_ticketed, states
from tests.orders.servicing import card, desk, plan

from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.balance import outstanding, unpaid_items
from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.orders.request import PaymentRequest

S = PaymentState


async def test_paid_in_full() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.INFANT)
    view = await house.pay(card(order.total))
    assert view.notices == ()
    assert is_ticketed(house)
    assert states(house) == [S.CAPTURED]
    assert house.gateway.kept == order.total.minor
    assert house.order.version == order.version + 1
    await house.wait(hours=100)
    assert house.order.status is OrderStatus.OPENED
    house.check()


async def test_one_payment_may_leave_its_amount_out() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(plan())
    assert house.order.payments[0].amount == order.total
    assert is_ticketed(house)


async def test_item_by_item() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    first, second = ([i for i in order.items if i.passenger_id == p.id] for p in order.passengers)
    price = first[0].fare.total + first[1].fare.total
    view = await house.pay(card(price, *(i.id for i in first)))
    assert states(house) == [S.AUTHORISED]
    assert house.order.documents == ()
    assert set(unpaid_items(house.order)) == set(second)
    assert str(price) in view.notices[0].text  # what is left to pay
    with pytest.raises(Refusal) as refused:
        await house.pay(card(price, *(i.id for i in first)))
    assert refused.value.code == "395"
    await house.pay(plan(price))
    assert is_ticketed(house)
    assert states(house) == [S.CAPTURED, S.CAPTURED]
    house.check()


async def test_several_forms_for_the_same() -> None:
    house = desk()
    order = await house.hold()
    part = Money(1_000, "EUR")
    voucher = PaymentRequest(PaymentForm.VOUCHER, part, voucher="VCH10EUR", path="/v")
    await house.pay(voucher, card(order.total - part))
    assert is_ticketed(house)
    assert [p.form for p in house.order.payments] == [PaymentForm.VOUCHER, PaymentForm.CARD]
    assert house.order.payments[0].voucher == "VCH10EUR"
    assert house.vouchers.kept == 1_000
    house.check()


async def test_different_forms_for_different_items() -> None:
    house = desk()
    order = await house.hold()
    there, back = order.items
    await house.pay(card(there.fare.total, there.id), plan(back.fare.total, back.id))
    assert is_ticketed(house)
    house.check()


AMOUNTS = {
    "too little": (lambda o: (card(o.total - Money(1, "EUR")),), "290"),
    "too much": (lambda o: (card(o.total + Money(1, "EUR")),), "290"),
    "nothing": (lambda o: (card(Money(0, "EUR")), card(o.total)), "290"),
    "two without amounts": (lambda _o: (card(), plan()), "290"),
    "another currency": (lambda o: (card(Money(o.total.minor, "USD")),), "727"),
    "a part of an item": (lambda o: (card(Money(5, "EUR"), o.items[0].id),), "290"),
    "overlapping": (
        lambda o: (card(o.items[0].fare.total, o.items[0].id), plan(o.total)),
        "290",
    ),
    "no such item": (lambda o: (card(o.total, "XX-99"),), "912"),
    "no number": (lambda o: (PaymentRequest(PaymentForm.CARD, o.total),), "912"),
}


@pytest.mark.parametrize("name", AMOUNTS)
async def test_amounts_are_exact(name: str) -> None:
    make, code = AMOUNTS[name]
    house = desk()
    order = await house.hold()
    with pytest.raises(Refusal) as refused:
        await house.pay(*make(order))
    assert refused.value.code == code
    assert house.order == order
    assert house.gateway.calls["authorise"] == 0


async def test_what_is_paid_with_its_creation_is_not_paid_again() -> None:
    house = desk()
    await house.sell()
    with pytest.raises(Refusal) as refused:
        await house.pay()
    assert refused.value.code == "395"


async def test_after_the_guarantee_it_is_priced_first() -> None:
    house = desk()
    order = await house.hold()
    house.clock.time += timedelta(hours=12)
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "711"
    assert "OrderQuote" in refused.value.remedy


@pytest.mark.parametrize("code", ["708", "921", "923"])
async def test_a_declined_card_leaves_the_hold(code: str) -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    house.gateway.plant("authorise", f"code:{code}")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert (refused.value.code, refused.value.kept) == (code, True)
    assert "stands as before" in refused.value.done
    assert states(house) == [S.DECLINED]
    assert house.order.payments[0].failure_code == code
    assert outstanding(house.order) == order.total
    assert settled(house.order)
    await house.pay(card(order.total))  # another attempt is welcome
    assert states(house) == [S.DECLINED, S.CAPTURED]
    assert is_ticketed(house)
    house.check()


async def test_a_declined_hold_still_expires() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    with pytest.raises(Refusal):
        await house.pay(card(order.total))
    await house.wait(hours=48)
    assert house.order.status is OrderStatus.CLOSED
    assert house.pss.seats == 100
    house.check()


async def test_all_of_a_message_or_none() -> None:
    """The second is declined: the first is let go, and nothing of it is left."""
    house = desk()
    order = await house.hold()
    half = order.items[0].fare.total
    house.plan.plant("authorise", "fails")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(half), plan(order.total - half))
    assert refused.value.code == "466"
    await house.run_out()
    assert states(house) == [S.RELEASED, S.DECLINED]
    assert house.gateway.released == set(house.gateway.authorised)
    assert outstanding(house.order) == order.total
    await house.pay(card(order.total))
    assert is_ticketed(house)
    house.check()


async def test_the_first_is_declined_and_the_second_is_never_asked() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    half = order.items[0].fare.total
    with pytest.raises(Refusal):
        await house.pay(card(half), plan(order.total - half))
    assert states(house) == [S.DECLINED, S.RELEASED]
    assert house.plan.calls["authorise"] == 0


async def test_a_part_that_was_paid_goes_back_when_the_rest_is_not_paid() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [i for i in order.items if i.passenger_id == "PAX1"]
    await house.pay(card(mine[0].fare.total + mine[1].fare.total, *(i.id for i in mine)))
    await house.wait(hours=48)
    await house.run_out()
    assert house.order.status is OrderStatus.CLOSED
    assert states(house) == [S.RELEASED]
    assert house.pss.seats == 100
    house.check()


async def test_tickets_that_cannot_be_issued_take_all_back() -> None:
    house = desk()
    order = await house.hold()
    house.pss.plant("issue", "fails")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "182"
    assert house.order.status is OrderStatus.CLOSED
    assert house.gateway.charged == []
    house.check()
