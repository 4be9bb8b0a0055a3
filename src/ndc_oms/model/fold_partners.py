"""What events about partners' parts make of an order."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.model.effects import Effects
from ndc_oms.model.events import (
    PartnerBooked,
    PartnerCancelled,
    PartnerDocumentsIssued,
    PartnerServed,
)
from ndc_oms.model.fold_documents import ready, with_coupons
from ndc_oms.model.order import Order


def _put_part(order: Order, part_id: str, **facts: Any) -> Order:
    """facts: fields of PartnerPart."""
    new = replace(order.part(part_id), **facts)
    return replace(order, parts=tuple(new if old.id == part_id else old for old in order.parts))


def _partner_booked(order: Order, event: PartnerBooked) -> Order:
    if order.part(event.part_id).reference is not None:
        raise AssertionError(f"{event.part_id} is booked twice")
    names = {"reference": event.reference, "locator": event.booking.locator}
    booked = _put_part(order, event.part_id, **names)
    booked = replace(booked, bookings=(*order.bookings, event.booking))
    return _limited(booked, event.held_until)


def _limited(order: Order, until: datetime | None) -> Order:
    """The earlier limit binds: the partner's, or the order's own."""
    if until is None or order.payment_limit_at is None or order.payment_limit_at <= until:
        return order
    stands = order.price_guarantee_until
    earlier = stands if stands is None or stands <= until else until
    return replace(order, payment_limit_at=until, price_guarantee_until=earlier)


def _partner_served(order: Order, event: PartnerServed) -> Order:
    askings = order.part(event.part_id).askings + 1
    facts = {"asked": event.asked, "refused": event.refused, "askings": askings}
    return _put_part(order, event.part_id, **facts)


def _partner_documents_issued(order: Order, event: PartnerDocumentsIssued) -> Order:
    passengers = {document.passenger_id for document in event.documents}
    flown = ready(order, passengers, set(order.part(event.part_id).segment_ids))
    return replace(flown, documents=(*order.documents, *event.documents))


def _partner_cancelled(order: Order, event: PartnerCancelled) -> Order:
    """What the coupons are now is the partner's word: they are its documents."""
    if not order.part(event.part_id).live:
        raise AssertionError(f"{event.part_id} is not booked")
    return _put_part(with_coupons(order, event.coupons), event.part_id, cancelled=True)


PARTNER_EFFECTS: Final[Effects] = {
    PartnerBooked: _partner_booked,
    PartnerServed: _partner_served,
    PartnerDocumentsIssued: _partner_documents_issued,
    PartnerCancelled: _partner_cancelled,
}
