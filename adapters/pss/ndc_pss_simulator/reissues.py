"""Documents that are exchanged, tickets that are revalidated.

An exchange takes every coupon of the old set that is not used: each is open, under airport control
or not available to us, and becomes E. What is flown stays as it is, and is not ticketed once more;
what is checked in, lifted or suspended must be settled first.

A revalidation leaves number, value and fare. The passenger's own is for the same route in the same
class; where the airline changed its flights, it may be for any that the booking has now, and who
had checked in for another flight has not for this one.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.ports.pss import COUPON as COUPON_LINE
from ndc_oms.ports.pss import CouponRequest, DocumentRequest, PssEvent, Revalidation
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, documents, feed, shelf

_EXCHANGEABLE: Final = frozenset(
    {CouponStatus.OPEN, CouponStatus.AIRPORT_CONTROL, CouponStatus.UNAVAILABLE}
)
_OFFLOADED: Final = frozenset(
    {CouponStatus.AIRPORT_CONTROL, CouponStatus.CHECKED_IN, CouponStatus.IRREGULAR}
)
_USABLE: Final = (
    _EXCHANGEABLE | _OFFLOADED | {CouponStatus.SUSPENDED}
)  # for other flights, when the airline changed its own


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
    if old[0].type is not request.type or request.type is DocumentType.EMD_ASSOCIATED:
        raise Refused("DOCUMENT TYPE", f"{number}: it is exchanged for one of its own kind")
    if old[0].passenger_id != request.passenger_id:
        raise Refused("PASSENGER", f"{number} is another passenger's")
    coupons = [coupon for document in old for coupon in document.coupons]
    states = {coupon.status for coupon in coupons}
    if not states & _EXCHANGEABLE:
        raise Refused("COUPON STATUS", f"{number}: no coupon is open")
    held_up = states - _EXCHANGEABLE - COUPON.final
    if held_up:
        raise Refused("COUPON STATUS", f"{number}: a coupon is {min(held_up)}")
    flown = {c.flight for c in coupons if c.status is CouponStatus.FLOWN and c.flight}
    if again := flown & {coupon.flight for coupon in request.coupons}:
        raise Refused("COUPON STATUS", f"{number}: {min(again)} was flown")


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
    wanted = {each.segment_id: each for each in changes}
    found = {c.segment_id for d in old for c in d.coupons if c.segment_id in wanted}
    if not wanted or found != wanted.keys():
        raise Refused("COUPON", f"{number} has no coupon for what is revalidated")
    for each in changes:
        if each.becomes.flight not in confirmed:
            raise Refused("SEGMENT", f"{each.becomes.flight} is not confirmed in {pnr.locator}")
    for document in old:
        coupons = tuple(_moved(c, wanted.get(c.segment_id or ""), number) for c in document.coupons)
        if coupons != document.coupons:
            shelf.replace_body(connection, replace(document, coupons=coupons))
    for emd in shelf.associated_emds(connection, old[0].number):
        coupons = tuple(_followed(c, wanted.get(c.segment_id or "")) for c in emd.coupons)
        shelf.replace_body(connection, replace(emd, coupons=coupons))
        _tell(connection, emd, coupons)
    calls.keep(connection, reference, "revalidate", asked, number)
    return shelf.conjunction_set(connection, number)


def _tell(connection: sqlite3.Connection, emd: Document, coupons: tuple[Coupon, ...]) -> None:
    """Who revalidates is shown the ticket: what else changes its state is in the feed."""
    for old, new in zip(emd.coupons, coupons, strict=True):
        if old.status is not new.status:
            line = PssEvent(0, COUPON_LINE, None, None, emd.number, new.number, new.status)
            feed.append(connection, line)


def _moved(coupon: Coupon, change: Revalidation | None, number: str) -> Coupon:
    if change is None:
        return coupon
    name, to = f"{number}/{coupon.number}", change.becomes
    if change.involuntary:
        if coupon.status not in _USABLE:
            raise Refused("COUPON STATUS", f"{name} is {coupon.status}")
    else:
        _check_same(coupon, to, name)
    return replace(_put_on(coupon, to), rbd=to.rbd)


def _check_same(coupon: Coupon, to: CouponRequest, name: str) -> None:
    """What a passenger may ask for without another ticket."""
    if coupon.status is not CouponStatus.OPEN:
        raise Refused("COUPON STATUS", f"{name} is {coupon.status}")
    old, new = coupon.flight, to.flight
    if old is None or new is None or (old.origin, old.destination) != (new.origin, new.destination):
        raise Refused("ROUTE", f"{name}: another route takes another ticket")
    if (coupon.rbd, coupon.fare_basis) != (to.rbd, to.fare_basis):
        raise Refused("CLASS", f"{name}: another fare takes another ticket")


def _followed(coupon: Coupon, change: Revalidation | None) -> Coupon:
    """What goes with a flight is for the flight that its ticket is for."""
    if change is None or coupon.status in COUPON.final:
        return coupon
    return _put_on(coupon, change.becomes)


def _put_on(coupon: Coupon, to: CouponRequest) -> Coupon:
    """Nobody has checked in for another flight yet."""
    stays = coupon.flight == to.flight or coupon.status not in _OFFLOADED
    return replace(
        coupon,
        status=coupon.status if stays else CouponStatus.OPEN,
        segment_id=to.segment_id,
        flight=to.flight,
    )
