"""How far each service is delivered, told by what becomes of its coupon.

    coupon                                  the service
    open                                    READY TO PROCEED (again)
    airport control, checked in             READY TO DELIVER
    lifted (boarded)                        IN PROGRESS
    flown                                   DELIVERED
    suspended, not available                SUSPENDED
    irregular operations, no show           UNABLE TO DELIVER

Voiding, refunding and exchanging are our own doing and recorded as such. Source of the words:
PADIS 4405 and the DELIVERYSERVICE code set.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.events import CouponMoved
from ndc_oms.model.order import Order, OrderItem, Service
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


def as_ended(coupon: Coupon) -> CouponStatus:
    """How a coupon stood when the PSS ended it: a passenger may have been offloaded meanwhile, and
    the feed tells of it later.
    """
    return COUPON.initial if coupon.status in _COMES_BACK else coupon.status


def is_news(order: Order, told: CouponMoved) -> bool:
    """Whether the PSS tells something that the order does not say yet, of a coupon that can still
    move.
    """
    found = _coupon(order, told)
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
    found = _coupon(order, told)
    if found is None:
        raise AssertionError(f"{order.order_id} has no coupon {told.document}/{told.coupon}")
    document, coupon = found
    targets = {old.id: new for old, new in _concerned(order, document, coupon, told)}

    def service(old: Service) -> Service:
        new = targets.get(old.id)
        may = new is not None and new is not old.delivery and DELIVERY.reaches(old.delivery, new)
        return replace(old, delivery=new) if new and may else old

    def item(old: OrderItem) -> OrderItem:
        return replace(old, services=tuple(map(service, old.services)))

    new_coupons = tuple(
        replace(each, status=told.status) if each is coupon else each for each in document.coupons
    )
    return replace(
        order,
        items=tuple(map(item, order.items)),
        documents=tuple(
            replace(each, coupons=new_coupons) if each is document else each
            for each in order.documents
        ),
    )


def _coupon(order: Order, told: CouponMoved) -> tuple[Document, Coupon] | None:
    for document in order.documents:
        if document.number == told.document:
            for coupon in document.coupons:
                if coupon.number == told.coupon:
                    return document, coupon
    return None


def _concerned(
    order: Order, document: Document, coupon: Coupon, told: CouponMoved
) -> list[tuple[Service, DeliveryStatus]]:
    """Flights that a ticket's coupon is good for, and what becomes of them."""
    if document.type is not DocumentType.TICKET:
        return []  # what an EMD is good for is delivered with its flight
    target = _D.UNABLE_TO_DELIVER if told.no_show else MEANS[told.status]
    return [
        (service, target)
        for item in order.items
        if item.passenger_id == document.passenger_id and item.status is ItemStatus.ACTIVE
        for service in item.services
        if service.segment_id == coupon.segment_id
    ]
