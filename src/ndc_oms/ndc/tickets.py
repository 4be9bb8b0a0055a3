"""Accountable documents as TicketDocInfo: one for each set of conjunction tickets.

Source: TicketDocInfoType of 21.3; document types are PADIS 1001, coupon statuses PADIS 4405.
"""

from collections.abc import Iterator
from typing import Final

from ndc_oms.model.documents import Coupon, Document
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.ndc.compose import amount, flag, group, leaf, leaves
from ndc_oms.ndc.payment_summary import has_paid, is_paid_by_plan

# Under which element a coupon names its flight: still to be flown, checked in, flown.
_CHECKED_IN: Final = frozenset({CouponStatus.CHECKED_IN, CouponStatus.LIFTED})


def write_tickets(order: Order) -> str:
    """Every document, live or not, passenger by passenger in the order of issue."""
    reporting = "BSP" if is_paid_by_plan(order) else "Airline"
    return "".join([_set(order, each, reporting) for each in _sets(order.documents)])


def _sets(documents: tuple[Document, ...]) -> Iterator[tuple[Document, ...]]:
    """Documents by the number of the first of their set."""
    sets: dict[str, list[Document]] = {}
    for document in documents:
        sets.setdefault(document.conjunction_of or document.number, []).append(document)
    for each in sets.values():
        yield tuple(sorted(each, key=lambda document: document.number))


def _set(order: Order, documents: tuple[Document, ...], reporting: str) -> str:
    first = documents[0]
    issuer = first.issuer or order.owner
    return group(
        "TicketDocInfo",
        *[write_booking(each) for each in order.bookings if each.carrier == issuer],
        leaf("BookletQty", str(len(documents))),
        group(
            "IssueInfo",
            leaf("IssueDate", first.issued_at.date().isoformat()),
            group("IssuingCarrier", leaf("AirlineDesigCode", issuer)),
        ),
        _original(order, first, issuer),
        leaf("PaxRefID", first.passenger_id),
        leaves("PaymentRefID", [payment.id for payment in order.payments if has_paid(payment)]),
        *[_ticket(order, each, "Airline" if each.issuer else reporting) for each in documents],
    )


def _original(order: Order, document: Document, issuer: str) -> str:
    """The first ticket of those that were exchanged for each other up to this one."""
    known = {each.number: each for each in order.documents}
    first = document
    while first.exchange_of in known:
        first = known[first.exchange_of]
    if first is document:
        return ""
    return group(
        "OriginalIssueInfo",
        leaf("IssueDate", first.issued_at.date().isoformat()),
        group("IssuingCarrier", leaf("AirlineDesigCode", issuer)),
        leaf("TicketNumber", first.number),
    )


def write_booking(booking: BookingReference) -> str:
    return group(
        "BookingRef",
        group("BookingEntity", group("Carrier", leaf("AirlineDesigCode", booking.carrier))),
        leaf("BookingID", booking.locator),
    )


def _ticket(order: Order, document: Document, reporting: str) -> str:
    return group(
        "Ticket",
        leaf("ConnectedDocNumber", document.conjunction_of),
        *[_coupon(order, document, coupon) for coupon in document.coupons],
        flag("ExchReissueInd", True) if document.exchange_of is not None else "",
        flag("PrimaryDocInd", document.conjunction_of is None),
        leaf("ReportingTypeCode", reporting),
        leaf("TicketDocTypeCode", document.type),
        leaf("TicketNumber", document.number),
    )


def _coupon(order: Order, document: Document, coupon: Coupon) -> str:
    segment = leaf("PaxSegmentRefID", _segment_id(order, coupon))
    used = document.of_money and coupon.status is CouponStatus.FLOWN
    return group(
        "Coupon",
        flag("ConsumedAtIssuanceInd", True) if used else "",
        leaf("CouponNumber", str(coupon.number)),
        leaf("CouponStatusCode", coupon.status),
        group("CurrentCouponFlightInfoRef", group(_stands_for(coupon), segment)),
        leaf("FareBasisCode", coupon.fare_basis),
        leaf("RFIC", document.rfic),
        leaf("RFISC", coupon.rfisc),
        leaves("ServiceRefID", _services(order, document.passenger_id, coupon)),
        group("SoldAirlineInfo", segment),
        amount("ValueAmount", coupon.value) if coupon.value is not None else "",
    )


def _segment_id(order: Order, coupon: Coupon) -> str | None:
    """None also for a flight that the order no longer has: a reference must point at something."""
    known = {segment.id for segment in order.segments}
    return coupon.segment_id if coupon.segment_id in known else None


def _stands_for(coupon: Coupon) -> str:
    if coupon.status is CouponStatus.FLOWN:
        return "FlownAirlinePaxSegmentRef"
    if coupon.status in _CHECKED_IN:
        return "CheckedInAirlinePaxSegmentRef"
    return "CurrentAirlinePaxSegmentRef"


def _services(order: Order, passenger_id: str, coupon: Coupon) -> list[str]:
    """The flight service that the coupon is good for."""
    return [
        service.id
        for item in order.items
        if item.passenger_id == passenger_id
        for service in item.services
        if coupon.segment_id is not None and service.segment_id == coupon.segment_id
    ]
