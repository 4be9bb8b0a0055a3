"""Giving up items: unpaid ones at once, paid ones as quoted; documents, money, seats, ledger."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.orders.fakes import NOW, SELLER, T, attempt, bound
from tests.orders.servicing import Desk, card, desk, plan, redirect

from ndc_oms.errors import Refusal
from ndc_oms.model.events import ItemsCancelled, VoidRefused
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, PricedBound, Tax
from ndc_oms.model.order import Order
from ndc_oms.model.product import Restriction, Stage
from ndc_oms.model.status import (
    CouponStatus,
    DeliveryStatus,
    ItemStatus,
    OrderStatus,
    PaymentState,
    ServiceStatus,
)
from ndc_oms.orders.request import AcceptQuote, ChangeRequest, ReshopRequest
from ndc_oms.payments.allocation import standing

S = PaymentState
AFTER_THE_VOID_WINDOW = timedelta(hours=24)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def balances(house: Desk) -> Counter[Account]:
    """By account, without those at zero."""
    sums: Counter[Account] = Counter()
    for transaction in house.store.ledger:
        for posting in transaction.postings:
            sums[posting.account] += posting.amount.minor
    return Counter({account: minor for account, minor in sums.items() if minor})


def all_gone(house: Desk) -> bool:
    order = house.order
    return (
        order.status is OrderStatus.CLOSED
        and {item.status for item in order.items} == {ItemStatus.CANCELLED}
        and {s.status for i in order.items for s in i.services} == {ServiceStatus.CANCELLED}
        and {s.delivery for i in order.items for s in i.services} == {DeliveryStatus.REMOVED}
        and house.pss.seats == 100
        and house.pss.live_documents == []
        and not house.store.tasks
    )


# -- unpaid ----------------------------------------------------------------------------------


async def test_a_hold_is_cancelled_whole() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD, T.INFANT)
    await house.drop()
    assert all_gone(house)
    assert house.order.version > order.version
    assert house.order.failure is None
    assert house.pss.applied["cancel"] == 1
    assert balances(house) == Counter()
    house.check()
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "182"


async def test_a_passenger_leaves_a_hold() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [item.id for item in order.items if item.passenger_id == "PAX2"]
    await house.drop(*mine)
    after = house.order
    assert {i.id for i in after.live_items} == {i.id for i in order.items} - set(mine)
    assert after.passengers_released == ("PAX2",)
    assert house.pss.seats == 100 - 3
    (pnr,) = house.pss.pnrs.values()
    assert [t.passenger_id for t in pnr.travellers] == ["PAX1"]
    await house.pay(card(after.total))
    assert house.order.tickets_of("PAX1")
    assert not house.order.tickets_of("PAX2")
    assert balances(house)[Account.RECEIVABLE] == 0
    house.check()


async def test_a_journey_leaves_a_hold() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    back = [item.id for item in order.items if item.bound_index == 1]
    await house.drop(*back)
    assert house.order.segments_released == ("SEG2", "SEG3")
    assert house.pss.seats == 100 - 2
    await house.pay(plan())
    (coupon,) = house.order.documents[0].coupons
    assert coupon.segment_id == "SEG1"
    house.check()


async def test_one_after_the_other_until_nothing_is_left() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT, T.ADULT)
    for passenger in ("PAX1", "PAX2", "PAX3"):
        await house.drop(*(i.id for i in order.items if i.passenger_id == passenger))
    assert all_gone(house)
    assert house.pss.applied["cancel_part"] == 2
    assert balances(house) == Counter()
    house.check()


@pytest.mark.parametrize("kind", ["before", "after", "rejects", "raises"])
async def test_a_part_under_faults_gives_its_seats_back_once(kind: str) -> None:
    house = desk(reply_within_s=0.05)
    order = await house.hold(T.ADULT, T.ADULT)
    house.pss.plant("cancel_part", kind, kind)
    await house.drop(*(i.id for i in order.items if i.passenger_id == "PAX2"))
    for _ in range(4):
        await house.wait(seconds=61)
    assert house.pss.seats == 100 - 3
    assert house.pss.applied["cancel_part"] == 1
    house.check()


REFUSED_PARTS = {
    "one flight of one": ([T.ADULT, T.ADULT], lambda o: [o.items[0].id], "185"),
    "the adult of an infant": (
        [T.ADULT, T.ADULT, T.INFANT],
        lambda o: [i.id for i in o.items if i.passenger_id == "PAX1"],
        "324",
    ),
    "children left alone": (
        [T.ADULT, T.CHILD],
        lambda o: [i.id for i in o.items if i.passenger_id == "PAX1"],
        "143",
    ),
    "no such item": ([T.ADULT], lambda _o: ["XX-99"], "912"),
}


@pytest.mark.parametrize("name", REFUSED_PARTS)
async def test_parts_that_cannot_be_given_up(name: str) -> None:
    kinds, items, code = REFUSED_PARTS[name]
    house = desk()
    order = await house.hold(*kinds)
    with pytest.raises(Refusal) as refused:
        await house.drop(*items(order))
    assert refused.value.code == code
    assert house.order == order


async def test_what_is_ticketed_is_quoted_first() -> None:
    house = desk()
    await house.sell()
    with pytest.raises(Refusal) as refused:
        await house.drop()
    assert refused.value.code == "395"
    assert "OrderReshop" in refused.value.remedy


async def test_a_hold_that_is_paid_in_part_is_cancelled_whole_only() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [item for item in order.items if item.passenger_id == "PAX1"]
    await house.pay(card(total((i.fare.total for i in mine), "EUR"), *(i.id for i in mine)))
    with pytest.raises(Refusal) as refused:
        await house.drop(*(item.id for item in mine))
    assert refused.value.code == "395"
    await house.drop()
    assert all_gone(house)
    assert house.order.payments[0].state is S.RELEASED
    assert balances(house) == Counter()
    house.check()


async def test_cancelling_closes_the_payers_page() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    session = house.order.payments[0].session or ""
    await house.drop()
    assert all_gone(house)
    assert session not in house.pages.pages
    house.check()


async def test_who_paid_while_it_was_cancelled_gets_it_back() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    house.pages.pay(house.order.payments[0].session or "")  # the callback is on its way
    await house.drop()
    assert all_gone(house)
    assert house.order.payments[0].state is S.RELEASED
    assert house.pages.released
    house.check()


# -- paid ------------------------------------------------------------------------------------


def priced(*rules: Restriction, taxes: tuple[Tax, ...] = ()) -> tuple[PricedBound, ...]:
    """There and back, sold with these rules of cancelling."""
    given = taxes or (
        Tax("CA", "security", eur(700), True),
        Tax("YQ", "carrier", eur(300), False),
    )
    fares = {kind: Fare("YFLEX", eur(10_000), given) for kind in T}
    return tuple(
        replace(each, fares=fares, cancellations=rules)
        for each in (bound(2, 1), bound(9, 2, there=False))
    )


BEFORE = Restriction(Stage.BEFORE, True, eur(2_500), "25 EUR")
AFTER = Restriction(Stage.AFTER, True, eur(4_000), "40 EUR")
NO_SHOW = Restriction(Stage.NO_SHOW, False, None, "nothing")
NEVER = tuple(Restriction(stage, False, None, "never") for stage in Stage)


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


# -- quotes ----------------------------------------------------------------------------------


async def test_a_quote_is_for_its_time_and_version() -> None:
    house = desk()
    await house.sell(T.ADULT, T.ADULT)
    first, second = await house.quoted(), await house.quoted()
    house.clock.time += timedelta(seconds=900)
    with pytest.raises(Refusal) as refused:
        await house.accept(first)
    assert refused.value.code == "913"
    third, fourth = await house.quoted(), await house.quoted()
    await house.accept(third)
    for stale in (third, fourth, second):
        with pytest.raises(Refusal) as refused:
            await house.accept(stale)
        assert refused.value.code in ("182", "913")
    assert house.gateway.applied["refund"] == 1


async def test_quotes_that_are_not_of_this_order() -> None:
    house = desk()
    order = await house.sell()
    quote = await house.quoted()
    strange = (
        AcceptQuote(("Q-none",), cancels=True),
        AcceptQuote((quote.quote_id,), cancels=False),
    )
    for change in strange:
        with pytest.raises(Refusal) as refused:
            await house.ask(change)
        assert refused.value.code == "913"
    with pytest.raises(Refusal) as refused:
        await house.ask(AcceptQuote((quote.quote_id, "Q-2"), cancels=True))
    assert refused.value.code == "912"
    accept = AcceptQuote((quote.quote_id,), cancels=True)
    request = ChangeRequest(house.reference(), accept, (card(order.total),))
    with pytest.raises(Refusal) as refused:
        await house.change(request, SELLER, attempt("with payment"))
    assert refused.value.code == "912"


async def test_a_passenger_who_boards_after_the_quote() -> None:
    house = desk()
    order = await house.sell(bounds=priced(BEFORE, AFTER, NO_SHOW))
    house.clock.time = order.segments[0].flight.departure - timedelta(minutes=5)
    quote = await house.quoted()
    house.pss.fly(order.documents[0].number, "SEG1")
    with pytest.raises(Refusal) as refused:
        await house.accept(quote)
    assert refused.value.code == "913"


async def test_a_passenger_who_has_checked_in() -> None:
    house = desk()
    order = await house.sell()
    house.pss.fly(order.documents[0].number, "SEG1", CouponStatus.CHECKED_IN)
    with pytest.raises(Refusal) as refused:
        await house.quoted()
    assert refused.value.code == "182"


async def test_a_pss_that_does_not_show_documents() -> None:
    house = desk()
    order = await house.sell()
    number = order.documents[0].number
    hidden = house.pss.documents.pop(number)
    with pytest.raises(Refusal) as refused:
        await house.quoted()
    assert refused.value.code == "182"
    house.pss.documents[number] = hidden


async def test_a_hold_is_quoted_too() -> None:
    house = desk()
    order = await house.hold(T.ADULT)
    quote = await house.quoted()
    assert (quote.refund, quote.old_total) == (eur(0), order.total)
    await house.accept(quote)
    assert all_gone(house)
    assert balances(house) == Counter()


async def test_a_quote_changes_nothing() -> None:
    house = desk()
    order: Order = await house.sell()
    await house.quoted()
    assert house.order == order
    with pytest.raises(Refusal) as refused:
        await house.reshop(ReshopRequest(house.reference(version=9)), SELLER)
    assert refused.value.code == "476"
