"""What events about its booking, its documents and their use make of an order."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ndc_oms.model import delivery, reported
from ndc_oms.model.ancillary_states import with_documents, with_ready
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.effects import Effects
from ndc_oms.model.events import (
    BookingUpdated,
    CouponMoved,
    CouponState,
    CouponUseRefused,
    DeliveryReported,
    DocumentsIssued,
    DocumentsRefunded,
    DocumentsVoided,
    SeatsAssigned,
    SeatsBooked,
    SeatsReduced,
    SeatsReplaced,
    VoidRefused,
)
from ndc_oms.model.items import OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.seating import with_seats, without_seats
from ndc_oms.model.status import COUPON, DELIVERY, CouponStatus, DeliveryStatus, ItemStatus


def _seats_booked(order: Order, event: SeatsBooked) -> Order:
    booked = replace(order, bookings=(*order.bookings, event.booking))
    return with_seats(booked, event.seated) if event.seated else booked


def _seats_assigned(order: Order, event: SeatsAssigned) -> Order:
    return with_seats(order, event.seated)


def _seats_replaced(order: Order, event: SeatsReplaced) -> Order:
    new = {each.item_id: each for each in event.seats}
    ancillaries = tuple(
        replace(item, seat=new[item.id].seat, traits=new[item.id].traits)
        if item.id in new
        else item
        for item in order.ancillaries
    )
    return replace(order, ancillaries=ancillaries, reseated=event.changes)


def _seats_reduced(order: Order, event: SeatsReduced) -> Order:
    return without_seats(
        replace(
            order,
            segments_released=(*order.segments_released, *event.segment_ids),
            passengers_released=(*order.passengers_released, *event.passenger_ids),
        )
    )


def _booking_updated(order: Order, event: BookingUpdated) -> Order:
    return with_ready(replace(order, people_booked=event.changes, update_refused=event.refused))


def _documents_issued(order: Order, event: DocumentsIssued) -> Order:
    issued = replace(order, documents=(*order.documents, *event.documents))
    if any(each.type is not DocumentType.TICKET for each in event.documents):
        return with_documents(issued, event.documents)
    segments = {each.id for each in order.segments if order.ticketed_here(each.id)}
    old = {c.segment_id for d in order.tickets_of(event.passenger_id) for c in d.coupons if c.live}
    if old:  # its flights are behind the passenger, and this one is for others
        segments &= {each.segment_id for d in event.documents for each in d.coupons}
    # one that was taken back had made some ready
    segments -= _ready_for(order, event.passenger_id) - old
    return with_ready(ready(issued, {event.passenger_id}, segments))


def _ready_for(order: Order, passenger_id: str) -> set[str]:
    return {
        service.segment_id
        for item in order.live_items
        if item.passenger_id == passenger_id
        for service in item.services
        if service.delivery is DeliveryStatus.READY_TO_PROCEED
    }


def ready(order: Order, passengers: set[str], segments: set[str]) -> Order:
    """Documents are there: these flights of these passengers can be delivered."""

    def service(old: Service) -> Service:
        if old.segment_id not in segments:
            return old
        status = DELIVERY.check(old.delivery, DeliveryStatus.READY_TO_PROCEED)
        return replace(old, delivery=status)

    def item(old: OrderItem) -> OrderItem:
        if old.passenger_id not in passengers or old.status is not ItemStatus.ACTIVE:
            return old
        return replace(old, services=tuple(map(service, old.services)))

    return replace(order, items=tuple(map(item, order.items)))


def _documents_voided(order: Order, event: DocumentsVoided) -> Order:
    def coupon(old: Coupon) -> Coupon:
        return replace(old, status=COUPON.check(delivery.as_ended(old), CouponStatus.VOID))

    def document(old: Document) -> Document:
        if old.number not in event.numbers:
            return old
        return replace(old, coupons=tuple(map(coupon, old.coupons)))

    return replace(order, documents=tuple(map(document, order.documents)))


def _void_refused(order: Order, event: VoidRefused) -> Order:
    under_way = order.cancellation
    if under_way is None:
        raise AssertionError("a void was refused that nobody asked for")
    refused = (*under_way.refused, event.number)
    return replace(order, cancellation=replace(under_way, refused=refused))


def _documents_refunded(order: Order, event: DocumentsRefunded) -> Order:
    """What was refunded moves as COUPON says; of other coupons the PSS's word is taken, since
    nobody told us of every flight.
    """
    return with_coupons(order, event.coupons)


def with_coupons(order: Order, told: Iterable[CouponState]) -> Order:
    """Raises AssertionError where one is refunded that cannot be."""
    states = {(each.document, each.coupon): each.status for each in told}

    def coupon(number: str, old: Coupon) -> Coupon:
        new = states.get((number, old.number), old.status)
        if new is CouponStatus.REFUNDED and old.status is not new:
            COUPON.check(delivery.as_ended(old), new)
        return replace(old, status=new)

    return replace(
        order,
        documents=tuple(
            replace(d, coupons=tuple(coupon(d.number, c) for c in d.coupons))
            for d in order.documents
        ),
    )


def _coupon_moved(order: Order, event: CouponMoved) -> Order:
    return reported.without_reached(delivery.moved(order, event), event)


DOCUMENT_EFFECTS: Final[Effects] = {
    SeatsBooked: _seats_booked,
    SeatsAssigned: _seats_assigned,
    SeatsReplaced: _seats_replaced,
    SeatsReduced: _seats_reduced,
    BookingUpdated: _booking_updated,
    DocumentsIssued: _documents_issued,
    DocumentsVoided: _documents_voided,
    VoidRefused: _void_refused,
    DocumentsRefunded: _documents_refunded,
    CouponMoved: _coupon_moved,
    DeliveryReported: reported.reported,
    CouponUseRefused: reported.without_refused,
}
