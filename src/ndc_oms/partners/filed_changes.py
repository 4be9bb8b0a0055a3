"""What a file-fed partner does to bookings that it has: it divides them, and renames travellers."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ndc_oms.model.documents import Document
from ndc_oms.model.passenger import Passenger, Person
from ndc_oms.model.status import CouponStatus
from ndc_oms.partners import filed_books as books
from ndc_oms.ports.partner import PartnerBooking
from ndc_oms.ports.pss import SpecialService
from ndc_oms.ports.simulation.side import Refused


def name_of(person: Person) -> str:
    """As a ticket has it."""
    return f"{person.surname}/{' '.join(person.given_names)}".upper()


def divide(
    connection: sqlite3.Connection,
    reference: str,
    booking: str,
    going: Sequence[Passenger],
    order_id: str,
) -> PartnerBooking:
    """Seats, names and documents of who goes are in a booking of their own. Raises Refused."""
    known = books.find(connection, reference)
    if known is not None:
        return known.booking
    ours, kept = _standing(connection, booking)
    ids = {each.id for each in going}
    many = sum(each.type.seated for each in going)
    if not many or any(sale.seats <= many for sale in kept.sales):
        raise Refused("PARTY", f"booking {booking} is not divided so: somebody has to stay")
    if kept.names and not ids <= {passenger_id for passenger_id, _ in kept.names}:
        raise Refused("PASSENGER", f"somebody is not in booking {booking}")
    locator = books.new_locator(connection)
    made = replace(kept.booking, reference=locator, locator=locator, order_id=order_id)
    books.put(connection, ours, _part(kept, kept.booking, ids, -many))
    apart = _part(kept, made, ids, many)
    books.put(connection, reference, apart)
    if not kept.booking.documents:
        books.keep_until(connection, locator, kept.booking.held_until)
    return apart.booking


def _part(kept: books.Kept, booking: PartnerBooking, going: set[str], seats: int) -> books.Kept:
    """seats: of those who go; below zero: of those who stay, so many less."""
    goes = seats > 0
    return replace(
        kept,
        booking=replace(
            booking,
            documents=tuple(d for d in booking.documents if (d.passenger_id in going) is goes),
            services=tuple(s for s in booking.services if (s.passenger_id in going) is goes),
        ),
        sales=tuple(replace(s, seats=seats if goes else s.seats + seats) for s in kept.sales),
        names=tuple(each for each in kept.names if (each[0] in going) is goes),
    )


def rename(
    connection: sqlite3.Connection,
    booking: str,
    passenger: Passenger,
    person: Person,
    *,
    prefix: str,
    now: datetime,
) -> PartnerBooking:
    """Open coupons go to a document in the new name. Raises Refused."""
    ours, kept = _standing(connection, booking)
    name, names = name_of(person), dict(kept.names)
    if names.get(passenger.id) == name:
        return kept.booking
    if names and passenger.id not in names:
        raise Refused("PASSENGER", f"{passenger.id} is not in booking {booking}")
    documents: list[Document] = []
    for each in kept.booking.documents:
        if each.passenger_id != passenger.id or not _open(each):
            documents.append(each)
            continue
        number = books.new_document_number(connection, prefix)
        documents += [_ended(each), _anew(each, number, now)]
    changed = replace(kept.booking, documents=tuple(documents))
    names[passenger.id] = name
    books.put(connection, ours, replace(kept, booking=changed, names=tuple(names.items())))
    return changed


def serve(
    connection: sqlite3.Connection, booking: str, services: tuple[SpecialService, ...]
) -> PartnerBooking:
    """Its SSRs are these. Raises Refused."""
    ours, kept = _standing(connection, booking)
    changed = replace(kept.booking, services=services)
    books.put(connection, ours, replace(kept, booking=changed))
    return changed


def _standing(connection: sqlite3.Connection, booking: str) -> tuple[str, books.Kept]:
    ours, kept = books.get(connection, booking)
    if kept.booking.cancelled:
        raise Refused("CANCELLED", f"booking {booking} is cancelled")
    return ours, kept


def _open(document: Document) -> bool:
    return any(coupon.status is CouponStatus.OPEN for coupon in document.coupons)


def _ended(document: Document) -> Document:
    coupons = tuple(
        replace(c, status=CouponStatus.EXCHANGED) if c.status is CouponStatus.OPEN else c
        for c in document.coupons
    )
    return replace(document, coupons=coupons)


def _anew(document: Document, number: str, now: datetime) -> Document:
    left = tuple(c for c in document.coupons if c.status is CouponStatus.OPEN)
    return replace(
        document, number=number, issued_at=now, coupons=left, exchange_of=document.number
    )
