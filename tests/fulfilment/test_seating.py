"""Chosen seats: booked with the flights, assigned when they come later, free again when they go."""

from dataclasses import replace

import pytest
from tests.fulfilment.test_deliver import sell
from tests.orders.house import House
from tests.orders.offered import T
from tests.orders.servicing import desk

from ndc_oms.fulfilment.booking import seats_hold
from ndc_oms.fulfilment.decide import PARKED_S
from ndc_oms.fulfilment.plan import next_step, record
from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.balance import paid_back
from ndc_oms.model.cancellation import Cancellation
from ndc_oms.model.events import CancellationAccepted, ItemsAdded
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.model.seating import missing, wanted
from ndc_oms.model.status import ItemStatus, OrderStatus
from ndc_oms.model.step import Step
from ndc_oms.orders.hold import hold_choices

FREE = Product("SEAT", "A seat", emd=EmdKind.NONE)


def seat_item(order: Order, passenger: str, name: str, item_id: str = "SEAT-1") -> AncillaryItem:
    """On the first flight, free of charge."""
    seat = Seat.parse(name)
    return AncillaryItem(
        id=item_id,
        offer_item_id="",
        passenger_id=passenger,
        product=FREE,
        fare=Fare("", Money.zero(order.currency), ()),
        services=(Service(f"{item_id}.S", order.segments[0].id),),
        seat=seat,
    )


async def add(house: House, *items: AncillaryItem) -> Order:
    """As whoever sells seats later does: held, then recorded; then the worker runs."""
    (kept,) = house.store.orders.values()
    order = kept.order
    choices = tuple(
        SeatChoice(order.segments[0].flight.key, i.passenger_id, i.seat) for i in items if i.seat
    )
    reference = seats_hold(order.order_id, "a request")
    items = tuple(replace(each, hold=reference) for each in items)
    await hold_choices(house.pss, house.clock, reference, choices)  # type: ignore[arg-type]  # a fake
    now = house.clock.now()
    await house.store.write(record(order, (ItemsAdded(at=now, items=items),), now))
    await house.run_out()
    (kept,) = house.store.orders.values()
    return kept.order


def held_by(house: House) -> dict[str, str]:
    return {str(seat): holder for (_, seat), holder in house.pss.seated.items()}


async def test_a_seat_that_is_added_later_is_assigned() -> None:
    house = House()
    sold = await sell(house, T.ADULT, T.ADULT)
    first, second = (each.id for each in sold.passengers)
    order = await add(house, seat_item(sold, first, "12A"))
    assert next_step(order) is None
    assert wanted(order) == order.seated
    locator = order.bookings[0].locator
    assert held_by(house) == {"12A": locator}
    order = await add(house, seat_item(order, second, "12B", "SEAT-2"))
    assert held_by(house) == {"12A": locator, "12B": locator}
    assert house.pss.applied["assign_seats"] == order.seatings == 2
    house.check()


async def test_who_leaves_the_booking_leaves_the_seat() -> None:
    house = House()
    sold = await sell(house, T.ADULT, T.ADULT)
    first, second = (each.id for each in sold.passengers)
    order = await add(house, seat_item(sold, first, "12A"), seat_item(sold, second, "12B", "S2"))
    assert not missing(order)
    gone = replace(order, passengers_released=(first,))
    assert {each.passenger_id for each in wanted(gone)} == {second}


async def test_a_seat_that_is_given_up_is_free_again() -> None:
    house = House()
    sold = await sell(house, T.ADULT)
    order = await add(house, seat_item(sold, sold.passengers[0].id, "12A"))
    cancelled = replace(order.ancillaries[0], status=ItemStatus.CANCELLED)
    without = replace(order, ancillaries=(cancelled,))
    planned = next_step(without)
    assert planned is not None
    assert (planned.step, planned.mark) == ("seat", "#2")


@pytest.mark.parametrize("kind", ["before", "after", "slow", "rejects"])
async def test_passing_faults_pass(kind: str) -> None:
    house = House()
    sold = await sell(house, T.ADULT)
    house.pss.plant("assign_seats", kind)
    order = await add(house, seat_item(sold, sold.passengers[0].id, "12A"))
    assert next_step(order) is None
    assert held_by(house) == {"12A": order.bookings[0].locator}
    assert house.pss.applied["assign_seats"] == 1
    house.check()


async def test_a_seat_that_cannot_be_assigned_is_withdrawn() -> None:
    house = House()
    sold = await sell(house, T.ADULT)
    house.pss.plant("assign_seats", "fails")
    order = await add(house, seat_item(sold, sold.passengers[0].id, "12A"))
    assert order.ancillaries[0].status is ItemStatus.CANCELLED
    assert order.failure is None
    assert next_step(order) is None
    assert order.tickets_of(sold.passengers[0].id)
    house.check()


async def give_up(house: House, item_id: str) -> Order:
    """As a seller does, of what costs nothing; then the worker runs."""
    (kept,) = house.store.orders.values()
    now, given_up = house.clock.now(), (paid_back(kept.order, kept.order.item(item_id)),)
    event = CancellationAccepted(at=now, cancellation=Cancellation(given_up, "not wanted"))
    await house.store.write(record(kept.order, (event,), now))
    await house.run_out()
    (kept,) = house.store.orders.values()
    return kept.order


async def test_where_nothing_is_lost_with_a_refusal_the_order_stands() -> None:
    """The PSS does not take a seat out of the booking: people see to it, tickets stay good."""
    house = House()
    sold = await sell(house, T.ADULT, T.ADULT)
    first, second = (each.id for each in sold.passengers)
    await add(house, seat_item(sold, first, "12A"), seat_item(sold, second, "12B", "SEAT-2"))
    house.pss.plant("assign_seats", *["fails"] * 3)
    order = await give_up(house, "SEAT-1")
    assert order.failure is None
    assert all(order.tickets_of(each) for each in (first, second))
    (task,) = house.store.tasks.values()
    assert (task.step, task.parked) == (Step.SEAT, True)
    house.clock.advance(minutes=20)  # of two more refusals
    for _ in range(5):
        await house.deliverer.run_due()
        house.clock.advance(seconds=PARKED_S + 60)
    assert not house.store.tasks
    assert held_by(house) == {"12B": order.bookings[0].locator}


async def test_a_held_order_loses_the_seat_alone() -> None:
    house = desk()
    sold = await house.hold(T.ADULT)
    house.pss.plant("assign_seats", "fails")
    order = await add(house, seat_item(sold, sold.passengers[0].id, "12A"))
    (seat,) = order.ancillaries
    assert seat.status is ItemStatus.CANCELLED
    assert seat.withdrawn is not None
    assert seat.withdrawn.code == "281"
    assert (order.failure, order.status) == (None, OrderStatus.OPENED)
    assert {each.status for each in order.items} == {ItemStatus.ACTIVE}
    house.check()
