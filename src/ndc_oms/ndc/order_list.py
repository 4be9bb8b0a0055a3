"""OrderListRQ to a ListRequest, and its result to OrderListRS.

Source: OrderListRequestType and OrderListResponseType of 21.3. Neither has an element for pages:
how a list goes on stands in Remarks (`orders/listing.py`).
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.passenger import People, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc.compose import group, instant, leaf, reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import (
    Node,
    as_date,
    every,
    find,
    find_at,
    find_date,
    find_text,
    get,
    get_money,
    get_text,
    path_of,
    request,
    text,
    texts,
)
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.orders.criteria import (
    DocumentCriteria,
    FlightCriteria,
    OrderCriteria,
    PairCriteria,
    PaymentCriteria,
    PersonCriteria,
    ServiceCriteria,
    living,
)
from ndc_oms.orders.listing import PAGE, ListRequest, ListResult
from ndc_oms.ports.search import DaySpan, Place, Span
from ndc_oms.ports.store import OrderRecord

_AFTER: Final = re.compile(r"AFTER ([A-Z0-9]{4,20})")
_LIMIT: Final = re.compile(r"LIMIT ([0-9]{1,4})")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def read(root: Node, envelope: Envelope) -> ListRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid: 912 for a Remark that says nothing known, 386 for a day or a moment that no
    calendar has, 290 and 727 for an amount.
    """
    asked = request(root)
    after, limit, path = None, PAGE, ""
    for remark in every(find(asked, "OrderListParameters"), "Remark"):
        said = (find_text(remark, "RemarkText") or "").upper()
        if going_on := _AFTER.fullmatch(said):
            after, path = going_on[1], path_of(remark)
        elif (most := _LIMIT.fullmatch(said)) and int(most[1]):
            limit = int(most[1])
        else:
            raise Invalid(
                "The Remark says nothing that a list can be made by.",
                path=path_of(remark),
                remedy="Send `AFTER` and an OrderID, `LIMIT` and a number, or no Remark.",
            )
    criteria = get(asked, "OrderSearchFilterCriteria")
    return ListRequest(_criteria(criteria), limit, after, path)


def _criteria(node: Node) -> OrderCriteria:
    booking = find(node, "BookingRefFilterCriteria")
    service = find(node, "ServiceFilterCriteria")
    changed = find(node, "LastModifiedDateTimeFilterCriteria")
    return OrderCriteria(
        created=_span(find(node, "CreationDateTimeFilterCriteria")),
        changed=None if changed is None else _span(changed),
        departs=_days(find(node, "TravelDateFilterCriteria")),
        cancelled=_days(find(node, "OrderCancellationDateFilterCriteria")),
        locators=() if booking is None else (get_text(booking, "BookingID").upper(),),
        booked_by=find_text(find_at(booking, "BookingEntity", "Carrier"), "AirlineDesigCode"),
        carrier=find_text(find(node, "CarrierFilterCriteria"), "AirlineDesigCode"),
        flight=_flight(find(node, "FlightFilterCriteria")),
        person=_person(find(node, "PaxFilterCriteria")),
        payments=tuple(_payment(each) for each in every(node, "PaymentFilterCriteria")),
        documents=tuple(_documents(node)),
        service=None
        if service is None
        else ServiceCriteria(
            get_text(service, "ServiceID"), find_text(service, "DeliveryStatusCode")
        ),
    )


# -- moments and days --------------------------------------------------------------------------


def _span(node: Node | None) -> Span:
    return Span(_moment(node, "FromDateTime"), _moment(node, "ToDateTime"))


def _moment(node: Node | None, name: str) -> datetime | None:
    """xs:dateTime; without an offset it is UTC, as replies write it. Raises Invalid (386)."""
    found = None if node is None else find(node, name)
    if found is None:
        return None
    written = _MOMENT.fullmatch(text(found))
    try:
        at = datetime.fromisoformat(written[1] + (written[3] or "Z") if written else "")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{name} is not a moment of the calendar.",
            code="386",
            path=path_of(found),
            remedy="Send a moment as YYYY-MM-DDThh:mm:ssZ.",
        ) from None


def _days(node: Node | None) -> DaySpan | None:
    if node is None:
        return None
    return DaySpan(find_date(node, "EffectiveDate"), find_date(node, "ExpirationDate"))


# -- flights -----------------------------------------------------------------------------------


def _flight(node: Node | None) -> FlightCriteria | None:
    if node is None:
        return None
    marketing = find(node, "MarketingCarrierInfoNEW")
    journey = find(node, "OriginDestFilterCriteria")
    return FlightCriteria(
        departure=_place(find(node, "DepFilterCriteria"), "DepDate"),
        arrival=_place(find(node, "ArrivalFilterCriteria"), "ArrivalDate"),
        carrier=find_text(marketing, "CarrierDesigCode"),
        number=None if marketing is None else _number(marketing),
        rbd=find_text(marketing, "RBD_Code"),
        cabin=find_text(find(node, "CabinTypeFilterCriteria"), "CabinTypeCode"),
        fare_basis=find_text(node, "FareBasisCode"),
        journey=None if journey is None else _pair(journey),
        flights=tuple(_pair(each) for each in every(node, "SegmentFilterCriteria")),
    )


def _number(marketing: Node) -> str:
    """Without the zeros that some put in front, as flights are sold."""
    digits = get_text(marketing, "MarketingCarrierFlightNumberText").lstrip("0")
    return digits + (find_text(marketing, "OperationalSuffixText") or "")


def _pair(node: Node) -> PairCriteria:
    departure, arrival = get(node, "Dep"), get(node, "Arrival")
    return PairCriteria(_at(departure, "DepDate"), _at(arrival, "ArrivalDate"))


def _place(node: Node | None, day: str) -> Place | None:
    return None if node is None else _at(node, day)


def _at(node: Node, day: str) -> Place:
    return Place(get_text(node, "StationCode").upper(), as_date(get(node, day)))


# -- people, payments, documents ---------------------------------------------------------------


def _person(node: Node | None) -> PersonCriteria | None:
    if node is None:
        return None
    individual = find(node, "Individual")
    reached = every(node, "ContactInfo")
    return PersonCriteria(
        surname=find_text(individual, "Surname"),
        given_name=find_text(individual, "GivenName"),
        birthdate=find_date(individual, "Birthdate"),
        loyalty=tuple(
            number
            for each in every(node, "LoyaltyProgramAccount")
            if (number := find_text(each, "AccountNumber"))
        ),
        documents=tuple(get_text(each, "IdentityDocID") for each in every(node, "IdentityDoc")),
        emails=tuple(
            get_text(mail, "EmailAddressText")
            for each in reached
            for mail in every(each, "EmailAddress")
        ),
        phones=tuple(
            number
            for each in reached
            for phone in every(each, "Phone")
            for number in texts(phone, "PhoneNumber")
        ),
    )


def _payment(node: Node) -> PaymentCriteria:
    forms = {
        "PaymentCardCriteria": PaymentForm.CARD,
        "SettlementPlan": PaymentForm.SETTLEMENT_PLAN,
        "Voucher": PaymentForm.VOUCHER,
    }
    voucher = find(node, "Voucher")
    return PaymentCriteria(
        status=find_text(node, "PaymentStatusCode"),
        id=find_text(node, "PaymentInfoID"),
        amount=None if find(node, "Amount") is None else get_money(node, "Amount"),
        card_brand=find_text(find(node, "PaymentCardCriteria"), "CardBrandCode"),
        form=next((form for name, form in forms.items() if find(node, name) is not None), None),
        voucher=find_text(voucher, "VoucherID"),
    )


def _documents(node: Node) -> list[DocumentCriteria]:
    """DocFilterCriteria, the documents of payments, and TicketFilterCriteria."""
    made = []
    named = [find(node, "DocFilterCriteria")]
    named += [find(each, "AccountableDoc") for each in every(node, "PaymentFilterCriteria")]
    for each in named:
        if each is not None:
            day = find_date(each, "DateOfIssue")
            issued = DaySpan(day, day)
            made.append(DocumentCriteria(get_text(each, "DocNumber"), issued))
    ticket = find(node, "TicketFilterCriteria")
    if ticket is not None:
        issued = _days(find(ticket, "IssueDateRange")) or DaySpan()
        made.append(DocumentCriteria(find_text(ticket, "TicketNumber"), issued))
    return made


# -- the reply ---------------------------------------------------------------------------------


def write(result: ListResult, envelope: Envelope) -> bytes:
    going_on = leaf("RemarkText", f"AFTER {result.after}") if result.after else ""
    return reply(
        "IATA_OrderListRS",
        envelope,
        [
            *[_matched(each) for each in result.records],
            group("Processing", group("Remark", going_on)),
            warnings(result.notices, envelope.warnings),
        ],
    )


def _matched(record: OrderRecord) -> str:
    order = record.order
    segments = sorted(living(order), key=lambda segment: segment.flight.departure)
    ticketed = order.ticketed
    return group(
        "MatchedOrder",
        group("Arrival", *_end(segments[-1], "Arrival")),
        leaf("CreationDateTime", instant(order.created_at)),
        group("Dep", *_end(segments[0], "Dep")),
        leaf("OrderRefID", order.order_id),
        leaf("OrderStatusCode", order.status),
        write_pax(order.passengers, _named_only(record.people)),
        leaf("TicketingStatusCode", "TICKETED" if ticketed else "NOT TICKETED"),
    )


def _end(segment: OrderSegment, name: str) -> tuple[str, str]:
    flight = segment.flight
    day: date = (flight.departure if name == "Dep" else flight.arrival).date()
    station = flight.origin if name == "Dep" else flight.destination
    return leaf(f"{name}Date", day.isoformat()), leaf("StationCode", station)


def _named_only(people: People) -> People:
    """Names are enough to tell orders apart; the rest is what OrderRetrieve shows."""
    return People(
        tuple(
            Person(
                person.passenger_id,
                person.surname,
                person.given_names,
                title=person.title,
                middle_names=person.middle_names,
                suffix=person.suffix,
            )
            for person in people.persons
        )
    )
