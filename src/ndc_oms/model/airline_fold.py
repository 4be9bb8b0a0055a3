"""What changes by the airline make of an order: segments, services, documents, open questions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from ndc_oms.model.airline_change import AirlineChange, Answer, Flown, Rerouted
from ndc_oms.model.documents import Document
from ndc_oms.model.events import FlightChangeHeard, FlightsChanged
from ndc_oms.model.order import Order, OrderItem, OrderSegment, Service
from ndc_oms.model.status import (
    DELIVERY,
    DeliveryStatus,
    ItemStatus,
    OrderStatus,
)


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
        order = _strand(order, bound) if not bound.new else _reroute(order, bound)
    return replace(order, airline_changes=(*older, event.change))


def _replaced(old: AirlineChange, new: AirlineChange, at: datetime) -> AirlineChange:
    bounds = {bound.bound_index for bound in new.bounds}
    if not old.open or not {bound.bound_index for bound in old.bounds} <= bounds:
        return old
    return replace(old, answer=Answer.REPLACED, answered_at=at)


def _reroute(order: Order, bound: Rerouted) -> Order:
    """Place by place; what is more comes behind the last."""
    gone = [each.segment_id for each in bound.old]
    made = [_segment(bound.bound_index, each) for each in bound.new]
    segments: list[OrderSegment] = []
    for segment in order.segments:
        if segment.id not in gone:
            segments.append(segment)
            continue
        place = gone.index(segment.id)
        segments.extend(made[place:] if place == len(gone) - 1 else made[place : place + 1])
    items = tuple(
        _moved(item, bound) if item.bound_index == bound.bound_index else item
        for item in order.items
    )
    return replace(order, segments=tuple(segments), items=items)


def _segment(bound_index: int, flown: Flown) -> OrderSegment:
    return OrderSegment(flown.segment_id, bound_index, flown.flight, flown.rbd, flown.cabin)


def _moved(item: OrderItem, bound: Rerouted) -> OrderItem:
    """A service goes with its passenger to the new flight. More flights make more services, and
    fewer leave some out.
    """
    if item.status is not ItemStatus.ACTIVE:
        return item
    return replace(item, services=tuple(_services(item, bound)))


def _services(item: OrderItem, bound: Rerouted) -> Iterator[Service]:
    places = {each.segment_id: place for place, each in enumerate(bound.old)}
    for service in item.services:
        place = places.get(service.segment_id)
        if place is None:
            yield service
            continue
        old = bound.old[place]
        last = place == len(bound.old) - 1
        for more, new in enumerate(bound.new[place:] if last else bound.new[place : place + 1]):
            same = new.flight.key == old.flight.key
            yield replace(
                service,
                id=f"{service.id}.{more}" if more else service.id,
                segment_id=new.segment_id,
                delivery=service.delivery if same else _again(service.delivery),
            )


def _again(old: DeliveryStatus) -> DeliveryStatus:
    """On another flight nothing of it is done yet."""
    ready = DeliveryStatus.READY_TO_PROCEED
    if old in {DeliveryStatus.CONFIRMED, ready} or not DELIVERY.reaches(old, ready):
        return old
    return ready


def _strand(order: Order, bound: Rerouted) -> Order:
    gone = {each.segment_id for each in bound.old}
    target = DeliveryStatus.UNABLE_TO_DELIVER

    def service(old: Service) -> Service:
        if old.segment_id not in gone or not DELIVERY.reaches(old.delivery, target):
            return old
        return replace(old, delivery=target)

    def item(old: OrderItem) -> OrderItem:
        if old.bound_index != bound.bound_index or old.status is not ItemStatus.ACTIVE:
            return old
        return replace(old, services=tuple(map(service, old.services)))

    return replace(order, items=tuple(map(item, order.items)))


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
    """The coupons name the flights that they are good for now."""
    new = {document.number: document for document in documents}
    strange = new.keys() - {document.number for document in order.documents}
    if strange:
        raise AssertionError(f"{order.order_id} has no document {min(strange)}")
    return replace(order, documents=tuple(new.get(each.number, each) for each in order.documents))
