"""What changes by the airline make of an order: segments, services, documents, open questions."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from ndc_oms.model.airline_change import AirlineChange, Answer, Flown, Rerouted
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.events import FlightChangeHeard, FlightsChanged
from ndc_oms.model.item_states import Either
from ndc_oms.model.items import Item, OrderSegment, Service
from ndc_oms.model.order import Order
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    DeliveryStatus,
    OrderStatus,
)

_UNABLE: Final = DeliveryStatus.UNABLE_TO_DELIVER
Services = tuple[Service, ...]


def heard(order: Order, event: FlightChangeHeard) -> Order:
    ids = (*order.heard_ids, event.heard.id)
    return replace(order, heard=(*order.heard, event.heard), heard_ids=ids)


def settled(order: Order, ids: Iterable[str]) -> Order:
    done = set(ids)
    return replace(order, heard=tuple(each for each in order.heard if each.id not in done))


def changed(order: Order, event: FlightsChanged) -> Order:
    """New flights take the places of old ones; what waited for an answer about these does not
    wait any more.
    """
    order = settled(order, event.heard)
    older = tuple(_replaced(each, event.change, event.at) for each in order.airline_changes)
    for bound in event.change.bounds:
        order = strand(order, bound) if not bound.new else reroute(order, bound)
    return replace(order, airline_changes=(*older, event.change))


def _replaced(old: AirlineChange, new: AirlineChange, at: datetime) -> AirlineChange:
    bounds = {bound.bound_index for bound in new.bounds}
    others = not set(old.item_ids) & set(new.item_ids)  # travellers of another booking
    if not old.open or others or not {bound.bound_index for bound in old.bounds} <= bounds:
        return old
    return replace(old, answer=Answer.REPLACED, answered_at=at)


def reroute(order: Order, bound: Rerouted) -> Order:
    """Place by place; what is more comes behind the last. An old flight stays as long as somebody
    keeps it, and a new one may be there for others.
    """
    # on a flight that it was not on, a service is where services begin
    ticketed = order.ticketed
    begin = DeliveryStatus.READY_TO_PROCEED if ticketed else DELIVERY.initial
    moved = _each_item(order, bound, lambda services: tuple(_moved(services, bound, begin)))
    gone = [each.segment_id for each in bound.old]
    items: tuple[Item, ...] = (*moved.items, *moved.ancillaries)
    kept = {service.segment_id for item in items for service in item.services}
    made = [_segment(bound.bound_index, each) for each in bound.new]
    here = {segment.id for segment in order.segments}
    segments: list[OrderSegment] = []
    for segment in order.segments:
        if segment.id not in gone or segment.id in kept:
            segments.append(segment)
        if segment.id in gone:
            place = gone.index(segment.id)
            more = made[place:] if place == len(gone) - 1 else made[place : place + 1]
            segments.extend(each for each in more if each.id not in here)
    return replace(moved, segments=tuple(segments))


def _segment(bound_index: int, flown: Flown) -> OrderSegment:
    return OrderSegment(flown.segment_id, bound_index, flown.flight, flown.rbd, flown.cabin)


def _each_item(order: Order, bound: Rerouted, change: Callable[[Services], Services]) -> Order:
    """Flights and what goes with them, of those who are concerned; also of cancelled items, whose
    flights must be there.
    """

    def item(old: Either) -> Either:
        if not bound.concerns(old.passenger_id):
            return old
        return replace(old, services=change(old.services))

    return replace(
        order,
        items=tuple(map(item, order.items)),
        ancillaries=tuple(map(item, order.ancillaries)),
    )


def _moved(services: Services, bound: Rerouted, begin: DeliveryStatus) -> Iterator[Service]:
    """A service goes with its passenger to the new flight. More flights make more services, and
    fewer leave some out.
    """
    places = {each.segment_id: place for place, each in enumerate(bound.old)}
    for service in services:
        place = places.get(service.segment_id)
        if place is None:
            yield service
            continue
        old = bound.old[place]
        last = place == len(bound.old) - 1
        for more, new in enumerate(bound.new[place:] if last else bound.new[place : place + 1]):
            same = new.flight.key == old.flight.key and service.delivery is not _UNABLE
            yield replace(
                service,
                id=f"{service.id}.{more}" if more else service.id,
                segment_id=new.segment_id,
                delivery=service.delivery if same else again(service.delivery, begin),
            )


def again(old: DeliveryStatus, begin: DeliveryStatus) -> DeliveryStatus:
    """On another flight nothing of it is done yet; what is gone stays so."""
    if old is DELIVERY.initial or not DELIVERY.reaches(old, DeliveryStatus.READY_TO_PROCEED):
        return old
    return begin


def strand(order: Order, bound: Rerouted) -> Order:
    """Nothing of it can be flown."""
    gone = {each.segment_id for each in bound.old}

    def service(old: Service) -> Service:
        if old.segment_id not in gone or not DELIVERY.reaches(old.delivery, _UNABLE):
            return old
        return replace(old, delivery=_UNABLE)

    return _each_item(order, bound, lambda services: tuple(map(service, services)))


def answered(order: Order, change_id: str, answer: Answer, at: datetime) -> Order:
    """Raises AssertionError for a change that does not wait for an answer."""
    if all(each.id != change_id for each in order.open_changes):
        raise AssertionError(f"{order.order_id}: no change {change_id} waits for an answer")
    return replace(
        order,
        airline_changes=tuple(
            replace(each, answer=answer, answered_at=at)
            if each.id == change_id and each.open
            else each
            for each in order.airline_changes
        ),
    )


def given_up(order: Order, at: datetime) -> Order:
    """Where everything that a change concerns is cancelled, nobody is asked about it any more."""
    live = {item.id for item in order.live_items} if order.status is OrderStatus.OPENED else set()
    for each in order.open_changes:
        if not live & set(each.item_ids):
            order = answered(order, each.id, Answer.GIVEN_UP, at)
    return replace(order, heard=order.heard if live else ())


def revalidated(order: Order, documents: tuple[Document, ...]) -> Order:
    """The coupons name the flights that they are good for now; those of associated EMDs follow."""
    new = {document.number: document for document in documents}
    strange = new.keys() - {document.number for document in order.documents}
    if strange:
        raise AssertionError(f"{order.order_id} has no document {min(strange)}")
    becomes = {
        (old.passenger_id, before.segment_id): after
        for old in order.documents
        if old.number in new
        for before, after in zip(old.coupons, new[old.number].coupons, strict=True)
        if before.segment_id != after.segment_id
    }

    def follow(document: Document) -> Document:
        if document.number in new or document.type is not DocumentType.EMD_ASSOCIATED:
            return new.get(document.number, document)
        coupons = []
        for coupon in document.coupons:
            ticket = becomes.get((document.passenger_id, coupon.segment_id))
            usable = ticket is not None and coupon.status not in COUPON.final
            if ticket is not None and usable:
                coupon = replace(coupon, segment_id=ticket.segment_id, flight=ticket.flight)  # noqa: PLW2901  # the same coupon
            coupons.append(coupon)
        return replace(document, coupons=tuple(coupons))

    return replace(order, documents=tuple(map(follow, order.documents)))
