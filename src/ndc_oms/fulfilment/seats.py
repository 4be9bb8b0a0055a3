"""Chosen seats of an order, booking by booking: each has those of its own travellers. Pure."""

from ndc_oms.fulfilment.bookings import Own, own_bookings
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.seating import in_order, missing, wanted
from ndc_oms.model.step import Step


def seat(order: Order) -> PlannedStep | None:
    """The booking has the seats that are wanted before a document says that they are paid."""
    if order.own_booking is None or wanted(order) == order.seated:
        return None
    if lost(order):
        return PlannedStep(Step.RESEAT, BOOKING, f"#{len(order.airline_changes)}")
    for own in own_bookings(order):
        if _of(own, wanted(order)) != _of(own, order.seated):
            return PlannedStep(Step.SEAT, _subject(order, own), f"#{order.seatings + 1}")
    return None


def lost(order: Order) -> tuple[str, ...]:
    """Items whose seats the airline's latest changes took, and for which no other was looked for
    yet.
    """
    if order.reseated >= len(order.airline_changes):
        return ()
    there = {
        each.segment_id
        for change in order.airline_changes[order.reseated :]
        for bound in change.bounds
        for each in bound.new
    }
    return tuple(
        item_id
        for item_id in missing(order)
        if any(service.segment_id in there for service in order.item(item_id).services)
    )


def to_seat(order: Order, subject: str) -> tuple[Own, tuple[SeatChoice, ...]]:
    """The booking that the step is about, and the seats that it shall have."""
    own = next(each for each in own_bookings(order) if _subject(order, each) == subject)
    return own, _of(own, wanted(order))


def seated_then(order: Order, own: Own) -> tuple[SeatChoice, ...]:
    """What the order's bookings have when this one has what it shall have."""
    others = (each for each in order.seated if each.passenger_id not in own.passenger_ids)
    return in_order((*others, *_of(own, wanted(order))))


def missing_in(order: Order, subject: str) -> tuple[str, ...]:
    """Items with a seat that this booking does not have yet."""
    own, _ = to_seat(order, subject)
    return tuple(
        item_id
        for item_id in missing(order)
        if order.item(item_id).passenger_id in own.passenger_ids
    )


def _of(own: Own, choices: tuple[SeatChoice, ...]) -> tuple[SeatChoice, ...]:
    return tuple(each for each in choices if each.passenger_id in own.passenger_ids)


def _subject(order: Order, own: Own) -> str:
    """Of one that was divided off, its locator."""
    first = order.own_booking
    return BOOKING if first is not None and own.locator == first.locator else own.locator
