"""Giving up paid items as quoted: what comes back by rule and stage; documents, money, ledger."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.orders.cancelling import (
    AFTER,
    AFTER_THE_VOID_WINDOW,
    BEFORE,
    NEVER,
    NO_SHOW,
    all_gone,
    balances,
    eur,
    priced,
)
from tests.orders.fake_clock import NOW
from tests.orders.offered import T, bound
from tests.orders.servicing import card, desk, plan

from ndc_oms.errors import Refusal
from ndc_oms.model.events import ItemsCancelled, VoidRefused
from ndc_oms.model.ledger import Account
from ndc_oms.model.offer import PricedBound, Tax
from ndc_oms.model.status import CouponStatus, ItemStatus, OrderStatus, PaymentState
from ndc_oms.payments.allocation import standing

S = PaymentState


async def test_void_gives_everything_back() -> None:
    house = desk()
    order = await house.sell(T.ADULT, T.INFANT, bounds=priced(*NEVER))
    house.clock.time += timedelta(hours=23, minutes=59)
    quote = await house.quoted()
    assert (quote.void, quote.refund, quote.penalty) == (True, order.total, eur(0))
    await house.accept(quote)
    assert all_gone(house)
    assert {c.status for d in house.order.documents for c in d.coupons} == {CouponStatus.VOID}
    assert house.order.payments[0].state is S.REFUNDED
    assert house.gateway.kept == 0
    assert balances(house) == Counter()
    house.check()


async def test_after_the_window_a_fee_is_kept() -> None:
    house = desk()
    order = await house.sell(T.ADULT, bounds=priced(BEFORE))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    assert not quote.void
    assert quote.penalty == eur(5_000)  # of two journeys
    assert quote.refund == eur(2 * (10_000 + 700 - 2_500))
    await house.accept(quote)
    assert all_gone(house)
    assert {c.status for d in house.order.documents for c in d.coupons} == {CouponStatus.REFUNDED}
    (payment,) = house.order.payments
    assert (payment.state, payment.returned) == (S.CAPTURED, quote.refund)
    kept = order.total - quote.refund
    assert house.gateway.kept == kept.minor
    assert balances(house) == {Account.CLEARING: kept.minor, Account.PENALTIES: -kept.minor}
    assert standing(house.order).refunded == quote.refund
    house.check()


async def test_taxes_come_back_whatever_the_fare_says() -> None:
    house = desk()
    await house.sell(T.ADULT, bounds=priced(*NEVER))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    assert quote.refund == eur(2 * 700)
    assert [t.code for item in quote.items for t in item.refund_taxes] == ["CA", "CA"]
    await house.accept(quote)
    assert all_gone(house)
    house.check()


async def test_a_fee_takes_the_fare_at_most() -> None:
    house = desk()
    await house.sell(T.ADULT, bounds=priced(replace(BEFORE, fee=eur(99_000))))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    assert quote.refund == eur(2 * 700)


async def test_nothing_comes_back_and_all_is_cancelled() -> None:
    house = desk()
    only = (Tax("YQ", "carrier", eur(300), False),)
    order = await house.sell(T.ADULT, bounds=priced(*NEVER, taxes=only))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    assert quote.refund == eur(0)
    await house.accept(quote)
    assert all_gone(house)
    assert house.gateway.kept == order.total.minor
    assert balances(house)[Account.PENALTIES] == -order.total.minor
    house.check()


@pytest.mark.parametrize(
    ("leaves", "void"),
    [
        (NOW + timedelta(hours=30), True),
        (NOW + timedelta(hours=14, minutes=59), True),  # 23:59 on the day of issue
        (NOW - timedelta(hours=1), True),  # it left today, and nobody was on board
    ],
)
async def test_the_void_window_ends_with_the_day_of_departure(leaves: datetime, void: bool) -> None:
    house = desk()
    bounds = _leaving(priced(BEFORE, AFTER, NO_SHOW), leaves, leaves + timedelta(days=9))
    await house.sell(T.ADULT, bounds=bounds)
    assert (await house.quoted()).void is void
    house.clock.time = NOW.replace(hour=23, minute=59)
    assert (await house.quoted()).void is True
    house.clock.time += timedelta(minutes=1)  # midnight, still within 24 hours of issue
    assert (await house.quoted()).void is (leaves > house.clock.time)


def _leaving(bounds: tuple[PricedBound, ...], *times: datetime) -> tuple[PricedBound, ...]:
    made = []
    for each, start in zip(bounds, times, strict=True):
        shift = start - each.journey.departure
        segments = tuple(
            replace(
                s,
                legs=tuple(
                    replace(leg, departure=leg.departure + shift, arrival=leg.arrival + shift)
                    for leg in s.legs
                ),
            )
            for s in each.journey.segments
        )
        made.append(replace(each, journey=replace(each.journey, segments=segments)))
    return tuple(made)


async def test_by_stage_of_the_journey() -> None:
    house = desk()
    await house.sell(T.ADULT, bounds=priced(BEFORE, AFTER, NO_SHOW))
    there, back = house.order.segments[0].flight, house.order.segments[1].flight
    house.clock.time = there.departure - timedelta(seconds=1)
    assert (await house.quoted()).penalty == eur(2 * 2_500)
    house.clock.time = there.departure  # nobody was on board
    quote = await house.quoted()
    assert [item.penalty for item in quote.items] == [eur(0), eur(4_000)]
    assert [item.refund for item in quote.items] == [eur(700), eur(10_700 - 4_000)]
    house.clock.time = back.departure
    assert (await house.quoted()).refund == eur(2 * 700)


async def test_what_was_flown_does_not_come_back() -> None:
    house = desk()
    order = await house.sell(T.ADULT, bounds=priced(BEFORE, AFTER, NO_SHOW))
    house.clock.time = order.segments[0].flight.arrival
    house.pss.fly(order.documents[0].number, "SEG1")
    quote = await house.quoted()
    (item,) = quote.items
    assert order.item(item.item_id).bound_index == 1
    await house.accept(quote)
    after = house.order
    assert after.status is OrderStatus.OPENED
    assert [i.status for i in after.items] == [ItemStatus.ACTIVE, ItemStatus.CANCELLED]
    assert [c.status for d in after.documents for c in d.coupons] == [
        CouponStatus.FLOWN,
        CouponStatus.REFUNDED,
        CouponStatus.REFUNDED,
    ]
    assert after.segments_released == ("SEG2", "SEG3")
    assert house.gateway.kept == (order.total - quote.refund).minor
    house.check()


async def test_a_passenger_of_several() -> None:
    house = desk()
    order = await house.sell(T.ADULT, T.CHILD, T.ADULT, bounds=priced(BEFORE))
    house.clock.time += AFTER_THE_VOID_WINDOW
    theirs = [i.id for i in order.items if i.passenger_id == "PAX3"]
    others = [i.id for i in order.items if i.passenger_id == "PAX1"]
    with pytest.raises(Refusal) as refused:  # one keeps something, and the other does not
        await house.quoted(*theirs, others[0])
    assert refused.value.code == "185"
    quote = await house.quoted(*theirs)
    await house.accept(quote)
    after = house.order
    assert after.status is OrderStatus.OPENED
    assert {i.status for i in after.items if i.id in theirs} == {ItemStatus.CANCELLED}
    assert not after.tickets_of("PAX3")
    assert after.tickets_of("PAX1")
    assert house.pss.seats == 100 - 2 * 3
    assert any(isinstance(e, ItemsCancelled) for e in house.store.events[order.order_id])
    rest = await house.quoted()
    await house.accept(rest)
    assert all_gone(house)
    (payment,) = house.order.payments
    assert payment.returned == quote.refund + rest.refund
    assert len(house.gateway.refunded) == 1
    assert house.gateway.applied["refund"] == 2
    house.check()


async def test_money_goes_back_to_its_forms_the_latest_first() -> None:
    house = desk()
    order = await house.hold(T.ADULT, bounds=priced(BEFORE))
    part = eur(5_000)
    await house.pay(card(part), plan(order.total - part))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    await house.accept(quote)
    first, second = house.order.payments
    assert quote.refund == eur(16_400)
    assert (second.amount, second.returned) == (eur(17_000), eur(16_400))
    assert (first.state, first.returned) == (S.CAPTURED, eur(0))
    assert all_gone(house)
    house.check()


async def test_a_set_of_conjunction_tickets() -> None:
    house = desk()
    bounds = (bound(2, 3), bound(9, 3, there=False))
    order = await house.sell(T.ADULT, bounds=bounds)
    assert len(order.documents) == 2
    house.clock.time += AFTER_THE_VOID_WINDOW
    await house.accept(await house.quoted())
    assert all_gone(house)
    assert house.pss.applied["refund"] == 1
    house.check()


async def test_a_void_that_is_refused_becomes_a_refund() -> None:
    house = desk()
    order = await house.sell(T.ADULT, T.ADULT)
    quote = await house.quoted()
    house.pss.plant("void", "fails")
    await house.accept(quote)
    assert all_gone(house)
    states = [{c.status for c in d.coupons} for d in house.order.documents]
    assert sorted(states, key=str) == [{CouponStatus.REFUNDED}, {CouponStatus.VOID}]
    assert any(isinstance(e, VoidRefused) for e in house.store.events[order.order_id])
    assert house.gateway.kept == 0  # what was quoted is kept to
    house.check()


@pytest.mark.parametrize("kind", ["before", "after", "rejects", "raises"])
@pytest.mark.parametrize("verb", ["refund-documents", "refund", "cancel"])
async def test_faults_on_the_way(verb: str, kind: str) -> None:
    house = desk(reply_within_s=0.05)
    order = await house.sell(T.ADULT, T.CHILD, bounds=priced(BEFORE))
    house.clock.time += AFTER_THE_VOID_WINDOW
    quote = await house.quoted()
    side = house.gateway if verb == "refund" else house.pss
    side.plant(verb.partition("-")[0], kind, kind)
    await house.accept(quote)
    await house.run_out()
    assert all_gone(house)
    assert house.gateway.kept == (order.total - quote.refund).minor
    assert house.pss.applied["refund"] == 2
    assert house.gateway.applied["refund"] == house.pss.applied["cancel"] == 1
    house.check()


async def test_a_refund_that_is_refused_stands_in_the_queue() -> None:
    house = desk(reply_within_s=0.05)
    await house.sell(bounds=priced(BEFORE))
    house.clock.time += AFTER_THE_VOID_WINDOW
    house.gateway.plant("refund", "fails")
    view = await house.accept(await house.quoted())
    assert "refunded" in view.notices[0].text
    (task,) = house.store.tasks.values()
    assert (task.parked, task.last_error) == (True, "NO: refund refused")
    await house.wait(minutes=10)
    assert all_gone(house)
    house.check()
