"""OrderViewRS to a booking: its names, whether it stands, its documents; and a quoted cancellation.

Passengers bear our ids, since the order was made with them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.money import Money, total
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.partner import PartnerBooking
from ndc_partner.connection import Node
from ndc_partner.flights import Flights
from ndc_partner.values import (
    UnreadableError,
    ZoneOf,
    find_text,
    get,
    get_instant,
    get_money,
    get_quantity,
    get_text,
)


@dataclass(frozen=True, slots=True)
class Viewed:
    """An OrderViewRS. version: OrderVersionNumber. names: of passengers, by id: surname first.
    unpaid: it is held, and nobody has paid.
    """

    booking: PartnerBooking
    version: str
    names: Mapping[str, tuple[str, ...]]
    unpaid: bool


def read_order(root: Node, carrier: str, zone_of: ZoneOf) -> Viewed:
    """Raises UnreadableError."""
    response = get(root, "{*}Response")
    order = get(response, "{*}Order")
    lists = get(response, "{*}DataLists")
    reference = get_text(order, "{*}OrderID")
    locator = find_text(order, "{*}OrderItem/{*}Service/{*}BookingRef/{*}BookingID")
    currency = get(order, "{*}TotalPrice/{*}TotalAmount").get("CurCode") or ""
    documents = tuple(_documents(response, order, Flights(lists, zone_of), currency))
    cancelled = find_text(order, "{*}StatusCode") == "CLOSED"
    unpaid = not cancelled and order.find("{*}OrderItem/{*}PaymentTimeLimitDateTime") is not None
    booking = PartnerBooking(
        reference,
        locator or reference,
        carrier,
        cancelled=cancelled,
        documents=documents,
        held_until=_held_until(order) if unpaid else None,
    )
    names = {
        get_text(pax, "{*}PaxID"): named(
            find_text(pax, "{*}Individual/{*}Surname"),
            [each.text or "" for each in pax.findall("{*}Individual/{*}GivenName")],
        )
        for pax in lists.findall("{*}PaxList/{*}Pax")
    }
    return Viewed(booking, find_text(order, "{*}OrderVersionNumber"), names, unpaid)


def _held_until(order: Node) -> datetime:
    """The first of its limits: a price that stands no longer is not the one that was promised."""
    return min(
        get_instant(item, path)
        for path in ("{*}PaymentTimeLimitDateTime", "{*}PriceGuaranteeTimeLimitDateTime")
        for item in order.findall("{*}OrderItem")
        if item.find(path) is not None
    )


def named(surname: str, given: Iterable[str]) -> tuple[str, ...]:
    """A name as it is compared: carriers write it in capitals, or as it was said."""
    return (surname.casefold(), *(each.casefold() for each in given))


def read_cancellation(root: Node) -> str:
    """The OfferID under which the whole order can be cancelled; raises UnreadableError."""
    return get_text(
        get(root, "{*}Response"), "{*}ReshopResults/{*}ReshopOffers/{*}Offer/{*}OfferID"
    )


def _documents(response: Node, order: Node, flights: Flights, currency: str) -> Iterator[Document]:
    for info in response.findall("{*}TicketDocInfo"):
        passenger = get_text(info, "{*}PaxRefID")
        whole = _paid(order, passenger, currency)
        issued = _issued(info)
        for node in info.findall("{*}Ticket"):
            first = find_text(node, "{*}ConnectedDocNumber") or None
            yield Document(
                get_text(node, "{*}TicketNumber"),
                _type(node),
                passenger,
                issued,
                tuple(_coupon(each, flights, currency) for each in node.findall("{*}Coupon")),
                Money.zero(currency) if first else whole,
                first,
            )


def _issued(info: Node) -> datetime:
    """A day, on the wire; here its beginning in UTC."""
    value = get_text(info, "{*}IssueInfo/{*}IssueDate")
    try:
        return datetime.fromisoformat(value[:10]).replace(tzinfo=UTC)
    except ValueError:
        raise UnreadableError(f"{value!r} is no day") from None


def _type(node: Node) -> DocumentType:
    try:
        return DocumentType(get_text(node, "{*}TicketDocTypeCode"))
    except ValueError as wrong:
        raise UnreadableError(str(wrong)) from None


def _coupon(node: Node, flights: Flights, currency: str) -> Coupon:
    value = node.find("{*}ValueAmount")
    segment_id = find_text(node, "{*}SoldAirlineInfo/{*}PaxSegmentRefID")
    try:
        status = CouponStatus(get_text(node, "{*}CouponStatusCode"))
    except ValueError as wrong:
        raise UnreadableError(str(wrong)) from None
    return Coupon(
        get_quantity(node, "{*}CouponNumber"),
        status,
        None,
        flights.segment(segment_id).key if segment_id else None,
        None,
        find_text(node, "{*}FareBasisCode") or None,
        None if value is None else get_money(node, "{*}ValueAmount", currency),
    )


def _paid(order: Node, passenger: str, currency: str) -> Money:
    """What a passenger's items come to."""
    return total(
        (
            get_money(item, "{*}Price/{*}TotalAmount", currency)
            for item in order.findall("{*}OrderItem")
            if find_text(item, "{*}FareDetail/{*}PaxRefID") == passenger
        ),
        currency,
    )
