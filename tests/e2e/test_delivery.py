"""What becomes of coupons at airports: each move is told by the feed and shown by the order."""

import asyncio
from datetime import timedelta

import pytest
from tests.e2e.servicing import ADULT, COUPLE, bought, coupons, settle, texts
from tests.e2e.with_services import buy_with
from tests.houses import Served

from ndc_oms.fulfilment.feed import Feed
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.model.events import CouponMoved
from ndc_oms.model.status import CouponStatus as C
from ndc_oms.ports.outcome import Confirmed


async def shown(served: Served, order: OrderSummary) -> Reply:
    """The order after everything that the PSS told."""
    await served.house.feed.run_due()
    await settle(served)
    return await served.talk.retrieve(order.order_id)


async def numbers(served: Served, order: OrderSummary) -> list[str]:
    kept = (await served.house.store.get_order(order.order_id, None)).order
    return [document.number for document in kept.documents]


async def move(served: Served, number: str, coupon: int, *statuses: C) -> None:
    for at, status in enumerate(statuses):
        reference = f"{number}/{coupon}/{at}/{status}/{served.clock.now()}"
        done = await served.pss.set_coupon(reference, number, coupon, status)
        assert isinstance(done, Confirmed), done


def deliveries(reply: Reply) -> list[str]:
    """Of flights, in the order of the reply: baggage goes with its flight."""
    return [
        each.findtext("{*}DeliveryStatusCode") or ""
        for each in reply.all("Response/Order/OrderItem/Service")
        if each.find("{*}ServiceRefID") is None
    ]


@pytest.mark.parametrize(
    ("moves", "coupon", "delivery"),
    [
        ((C.AIRPORT_CONTROL,), "A", "READY TO DELIVER"),
        ((C.CHECKED_IN,), "C", "READY TO DELIVER"),
        ((C.CHECKED_IN, C.LIFTED), "L", "IN PROGRESS"),
        ((C.CHECKED_IN, C.LIFTED, C.FLOWN), "F", "DELIVERED"),
        ((C.FLOWN,), "F", "DELIVERED"),
        ((C.CHECKED_IN, C.OPEN), "O", "READY TO PROCEED"),
        ((C.CHECKED_IN, C.LIFTED, C.CHECKED_IN), "C", "READY TO DELIVER"),
        ((C.SUSPENDED,), "S", "SUSPENDED"),
        ((C.SUSPENDED, C.OPEN), "O", "READY TO PROCEED"),
        ((C.UNAVAILABLE,), "U", "SUSPENDED"),
        ((C.IRREGULAR,), "I", "UNABLE TO DELIVER"),
    ],
)
async def test_a_coupon_moves_its_service(
    served: Served, moves: tuple[C, ...], coupon: str, delivery: str
) -> None:
    order = await bought(served, COUPLE)
    first, _second = await numbers(served, order)
    await move(served, first, 1, *moves)
    reply = await shown(served, order)
    assert coupons(reply) == [coupon, "O"]
    assert deliveries(reply) == [delivery, "READY TO PROCEED"]
    assert set(texts(reply, "DeliveryStatusCode")) == {delivery, "READY TO PROCEED"}


async def test_each_line_of_the_feed_is_recorded_once(served: Served) -> None:
    order = await bought(served)
    (number,) = await numbers(served, order)
    await move(served, number, 1, C.CHECKED_IN, C.LIFTED)
    await shown(served, order)
    await shown(served, order)
    events = await served.house.store.list_events(order.order_id)
    told = [event.status for event in events if isinstance(event, CouponMoved)]
    assert told == [C.CHECKED_IN, C.LIFTED]


async def test_who_does_not_come_is_not_carried(served: Served) -> None:
    order = await bought(served, there_and_back=True)
    (number,) = await numbers(served, order)
    told = await served.pss.no_show(number, 1)
    assert isinstance(told, Confirmed)
    reply = await shown(served, order)
    assert coupons(reply) == ["O", "O"]
    assert deliveries(reply) == ["UNABLE TO DELIVER", "READY TO PROCEED"]


async def test_what_was_checked_in_and_offloaded_can_be_voided_before_the_feed_says_so(
    served: Served,
) -> None:
    order = await bought(served)
    (number,) = await numbers(served, order)
    await move(served, number, 1, C.CHECKED_IN)
    await shown(served, order)
    await move(served, number, 1, C.OPEN)
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    accepted = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert accepted.errors == ()
    reply = await shown(served, order)
    assert coupons(reply) == ["V"]
    assert deliveries(reply) == ["REMOVED"]


async def test_one_process_follows_the_feed_and_another_takes_over(served: Served) -> None:
    house = served.house
    other = Feed(house.store, house.sides.pss, served.clock, "another", lambda: None)
    order = await bought(served)
    (number,) = await numbers(served, order)
    await move(served, number, 1, C.CHECKED_IN)
    await shown(served, order)
    assert await other.run_due() is None
    await move(served, number, 1, C.LIFTED, C.CHECKED_IN)
    served.clock.advance(timedelta(seconds=31))  # as if the first had died
    followers = await asyncio.gather(other.run_due(), house.feed.run_due(), other.run_due())
    assert any(each is not None for each in followers)
    await shown(served, order)
    events = await house.store.list_events(order.order_id)
    told = [event.status for event in events if isinstance(event, CouponMoved)]
    assert told == [C.CHECKED_IN, C.LIFTED, C.CHECKED_IN]


async def test_what_goes_with_a_flight_is_delivered_with_it(served: Served) -> None:
    """A bag by its EMD-A, which follows the ticket coupon; a wheelchair, which has no document."""
    order, _ = await buy_with(served, ADULT, ("BAG23", 1), ("WCHR", 1), ("LOUNGE", 1))
    ticket, *_ = await numbers(served, order)
    await move(served, ticket, 1, C.CHECKED_IN, C.LIFTED, C.FLOWN)
    await shown(served, order)
    whole = (await served.house.store.get_order(order.order_id, None)).order
    by_code = {each.product.code: each.services[0].delivery.value for each in whole.ancillaries}
    assert by_code == {"BAG23": "DELIVERED", "WCHR": "DELIVERED", "LOUNGE": "READY TO PROCEED"}
    assert await served.findings() == []
