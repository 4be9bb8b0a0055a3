"""Deeds about all bookings that an order has in our PSS: one, or several where some travellers got
one of their own. Each call has a reference of its own, so that what was done of them stays done.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ndc_oms.fulfilment.booking import services
from ndc_oms.fulfilment.deed import Ask, Deed, nothing_to_find
from ndc_oms.fulfilment.giving_back import left_out
from ndc_oms.fulfilment.planned import BOOKING
from ndc_oms.model.event import Event
from ndc_oms.model.events import BookingUpdated, SeatsReduced, SeatsReleased
from ndc_oms.model.order import Order
from ndc_oms.model.step import Step
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.pss import Pnr

Call = Callable[[str], Any]  # an awaitable outcome, of a reference


@dataclass(frozen=True, slots=True)
class Own:
    """One booking of ours, and who is in it."""

    locator: str
    passenger_ids: tuple[str, ...]


def own_bookings(order: Order) -> tuple[Own, ...]:
    """In the order in which they were made, those that somebody is in."""
    gone, found = order.passengers_released, dict[str, list[str]]()
    for passenger in order.passengers:
        booking = order.booking_of(passenger.id)
        if booking is not None and passenger.id not in gone:
            found.setdefault(booking.locator, []).append(passenger.id)
    made = [each.locator for each in order.bookings if each.carrier == order.owner]
    return tuple(Own(each, tuple(found[each])) for each in made if each in found)


def release_seats(ask: Ask) -> Deed:
    def released(_: object, at: datetime) -> tuple[Event, ...]:
        return (SeatsReleased(at=at),)

    if ask.order.own_booking is None:
        return Deed(lambda: _never_booked(ask), nothing_to_find, released)
    calls = [_cancelling(ask, own.locator) for own in own_bookings(ask.order)]
    return _one_after_another(ask, calls, released)


async def _never_booked(ask: Ask) -> Outcome[Any]:
    """The hold goes. A booking that was asked for, and refused later on, may have been on its way
    all the while: without the hold it comes to nothing, and one that was faster is cancelled.
    """
    pss, order = ask.sides.pss, ask.order
    done: Outcome[Any] = await pss.release(order.hold_reference)
    if not isinstance(done, Confirmed):
        return done
    made = await pss.find(f"{order.order_id}:{Step.BOOK}:{BOOKING}")
    if isinstance(made, Confirmed) and isinstance(made.value, Pnr):
        return await pss.cancel(ask.reference, made.value.locator)
    return done if isinstance(made, Confirmed) else Unknown("the booking was not looked for")


def _cancelling(ask: Ask, locator: str) -> Call:
    return lambda reference: ask.sides.pss.cancel(reference, locator)


def release_part(ask: Ask) -> Deed:
    if ask.order.cancellation is None:
        raise AssertionError("a part is released, and nothing is given up")
    segments, passengers = left_out(ask.order, ask.order.cancellation)

    def reduced(_: object, at: datetime) -> tuple[Event, ...]:
        return (SeatsReduced(at=at, segment_ids=segments, passenger_ids=passengers),)

    return _one_after_another(ask, list(_reducing(ask, segments, passengers)), reduced)


def _reducing(ask: Ask, segments: Sequence[str], passengers: Sequence[str]) -> Iterator[Call]:
    """A booking that everybody leaves is cancelled."""
    for own in own_bookings(ask.order):
        flown = {
            service.segment_id
            for item in ask.order.live_items
            if item.passenger_id in own.passenger_ids
            for service in item.services
        }
        stay = {
            ask.order.segment(service.segment_id).flight.key
            for item in ask.order.live_items
            if item.passenger_id in own.passenger_ids
            for service in item.services
            if service.segment_id not in segments
        }  # an order may have a flight twice: who has boarded keeps it as it was then
        left = [ask.order.segment(each).flight.key for each in segments if each in flown]
        flights = [key for key in left if key not in stay]
        leaving = [each for each in own.passenger_ids if each in passengers]
        if len(leaving) == len(own.passenger_ids):
            yield _cancelling(ask, own.locator)
        elif flights or leaving:
            yield _leaving(ask, own.locator, flights, leaving)


def _leaving(ask: Ask, locator: str, flights: Any, leaving: Sequence[str]) -> Call:
    return lambda reference: ask.sides.pss.cancel_part(reference, locator, flights, leaving)


def update_booking(ask: Ask) -> Deed:
    changes = ask.order.people_changes
    calls = [_updating(ask, own) for own in own_bookings(ask.order)]
    return _one_after_another(ask, calls, lambda _, at: (BookingUpdated(at=at, changes=changes),))


def _updating(ask: Ask, own: Own) -> Call:
    wanted = tuple(
        each for each in services(ask.order, ask.people) if each.passenger_id in own.passenger_ids
    )
    return lambda reference: ask.sides.pss.update_services(reference, own.locator, wanted)


def _one_after_another(
    ask: Ask, calls: Sequence[Call], events: Callable[[Any, datetime], tuple[Event, ...]]
) -> Deed:
    """The first call has the task's reference. It is done when the last one is."""
    references = [ask.reference, *(f"{ask.reference}/{n}" for n in range(2, len(calls) + 1))]

    async def send() -> Outcome[Any]:
        outcome: Outcome[Any] = Confirmed(None)
        for reference, call in zip(references, calls, strict=False):
            outcome = await call(reference)
            if not isinstance(outcome, Confirmed):
                return outcome
        return outcome

    async def find() -> Outcome[Any]:
        found = await ask.sides.pss.find(references[len(calls) - 1] if calls else ask.reference)
        if isinstance(found, Confirmed) and not isinstance(found.value, Pnr):
            return Confirmed(None)
        return found

    return Deed(send, find, events)
