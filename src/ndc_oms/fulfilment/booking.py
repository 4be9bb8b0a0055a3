"""From an order and its people to what a PSS is asked for: pure translation."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import blake2b

from ndc_oms.fulfilment import names
from ndc_oms.model.ancillary import EmdKind
from ndc_oms.model.change import flown_order, live_ticket
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.items import AncillaryItem, OrderItem, OrderSegment
from ndc_oms.model.money import Money, split, total
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import (
    Contact,
    IdentityDocument,
    Passenger,
    PassengerType,
    People,
    Person,
    seats,
)
from ndc_oms.model.seating import missing, wanted
from ndc_oms.ports.pss import (
    Booking,
    CouponRequest,
    DocumentRequest,
    SegmentSale,
    SpecialService,
    Traveller,
)

_PASSPORT = "PT"  # PADIS 9750; anything else is shown as another identity document


def sales(order: Order) -> tuple[SegmentSale, ...]:
    """The seats of our own flights of the order; infants on a lap take none."""
    return _seats(order, (each for each in order.segments if order.part_of(each.id) is None))


def shared(order: Order) -> tuple[SegmentSale, ...]:
    """Seats on flights that bear our number and are a partner's: it keeps them, and our booking
    shows them.
    """
    ids = {each for part in order.parts if part.code_share for each in part.segment_ids}
    return _seats(order, (each for each in order.segments if each.id in ids))


def booked_here(order: Order) -> bool:
    """Whether our own PSS has a booking of the order: not where a partner was to fly all of it."""
    ours = any(order.ticketed_here(each.id) for each in order.segments)
    return ours or order.own_booking is not None


def _seats(order: Order, segments: Iterable[OrderSegment]) -> tuple[SegmentSale, ...]:
    count = seats(order.passengers)
    return tuple(SegmentSale(s.flight.key, s.rbd, count) for s in segments)


def booking(order: Order, people: People) -> Booking:
    return Booking(
        order_id=order.order_id,
        hold_reference=order.hold_reference,
        sales=sales(order),
        shared=shared(order),
        travellers=tuple(traveller(p, people.person(p.id)) for p in order.passengers),
        services=services(order, people),
        contacts=tuple(text for c in people.contacts for text in (*c.emails, *c.phones)),
        choices=wanted(order),
    )


def seats_reference(order: Order) -> str:
    """Under which the PSS keeps seats that were chosen after the booking was made, until they
    are assigned: those of the latest items that the booking has no seat for.
    """
    waiting = set(missing(order))
    seated = [each for each in order.live_ancillaries if each.seat]
    held = [each.hold for each in seated if each.id in waiting and each.hold]
    if held:
        return held[-1]
    return f"{order.order_id}:seats:{max((each.added for each in seated), default=0)}"


def seats_hold(order_id: str, key: str) -> str:
    """The reference of seats that a request chooses. key: of the request, under which it may be
    looked at and sent several times.
    """
    return f"{order_id}:seats:{blake2b(key.encode(), digest_size=8).hexdigest()}"


def traveller(passenger: Passenger, person: Person) -> Traveller:
    return Traveller(
        passenger_id=passenger.id,
        type=passenger.type,
        surname=names.surname(person),
        given=names.given(person),
        title=names.title(person) or None,
        birthdate=person.birthdate,
        guardian=passenger.guardian,
    )


def services(order: Order, people: People) -> tuple[SpecialService, ...]:
    """The SSRs of those who are in the booking. Source: AIRIMP, as resolution 830d and Secure
    Flight ask for them.
    """
    gone = order.passengers_released
    here = tuple(each for each in order.passengers if each.id not in gone)
    return tuple(_services(replace(order, passengers=here), people))


def _services(order: Order, people: People) -> Iterator[SpecialService]:
    for passenger in order.passengers:
        person = people.person(passenger.id)
        yield from _identity(passenger, person)
        for account in person.loyalty:
            yield SpecialService("FQTV", passenger.id, f"{account.carrier}{account.number}")
        if passenger.type is PassengerType.CHILD:
            yield SpecialService("CHLD", passenger.id, _day(person.birthdate))
        if passenger.type is PassengerType.INFANT and passenger.guardian:
            yield from _infant(order, passenger, person)
        yield from _ancillaries(order, passenger)
    yield from _contacts(order, people)


def _infant(order: Order, passenger: Passenger, infant: Person) -> Iterator[SpecialService]:
    """On each flight that it still takes."""
    text = f"{names.surname(infant)}/{names.given(infant)} {_day(infant.birthdate)}".rstrip()
    flown = {
        service.segment_id
        for item in order.live_items
        if item.passenger_id == passenger.id
        for service in item.services
    }
    for segment in order.segments:
        kept = segment.id in flown and segment.id not in order.segments_released
        if kept and order.ticketed_here(segment.id):
            yield SpecialService("INFT", passenger.guardian or "", text, segment.flight.key)


def _ancillaries(order: Order, passenger: Passenger) -> Iterator[SpecialService]:
    """Of products that a booking shows, flight by flight. Free text: how many, and the product."""
    for item in order.live_ancillaries:
        for service in item.services if item.passenger_id == passenger.id else ():
            product = item.product_of(service)
            if product.ssr is None:
                continue
            text = f"{item.quantity}{product.unit.upper()} {product.code}"
            text = str(item.seat) if item.seat else text
            segment = order.segment(service.segment_id)
            if segment.id not in order.segments_released and order.ticketed_here(segment.id):
                yield SpecialService(product.ssr, passenger.id, text.upper(), segment.flight.key)


def _identity(passenger: Passenger, person: Person) -> Iterator[SpecialService]:
    for document in person.documents:
        yield SpecialService("DOCS", passenger.id, _docs(passenger, person, document))
    if not person.documents and person.birthdate:
        text = f"////{_day(person.birthdate)}/{_gender(passenger, person.gender)}//"
        yield SpecialService("DOCS", passenger.id, text + _slash_name(person))


def _docs(passenger: Passenger, person: Person, document: IdentityDocument) -> str:
    kind = "P" if document.kind == _PASSPORT else "I"
    fields = (
        kind,
        document.issuing_country or "",
        document.number,
        document.citizenship or person.citizenship or "",
        _day(document.birthdate or person.birthdate),
        _gender(passenger, document.gender or person.gender),
        _day(document.expires_on),
        _slash_name(person),
    )
    return "/".join(fields)


def _slash_name(person: Person) -> str:
    return f"{names.surname(person)}/{names.given(person)}"


def _gender(passenger: Passenger, gender: str | None) -> str:
    letter = (gender or "")[:1].upper()
    return f"{letter}I" if letter and not passenger.type.seated else letter


def _day(day: date | None) -> str:
    return f"{day:%d%b%y}".upper() if day else ""


def _contacts(order: Order, people: People) -> Iterator[SpecialService]:
    """CTCE, CTCM, CTCR: a contact that no passenger names is the first passenger's."""
    here = [passenger.id for passenger in order.passengers]
    for contact in people.contacts:
        holders = [p.passenger_id for p in people.persons if contact.id in p.contact_ids]
        for passenger_id in holders or here[:1]:
            if passenger_id in here:
                yield from _contact(passenger_id, contact)


def _contact(passenger_id: str, contact: Contact) -> Iterator[SpecialService]:
    for email in contact.emails:
        # The teletype alphabet has no @, _ or bare hyphen: AIRIMP writes them so.
        text = email.upper().replace("-", "./").replace("_", "..").replace("@", "//")
        yield SpecialService("CTCE", passenger_id, text)
    for phone in contact.phones:
        yield SpecialService("CTCM", passenger_id, "".join(c for c in phone if c.isdigit()))
    if contact.refused and not (contact.emails or contact.phones):
        yield SpecialService("CTCR", passenger_id, "REFUSED")


def ticket(
    order: Order, people: People, passenger_id: str, items: Iterable[OrderItem] | None = None
) -> DocumentRequest:
    """The ticket of one passenger for all flights that we ticket, in the order they are flown.
    items: those that it is for; None: all live ones of the passenger.
    """
    kind = next(p.type for p in order.passengers if p.id == passenger_id)
    booking = order.booking_of(passenger_id)
    if booking is None:
        raise AssertionError(f"{order.order_id} has no booking of ours to ticket")
    if items is None:
        items = (item for item in order.live_items if item.passenger_id == passenger_id)
    flown = flown_order(order, items)
    return DocumentRequest(
        locator=booking.locator,
        type=DocumentType.TICKET,
        passenger_id=passenger_id,
        passenger_name=names.printed(people.person(passenger_id), kind),
        coupons=tuple(coupon for item in flown for coupon in coupons_of(order, item)),
        total=total((_ours(order, item)[1] for item in flown), order.currency),
    )


def emd(
    order: Order, people: People, item_id: str, service_ids: Container[str] | None = None
) -> DocumentRequest:
    """The EMD of one ancillary item: a coupon for each of its services, its base price shared out
    evenly among them. service_ids: only of these; None: of all.
    """
    item = order.item(item_id)
    booking = order.booking_of(item.passenger_id)
    if booking is None or not isinstance(item, AncillaryItem):
        raise AssertionError(f"{item_id} cannot stand on an EMD")
    kind = next(p.type for p in order.passengers if p.id == item.passenger_id)
    associated = item.product.emd is EmdKind.ASSOCIATED
    tickets = live_ticket(order, item.passenger_id)
    coupons = tuple(
        coupon
        for coupon in _emd_coupons(order, item)
        if service_ids is None or coupon.service_id in service_ids
    )
    whole = len(coupons) == len(item.services)
    return DocumentRequest(
        locator=booking.locator,
        type=DocumentType.EMD_ASSOCIATED if associated else DocumentType.EMD_STANDALONE,
        passenger_id=item.passenger_id,
        passenger_name=names.printed(people.person(item.passenger_id), kind),
        coupons=coupons,
        total=item.fare.total if whole else total((c.value for c in coupons), order.currency),
        rfic=item.product.rfic,
        associated_with=tickets[0].number if associated and tickets else None,
    )


def _emd_coupons(order: Order, item: AncillaryItem) -> Iterator[CouponRequest]:
    values = split(item.fare.base, [1] * len(item.services))
    for service, value in zip(item.services, values, strict=True):
        segment = order.segment(service.segment_id)
        yield CouponRequest(
            segment.id,
            segment.flight.key,
            segment.rbd,
            item.fare.basis,
            value,
            service.id,
            item.product.rfisc,
        )


def _ours(order: Order, item: OrderItem) -> tuple[Money, Money]:
    """The item's base fare and total, less what partners ticket of it."""
    base, whole = item.fare.base, item.fare.total
    for part in order.parts:
        fare = part.fare_of(item.passenger_id) if part.bound_index == item.bound_index else None
        if fare is not None:
            base, whole = base - fare.base, whole - fare.total
    return base, whole


def coupons_of(order: Order, item: OrderItem) -> Iterator[CouponRequest]:
    """A coupon for each flight; the bound's base fare is shared out by time flown."""
    ids = [each.segment_id for each in item.services if order.ticketed_here(each.segment_id)]
    if not ids:
        return
    segments = [order.segment(each) for each in ids]
    minutes = [int(segment.flight.duration.total_seconds() // 60) or 1 for segment in segments]
    values = split(_ours(order, item)[0], minutes)
    for segment, value in zip(segments, values, strict=True):
        yield CouponRequest(segment.id, segment.flight.key, segment.rbd, item.fare.basis, value)
