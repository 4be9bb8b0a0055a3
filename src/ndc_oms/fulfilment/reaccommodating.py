"""After a change by the airline: what the booking has, other flights, documents for these, and the
end of the wait for the seller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment.airline_changes import lapse as given_up_by
from ndc_oms.fulfilment.airline_changes import lost_seats, outdated
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
from ndc_oms.fulfilment.protecting import left_behind, sought, unneeded
from ndc_oms.fulfilment.seats import lost
from ndc_oms.model.documents import Document
from ndc_oms.model.events import (
    AirlineChangeLapsed,
    CancellationAccepted,
    DocumentsRevalidated,
    Event,
    FlightChangesSettled,
    FlightsChanged,
    ProtectionChosen,
    SeatsAssigned,
    SeatsReplaced,
)
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.seat import Seat
from ndc_oms.model.seating import in_order
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import CouponRequest, Pnr, Revalidation, Seats, SegmentSale

TRIES: Final = 6  # other flights that are tried for a bound: those with seats come first


def reaccommodate(ask: Ask) -> Deed:
    """Each booking is asked, other flights are taken where it has lost some, and what it has then
    is what the order has. One call changes a booking, under a reference of its own; of several
    bookings, those that are done already are found again. Where these have no flights for some, a
    partner is chosen that may fly them; it is looked at once more when that one has answered.
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
        return await taken(made)

    async def find() -> Outcome[Any]:
        made: list[Booked] = []
        for one, own in zip(asks, bookings, strict=True):
            found = await one.found(Pnr)
            if not isinstance(found, Confirmed) or found.value is None:
                return found
            made.append(Booked(own.passenger_ids, found.value))
        return await taken(made)

    async def taken(made: Sequence[Booked]) -> Outcome[Any]:
        """What the bookings have, and who takes those that these have no flight for."""
        part = await sought(ask.sides.partners, known, ask.order, made)
        return Confirmed((tuple(made), part))

    def changed(
        found: tuple[tuple[Booked, ...], PartnerPart | None], at: datetime
    ) -> tuple[Event, ...]:
        made, part = found
        if part is not None:
            return (ProtectionChosen(at=at, part=part),)
        ids = tuple(each.id for each in ask.order.heard)
        changes = known.changes(ask.order, made, ask.subject, at)
        events: list[Event] = list(unneeded(ask.order, changes, at))
        if not changes:
            events.append(FlightChangesSettled(at=at, heard=ids))
        events += [FlightsChanged(at=at, change=each, heard=ids) for each in changes]
        seated = in_order(choice for each in made for choice in each.pnr.choices)
        if set(seated) != set(ask.order.seated):
            events.append(SeatsAssigned(at=at, seated=seated))
        given_up = left_behind(ask.order, changes)
        if given_up is not None:
            events.append(CancellationAccepted(at=at, cancellation=given_up))
        return tuple(events)

    return Deed(send, find, changed)


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


def reseat(ask: Ask) -> Deed:
    """Who finds no other seat gets back what was paid for the old one."""
    rerouting, order = ask.sides.rerouting, ask.order
    if rerouting is None:
        raise AssertionError("seats are lost, and nobody knows what to do")
    known, items = rerouting, lost(order)
    on = {s.segment_id for item_id in items for s in order.item(item_id).services}
    flights = [order.segment(each).flight.key for each in sorted(on)]

    async def send() -> Outcome[Any]:
        taken = {}
        for flight in flights:
            outcome = await ask.sides.pss.taken(flight)
            if isinstance(outcome, Confirmed):
                taken[flight] = outcome.value
            elif isinstance(outcome, Unknown) or not outcome.final:
                return outcome  # else seats are given at the airport
        return Confirmed(taken)

    def replaced(taken: Mapping[FlightKey, frozenset[Seat]], at: datetime) -> tuple[Event, ...]:
        new = known.reseat(order, items, taken)
        found = {each.item_id for each in new}
        without = tuple(each for each in items if each not in found)
        changes = len(order.airline_changes)
        event = SeatsReplaced(at=at, seats=new, lost=without, changes=changes)
        given_up = lost_seats(order, without) if without else None
        if given_up is None:
            return (event,)
        return (event, CancellationAccepted(at=at, cancellation=given_up))

    return Deed(send, nothing_to_find, replaced)


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
