"""EMDs whose coupons go on with others: an exchange of a ticket breaks the association of its
EMD-As, so these are let go before it and go with the new ticket after it (resolution 725).

An EMD-S goes with no ticket; what its coupons are good for may become another flight all the same.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.status import COUPON
from ndc_oms.ports.pss import CouponRequest, Revalidation
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, documents, shelf


def associate(
    connection: sqlite3.Connection,
    reference: str,
    number: str,
    ticket: str | None,
    wanted: Sequence[Revalidation],
) -> tuple[Document, ...]:
    """See `ports.pss.Pss.associate`."""
    asked = calls.digest(number, ticket or "", wanted)
    if calls.earlier(connection, reference, "associate", asked) is not None:
        return shelf.conjunction_set(connection, number)
    old = shelf.conjunction_set(connection, number)
    if old[0].type is DocumentType.TICKET:
        raise Refused("DOCUMENT TYPE", f"{number} is a ticket, which goes with no other")
    if ticket is not None and old[0].type is not DocumentType.EMD_ASSOCIATED:
        raise Refused("DOCUMENT TYPE", f"{number} stands alone")
    becomes = {each.segment_id: each.becomes for each in wanted}
    _check_wanted(connection, old, number, becomes)
    new = tuple(
        replace(each, coupons=tuple(_moved(c, becomes) for c in each.coupons)) for each in old
    )
    first = _ticket(connection, new, ticket)
    for each in new:
        shelf.associate(connection, replace(each, associated_with=first), first)
    calls.keep(connection, reference, "associate", asked, number)
    return shelf.conjunction_set(connection, number)


def _usable(coupon: Coupon) -> bool:
    return coupon.status not in COUPON.final


def _check_wanted(
    connection: sqlite3.Connection,
    old: tuple[Document, ...],
    number: str,
    becomes: Mapping[str, CouponRequest],
) -> None:
    """Each is a usable coupon's, for a flight that the PNR has."""
    pnr = bookings.get(connection, shelf.locator_of(connection, number))
    confirmed = {s.flight for s in pnr.segments if s.code in documents.CONFIRMED}
    found = {c.segment_id for d in old for c in d.coupons if _usable(c)}
    if not becomes.keys() <= found:
        raise Refused("COUPON", f"{number} has no usable coupon for what it is moved from")
    for each in becomes.values():
        if each.flight not in confirmed:
            raise Refused("SEGMENT", f"{each.flight} is not confirmed in {pnr.locator}")


def _moved(coupon: Coupon, becomes: Mapping[str, CouponRequest]) -> Coupon:
    to = becomes.get(coupon.segment_id or "")
    if to is None or not _usable(coupon):
        return coupon
    return replace(coupon, segment_id=to.segment_id, flight=to.flight, rbd=to.rbd)


def _ticket(
    connection: sqlite3.Connection, new: tuple[Document, ...], ticket: str | None
) -> str | None:
    """First number of the ticket, which has a usable coupon for each of the EMD's."""
    if ticket is None:
        return None
    flights = [c.flight for d in new for c in d.coupons if _usable(c)]
    return documents.ticket_for(connection, ticket, new[0].passenger_id, flights)
