"""Services that follow their passengers when flights are exchanged: pure questions about an order
and its change, whoever carries it out.

A service that follows keeps its item, its id and what was paid for it; its coupon goes with the
new ticket. What does not follow is given back by its product's rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ndc_oms.model.change import concerned
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.item_states import cancelled
from ndc_oms.model.items import AncillaryItem, OrderSegment, Service
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.rerouting import again
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    CouponStatus,
    DeliveryStatus,
    ItemStatus,
    ServiceStatus,
)
from ndc_oms.model.under_way import Change

_USED = COUPON.final | {CouponStatus.LIFTED}


def destinations(change: Change | None) -> Mapping[str, str]:
    """By service id, the segment that it goes to."""
    return {each.service_id: each.segment_id for each in change.moved} if change else {}


def segment_of(order: Order, segment_id: str) -> OrderSegment:
    """Of the order, or of the change that is under way. Raises KeyError."""
    for segment in order.change.segments if order.change else ():
        if segment.id == segment_id:
            return segment
    return order.segment(segment_id)


def followers(order: Order, change: Change) -> tuple[AncillaryItem, ...]:
    """Items of which a service goes to another flight, as they will be."""
    to = destinations(change)
    return tuple(
        replace(
            item,
            services=tuple(
                replace(each, segment_id=to.get(each.id, each.segment_id)) for each in item.services
            ),
        )
        for item in order.live_ancillaries
        if any(each.id in to for each in item.services)
    )


def services_after(order: Order, change: Change) -> tuple[AncillaryItem, ...]:
    """All ancillary items once the change is made. What goes on begins anew on another flight."""
    gone = {each.item_id for each in change.given_up}
    ticketed = order.ticketed
    made = {each.id: each for each in followers(order, change)}

    def service(item: AncillaryItem, old: Service, new: Service) -> Service:
        there = segment_of(order, new.segment_id).flight.key
        if order.segment(old.segment_id).flight.key == there:
            return new
        documented = ticketed and item.needs_document
        begin = DeliveryStatus.READY_TO_PROCEED if documented else DELIVERY.initial
        return replace(new, delivery=again(old.delivery, begin))

    def item(old: AncillaryItem) -> AncillaryItem:
        if old.id in gone and old.status is ItemStatus.ACTIVE:
            return cancelled(old)
        new = made.get(old.id)
        if new is None:
            return old
        pairs = zip(old.services, new.services, strict=True)
        services = tuple(service(old, before, after) for before, after in pairs)
        hold = change.hold_reference if old.seat is not None else old.hold
        return replace(new, services=services, followed=True, hold=hold)

    return tuple(map(item, order.ancillaries))


def flights_of(order: Order, item: AncillaryItem) -> Iterator[tuple[Service, FlightKey]]:
    """Each service with the flight on which it is had, and with that to which it goes, where that
    is another one.
    """
    change = order.change
    to = destinations(change) if change is not None and not change.applied else {}
    for service in item.services:
        if service.status is ServiceStatus.CANCELLED:
            continue
        now = order.segment(service.segment_id).flight.key
        yield service, now
        then = to.get(service.id)
        if then is not None and (coming := segment_of(order, then).flight.key) != now:
            yield service, coming


def seats_followed(order: Order, change: Change) -> tuple[SeatChoice, ...]:
    """Chosen seats on flights that the change brings."""
    new = {each.id: each.flight.key for each in change.segments}
    had = {(each.flight, each.passenger_id, each.seat) for each in order.seated}
    choices = [
        SeatChoice(new[service.segment_id], item.passenger_id, item.seat)
        for item in followers(order, change)
        if item.seat is not None
        for service in item.services
        if service.segment_id in new
    ]
    return tuple(c for c in choices if (c.flight, c.passenger_id, c.seat) not in had)


# -- documents -----------------------------------------------------------------------------------


def emds(order: Order, passenger_id: str) -> tuple[Document, ...]:
    """First documents of the passenger's EMDs for services that can still be used."""
    return tuple(
        document
        for document in order.documents
        if document.passenger_id == passenger_id
        and document.type is not DocumentType.TICKET
        and document.conjunction_of is None
        and not document.issuer
        and not document.of_money
        and any(usable(c) for each in emd_set(order, document) for c in each.coupons)
    )


def emd_set(order: Order, first: Document) -> tuple[Document, ...]:
    """A document with those in conjunction with it."""
    return tuple(d for d in order.documents if first.number in (d.number, d.conjunction_of))


def usable(coupon: Coupon) -> bool:
    return coupon.status not in _USED


def tied(order: Order, change: Change, passenger_id: str) -> tuple[Document, ...]:
    """EMDs that go with the passenger's ticket, and would be exchanged with it."""
    if passenger_id in change.revalidated or change.renaming is not None:
        return ()  # for another name they end with the ticket, and others are issued
    return tuple(each for each in emds(order, passenger_id) if each.associated_with is not None)


def loose(order: Order, change: Change, passenger_id: str) -> tuple[Document, ...]:
    """EMDs that go with no ticket and should, or are for other flights than their services. Of a
    change that is carried out, what is given back needs none.
    """
    gone = {each.item_id for each in change.given_up} if change.failure is None else set()
    ended = {
        service.id for item in order.ancillaries if item.id in gone for service in item.services
    }
    found = []
    for each in emds(order, passenger_id):
        services = {c.service_id for d in emd_set(order, each) for c in d.coupons}
        if services & ended:
            continue
        alone = each.type is DocumentType.EMD_ASSOCIATED and each.associated_with is None
        if alone or any(outdated(order, change, each)):
            found.append(each)
    return tuple(found)


def outdated(order: Order, change: Change, first: Document) -> Iterator[tuple[Coupon, str]]:
    """Usable coupons that are for other flights than their services, and the segments of these:
    where the change leads, or where they are while it is taken back.
    """
    to = destinations(change) if change.failure is None else {}
    now = {s.id: s.segment_id for item in order.ancillaries for s in item.services}
    for document in emd_set(order, first):
        for coupon in document.coupons:
            wanted = to.get(coupon.service_id or "", now.get(coupon.service_id or ""))
            if usable(coupon) and wanted is not None and wanted != coupon.segment_id:
                yield coupon, wanted


def services_change(order: Order, change: Change) -> bool:
    """Whether the booking shows other services after the change."""
    gone = {each.item_id for each in change.given_up}
    items = [*followers(order, change), *(i for i in order.live_ancillaries if i.id in gone)]
    infants = any(not each.type.seated for each in concerned(order, change))
    return infants or any(item.shown for item in items)
