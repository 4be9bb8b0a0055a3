"""Which chosen seats an order wants, and which its booking has."""

from collections.abc import Iterable
from dataclasses import replace

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
    """None of an item that is no seat."""
    if item.seat is None or item.passenger_id in order.passengers_released:
        return ()
    return tuple(
        SeatChoice(order.segment(service.segment_id).flight.key, item.passenger_id, item.seat)
        for service in item.services
        if service.status is not ServiceStatus.CANCELLED
        and service.segment_id not in order.segments_released
    )


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
    flights = {order.segment(each).flight.key for each in order.segments_released}
    staying = tuple(
        each
        for each in order.seated
        if each.passenger_id not in order.passengers_released and each.flight not in flights
    )
    return replace(order, seated=staying)
