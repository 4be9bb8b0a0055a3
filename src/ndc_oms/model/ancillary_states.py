"""How ancillary items move with what happens to their order: added, documented, ready."""

from collections.abc import Callable
from dataclasses import replace

from ndc_oms.model.documents import Document
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.status import DELIVERY, DeliveryStatus, ItemStatus


def with_added(order: Order, items: tuple[AncillaryItem, ...], sequence: int) -> Order:
    """sequence: of the event that adds them. A booking must show those that have an SSR."""
    known = {item.id for item in order.items} | {item.id for item in order.ancillaries}
    if known & {item.id for item in items}:
        raise AssertionError("an item is added twice")
    added = tuple(replace(item, added=sequence) for item in items)
    wider = replace(order, ancillaries=(*order.ancillaries, *added))
    return with_ready(_with_booking_to_update(wider, added))


def with_removed(order: Order, items: tuple[AncillaryItem, ...]) -> Order:
    """After `items` were cancelled: the booking must not show them any more."""
    return _with_booking_to_update(order, items) if order.live_items else order


def _with_booking_to_update(order: Order, items: tuple[AncillaryItem, ...]) -> Order:
    if order.own_booking is None or not any(item.shown for item in items):
        return order
    return replace(order, people_changes=order.people_changes + 1)


def with_documents(order: Order, documents: tuple[Document, ...]) -> Order:
    """The services of these documents' coupons can be delivered."""
    ids = {coupon.service_id for document in documents for coupon in document.coupons}
    return _with_ready(order, lambda _, service: service.id in ids)


def with_ready(order: Order) -> Order:
    """What stands on no document of its own can be delivered once its passenger has a ticket and
    the booking shows it.
    """
    if order.people_booked != order.people_changes:
        return order
    return _with_ready(
        order,
        lambda item, _: not item.needs_document and bool(order.tickets_of(item.passenger_id)),
    )


def _with_ready(order: Order, chosen: Callable[[AncillaryItem, Service], bool]) -> Order:
    def service(item: AncillaryItem, old: Service) -> Service:
        if old.delivery is not DeliveryStatus.CONFIRMED or not chosen(item, old):
            return old
        status = DELIVERY.check(old.delivery, DeliveryStatus.READY_TO_PROCEED)
        return replace(old, delivery=status)

    def item(old: AncillaryItem) -> AncillaryItem:
        if old.status is not ItemStatus.ACTIVE:
            return old
        return replace(old, services=tuple(service(old, each) for each in old.services))

    return replace(order, ancillaries=tuple(map(item, order.ancillaries)))
