"""After its guarantee a hold is priced anew: quoted, agreed to once, paid."""

from datetime import timedelta

import pytest
from tests.orders.fake_clock import NOW
from tests.orders.offered import T
from tests.orders.servicing import card, desk, plan

from ndc_oms.errors import Refusal
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus, PaymentState

GUARANTEE = timedelta(hours=12)


async def test_agreed_and_paid_later() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    house.clock.time += GUARANTEE
    quote = await house.requoted(500)
    await house.agree(quote)
    after = house.order
    assert after.total == order.total + Money(4 * 500, "EUR") == quote.new_total
    assert after.price_guarantee_until == NOW + GUARANTEE + timedelta(hours=12)
    assert after.payment_limit_at == order.payment_limit_at
    assert after.version == order.version + 1
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "290"
    await house.pay(card(after.total))
    assert [d.total for d in house.order.documents] != []
    assert sum(d.total.minor for d in house.order.documents) == after.total.minor
    house.check()


async def test_agreed_and_paid_in_one_message() -> None:
    house = desk()
    await house.hold()
    house.clock.time += GUARANTEE
    quote = await house.requoted(-100)
    await house.agree(quote, plan(quote.new_total))
    assert house.order.payments[0].state is PaymentState.CAPTURED
    assert house.plan.kept == quote.new_total.minor
    owed = sum(
        posting.amount.minor
        for transaction in house.store.ledger
        for posting in transaction.postings
        if posting.account is Account.RECEIVABLE
    )
    assert owed == 0
    house.check()


async def test_agreed_and_declined() -> None:
    """The new price stands; the payment does not."""
    house = desk()
    await house.hold()
    house.clock.time += GUARANTEE
    quote = await house.requoted(100)
    house.gateway.plant("authorise", "code:708")
    with pytest.raises(Refusal) as refused:
        await house.agree(quote, card(quote.new_total))
    assert refused.value.code == "708"
    assert house.order.total == quote.new_total
    await house.pay(card(quote.new_total))
    assert house.order.documents
    house.check()


async def test_the_new_guarantee_never_outlives_the_limit() -> None:
    house = desk()
    order = await house.hold()
    house.clock.time += timedelta(hours=47)
    await house.agree(await house.requoted(1))
    assert house.order.price_guarantee_until == order.payment_limit_at
    await house.wait(hours=1)
    assert house.order.status is OrderStatus.CLOSED
    house.check()


async def test_only_what_is_not_paid_is_priced_anew() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [item for item in order.items if item.passenger_id == "PAX1"]
    await house.pay(card(mine[0].fare.total + mine[1].fare.total, *(i.id for i in mine)))
    house.clock.time += GUARANTEE
    quote = await house.requoted(50)
    assert {each.item_id for each in quote.items}.isdisjoint({item.id for item in mine})
    await house.agree(quote, plan(quote.new_total))
    assert len(house.order.documents) == 2
    house.check()


async def test_refused_after_the_payment_limit() -> None:
    house = desk()
    await house.hold()
    house.clock.time += timedelta(hours=47, minutes=59)
    quote = await house.requoted(1)
    house.clock.time += timedelta(minutes=1)
    with pytest.raises(Refusal) as refused:
        await house.agree(quote)
    assert refused.value.code == "303"


async def test_a_quote_is_agreed_to_once() -> None:
    house = desk()
    await house.hold()
    house.clock.time += GUARANTEE
    quote = await house.requoted(1)
    await house.agree(quote)
    before: Order = house.order
    with pytest.raises(Refusal) as refused:
        await house.agree(quote)
    assert refused.value.code == "913"
    assert house.order == before


async def test_a_new_price_is_not_a_cancellation() -> None:
    house = desk()
    await house.hold()
    quote = await house.requoted(1)
    with pytest.raises(Refusal) as refused:
        await house.accept(quote)
    assert refused.value.code == "913"
