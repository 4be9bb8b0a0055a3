"""Services of exchanged flights, and orders that are held: what follows, and every cent of it."""

from datetime import date, timedelta

import pytest
from tests.orders.offered import SELLER, T, bound
from tests.orders.servicing import Desk, card, desk
from tests.orders.test_changes import (
    AFTER_THE_VOID_WINDOW,
    NO_REFUND,
    ONE_WAY,
    accounts,
    emds,
    eur,
    kept,
)

from ndc_oms.errors import Refusal
from ndc_oms.model.balance import outstanding
from ndc_oms.model.ledger import Account
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus, ItemStatus
from ndc_oms.model.stock import taken
from ndc_oms.offers.request import BoundRequest
from ndc_oms.orders.request import ReshopRequest, Search

BAG, LOUNGE = 2_501, 4_000
OPEN, REFUNDED = CouponStatus.OPEN, CouponStatus.REFUNDED


async def served(*differences: tuple[int, int]) -> Desk:
    """A bag (EMD-A), the lounge's only place (EMD-S, not refundable), a wheelchair."""
    house = desk()
    house.differences = differences
    await house.sell(T.ADULT, bounds=ONE_WAY)
    paid = card(eur(BAG + LOUNGE))
    items = (house.service("BAG", price=BAG), house.service("LOUNGE", price=LOUNGE))
    await house.add(*items, house.service("CHAIR"), paid=(paid,))
    house.clock.time += AFTER_THE_VOID_WINDOW
    return house


async def change(house: Desk, day: int = 6, **more: object) -> Order:
    await house.changed([house.order.live_items[0].id], [day], **more)
    house.check()
    return house.order


def states(order: Order) -> dict[str, ItemStatus]:
    return {item.product.code: item.status for item in order.ancillaries}


def documents(house: Desk, code: str) -> list[tuple[str | None, list[CouponStatus]]]:
    """Of a product: with which ticket they go, and their coupons, at the PSS."""
    item = next(i for i in house.order.ancillaries if i.product.code == code)
    found = [
        d
        for d in house.pss.documents.values()
        if {c.service_id for c in d.coupons} & item.service_ids
    ]
    return [(d.associated_with, [c.status for c in d.coupons]) for d in found]


def flights(house: Desk) -> set[str]:
    """Segments that services are on, and those of the flights."""
    order = house.order
    services = {s.segment_id for i in order.live_ancillaries for s in i.services}
    return services | {s.segment_id for i in order.live_items for s in i.services}


@pytest.mark.parametrize("difference", [(500, 100), (0, 0), (-8_000, -200)])
async def test_what_follows_is_not_paid_again(difference: tuple[int, int]) -> None:
    house = await served(difference)
    before = house.order
    order = await change(house)
    assert set(states(order).values()) == {ItemStatus.ACTIVE}
    (ticket,) = order.tickets_of("PAX1")
    assert documents(house, "BAG") == [(ticket.number, [OPEN])]
    assert documents(house, "LOUNGE") == [(None, [OPEN])]
    assert flights(house) == {"SEG2"}
    services = sum(i.fare.total.minor for i in order.live_ancillaries)
    assert services == BAG + LOUNGE
    assert kept(order) == order.total.minor + 5_000
    assert accounts(house)[Account.RECEIVABLE] == 0
    assert {place.flight for place in taken(order)} == {order.segment("SEG2").flight.key}
    # a reissue takes the EMD-A off and puts it on again; a revalidation needs neither
    revalidated = difference == (0, 0)
    assert house.pss.applied["associate"] == (1 if revalidated else 3)
    assert before.ancillaries[0].fare == order.ancillaries[0].fare


async def test_what_costs_something_else_there_is_given_back_by_its_rule() -> None:
    """The bag was dearer once; the lounge's price stands, but gives nothing back if it is lost."""
    house = desk()
    house.differences = ((500, 0),)
    await house.sell(T.ADULT, bounds=ONE_WAY)
    items = (house.service("BAG", price=BAG + 99), house.service("LOUNGE", price=LOUNGE + 1))
    await house.add(*items, paid=(card(eur(BAG + LOUNGE + 100)),))
    house.clock.time += AFTER_THE_VOID_WINDOW
    order = await change(house)
    assert set(states(order).values()) == {ItemStatus.CANCELLED}
    assert documents(house, "BAG") == [(None, [REFUNDED])]
    assert documents(house, "LOUNGE") == [(None, [REFUNDED])]
    assert [p.returned.minor for p in order.payments] == [0, BAG + 99, 0]
    # what is kept: the fee of the change, and all of the lounge
    assert accounts(house)[Account.PENALTIES] == -(5_000 + LOUNGE + 1)
    assert kept(order) == order.total.minor + 5_000 + LOUNGE + 1
    assert emds(order) == [("993", 5_000)]
    assert taken(order) == {}
    assert house.store.stock == dict.fromkeys(house.store.stock, 0)


@pytest.mark.parametrize("nth", range(3))
@pytest.mark.parametrize("fault", ["before", "after", "rejects", "raises", "fails"])
async def test_a_fault_while_services_follow(fault: str, nth: int) -> None:
    """Passing ones change nothing of the end; a refusal takes everything back."""
    house = await served((500, 100))
    before = house.order
    house.pss.plant("associate", *["none"] * nth, fault)
    if fault == "fails":
        with pytest.raises(Refusal) as refused:
            await change(house)
        assert refused.value.code == "182"
        await house.run_out()
        order = house.order
        house.check()
        assert order.ancillaries == before.ancillaries
        assert flights(house) == {"SEG1"}
        assert order.total == before.total
        assert kept(order) == order.total.minor
    else:
        await change(house)
        await house.run_out()
        order = house.order
        house.check()
        assert flights(house) == {"SEG2"}
        assert kept(order) == order.total.minor + 5_000
    (ticket,) = order.tickets_of("PAX1")
    assert documents(house, "BAG") == [(ticket.number, [OPEN])]
    assert documents(house, "LOUNGE") == [(None, [OPEN])]
    assert set(states(order).values()) == {ItemStatus.ACTIVE}


async def test_the_last_place_on_the_new_flight_is_another_s_meanwhile() -> None:
    house = await served((500, 0))
    order = house.order
    new = bound(6, 1).journey.segments[0].key
    (place,) = [p for p in taken(order) if p.what == "LOUNGE"]
    house.store.stock[place._replace(flight=new)] = 1
    order = await change(house)
    assert states(order)["LOUNGE"] is ItemStatus.CANCELLED
    assert states(order)["BAG"] is ItemStatus.ACTIVE


# -- held ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [(500, 100), (-900, -300)])
async def test_a_hold_owes_what_its_new_flights_cost(difference: tuple[int, int]) -> None:
    house = desk()
    house.differences = (difference,)
    stiff = (bound(2, 1),)
    object.__setattr__(stiff[0], "cancellations", NO_REFUND)
    await house.hold(T.ADULT, T.INFANT, bounds=stiff)
    before = house.order
    seats = house.pss.seats
    await house.changed([i.id for i in before.live_items], [6])
    house.check()
    order = house.order
    assert order.total == before.total + eur(2 * sum(difference))
    assert outstanding(order) == order.total
    sums = accounts(house)
    assert sums[Account.RECEIVABLE] == order.total.minor
    assert sums[Account.PENALTIES] == sums[Account.RESIDUALS] == 0
    assert house.pss.seats == seats
    assert order.payment_limit_at == before.payment_limit_at
    assert order.documents == ()
    await house.pay()
    house.check()
    assert kept(house.order) == order.total.minor
    assert accounts(house)[Account.RECEIVABLE] == 0


async def test_a_hold_is_changed_as_often_as_one_likes_and_ends_when_it_would_have() -> None:
    house = desk()
    await house.hold(T.ADULT, bounds=ONE_WAY)
    limit = house.order.payment_limit_at
    for day in (6, 7, 8):
        await house.wait(hours=4)
        await house.changed([house.order.live_items[0].id], [day])
        assert house.order.payment_limit_at == limit
    await house.wait(hours=37)
    assert house.order.status.value == "CLOSED"
    assert house.pss.seats == 100


async def test_a_hold_is_not_changed_after_its_payment_limit() -> None:
    """Also by an offer that still stands, before the worker has given the seats back."""
    house = desk()
    order = await house.hold(T.ADULT, bounds=ONE_WAY)
    assert order.payment_limit_at is not None
    house.clock.time = order.payment_limit_at - timedelta(minutes=5)
    asked = Search((BoundRequest("AAA", "AAB", date(2031, 5, 6)),), path="/S")
    wanted = ReshopRequest(house.reference(), (order.items[0].id,), asked)
    quote = (await house.reshop(wanted, SELLER)).quotes[0]
    house.clock.time += timedelta(minutes=6)
    for again in (house.take(quote), house.reshop(wanted, SELLER)):
        with pytest.raises(Refusal) as refused:
            await again
        assert refused.value.code == "303"
    assert house.order == order


async def test_a_hold_of_which_a_service_is_paid_is_not_changed() -> None:
    house = desk()
    await house.hold(T.ADULT, bounds=ONE_WAY)
    await house.add(house.service("BAG", price=BAG))
    bag = house.order.ancillaries[0].id
    await house.pay(card(eur(BAG), bag))
    with pytest.raises(Refusal) as refused:
        await house.changed([house.order.live_items[0].id], [6])
    assert refused.value.code == "395"
    house.check()


async def test_a_declined_payment_leaves_the_hold_as_it_was() -> None:
    house = desk()
    await house.hold(T.ADULT, bounds=ONE_WAY)
    before, seats = house.order, house.pss.seats
    house.gateway.plant("authorise", "fails")
    with pytest.raises(Refusal) as refused:
        await house.changed([before.live_items[0].id], [6], owed=True)
    assert refused.value.code == "708"
    await house.run_out(5)
    order = house.order
    house.check()
    assert (order.items, order.segments, order.total) == (
        before.items,
        before.segments,
        before.total,
    )
    assert house.pss.seats == seats
    await house.changed([order.live_items[0].id], [6], owed=True)
    assert kept(house.order) == house.order.total.minor
    assert house.order.tickets_of("PAX1")
    house.check()
