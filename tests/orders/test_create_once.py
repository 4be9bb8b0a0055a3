"""One order for one key, however often, however late and however concurrently it is sent."""

import asyncio
from typing import Any

import pytest
from tests.orders.fake_clock import NOW
from tests.orders.house import House
from tests.orders.offered import OTHER, SELLER, T, attempt, request_for

from ndc_oms.errors import Conflict, Expired, NotAllowed, Refusal, Unavailable
from ndc_oms.orders.claim import LEASE
from ndc_oms.orders.request import OrderView
from ndc_oms.ports.store import KeepReply


async def sent(house: House, request: Any, key: str = "trx:1", body: str = "aa") -> bytes:
    """As the wire does it: act, write the reply, keep it, send it."""
    view = await house.create(request, SELLER, attempt(key, body))
    if view.replay is not None:
        return view.replay
    assert view.record is not None
    reply = f"{view.record.order.order_id} at {house.clock.now()}".encode()
    await house.store.write(KeepReply(SELLER.org_id, key, reply, b"", house.clock.now()))
    return reply


def one_of_each(house: House) -> None:
    assert len(house.store.orders) == 1
    assert house.pss.applied["hold"] == house.pss.applied["book"] == 1
    assert house.gateway.applied["authorise"] == house.gateway.applied["capture"] == 1


async def test_identical_is_answered_byte_for_byte() -> None:
    house = House()
    request = request_for(house.offer())
    first = await sent(house, request)
    house.clock.advance(days=20)  # the offer is long gone by then
    assert await sent(house, request) == first
    one_of_each(house)


async def test_sixteen_at_once() -> None:
    house = House()
    request = request_for(house.offer(T.ADULT, T.CHILD))
    replies = await asyncio.gather(*(sent(house, request) for _ in range(16)))
    assert len(set(replies)) == 1
    one_of_each(house)


async def test_another_body() -> None:
    house = House()
    request = request_for(house.offer())
    await sent(house, request)
    with pytest.raises(Conflict) as refused:
        await sent(house, request, body="bb")
    assert refused.value.code == "476"
    one_of_each(house)


async def test_another_key_for_the_same_offer() -> None:
    house = House()
    request = request_for(house.offer())
    await sent(house, request)
    with pytest.raises(Expired) as refused:
        await sent(house, request, key="trx:2")
    assert "already" in refused.value.text
    one_of_each(house)


async def test_sixteen_keys_for_the_same_offer() -> None:
    house = House()
    request = request_for(house.offer())
    results = await asyncio.gather(
        *(sent(house, request, key=f"trx:{n}") for n in range(16)), return_exceptions=True
    )
    assert sum(isinstance(r, bytes) for r in results) == 1
    assert all(isinstance(r, Expired) for r in results if not isinstance(r, bytes))
    one_of_each(house)


async def test_another_sellers_key_is_another_key() -> None:
    house = House()
    await sent(house, request_for(house.offer()))
    theirs = house.offer(offer_id="OFFER-theirs00001", seller=OTHER.org_id)
    view = await house.create(request_for(theirs), OTHER, attempt())
    assert view.record is not None
    assert view.record.order.seller == OTHER.org_id


async def test_under_way_elsewhere_until_the_deadline() -> None:
    house = House(reply_within_s=0.1)
    request = request_for(house.offer())
    house.pss.plant("hold", "slow", "slow")
    other = asyncio.create_task(sent(house, request))
    await asyncio.sleep(0.01)
    claim = house.store.claims[SELLER.org_id, "trx:1"]
    assert await other == b"%s at %s" % (claim.order_id.encode(), str(NOW).encode())

    claim.reply = None  # as if the first sending were not through
    with pytest.raises(Unavailable) as refused:
        await sent(house, request)
    assert refused.value.retry_after_s
    one_of_each(house)


async def test_reply_lost_with_its_process() -> None:
    """The order was recorded and finished, the process died before the reply was kept."""
    house = House()
    request = request_for(house.offer())
    view = await house.create(request, SELLER, attempt())
    house.clock.time += LEASE
    again: OrderView = await house.create(request, SELLER, attempt())
    assert again.replay is None
    assert again.record is not None
    assert view.record is not None
    assert again.record.order.order_id == view.record.order.order_id
    one_of_each(house)


async def died_holding(house: House, request: Any) -> None:
    """A process claims the key, holds the seats and dies."""
    died = asyncio.create_task(house.create(request, SELLER, attempt()))
    while not house.pss.applied["hold"]:  # a fake has no event to wait for
        await asyncio.sleep(0)
    died.cancel()
    await asyncio.gather(died, return_exceptions=True)


async def test_taken_over_from_a_dead_process() -> None:
    """The same order id goes on, with the seats that are held already."""
    house = House()
    request = request_for(house.offer())
    await died_holding(house, request)
    assert not house.store.orders
    order_id = house.store.claims[SELLER.org_id, "trx:1"].order_id
    house.clock.time += LEASE
    view = await house.create(request, SELLER, attempt())
    assert view.record is not None
    assert view.record.order.order_id == order_id
    one_of_each(house)


async def test_taken_over_when_the_offer_is_past() -> None:
    """While waiting for a process that turns out dead: its hold goes, the key is free again."""
    house = House()
    offer = house.offer()
    request = request_for(offer)
    await died_holding(house, request)
    again = asyncio.create_task(house.create(request, SELLER, attempt()))
    await asyncio.sleep(0.05)
    house.clock.time = offer.expires_at
    with pytest.raises(Expired):
        await again
    assert house.pss.seats == 100
    assert not house.store.claims


async def test_two_sendings_record_the_same_order() -> None:
    """The lease ran out under a live process: both go on, one order comes of it."""
    house = House()
    request = request_for(house.offer())
    house.pss.plant("hold", "slow")
    first = asyncio.create_task(house.create(request, SELLER, attempt()))
    while not house.pss.calls["hold"]:  # a fake has no event to wait for
        await asyncio.sleep(0)
    house.clock.time += LEASE
    second = asyncio.create_task(house.create(request, SELLER, attempt()))
    views = await asyncio.gather(first, second)
    assert {v.record.order.order_id for v in views if v.record} == set(house.store.orders)
    one_of_each(house)


async def test_a_refused_request_may_come_again_mended() -> None:
    house = House()
    offer = house.offer()
    with pytest.raises(Refusal):
        await sent(house, request_for(offer, payments=()))
    assert await sent(house, request_for(offer), body="bb")


async def test_a_declined_order_is_refused_again_the_same_way() -> None:
    house = House()
    house.gateway.plant("authorise", "fails")
    request = request_for(house.offer())
    texts = []
    for _ in range(2):
        with pytest.raises(NotAllowed) as refused:
            await house.create(request, SELLER, attempt())
        texts.append((refused.value.text, refused.value.code, refused.value.done))
        house.clock.time += LEASE
    assert texts[0] == texts[1]
    assert house.gateway.calls["authorise"] == 1
