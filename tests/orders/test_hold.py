"""Seats held unpaid: until when, what ends it, that they come back once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.orders.fake_clock import NOW
from tests.orders.house import House
from tests.orders.offered import SELLER, T, attempt, bound, request_for
from tests.orders.servicing import HOLD, card, desk, redirect

from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.plan import next_step, settled
from ndc_oms.model.balance import unpaid_items
from ndc_oms.model.status import ItemStatus, OrderStatus, PaymentState
from ndc_oms.model.step import Step


async def test_held_until_its_limits() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.INFANT)
    assert order.payment_limit_at == NOW + timedelta(hours=48)
    assert order.price_guarantee_until == NOW + timedelta(hours=12)
    assert order.payments == order.documents == ()
    assert len(order.bookings) == 1
    assert unpaid_items(order) == order.live_items
    assert settled(order)
    (task,) = house.store.tasks.values()
    assert (task.step, task.due_at) == (Step.EXPIRE, order.payment_limit_at)
    assert house.store.leases == {}
    house.check()


async def test_the_seller_is_told_until_when() -> None:
    house = desk()
    view = await house.create(request_for(house.offer(), payments=()), SELLER, attempt())
    (notice,) = view.notices
    assert "until 2031-03-05T09:00Z" in notice.text
    assert "stands until 2031-03-03T21:00Z" in notice.text


@pytest.mark.parametrize(
    ("departs", "limit"),
    [
        (NOW + timedelta(days=30), NOW + timedelta(hours=48)),
        (NOW + timedelta(days=3), NOW + timedelta(hours=48)),
        (NOW + timedelta(days=2, hours=23, minutes=59), None),
    ],
)
async def test_by_days_to_departure(departs: datetime, limit: datetime | None) -> None:
    house = desk()
    offer = house.offer(bounds=(_leaving(departs),))
    asked = house.create(request_for(offer, payments=()), SELLER, attempt())
    if limit is None:
        with pytest.raises(Refusal) as refused:
            await asked
        assert refused.value.code == "495"
        assert house.store.orders == {}
        assert house.pss.calls["hold"] == 0
    else:
        await asked
        assert house.order.payment_limit_at == limit


async def test_never_after_the_last_moment_before_departure() -> None:
    house = desk()
    rule = replace(HOLD, limit_h=200)
    house.create = replace(
        house.create,
        rules=replace(
            house.create.rules, servicing=replace(house.create.rules.servicing, holds=(rule,))
        ),
    )
    departs = NOW + timedelta(days=5)
    order = await house.hold(bounds=(_leaving(departs),))
    assert order.payment_limit_at == departs - timedelta(hours=24)


def _leaving(at: datetime):  # type: ignore[no-untyped-def]  # a PricedBound
    made = bound(2, 1)
    (flight,) = made.journey.segments
    leg = replace(flight.legs[0], departure=at, arrival=at + timedelta(hours=2))
    return replace(made, journey=replace(made.journey, segments=(replace(flight, legs=(leg,)),)))


async def test_families_that_are_not_held() -> None:
    house = House(holds=(replace(HOLD, families=("LIGHT",)),))
    with pytest.raises(Refusal) as refused:
        await house.create(request_for(house.offer(), payments=()), SELLER, attempt())
    assert refused.value.code == "495"


async def test_not_paid_in_time() -> None:
    house = desk()
    await house.hold(T.ADULT, T.CHILD, T.INFANT)
    assert house.pss.seats == 100 - 2 * 3
    await house.wait(hours=47, minutes=59)
    assert house.order.status is OrderStatus.OPENED
    await house.wait(minutes=1)
    order = house.order
    assert order.status is OrderStatus.CLOSED
    assert {item.status for item in order.items} == {ItemStatus.CANCELLED}
    assert order.failure is not None
    assert (order.failure.step, order.failure.code) == (Step.EXPIRE, "303")
    assert house.pss.seats == 100
    assert house.pss.applied["cancel"] == 1
    assert house.store.tasks == {}
    assert next_step(order) is None
    house.check()
    with pytest.raises(Refusal) as refused:
        await house.pay()
    assert refused.value.code == "303"


@pytest.mark.parametrize("kind", ["before", "after", "rejects", "raises"])
async def test_expiry_under_faults_gives_seats_back_once(kind: str) -> None:
    house = desk()
    await house.hold(T.ADULT)
    house.pss.plant("cancel", kind, kind)
    await house.wait(hours=48)
    await house.run_out()
    assert house.order.status is OrderStatus.CLOSED
    assert house.pss.seats == 100
    assert house.pss.applied["cancel"] == 1
    house.check()


async def test_paid_at_the_last_moment_does_not_expire() -> None:
    house = desk()
    order = await house.hold()
    house.clock.time += timedelta(hours=11)
    await house.pay(card(order.total))
    await house.wait(hours=200)
    assert house.order.status is OrderStatus.OPENED
    assert house.order.failure is None
    assert house.store.tasks == {}
    house.check()


async def test_too_late_before_the_worker_has_seen_it() -> None:
    house = desk()
    order = await house.hold()
    house.clock.time += timedelta(hours=48)
    for change in (house.pay(card(order.total)), house.pay()):
        with pytest.raises(Refusal) as refused:
            await change
        assert refused.value.code == "303"
    assert house.order.payments == ()


async def test_a_hold_that_cannot_be_booked_is_refused() -> None:
    house = desk()
    house.pss.plant("book", "fails")
    with pytest.raises(Refusal) as refused:
        await house.hold()
    assert refused.value.code == "493"
    assert house.order.status is OrderStatus.CLOSED
    assert house.pss.seats == 100
    house.check()


async def test_an_order_may_be_made_with_a_page_for_its_payer() -> None:
    house = desk()
    offer = house.offer()
    request = request_for(offer, payments=(redirect(offer.total),))
    view = await house.create(request, SELLER, attempt())
    (payment,) = house.order.payments
    assert payment.state is PaymentState.AWAITING
    assert payment.redirect_url
    assert payment.expires_at == NOW + timedelta(minutes=30)
    assert house.order.bookings
    assert house.order.documents == ()
    assert "The payer can pay until" in view.notices[0].text
    await house.callback("pages", house.pages.pay(payment.session or ""), {"signed": "yes"})
    await house.deliverer.run_due()
    assert house.order.documents
    assert house.order.payments[0].state is PaymentState.CAPTURED
    house.check()


async def test_no_page_where_nothing_can_be_held() -> None:
    house = House()
    offer = house.offer()
    with pytest.raises(Refusal) as refused:
        await house.create(request_for(offer, payments=(redirect(offer.total),)), SELLER, attempt())
    assert refused.value.code == "495"
