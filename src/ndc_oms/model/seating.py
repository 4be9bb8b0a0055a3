"""Which chosen seats an order wants, and which its booking has."""

from collections.abc import Iterable
from dataclasses import replace

from ndc_oms.model.item_states import USED
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.status import ServiceStatus


def wanted(order: Order) -> tuple[SeatChoice, ...]:
    """Of everybody who is still in the booking, on every flight that still is; in one order. A
    seat for which another is taken is not among them.
    """
    left = order.replacing.item_ids if order.replacing else frozenset[str]()
    staying = (each for each in order.live_ancillaries if each.id not in left)
    found = [choice for item in staying for choice in choices_of(order, item)]
    return in_order(found)


def in_order(choices: Iterable[SeatChoice]) -> tuple[SeatChoice, ...]:
    return tuple(sorted(choices, key=lambda each: (each.flight, each.passenger_id, each.seat)))


def choices_of(order: Order, item: AncillaryItem) -> tuple[SeatChoice, ...]:
    """None of an item that is no seat. Who has boarded has the seat, or sits in another one."""
    if item.seat is None or item.passenger_id in order.passengers_released:
        return ()
    found = []
    for service in item.services:
        flight = order.segment(service.segment_id).flight.key
        choice = SeatChoice(flight, item.passenger_id, item.seat)
        gone = service.status is ServiceStatus.CANCELLED
        behind = service.delivery in USED and choice not in order.seated
        if not gone and not behind and service.segment_id not in order.segments_released:
            found.append(choice)
    return tuple(found)


def missing(order: Order) -> tuple[str, ...]:
    """Items with a seat that the booking does not have yet."""
    has = set(order.seated)
    return tuple(
        item.id for item in order.live_ancillaries if not has.issuperset(choices_of(order, item))
    )


def with_seats(order: Order, seated: tuple[SeatChoice, ...]) -> Order:
    return replace(order, seated=seated, seatings=order.seatings + 1)


def without_seats(order: Order) -> Order:
    """Who left the booking, or a flight that did, left the seats as well."""
    flown = {s.segment_id for item in order.live_items for s in item.services}
    stay = flown.difference(order.segments_released)
    flights = {order.segment(each).flight.key for each in order.segments_released}
    flights -= {each.flight.key for each in order.segments if each.id in stay}
    staying = tuple(
        each
        for each in order.seated
        if each.passenger_id not in order.passengers_released and each.flight not in flights
    )
    return replace(order, seated=staying)
