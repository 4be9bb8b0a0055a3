"""Accountable documents as TicketDocInfo: one for each set of conjunction tickets.

Source: TicketDocInfoType of 21.3; document types are PADIS 1001, coupon statuses PADIS 4405.
"""

from collections.abc import Iterator
from typing import Final

from ndc_oms.model.balance import pays_for
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.items import Item
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.ndc.compose import amount, flag, group, leaf, leaves
from ndc_oms.ndc.payment_summary import has_paid, is_paid_by_plan

# Under which element a coupon names its flight: still to be flown, checked in, flown.
_CHECKED_IN: Final = frozenset({CouponStatus.CHECKED_IN, CouponStatus.LIFTED})


def write_tickets(order: Order) -> str:
    """Every document, live or not, passenger by passenger in the order of issue."""
    return "".join([_set(order, each) for each in _sets(order.documents)])


def write_brief(order: Order, document: Document) -> str:
    """Number, kind and how its coupons stand; OrderRetrieve shows the flights."""
    return group(
        "TicketDocInfo",
        group(
            "IssueInfo",
            leaf("IssueDate", document.issued_at.date().isoformat()),
            group("IssuingCarrier", leaf("AirlineDesigCode", document.issuer or order.owner)),
        ),
        leaf("PaxRefID", document.passenger_id),
        group(
            "Ticket",
            *[
                group(
                    "Coupon",
                    leaf("CouponNumber", str(coupon.number)),
                    leaf("CouponStatusCode", coupon.status),
                )
                for coupon in document.coupons
            ],
            leaf("ReportingTypeCode", reporting(order, document)),
            leaf("TicketDocTypeCode", document.type),
            leaf("TicketNumber", document.number),
        ),
    )


def reporting(order: Order, document: Document) -> str:
    """ReportingTypeCode: where the sale is reported to."""
    return "BSP" if is_paid_by_plan(order) and not document.issuer else "Airline"


def _sets(documents: tuple[Document, ...]) -> Iterator[tuple[Document, ...]]:
    """Documents by the number of the first of their set."""
    sets: dict[str, list[Document]] = {}
    for document in documents:
        sets.setdefault(document.conjunction_of or document.number, []).append(document)
    for each in sets.values():
        yield tuple(sorted(each, key=lambda document: document.number))


def _set(order: Order, documents: tuple[Document, ...]) -> str:
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
        leaves("PaymentRefID", _payments(order, first)),
        *[_ticket(order, each) for each in documents],
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


def _payments(order: Order, document: Document) -> list[str]:
    """Those that paid for something that the document is good for."""
    ids = {coupon.service_id for coupon in document.coupons}
    items: list[Item] = [each for each in order.ancillaries if each.service_ids & ids]
    if document.type is DocumentType.TICKET:
        items = [each for each in order.items if each.passenger_id == document.passenger_id]
    return [
        payment.id
        for payment in order.payments
        if has_paid(payment) and any(pays_for(payment, each) for each in items)
    ]


def write_booking(booking: BookingReference) -> str:
    return group(
        "BookingRef",
        group("BookingEntity", group("Carrier", leaf("AirlineDesigCode", booking.carrier))),
        leaf("BookingID", booking.locator),
    )


def bookings_on(order: Order, segment_id: str) -> str:
    """Those of which passengers fly a segment: a Service has three at most (21.3)."""
    return "".join([write_booking(each) for each in order.bookings_of(segment_id)[:3]])


def _ticket(order: Order, document: Document) -> str:
    return group(
        "Ticket",
        leaf("ConnectedDocNumber", document.conjunction_of or document.associated_with),
        *[_coupon(order, document, coupon) for coupon in document.coupons],
        flag("ExchReissueInd", True) if document.exchange_of is not None else "",
        flag("PrimaryDocInd", document.conjunction_of is None),
        leaf("ReportingTypeCode", reporting(order, document)),
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
        leaf("ServiceQty", _quantity(order, coupon)),
        leaves("ServiceRefID", _services(order, document, coupon)),
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


def _quantity(order: Order, coupon: Coupon) -> str | None:
    """How many of a service an EMD's coupon is for."""
    for item in order.ancillaries:
        if coupon.service_id in item.service_ids:
            return str(item.quantity)
    return None


def _services(order: Order, document: Document, coupon: Coupon) -> list[str]:
    """The service that the coupon is good for."""
    if document.type is not DocumentType.TICKET:
        known = {i for item in order.ancillaries for i in item.service_ids}
        return [coupon.service_id] if coupon.service_id and coupon.service_id in known else []
    return [
        service.id
        for item in order.items
        if item.passenger_id == document.passenger_id
        for service in item.services
        if coupon.segment_id is not None and service.segment_id == coupon.segment_id
    ]
