"""What providers tell of services that they deliver, and what comes of it at the PSS.

    told                  an open coupon becomes, step by step
    READY TO DELIVER      checked in (a flight's)
    IN PROGRESS           checked in, lifted (a flight's)
    DELIVERED             flown
    SUSPENDED             suspended (a flight's)
    READY TO PROCEED      open again (a flight's)
    UNABLE TO DELIVER     as it is: it may be given back, as its rules say

An EMD-S coupon is used when its service is delivered. An EMD-A coupon goes with its ticket coupon,
whatever is told of its service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ndc_oms.model.delivery import each_service, find_coupon
from ndc_oms.model.documents import Coupon, CouponUse, DocumentType
from ndc_oms.model.events import CouponMoved, CouponUseRefused, DeliveryReported, ServiceState
from ndc_oms.model.items import AncillaryItem, OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.status import COUPON, DELIVERY, CouponStatus, DeliveryStatus

_C, _D = CouponStatus, DeliveryStatus
REPORTABLE: Final = frozenset(
    {
        _D.READY_TO_PROCEED,
        _D.READY_TO_DELIVER,
        _D.IN_PROGRESS,
        _D.DELIVERED,
        _D.SUSPENDED,
        _D.UNABLE_TO_DELIVER,
    }
)
_OF_A_FLIGHT: Final[Mapping[DeliveryStatus, CouponStatus]] = {
    _D.READY_TO_PROCEED: _C.OPEN,
    _D.READY_TO_DELIVER: _C.CHECKED_IN,
    _D.IN_PROGRESS: _C.LIFTED,
    _D.DELIVERED: _C.FLOWN,
    _D.SUSPENDED: _C.SUSPENDED,
}
# The ways of a coupon whose passenger comes to the airport; others are for people at the PSS.
_WAYS: Final[Mapping[CouponStatus, tuple[CouponStatus, ...]]] = {
    _C.OPEN: (_C.CHECKED_IN, _C.SUSPENDED, _C.FLOWN),
    _C.AIRPORT_CONTROL: (_C.CHECKED_IN, _C.OPEN, _C.SUSPENDED),
    _C.CHECKED_IN: (_C.LIFTED, _C.OPEN),
    _C.LIFTED: (_C.FLOWN, _C.CHECKED_IN),
    _C.SUSPENDED: (_C.OPEN,),
}


def may_become(service: Service, told: DeliveryStatus) -> bool:
    """Whether a provider may tell this of it now. What is not paid cannot be delivered; steps
    between may have gone unseen.
    """
    if service.delivery is DELIVERY.initial or told not in REPORTABLE:
        return False
    return DELIVERY.reaches(service.delivery, told)


def uses_of(order: Order, states: Iterable[ServiceState]) -> tuple[CouponUse, ...]:
    """What the PSS has to be told of: our own live coupons that are good for these services."""
    found = []
    for state in states:
        for item in order.live:
            for service in item.services:
                if service.id == state.service_id:
                    found += _uses(order, item, service, state.delivery)
    return tuple(found)


def _uses(
    order: Order, item: OrderItem | AncillaryItem, service: Service, told: DeliveryStatus
) -> list[CouponUse]:
    flight = isinstance(item, OrderItem)
    status = _OF_A_FLIGHT.get(told) if flight else _C.FLOWN if told is _D.DELIVERED else None
    wanted = DocumentType.TICKET if flight else DocumentType.EMD_STANDALONE
    return [
        CouponUse(document.number, coupon.number, status)
        for document in order.documents
        for coupon in document.coupons
        if status is not None
        and document.type is wanted
        and not document.issuer
        and document.passenger_id == item.passenger_id
        and _good_for(coupon, service, flight)
        and coupon.status is not status
        and coupon.status not in COUPON.final
    ]


def _good_for(coupon: Coupon, service: Service, flight: bool) -> bool:
    if flight:
        return coupon.segment_id == service.segment_id
    return coupon.service_id == service.id


def reported(order: Order, event: DeliveryReported) -> Order:
    """A service that is delivered, or gone, stays as it is."""
    told = {each.service_id: each.delivery for each in event.services}

    def service(old: Service) -> Service:
        new = told.get(old.id)
        may = new is not None and new is not old.delivery and may_become(old, new)
        return replace(old, delivery=new) if new and may else old

    named = {(each.document, each.coupon) for each in event.uses}
    waiting = tuple(each for each in order.uses if (each.document, each.coupon) not in named)
    uses = tuple(replace(each, told=order.sequence + 1) for each in event.uses)
    return replace(each_service(order, service), uses=(*waiting, *uses))


def without_reached(order: Order, told: CouponMoved) -> Order:
    """Nothing is to be told of a coupon that stands as it should."""
    reached = (told.document, told.coupon, told.status)
    left = tuple(
        each for each in order.uses if (each.document, each.coupon, each.status) != reached
    )
    return order if left == order.uses else replace(order, uses=left)


def without_refused(order: Order, event: CouponUseRefused) -> Order:
    return replace(order, uses=tuple(each for each in order.uses if each != event.use))


def next_use(order: Order) -> tuple[CouponUse, CouponStatus] | None:
    """What the PSS is told of next, and what the coupon becomes by that; a coupon that is void,
    refunded or exchanged meanwhile becomes nothing any more.
    """
    for use in order.uses:
        found = find_coupon(order, use.document, use.coupon)
        step = None if found is None else _step(found[1].status, use.status)
        if step is not None:
            return use, step
    return None


def _step(old: CouponStatus, new: CouponStatus) -> CouponStatus | None:
    """The first one of the shortest way there; None: no way leads there, or none is needed."""
    ways: list[tuple[CouponStatus, ...]] = [(each,) for each in _WAYS.get(old, ())]
    seen = {old}
    while ways and old is not new:
        way = ways.pop(0)
        if way[-1] is new:
            return way[0]
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, each) for each in _WAYS.get(way[-1], ())]
    return None
