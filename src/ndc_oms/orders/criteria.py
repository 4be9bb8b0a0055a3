"""What a seller asks of the orders that are listed: which index finds them, and whether an order
that was found is meant. Source: OrderSearchFilterCriteriaType of 21.3.

Whatever is asked has to hold, all of it of one flight, one traveller, one payment where it is said
of one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ndc_oms.fulfilment import names
from ndc_oms.model.items import Item, OrderSegment
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.paid import standing_of, status_of
from ndc_oms.model.passenger import Person
from ndc_oms.model.payment import Payment, PaymentForm
from ndc_oms.model.spelling import on_ticket
from ndc_oms.model.status import OrderStatus
from ndc_oms.ports.search import (
    ANY_DAY,
    EVER,
    ByChange,
    ByCreation,
    ByDeparture,
    ByDocument,
    ByFlight,
    ByFlightArrival,
    ByFlightDeparture,
    ByLocator,
    ByPaying,
    BySurname,
    DaySpan,
    Index,
    Place,
    Span,
)
from ndc_oms.ports.store import OrderRecord


@dataclass(frozen=True, slots=True)
class PairCriteria:
    """From where and when, to where and when: a flight, or a journey from its first to its last."""

    departure: Place
    arrival: Place


@dataclass(frozen=True, slots=True)
class FlightCriteria:
    """One flight that all of it holds for. carrier, number, rbd: marketing, with the suffix.
    cabin: PADIS 9873. journey: of a bound of the order. flights: each of them is in the order.
    """

    departure: Place | None = None
    arrival: Place | None = None
    carrier: str | None = None
    number: str | None = None
    rbd: str | None = None
    cabin: str | None = None
    fare_basis: str | None = None
    journey: PairCriteria | None = None
    flights: tuple[PairCriteria, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonCriteria:
    """One traveller that all of it holds for. Names as a ticket spells them."""

    surname: str | None = None
    given_name: str | None = None
    birthdate: date | None = None
    loyalty: tuple[str, ...] = ()  # account numbers
    documents: tuple[str, ...] = ()  # of travel documents
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentCriteria:
    """One payment that all of it holds for; status: of the order as a whole, where nothing else
    is said of the payment.
    """

    status: str | None = None
    id: str | None = None
    amount: Money | None = None
    card_brand: str | None = None
    form: PaymentForm | None = None
    voucher: str | None = None

    @property
    def only_status(self) -> bool:
        return self == PaymentCriteria(status=self.status)


@dataclass(frozen=True, slots=True)
class DocumentCriteria:
    """One ticket or EMD that all of it holds for."""

    number: str | None = None
    issued: DaySpan = ANY_DAY


@dataclass(frozen=True, slots=True)
class ServiceCriteria:
    id: str
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class OrderCriteria:
    """locators: each of them is a booking of the order, where it is named
    departs: when the journey begins, local days. cancelled: when the whole order was, UTC days.
    """

    created: Span = EVER
    changed: Span | None = None
    departs: DaySpan | None = None
    cancelled: DaySpan | None = None
    locators: tuple[str, ...] = ()
    booked_by: str | None = None
    carrier: str | None = None
    flight: FlightCriteria | None = None
    person: PersonCriteria | None = None
    payments: tuple[PaymentCriteria, ...] = ()
    documents: tuple[DocumentCriteria, ...] = ()
    service: ServiceCriteria | None = None

    def index(self) -> Index:
        """The one that leaves least to weigh."""
        return next(self._indexes())

    def _indexes(self) -> Iterator[Index]:
        for document in self.documents:
            if document.number is not None:
                yield ByDocument(document.number)
        for locator in self.locators:
            yield ByLocator(locator)
        if self.flight is not None:
            yield from _by_flight(self.flight)
        if self.person is not None and self.person.surname is not None:
            yield BySurname(self.person.surname)
        if self.flight is not None and self.flight.carrier and self.flight.number:
            yield ByFlight(self.flight.carrier, self.flight.number)
        for payment in self.payments:
            if payment.only_status and payment.status is not None:
                yield ByPaying(payment.status)
        if self.cancelled is not None:
            yield ByChange(_instants(self.cancelled))
        if self.departs is not None:
            yield ByDeparture(self.departs)
        if self.changed is not None:
            yield ByChange(self.changed)
        yield ByCreation()

    def fits(self, record: OrderRecord) -> bool:
        order = record.order
        return (
            self.created.holds(order.created_at)
            and (self.changed is None or self.changed.holds(order.changed_at))
            and self._fits_days(order)
            and self._fits_bookings(order)
            and (self.flight is None or _flown(order, self.flight))
            and (self.person is None or _travels(record, self.person))
            and all(_paid(order, each) for each in self.payments)
            and all(_documented(order, each) for each in self.documents)
            and (self.service is None or _served(order, self.service))
        )

    def _fits_days(self, order: Order) -> bool:
        if self.departs is not None and not self.departs.holds(first_departure(order)):
            return False
        if self.cancelled is None:
            return True
        gone = order.status is OrderStatus.CLOSED and not order.live_items
        return gone and self.cancelled.holds(_utc_day(order.changed_at))

    def _fits_bookings(self, order: Order) -> bool:
        booked = {
            booking.locator
            for booking in order.bookings
            if self.booked_by in (None, booking.carrier)
        }
        if not set(self.locators) <= booked:
            return False
        carriers = {(each.flight.carrier, each.flight.operator) for each in order.segments}
        return self.carrier is None or any(self.carrier in each for each in carriers)


def first_departure(order: Order) -> date:
    """The local day on which the journey begins, of what is not cancelled where anything is."""
    return min(each.flight.departure.date() for each in living(order))


def living(order: Order) -> tuple[OrderSegment, ...]:
    """The flights of items that are not cancelled; all of them where there are none."""
    alive = {service.segment_id for item in order.live_items for service in item.services}
    return tuple(each for each in order.segments if each.id in alive) or order.segments


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _instants(days: DaySpan) -> Span:
    """Whole UTC days. A cancelled order changed last when it was cancelled."""
    first, last = days.first, days.last
    return Span(
        None if first is None else datetime.combine(first, time.min, UTC),
        None if last is None else datetime.combine(last, time.max, UTC),
    )


def _by_flight(asked: FlightCriteria) -> Iterator[Index]:
    if asked.departure is not None:
        yield ByFlightDeparture(asked.departure)
    if asked.arrival is not None:
        yield ByFlightArrival(asked.arrival)
    for pair in (*asked.flights, *((asked.journey,) if asked.journey else ())):
        yield ByFlightDeparture(pair.departure)


# -- flights -----------------------------------------------------------------------------------


def _flown(order: Order, asked: FlightCriteria) -> bool:
    one = any(_is_meant(order, segment, asked) for segment in order.segments)
    pairs = [(each.flight, each.flight) for each in order.segments]
    return (
        one
        and all(any(_between(*pair, each) for pair in pairs) for each in asked.flights)
        and (
            asked.journey is None
            or any(_between(*ends, asked.journey) for ends in _journeys(order))
        )
    )


def _is_meant(order: Order, segment: OrderSegment, asked: FlightCriteria) -> bool:
    flight = segment.flight
    return (
        (asked.departure is None or _departs(flight, asked.departure))
        and (asked.arrival is None or _arrives(flight, asked.arrival))
        and asked.carrier in (None, flight.carrier)
        and asked.number in (None, flight.number)
        and asked.rbd in (None, segment.rbd)
        and asked.cabin in (None, segment.cabin.value)
        and (asked.fare_basis is None or asked.fare_basis in _fare_bases(order, segment))
    )


def _departs(flight: Segment, place: Place) -> bool:
    return flight.origin == place.station and flight.departure.date() == place.day


def _arrives(flight: Segment, place: Place) -> bool:
    return flight.destination == place.station and flight.arrival.date() == place.day


def _between(first: Segment, last: Segment, pair: PairCriteria) -> bool:
    return _departs(first, pair.departure) and _arrives(last, pair.arrival)


def _journeys(order: Order) -> Iterator[tuple[Segment, Segment]]:
    """The first and the last flight of each bound."""
    for bound in {segment.bound_index for segment in order.segments}:
        flights = [each.flight for each in order.segments if each.bound_index == bound]
        yield flights[0], flights[-1]


def _fare_bases(order: Order, segment: OrderSegment) -> set[str]:
    return {
        item.fare.basis
        for item in order.items
        if any(service.segment_id == segment.id for service in item.services)
    }


# -- people, money, documents ------------------------------------------------------------------


def _travels(record: OrderRecord, asked: PersonCriteria) -> bool:
    reached = {contact.id: contact for contact in record.people.contacts}
    for person in record.people.persons:
        contacts = [reached[each] for each in person.contact_ids if each in reached]
        emails = {each.casefold() for contact in contacts for each in contact.emails}
        phones = {_digits(each) for contact in contacts for each in contact.phones}
        if (
            _is_called(person, asked)
            and asked.birthdate in (None, person.birthdate)
            and set(asked.loyalty) <= {account.number for account in person.loyalty}
            and set(asked.documents) <= {document.number for document in person.documents}
            and {each.casefold() for each in asked.emails} <= emails
            and {_digits(each) for each in asked.phones} <= phones
        ):
            return True
    return False


def _is_called(person: Person, asked: PersonCriteria) -> bool:
    if asked.surname is not None and on_ticket(asked.surname) != names.surname(person):
        return False
    if asked.given_name is None:
        return True
    return names.given(person).split()[:1] == on_ticket(asked.given_name).split()[:1]


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdigit())


def _paid(order: Order, asked: PaymentCriteria) -> bool:
    if asked.only_status:
        return asked.status in (None, standing_of(order))
    return any(_is_paid_so(payment, asked) for payment in order.payments)


def _is_paid_so(payment: Payment, asked: PaymentCriteria) -> bool:
    brand = payment.card.brand if payment.card else None
    return (
        asked.status in (None, status_of(payment))
        and asked.id in (None, payment.id)
        and asked.amount in (None, payment.amount)
        and asked.card_brand in (None, brand)
        and asked.form in (None, payment.form)
        and asked.voucher in (None, payment.voucher)
    )


def _documented(order: Order, asked: DocumentCriteria) -> bool:
    return any(
        asked.number in (None, document.number) and asked.issued.holds(_utc_day(document.issued_at))
        for document in order.documents
    )


def _served(order: Order, asked: ServiceCriteria) -> bool:
    every: tuple[Item, ...] = (*order.items, *order.ancillaries)
    return any(
        service.id == asked.id and asked.delivery in (None, service.delivery.value)
        for item in every
        for service in item.services
    )
