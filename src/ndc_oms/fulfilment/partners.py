"""What fulfilment asks of partner airlines: a booking, its documents, and taking both back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment.deed import Ask, Deed
from ndc_oms.model.documents import Coupon, Document
from ndc_oms.model.events import (
    CouponState,
    Event,
    PartnerBooked,
    PartnerCancelled,
    PartnerDocumentsIssued,
)
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.money import Money
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.passenger import Passenger, PassengerType, People, seats
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.partner import Partner, PartnerBooking, PartnerOrder, Seek
from ndc_oms.ports.pss import SegmentSale

_CLOSED: Final = "not connected"


def partner_order(order: Order, people: People, part: PartnerPart) -> PartnerOrder:
    """What the partner is asked to book: the same however often it is asked."""
    segments = _segments(order, part)
    passengers = booked_there(order, part)
    count = seats(passengers)
    first, last = segments[0].flight, segments[-1].flight
    return PartnerOrder(
        order_id=order.order_id,
        seek=Seek(
            first.origin,
            last.destination,
            first.departure.date(),
            party_of(passengers),
            order.currency,
        ),
        sales=tuple(SegmentSale(each.flight.key, each.rbd, count) for each in segments),
        passengers=passengers,
        people=people,
        family=part.family,
        total=_total(order, part),
        offer=part.offer,
        unpaid=order.payment_limit_at is not None and not part.code_share,
    )


def booked_there(order: Order, part: PartnerPart) -> tuple[Passenger, ...]:
    """Those who left for an order of their own are in another booking."""
    ids = part.passenger_ids
    return tuple(each for each in order.passengers if not ids or each.id in ids)


def _segments(order: Order, part: PartnerPart) -> list[OrderSegment]:
    """Also those that are not in the order yet."""
    if part.protection is None:
        return [order.segment(each) for each in part.segment_ids]
    return [
        OrderSegment(each.segment_id, part.bound_index, each.flight, each.rbd, each.cabin)
        for each in part.protection.flights
    ]


def _total(order: Order, part: PartnerPart) -> Money:
    if part.protection is not None:
        return part.protection.cost
    return part.total(order.currency) if part.fares else Money.zero(order.currency)


def party_of(passengers: Sequence[Passenger]) -> tuple[tuple[PassengerType, int], ...]:
    """How many there are of each type, as a Seek names it."""
    counts = {kind: sum(each.type is kind for each in passengers) for kind in PassengerType}
    return tuple((kind, many) for kind, many in counts.items() if many)


def book(ask: Ask) -> Deed:
    part = ask.order.part(ask.subject)
    wanted = partner_order(ask.order, ask.people, part)

    def booked(made: PartnerBooking, at: datetime) -> tuple[Event, ...]:
        booking = BookingReference(part.carrier, made.locator)
        return (
            PartnerBooked(
                at=at,
                part_id=part.id,
                reference=made.reference,
                booking=booking,
                held_until=made.held_until,
            ),
        )

    async def send() -> Outcome[Any]:
        partner = _partner(ask, part)
        return await partner.book(ask.reference, wanted) if partner else Unknown(_CLOSED)

    async def find() -> Outcome[Any]:
        partner = _partner(ask, part)
        return await partner.find(ask.reference, wanted) if partner else Unknown(_CLOSED)

    return Deed(send, find, booked)


def issue(ask: Ask) -> Deed:
    part = ask.order.part(ask.subject)
    wanted = partner_order(ask.order, ask.people, part)
    reference = part.reference or ""

    async def send() -> Outcome[Any]:
        partner = _partner(ask, part)
        if partner is None:
            return Unknown(_CLOSED)
        return await partner.documents(ask.reference, wanted, reference)

    async def find() -> Outcome[Any]:
        """The booking shows them, where they were issued."""
        partner = _partner(ask, part)
        if partner is None:
            return Unknown(_CLOSED)
        shown = await partner.booking(reference)
        if not isinstance(shown, Confirmed) or shown.value is None:
            return shown
        every = {each.passenger_id for each in shown.value.documents}
        complete = every >= {each.id for each in wanted.passengers}
        return Confirmed(shown.value.documents if complete else None)

    def issued(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        segments = _segments(ask.order, part)
        ours = tuple(as_ours(each, part, segments) for each in documents)
        return (PartnerDocumentsIssued(at=at, part_id=part.id, documents=ours),)

    return Deed(send, find, issued)


def cancel(ask: Ask) -> Deed:
    part = ask.order.part(ask.subject)
    reference = part.reference or ""

    async def send() -> Outcome[Any]:
        partner = _partner(ask, part)
        return await partner.cancel(ask.reference, reference) if partner else Unknown(_CLOSED)

    async def find() -> Outcome[Any]:
        """Ours, or cancelled by the partner itself: then there is nothing left to do either."""
        partner = _partner(ask, part)
        if partner is None:
            return Unknown(_CLOSED)
        shown = await partner.booking(reference)
        if isinstance(shown, Confirmed) and shown.value is not None:
            return shown if shown.value.cancelled else Confirmed(None)
        return shown

    def cancelled(booking: PartnerBooking, at: datetime) -> tuple[Event, ...]:
        known = {document.number for document in ask.order.documents}
        coupons = tuple(
            CouponState(document.number, coupon.number, coupon.status)
            for document in booking.documents
            if document.number in known
            for coupon in document.coupons
        )
        return (PartnerCancelled(at=at, part_id=part.id, coupons=coupons),)

    return Deed(send, find, cancelled)


def _partner(ask: Ask, part: PartnerPart) -> Partner | None:
    """None where the partner was taken out of the world: its part then waits in the queue."""
    return ask.sides.partners.get(part.partner)


def as_ours(document: Document, part: PartnerPart, segments: list[OrderSegment]) -> Document:
    """The partner's document as a document of the order: which segment each coupon is for."""
    by_flight = {each.flight.key: each for each in segments}

    def coupon(old: Coupon) -> Coupon:
        segment = by_flight.get(old.flight) if old.flight else None
        if segment is None:
            return old
        return replace(old, segment_id=segment.id, rbd=old.rbd or segment.rbd)

    return replace(document, issuer=part.carrier, coupons=tuple(map(coupon, document.coupons)))
