"""Tickets and EMDs: issue, void, refund, coupon status.

More than four coupons take conjunction tickets with consecutive numbers. They are one set: it is
voided and refunded whole, whichever of its numbers is named. Its first document bears the total,
the others zero, so that the sum over documents is what was paid.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from ndc_oms.model.documents import COUPONS_A_DOCUMENT, Coupon, Document, DocumentType
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.pss import COUPON as COUPON_LINE
from ndc_oms.ports.pss import (
    NO_SHOW,
    DocumentRequest,
    Pnr,
    PssEvent,
)
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, feed, shelf

CONFIRMED: Final = frozenset({"HK", "KK", "GK", "TK"})  # segments that a ticket may be for
_FIRST_SERIAL: Final = 2_400_000_001  # form and serial number, 10 digits
_REFUNDABLE: Final = frozenset({CouponStatus.OPEN, CouponStatus.AIRPORT_CONTROL})
_OFFLOADED: Final = frozenset({CouponStatus.AIRPORT_CONTROL, CouponStatus.CHECKED_IN})
_ABOARD: Final = frozenset({CouponStatus.LIFTED, CouponStatus.FLOWN})
_UNUSED: Final = _REFUNDABLE | {CouponStatus.SUSPENDED, CouponStatus.UNAVAILABLE}
_USED_IN_SEQUENCE: Final = frozenset(
    {CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN}
)
# an EMD-A coupon goes with its ticket coupon through these (facts of resolution 725)
_FOLLOWED: Final = _USED_IN_SEQUENCE | {
    CouponStatus.OPEN,  # offloaded
    CouponStatus.EXCHANGED,
    CouponStatus.REFUNDED,
    CouponStatus.VOID,
}


def issue(
    connection: sqlite3.Connection,
    reference: str,
    request: DocumentRequest,
    prefix: str,
    now: datetime,
) -> tuple[Document, ...]:
    """One document, or a conjunction set."""
    asked = calls.digest(request)
    subject = calls.earlier(connection, reference, "issue", asked)
    if subject is not None:
        return shelf.conjunction_set(connection, subject)
    check_request(request, bookings.get(connection, request.locator))
    associated = _associated(connection, request)
    request = replace(request, associated_with=associated)
    made = numbered(connection, request, prefix, now)
    shelf.put(connection, made, request.locator, associated)
    calls.keep(connection, reference, "issue", asked, made[0].number)
    return made


def void(connection: sqlite3.Connection, reference: str, number: str) -> Document:
    """The whole set, while every coupon of it is open; of a set that is void, as it is."""

    def decide(documents: tuple[Document, ...]) -> list[tuple[Document, Coupon]]:
        every = [(d, c) for d in documents for c in d.coupons]
        if all(coupon.status is CouponStatus.VOID for _, coupon in every):
            return []
        if any(coupon.status is not CouponStatus.OPEN for _, coupon in every):
            raise Refused("COUPON STATUS", f"{number}: void only while every coupon is open")
        return every

    return _change(
        connection, reference, number, verb="void", status=CouponStatus.VOID, decide=decide
    )


def refund(connection: sqlite3.Connection, reference: str, number: str) -> Document:
    """Every coupon of the set that is open or under airport control."""

    def decide(documents: tuple[Document, ...]) -> list[tuple[Document, Coupon]]:
        open_ones = [(d, c) for d in documents for c in d.coupons if c.status in _REFUNDABLE]
        if not open_ones:
            raise Refused("COUPON STATUS", f"{number}: no coupon is open")
        return open_ones

    return _change(
        connection, reference, number, verb="refund", status=CouponStatus.REFUNDED, decide=decide
    )


def set_coupon(
    connection: sqlite3.Connection,
    reference: str,
    number: str,
    coupon: int,
    status: CouponStatus,
) -> Document:
    """One coupon, by a legal move; coupons are used in sequence."""

    def decide(documents: tuple[Document, ...]) -> list[tuple[Document, Coupon]]:
        earlier: list[Coupon] = []
        for document in documents:
            for each in document.coupons:
                if (document.number, each.number) == (number, coupon):
                    _check_move(number, each, status, earlier)
                    _check_flown(connection, document, each, status)
                    return [(document, each)]
                earlier.append(each)
        raise Refused("COUPON", f"{number} has no coupon {coupon}")

    return _change(
        connection, reference, number, verb=f"set-coupon {coupon}", status=status, decide=decide
    )


def offload(connection: sqlite3.Connection, locator: str, flight: FlightKey) -> None:
    """Nobody of a PNR has checked in for the flight any more; who has boarded it, has."""
    for first in shelf.tickets_of(connection, locator):
        documents = shelf.conjunction_set(connection, first)
        waiting = [
            (document, coupon)
            for document in documents
            for coupon in document.coupons
            if coupon.flight == flight and coupon.status in _OFFLOADED
        ]
        if waiting:
            move_coupons(connection, documents, waiting, CouponStatus.OPEN)


def aboard(connection: sqlite3.Connection, locator: str, flight: FlightKey) -> bool:
    """Whether somebody of a PNR has boarded the flight, or flew it."""
    return any(
        coupon.flight == flight and coupon.status in _ABOARD
        for first in shelf.tickets_of(connection, locator)
        for document in shelf.conjunction_set(connection, first)
        for coupon in document.coupons
    )


def no_show(connection: sqlite3.Connection, number: str, coupon: int) -> Document:
    """Told in the feed; the coupon stays as it is, and may be refunded where its fare says so."""
    found = shelf.get(connection, number)
    for each in found.coupons:
        if each.number == coupon:
            if each.status not in _UNUSED:
                raise Refused("COUPON STATUS", f"{number}/{coupon} is {each.status}")
            feed.append(connection, PssEvent(0, NO_SHOW, None, None, number, coupon, each.status))
            return found
    raise Refused("COUPON", f"{number} has no coupon {coupon}")


def check_request(request: DocumentRequest, pnr: Pnr) -> None:
    if pnr.cancelled:
        raise Refused("CANCELLED", f"PNR {pnr.locator} is cancelled")
    if all(t.passenger_id != request.passenger_id for t in pnr.travellers):
        raise Refused("PASSENGER", f"{request.passenger_id} is not in PNR {pnr.locator}")
    if not request.coupons:
        raise Refused("COUPON", "a document needs a coupon")
    if request.type is not DocumentType.TICKET:
        if not request.rfic:
            raise Refused("RFIC", "an EMD needs a reason for issuance")
        if request.consumed and request.type is not DocumentType.EMD_STANDALONE:
            raise Refused("CONSUMED", "an EMD-A is used with its flight")
        return
    confirmed = {s.flight for s in pnr.segments if s.code in CONFIRMED}
    for coupon in request.coupons:
        if coupon.flight not in confirmed:
            raise Refused("SEGMENT", f"{coupon.flight} is not confirmed in {pnr.locator}")


def _associated(connection: sqlite3.Connection, request: DocumentRequest) -> str | None:
    """First number of the ticket that an EMD-A goes with; its coupons must not be final."""
    if request.type is not DocumentType.EMD_ASSOCIATED:
        return None
    flights = [coupon.flight for coupon in request.coupons]
    return ticket_for(connection, request.associated_with or "", request.passenger_id, flights)


def ticket_for(
    connection: sqlite3.Connection,
    number: str,
    passenger_id: str,
    flights: Iterable[FlightKey | None],
) -> str:
    """First number of a ticket that coupons for these flights may go with; raises Refused."""
    tickets = shelf.conjunction_set(connection, number)
    if tickets[0].type is not DocumentType.TICKET:
        raise Refused("ASSOCIATION", f"{number} is no ticket")
    if tickets[0].passenger_id != passenger_id:
        raise Refused("ASSOCIATION", f"{number} is another passenger's")
    usable = {
        c.flight for ticket in tickets for c in ticket.coupons if c.status not in COUPON.final
    }
    for flight in flights:
        if flight not in usable:
            raise Refused("ASSOCIATION", f"no usable ticket coupon for {flight}")
    return tickets[0].number


def numbered(
    connection: sqlite3.Connection, request: DocumentRequest, prefix: str, now: datetime
) -> tuple[Document, ...]:
    """Under new numbers, on no shelf yet."""
    coupons = [
        Coupon(
            at % COUPONS_A_DOCUMENT + 1,
            CouponStatus.FLOWN if request.consumed else COUPON.initial,
            asked.segment_id,
            asked.flight,
            asked.rbd,
            asked.fare_basis or None,
            asked.value,
            asked.service_id,
            asked.rfisc,
        )
        for at, asked in enumerate(request.coupons)
    ]
    count = -(-len(coupons) // COUPONS_A_DOCUMENT)
    serial = calls.next_number(connection, "document", _FIRST_SERIAL, count)
    if serial + count > 10**10:
        raise Refused("NUMBERS", "the stock of document numbers is used up")
    first = f"{prefix}{serial:010d}"
    return tuple(
        Document(
            number=f"{prefix}{serial + at:010d}",
            type=request.type,
            passenger_id=request.passenger_id,
            issued_at=now,
            coupons=tuple(coupons[at * COUPONS_A_DOCUMENT : (at + 1) * COUPONS_A_DOCUMENT]),
            total=request.total if at == 0 else Money.zero(request.total.currency),
            conjunction_of=first if at else None,
            rfic=request.rfic,
            associated_with=request.associated_with,
        )
        for at in range(count)
    )


def _check_move(
    number: str, coupon: Coupon, status: CouponStatus, earlier: Iterable[Coupon]
) -> None:
    if status is CouponStatus.VOID:
        raise Refused("COUPON STATUS", f"{number}/{coupon.number}: documents are voided whole")
    if not COUPON.may(coupon.status, status):
        raise Refused(
            "COUPON STATUS", f"{number}/{coupon.number}: {coupon.status} becomes no {status}"
        )
    if status in _USED_IN_SEQUENCE and any(c.status in _UNUSED for c in earlier):
        raise Refused("SEQUENCE", f"{number}/{coupon.number}: an earlier coupon is unused")


def _check_flown(
    connection: sqlite3.Connection, document: Document, coupon: Coupon, status: CouponStatus
) -> None:
    """Nobody checks in for a flight that does not operate, or boards it."""
    ticket = document.type is DocumentType.TICKET
    if not ticket or status not in {CouponStatus.CHECKED_IN, CouponStatus.LIFTED}:
        return
    pnr = bookings.look(connection, shelf.locator_of(connection, document.number))
    if pnr and any(s.flight == coupon.flight and s.code == bookings.UNABLE for s in pnr.segments):
        raise Refused("SEGMENT", f"{document.number}/{coupon.number}: {coupon.flight} is not flown")


Decide = Callable[[tuple[Document, ...]], list[tuple[Document, Coupon]]]


def _change(
    connection: sqlite3.Connection,
    reference: str,
    number: str,
    *,
    verb: str,
    status: CouponStatus,
    decide: Decide,
) -> Document:
    asked = calls.digest(verb, number, status)
    if calls.earlier(connection, reference, verb, asked) is None:
        documents = shelf.conjunction_set(connection, number)
        move_coupons(connection, documents, decide(documents), status)
        calls.keep(connection, reference, verb, asked, number)
    return shelf.get(connection, number)


def move_coupons(
    connection: sqlite3.Connection,
    documents: tuple[Document, ...],
    changing: list[tuple[Document, Coupon]],
    status: CouponStatus,
) -> None:
    """Coupons of one set, and the EMD-A coupons that follow them."""
    _set(connection, documents, changing, status)
    for emd in shelf.associated_emds(connection, documents[0].number):
        _set(connection, (emd,), _followers(emd, changing, status), status)


def _followers(
    emd: Document, changed: list[tuple[Document, Coupon]], status: CouponStatus
) -> list[tuple[Document, Coupon]]:
    if status not in _FOLLOWED:
        return []
    flights = {coupon.flight for _, coupon in changed}
    return [(emd, c) for c in emd.coupons if c.flight in flights and COUPON.may(c.status, status)]


def _set(
    connection: sqlite3.Connection,
    documents: tuple[Document, ...],
    changing: list[tuple[Document, Coupon]],
    status: CouponStatus,
) -> None:
    numbers = {(document.number, coupon.number) for document, coupon in changing}
    for document in documents:
        coupons = tuple(
            replace(c, status=COUPON.check(c.status, status))
            if (document.number, c.number) in numbers
            else c
            for c in document.coupons
        )
        if coupons != document.coupons:
            shelf.replace_body(connection, replace(document, coupons=coupons))
    for document, coupon in changing:
        feed.append(
            connection,
            PssEvent(0, COUPON_LINE, None, None, document.number, coupon.number, status),
        )
