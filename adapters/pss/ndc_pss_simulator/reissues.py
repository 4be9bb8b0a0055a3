"""Tickets that are exchanged and revalidated.

An exchange takes every coupon of the old set that is not used: each is open, under airport control
or not available to us, and becomes E. What is flown stays as it is, and what is checked in, lifted
or suspended must be settled first.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.pss import CouponRequest, DocumentRequest, Revalidation
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, documents, shelf

_EXCHANGEABLE: Final = frozenset(
    {CouponStatus.OPEN, CouponStatus.AIRPORT_CONTROL, CouponStatus.UNAVAILABLE}
)


def exchange(
    connection: sqlite3.Connection,
    reference: str,
    number: str,
    request: DocumentRequest,
    *,
    prefix: str,
    now: datetime,
) -> tuple[Document, ...]:
    """The new set; each of its documents names the old set by its first number."""
    asked = calls.digest(number, request)
    subject = calls.earlier(connection, reference, "exchange", asked)
    if subject is not None:
        return shelf.conjunction_set(connection, subject)
    old = shelf.conjunction_set(connection, number)
    _check(old, request, number)
    documents.check_request(request, bookings.get(connection, request.locator))
    given = [(d, c) for d in old for c in d.coupons if c.status in _EXCHANGEABLE]
    documents.move_coupons(connection, old, given, CouponStatus.EXCHANGED)
    made = tuple(
        replace(each, exchange_of=old[0].number)
        for each in documents.numbered(connection, request, prefix, now)
    )
    shelf.put(connection, made, request.locator, None)
    calls.keep(connection, reference, "exchange", asked, made[0].number)
    return made


def _check(old: tuple[Document, ...], request: DocumentRequest, number: str) -> None:
    if old[0].type is not DocumentType.TICKET or request.type is not DocumentType.TICKET:
        raise Refused("DOCUMENT TYPE", f"{number}: a ticket is exchanged for a ticket")
    if old[0].passenger_id != request.passenger_id:
        raise Refused("PASSENGER", f"{number} is another passenger's")
    states = {coupon.status for document in old for coupon in document.coupons}
    if not states & _EXCHANGEABLE:
        raise Refused("COUPON STATUS", f"{number}: no coupon is open")
    held_up = states - _EXCHANGEABLE - COUPON.final
    if held_up:
        raise Refused("COUPON STATUS", f"{number}: a coupon is {min(held_up)}")


def revalidate(
    connection: sqlite3.Connection,
    reference: str,
    number: str,
    changes: Sequence[Revalidation],
) -> tuple[Document, ...]:
    """The set as it is then. Numbers, values and fares stay."""
    asked = calls.digest(number, changes)
    if calls.earlier(connection, reference, "revalidate", asked) is not None:
        return shelf.conjunction_set(connection, number)
    old = shelf.conjunction_set(connection, number)
    pnr = bookings.get(connection, shelf.locator_of(connection, number))
    confirmed = {s.flight for s in pnr.segments if s.code in documents.CONFIRMED}
    wanted = {each.segment_id: each.becomes for each in changes}
    found = {c.segment_id for d in old for c in d.coupons if c.segment_id in wanted}
    if not wanted or found != wanted.keys():
        raise Refused("COUPON", f"{number} has no coupon for what is revalidated")
    for each in wanted.values():
        if each.flight not in confirmed:
            raise Refused("SEGMENT", f"{each.flight} is not confirmed in {pnr.locator}")
    for document in old:
        coupons = tuple(_moved(c, wanted.get(c.segment_id or ""), number) for c in document.coupons)
        if coupons != document.coupons:
            shelf.replace_body(connection, replace(document, coupons=coupons))
    calls.keep(connection, reference, "revalidate", asked, number)
    return shelf.conjunction_set(connection, number)


def _moved(coupon: Coupon, to: CouponRequest | None, number: str) -> Coupon:
    if to is None:
        return coupon
    if coupon.status is not CouponStatus.OPEN:
        raise Refused("COUPON STATUS", f"{number}/{coupon.number} is {coupon.status}")
    old, new = coupon.flight, to.flight
    if old is None or new is None or (old.origin, old.destination) != (new.origin, new.destination):
        raise Refused("ROUTE", f"{number}/{coupon.number}: another route takes another ticket")
    if (coupon.rbd, coupon.fare_basis) != (to.rbd, to.fare_basis):
        raise Refused("CLASS", f"{number}/{coupon.number}: another fare takes another ticket")
    return replace(coupon, segment_id=to.segment_id, flight=new)
