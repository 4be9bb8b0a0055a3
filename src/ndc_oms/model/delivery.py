"""How far each service is delivered, told by what becomes of its coupon.

    coupon                                  the service
    open                                    READY TO PROCEED (again)
    airport control, checked in             READY TO DELIVER
    lifted (boarded)                        IN PROGRESS
    flown                                   DELIVERED
    suspended, not available                SUSPENDED
    irregular operations, no show           UNABLE TO DELIVER

A service that stands on an EMD goes with the EMD's coupon; one without a document, and without a
provider that tells of it itself (`reported.py`), goes with the flight that it is on.
Voiding, refunding and exchanging are our own doing and recorded as such. Source of the words:
PADIS 4405 and the DELIVERYSERVICE code set.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.events import CouponMoved
from ndc_oms.model.items import AncillaryItem, OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    CouponStatus,
    DeliveryStatus,
    ItemStatus,
)

_C, _D = CouponStatus, DeliveryStatus
MEANS: Final[Mapping[CouponStatus, DeliveryStatus]] = {
    _C.OPEN: _D.READY_TO_PROCEED,
    _C.AIRPORT_CONTROL: _D.READY_TO_DELIVER,
    _C.CHECKED_IN: _D.READY_TO_DELIVER,
    _C.LIFTED: _D.IN_PROGRESS,
    _C.FLOWN: _D.DELIVERED,
    _C.SUSPENDED: _D.SUSPENDED,
    _C.UNAVAILABLE: _D.SUSPENDED,
    _C.IRREGULAR: _D.UNABLE_TO_DELIVER,
}

_COMES_BACK: Final = frozenset(
    {_C.AIRPORT_CONTROL, _C.CHECKED_IN, _C.SUSPENDED, _C.UNAVAILABLE, _C.IRREGULAR}
)

Either = TypeVar("Either", OrderItem, AncillaryItem)


def as_ended(coupon: Coupon) -> CouponStatus:
    """How a coupon stood when the PSS ended it: a passenger may have been offloaded meanwhile, and
    the feed tells of it later.
    """
    return COUPON.initial if coupon.status in _COMES_BACK else coupon.status


def is_news(order: Order, told: CouponMoved) -> bool:
    """Whether the PSS tells something that the order does not say yet, of a coupon that can still
    move.
    """
    found = find_coupon(order, told.document, told.coupon)
    if found is None or told.status not in MEANS or found[1].status in COUPON.final:
        return False
    if found[1].status is not told.status:
        return True
    return told.no_show and any(
        DELIVERY.reaches(old.delivery, _D.UNABLE_TO_DELIVER) and old.delivery is not target
        for old, target in _concerned(order, *found, told)
    )


def moved(order: Order, told: CouponMoved) -> Order:
    """The order after a coupon's move. A service that is delivered, or gone, stays as it is."""
    found = find_coupon(order, told.document, told.coupon)
    if found is None:
        raise AssertionError(f"{order.order_id} has no coupon {told.document}/{told.coupon}")
    document, coupon = found
    targets = {old.id: new for old, new in _concerned(order, document, coupon, told)}

    def service(old: Service) -> Service:
        new = targets.get(old.id)
        may = new is not None and new is not old.delivery and DELIVERY.reaches(old.delivery, new)
        return replace(old, delivery=new) if new and may else old

    new_coupons = tuple(
        replace(each, status=told.status) if each is coupon else each for each in document.coupons
    )
    return replace(
        each_service(order, service),
        documents=tuple(
            replace(each, coupons=new_coupons) if each is document else each
            for each in order.documents
        ),
    )


def each_service(order: Order, change: Callable[[Service], Service]) -> Order:
    """Of flights, and of what goes with them."""

    def item(old: Either) -> Either:
        return replace(old, services=tuple(map(change, old.services)))

    return replace(
        order,
        items=tuple(map(item, order.items)),
        ancillaries=tuple(map(item, order.ancillaries)),
    )


def find_coupon(order: Order, number: str, coupon: int) -> tuple[Document, Coupon] | None:
    """With its document."""
    for document in order.documents:
        if document.number == number:
            for each in document.coupons:
                if each.number == coupon:
                    return document, each
    return None


def _concerned(
    order: Order, document: Document, coupon: Coupon, told: CouponMoved
) -> list[tuple[Service, DeliveryStatus]]:
    """What a coupon is good for, and what becomes of it."""
    target = _D.UNABLE_TO_DELIVER if told.no_show else MEANS[told.status]
    return [(service, target) for service in _good_for(order, document, coupon, told.ancillary)]


def _good_for(
    order: Order, document: Document, coupon: Coupon, ancillary: bool
) -> Iterator[Service]:
    ticket = document.type is DocumentType.TICKET
    for item in order.items if ticket else ():
        if item.passenger_id == document.passenger_id and item.status is ItemStatus.ACTIVE:
            yield from (s for s in item.services if s.segment_id == coupon.segment_id)
    for each in order.ancillaries if ancillary else ():
        if each.status is not ItemStatus.ACTIVE or each.passenger_id != document.passenger_id:
            continue
        for service in each.services:
            if service.delivery is DELIVERY.initial:
                continue  # it is not paid yet
            alone = not (each.needs_document or each.product.provider)
            if (ticket and alone and service.segment_id == coupon.segment_id) or (
                not ticket and service.id == coupon.service_id
            ):
                yield service
