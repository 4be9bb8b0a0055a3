"""Services that are added to an order and given up again: paid apart, given back, sold out."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import kept
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    codes,
    coupons,
    hold,
    offer,
    payments,
    refunded,
    seen,
    texts,
)
from tests.e2e.with_services import add, add_unpaid, buy_with, current, listed, listed_for, pay
from tests.houses import Served

from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.services import Picked, added, selection
from ndc_oms.kit.servicing import for_items
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed


async def test_a_lounge_is_added_to_a_ticketed_order(served: Served) -> None:
    order = await current(served, await bought(served))
    reply = await add(served, order, "lounge", ("LOUNGE", 1))
    assert reply.errors == ()
    after = order_of(reply)
    assert Decimal(after.amount) == Decimal(order.amount) + Decimal("61.95")
    assert texts(reply, "TicketDocTypeCode") == ["T", "Y"]
    assert [status for _, status in payments(reply)] == ["SUCCESSFUL"] * 2
    again = await add(served, order, "stale", ("LOUNGE", 1))
    assert codes(again) == ["476"]
    assert await served.findings() == []


async def test_what_costs_is_paid_with_the_addition(served: Served) -> None:
    order = await current(served, await bought(served))
    services = await listed_for(served, order)
    unpaid = added([Picked(services["BAG23"], ("PAX1",))])
    assert codes(await served.talk.change(order, "unpaid", unpaid)) == ["495"]
    assert await current(served, order) == order


async def test_a_wheelchair_is_asked_for_and_cancelled(served: Served) -> None:
    order = await current(served, await bought(served))
    reply = await add(served, order, "chair", ("WCHR", 1))
    assert reply.errors == ()
    made = await kept(served, order)
    locator = made.bookings[0].locator
    assert "WCHR" in await ssrs(served, locator)
    chair = made.ancillaries[0]
    assert chair.services[0].delivery == "READY TO PROCEED"
    gone = await served.talk.cancel_unpaid(await current(served, order), "no", [chair.id])
    assert gone.errors == ()
    await seen(served, order)
    assert "WCHR" not in await ssrs(served, locator)
    assert (await kept(served, order)).total == made.total
    assert await served.findings() == []


async def ssrs(served: Served, locator: str) -> set[str]:
    found = await served.pss.pnr(locator)
    assert isinstance(found, Confirmed)
    assert found.value is not None
    return {each.code for each in found.value.services}


async def test_a_declined_addition_leaves_the_order_as_it_was(served: Served) -> None:
    order = await current(served, await bought(served))
    refused = await add(served, order, "bag", ("BAG23", 1), pan="4000000000002008")
    assert codes(refused) == ["708"]
    after = await seen(served, order)
    assert after.text("Response/Order/StatusCode") == "OPENED"
    assert order_of(after).amount == order.amount
    assert coupons(after) == ["O"]
    assert await served.findings() == []


async def test_an_emd_that_cannot_be_issued_undoes_the_addition_alone(served: Served) -> None:
    order = await current(served, await bought(served))
    await served.pss.plant("issue:fails")
    refused = await add(served, order, "bag", ("BAG23", 1), ("WCHR", 1))
    await served.pss.clear_faults()
    assert codes(refused) == ["182"]
    after = await seen(served, order)
    assert order_of(after).amount == order.amount
    assert coupons(after) == ["O"]
    assert [status for _, status in payments(after)].count("SUCCESSFUL") == 1
    assert await served.findings() == []


async def test_a_service_is_given_back_by_its_rule(served: Served) -> None:
    order = await current(served, await bought(served))
    assert (await add(served, order, "two", ("BAG23", 1), ("WIFI", 1))).errors == ()
    served.clock.advance(timedelta(days=3))  # the void window is over
    bag, wifi = (await kept(served, order)).ancillaries
    now = await current(served, order)
    quoted = await served.talk.reshop(order.order_id, [wifi.id])
    assert refunded(quoted) == 0  # not refundable
    quoted = await served.talk.reshop(order.order_id, [bag.id])
    assert refunded(quoted) == Decimal("75.00")
    done = await served.talk.accept_cancelled(now, quoted, "back")
    assert done.errors == ()
    view = await seen(served, order)
    assert coupons(view) == ["O", "R", "O"]
    assert Decimal(order_of(view).amount) == Decimal(order.amount) + Decimal("21.00")
    assert await served.findings() == []


async def test_cancelling_the_flight_gives_up_its_services(served: Served) -> None:
    order, _ = await buy_with(served, ADULT, ("BAG23", 1), ("LOUNGE", 1))
    quoted = await served.talk.reshop(order.order_id)
    assert refunded(quoted) == Decimal(order.amount)  # inside the void window
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "all")
    assert done.errors == ()
    view = await seen(served, order)
    assert set(coupons(view)) == {"V"}
    assert view.text("Response/Order/StatusCode") == "CLOSED"
    assert await served.findings() == []


async def test_one_passenger_leaves_with_her_services(served: Served) -> None:
    order, _ = await buy_with(served, COUPLE, ("BAG23", 1), ("WCHR", 1))
    made = await kept(served, order)
    hers = [each.id for each in made.items if each.passenger_id == "PAX1"]
    quoted = await served.talk.reshop(order.order_id, hers)
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "one")
    assert done.errors == ()
    view = await seen(served, order)
    assert sorted(coupons(view)) == ["O", "V", "V"]
    assert not (await kept(served, order)).live_ancillaries
    assert await served.findings() == []


async def test_the_last_one_is_sold_once_and_comes_back(served: Served) -> None:
    """Three pets may travel in the hold of a flight."""
    firsts = []
    for number in range(3):
        firm = await offer(served)
        item = (await listed(served, firm))["AVIH"]
        whole = Decimal(firm.amount) + 130
        created = await served.talk.create(
            firm,
            ADULT,
            f"pet-{number}",
            payment=pay(whole),
            beside=selection([Picked(item, ("PAX1",))]),
        )
        assert created.errors == ()
        firsts.append(order_of(created))
    firm = await offer(served)
    assert "AVIH" not in await listed(served, firm)
    late = await served.talk.create(
        firm, ADULT, "pet-4", beside=selection([Picked(item, ("PAX1",))])
    )
    assert "493" in codes(late)
    quoted = await served.talk.reshop(firsts[0].order_id)
    await served.talk.accept_cancelled(await current(served, firsts[0]), quoted, "give")
    await seen(served, firsts[0])
    assert "AVIH" in await listed(served, await offer(served))
    assert await served.findings() == []


async def test_a_hold_is_priced_anew_and_its_services_are_not(served: Served) -> None:
    order = await hold(served)
    order = order_of(await add_unpaid(served, order, "BAG23"))
    until = (await kept(served, order)).price_guarantee_until
    assert until is not None
    served.clock.advance(until - served.clock.now())  # the guarantee is over, the hold is not
    late = await served.talk.pay(order, pay(Decimal(order.amount)), "late")
    assert codes(late) == ["711"]
    quoted = await served.talk.quote(order.order_id)
    assert quoted.errors == ()
    amount = quoted.text("Response/ReshopResults/RepricedOffer/TotalPrice/TotalAmount")
    agreed = await served.talk.accept_repriced(order, quoted, "agreed")
    assert order_of(agreed).amount == amount
    paid = await served.talk.pay(order_of(agreed), pay(Decimal(amount)), "paid")
    assert paid.errors == ()
    bag = (await kept(served, order)).ancillaries[0]
    assert bag.fare.total.text() == "75.00"
    assert await served.findings() == []


async def test_a_hold_that_ends_gives_its_places_back(served: Served) -> None:
    order = await hold(served)
    await add_unpaid(served, order, "AVIH")
    flight = (await kept(served, order)).segments[0].flight.key
    assert await served.house.store.stock_taken(flight) == {"AVIH": 1}
    served.clock.advance(timedelta(days=4))
    await seen(served, order)
    assert await served.house.store.stock_taken(flight) == {}
    assert await served.findings() == []


async def test_a_service_of_a_hold_is_paid_apart(served: Served) -> None:
    order = order_of(await add_unpaid(served, await hold(served), "GOURMET"))
    meal = order.items[-1]
    paid = await served.talk.pay(order, for_items(pay(Decimal(29)), order.order_id, [meal]), "1")
    assert paid.errors == ()
    rest = order_of(paid)
    due = Decimal(rest.amount) - 29
    assert (await served.talk.pay(rest, pay(due), "2")).errors == ()
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert await served.findings() == []


async def test_what_was_flown_takes_its_services_with_it(served: Served) -> None:
    order = await current(served, await bought(served, there_and_back=True))
    assert (await add(served, order, "bags", ("INSURE", 1), ("BAG23", 1))).errors == ()
    made = await kept(served, order)
    out = made.segments[0].flight.departure
    for document in made.documents:
        for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
            first = document.coupons[0]
            if first.segment_id == made.segments[0].id and document.type is DocumentType.TICKET:
                await served.pss.set_coupon(f"{status}", document.number, 1, status)
    served.clock.advance(out - served.clock.now() + timedelta(days=1))
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "rest")
    assert done.errors == ()
    after = await kept(served, order)
    assert [each.status for each in after.items] == ["ACTIVE", "CANCELLED"]
    bag = next(each for each in after.ancillaries if each.product.code == "BAG23")
    assert bag.status == "ACTIVE"  # flown with the first flight


async def test_the_same_addition_eight_times_is_one(served: Served) -> None:
    order = await current(served, await bought(served))
    bag = (await listed_for(served, order))["BAG23"]
    wanted = added([Picked(bag, ("PAX1",))])
    replies = await asyncio.gather(
        *(served.talk.change(order, "same", wanted, payments=pay(Decimal(75))) for _ in range(8))
    )
    assert {codes(reply) == [] or codes(reply) == ["476"] for reply in replies} == {True}
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert [status for _, status in payments(view)] == ["SUCCESSFUL"] * 2
    assert await served.findings() == []
