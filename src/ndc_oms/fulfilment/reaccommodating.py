"""After a change by the airline: what the booking has, other flights, documents for these, and the
end of the wait for the seller.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment.airline_changes import lapse as given_up_by
from ndc_oms.fulfilment.airline_changes import outdated
from ndc_oms.fulfilment.bookings import Own, own_bookings
from ndc_oms.fulfilment.deed import (
    Alternative,
    Ask,
    Booked,
    Deed,
    Rerouting,
    nothing_to_do,
    nothing_to_find,
)
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    AirlineChangeLapsed,
    CancellationAccepted,
    DocumentsRevalidated,
    Event,
    FlightChangesSettled,
    FlightsChanged,
    SeatsAssigned,
)
from ndc_oms.model.fold import apply
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.seating import wanted
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import CouponRequest, Pnr, Revalidation, Seats, SegmentSale

TRIES: Final = 6  # other flights that are tried for a bound: those with seats come first


def reaccommodate(ask: Ask) -> Deed:
    """Each booking is asked, other flights are taken where it has lost some, and what it has then
    is what the order has. One call changes a booking, under a reference of its own; of several
    bookings, those that are done already are found again.
    """
    rerouting = ask.sides.rerouting
    if rerouting is None:
        raise AssertionError("flights change, and nobody knows what to do")
    known, bookings = rerouting, own_bookings(ask.order)
    asks = [
        replace(ask, reference=f"{ask.reference}/{n}" if n > 1 else ask.reference)
        for n in range(1, len(bookings) + 1)
    ]

    async def send() -> Outcome[Any]:
        made: list[Booked] = []
        for one, own in zip(asks, bookings, strict=True):
            done = await one.found(Pnr) if len(bookings) > 1 else Confirmed(None)
            if isinstance(done, Confirmed) and done.value is None:
                done = await _look_and_reroute(one, known, own)
            if not isinstance(done, Confirmed):
                return done
            made.append(Booked(own.passenger_ids, done.value))
        return Confirmed(tuple(made))

    async def find() -> Outcome[Any]:
        made: list[Booked] = []
        for one, own in zip(asks, bookings, strict=True):
            found = await one.found(Pnr)
            if not isinstance(found, Confirmed) or found.value is None:
                return found
            made.append(Booked(own.passenger_ids, found.value))
        return Confirmed(tuple(made))

    def changed(made: tuple[Booked, ...], at: datetime) -> tuple[Event, ...]:
        ids = tuple(each.id for each in ask.order.heard)
        change = known.change(ask.order, made, ask.subject, at)
        event: Event = FlightChangesSettled(at=at, heard=ids)
        if change is not None:
            event = FlightsChanged(at=at, change=change, heard=ids)
        return (event, *_without_lost_seats(apply(ask.order, event), made, at))

    return Deed(send, find, changed)


def _without_lost_seats(
    order: Order, made: Iterable[Booked], at: datetime
) -> Iterator[SeatsAssigned]:
    """A flight that was cancelled and is flown after all has lost its chosen seats on the way: they
    are to be had anew.
    """
    shown = {choice for each in made for choice in each.pnr.choices}
    lost = {each for each in wanted(order) if each in order.seated and each not in shown}
    if lost:
        left = tuple(each for each in order.seated if each not in lost)
        yield SeatsAssigned(at=at, seated=left)


async def _look_and_reroute(ask: Ask, rerouting: Rerouting, own: Own) -> Outcome[Any]:
    shown = await ask.sides.pss.pnr(own.locator)
    if not isinstance(shown, Confirmed):
        return shown
    if shown.value is None:
        return Unknown(f"the PSS does not show {own.locator}")
    return await _reroute(ask, rerouting, Booked(own.passenger_ids, shown.value))


async def _reroute(ask: Ask, rerouting: Rerouting, booked: Booked) -> Outcome[Pnr]:
    leaving: list[FlightKey] = []
    sales: list[SegmentSale] = []
    for review in rerouting.review(ask.order, booked):
        found = await _first(ask, review.alternatives)
        if not isinstance(found, Confirmed):
            return found
        if found.value is not None:
            gone, taken = found.value
            leaving.extend(gone)
            sales.extend(taken)
    done = await ask.sides.pss.reaccommodate(ask.reference, booked.pnr.locator, leaving, sales)
    if isinstance(done, Rejected) and sales:
        # somebody was faster: the next try looks for seats anew
        return Rejected(done.code, done.reason, final=False)
    return done


async def _first(
    ask: Ask, alternatives: Iterable[Alternative]
) -> Outcome[tuple[tuple[FlightKey, ...], list[SegmentSale]] | None]:
    """The best one that has seats for everybody."""
    for each in tuple(alternatives)[:TRIES]:
        seats = await ask.sides.pss.check(each.coming)
        if not isinstance(seats, Confirmed):
            return seats
        sales = _seated(each, seats.value)
        if sales is not None:
            return Confirmed((each.leaving, sales))
    return Confirmed(None)


def _seated(wanted: Alternative, seats: Any) -> list[SegmentSale] | None:
    """In the first class of each flight that has seats; None where one has none."""
    sales = []
    for flight, rbds in zip(wanted.coming, wanted.rbds, strict=True):
        there: Seats = seats.get(flight, {})
        rbd = next((each for each in rbds if there.get(each, 0) >= wanted.seats), None)
        if rbd is None:
            return None
        sales.append(SegmentSale(flight, rbd, wanted.seats))
    return sales


def revalidate(ask: Ask) -> Deed:
    wanted = _revalidations(ask.order, _document(ask.order, ask.subject))

    def done(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        return (DocumentsRevalidated(at=at, documents=documents),)

    return Deed(
        lambda: ask.sides.pss.revalidate(ask.reference, ask.subject, wanted),
        lambda: ask.found(tuple),
        done,
    )


def _document(order: Order, number: str) -> Document:
    return next(document for document in order.documents if document.number == number)


def _revalidations(order: Order, named: Document) -> tuple[Revalidation, ...]:
    """Of every coupon of the conjunction set."""
    first = named.conjunction_of or named.number
    found = []
    for document in order.documents:
        if first not in (document.number, document.conjunction_of):
            continue
        becomes = outdated(order, document)
        for coupon in document.coupons:
            segment = becomes.get(coupon.number)
            if segment is None or coupon.segment_id is None or coupon.value is None:
                continue
            request = CouponRequest(
                segment.id,
                segment.flight.key,
                segment.rbd,
                coupon.fare_basis or "",
                coupon.value,
            )
            found.append(Revalidation(coupon.segment_id, request, involuntary=True))
    return tuple(found)


def lapse(ask: Ask) -> Deed:
    """Nobody is asked: the time has come, and what was announced is done."""

    def lapsed(_: object, at: datetime) -> tuple[Event, ...]:
        ended = AirlineChangeLapsed(at=at, change_id=ask.subject)
        given_up = given_up_by(ask.order, ask.subject)
        if given_up is None:
            return (ended,)
        return (ended, CancellationAccepted(at=at, cancellation=given_up))

    return Deed(nothing_to_do, nothing_to_find, lapsed)
