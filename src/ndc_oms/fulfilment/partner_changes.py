"""What fulfilment asks of partner airlines for bookings that they have: to divide them, to have a
passenger in them by another name, and services beside the flights.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment.deed import Ask, Deed
from ndc_oms.fulfilment.partners import as_ours
from ndc_oms.model.change_events import PartnerRenamed
from ndc_oms.model.documents import Document
from ndc_oms.model.events import Event, PartnerServed
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.split_events import PartnerDivided
from ndc_oms.model.splitting import under_way
from ndc_oms.model.with_partners import flying, wanted_there
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.partner import PartnerBooking
from ndc_oms.ports.pss import SpecialService

_CLOSED: Final = "not connected"


def divide(ask: Ask) -> Deed:
    """Who gets an order of their own gets a booking of their own at the partner."""
    part, split = ask.order.part(ask.subject), under_way(ask.order)
    ids = flying(ask.order, part).intersection(split.passenger_ids)
    going = tuple(each for each in ask.order.passengers if each.id in ids)

    async def send() -> Outcome[Any]:
        partner = ask.sides.partners.get(part.partner)
        if partner is None:
            return Unknown(_CLOSED)
        return await partner.divide(ask.reference, part.reference or "", going, split.order_id)

    def divided(made: PartnerBooking, at: datetime) -> tuple[Event, ...]:
        return (
            PartnerDivided(
                at=at,
                part_id=part.id,
                new_part_id=f"PART{len(ask.order.parts) + 1}",
                reference=made.reference,
                booking=BookingReference(
                    part.carrier, made.locator, tuple(each.id for each in going)
                ),
            ),
        )

    return Deed(send, lambda: _asked_again(send()), divided)


def rename(ask: Ask) -> Deed:
    """As the people say now: the new name, or the old one while the change is taken back."""
    change, part = ask.order.change, ask.order.part(ask.subject)
    if change is None or change.renaming is None:
        raise AssertionError("nobody gets another name")
    who = change.renaming.passenger_id
    passenger = next(each for each in ask.order.passengers if each.id == who)
    person = ask.people.person(who)

    async def send() -> Outcome[Any]:
        partner = ask.sides.partners.get(part.partner)
        if partner is None:
            return Unknown(_CLOSED)
        return await partner.rename(ask.reference, part.reference or "", passenger, person)

    def renamed(booking: PartnerBooking, at: datetime) -> tuple[Event, ...]:
        mine = tuple(each for each in booking.documents if each.passenger_id == who)
        return (
            PartnerRenamed(
                at=at,
                part_id=part.id,
                changed=tuple(_changed(ask.order, mine)),
                issued=_issued(ask.order, part, mine),
            ),
        )

    return Deed(send, lambda: _asked_again(send()), renamed)


def serve(ask: Ask) -> Deed:
    """All that is wanted on its flights now; what it was asked for before and is not wanted any
    more it takes out.
    """
    part = ask.order.part(ask.subject)
    wanted = {
        service.id: SpecialService(
            item.product_of(service).ssr or "",
            item.passenger_id,
            f"{item.quantity} {item.product_of(service).code}",
            ask.order.segment(service.segment_id).flight.key,
        )
        for item, service in wanted_there(ask.order, part)
    }

    async def send() -> Outcome[Any]:
        partner = ask.sides.partners.get(part.partner)
        if partner is None:
            return Unknown(_CLOSED)
        services = tuple(wanted.values())
        return await partner.serve(ask.reference, part.reference or "", services)

    def served(booking: PartnerBooking, at: datetime) -> tuple[Event, ...]:
        taken = {(each.code, each.passenger_id, each.segment) for each in booking.services}
        refused = tuple(
            name
            for name, each in wanted.items()
            if (each.code, each.passenger_id, each.segment) not in taken
        )
        return (PartnerServed(at=at, part_id=part.id, asked=tuple(wanted), refused=refused),)

    return Deed(send, lambda: _asked_again(send()), served)


async def _asked_again(call: Any) -> Outcome[Any]:
    """A partner answers the same request as before. A refusal of it proves that it was not done;
    one at the door proves nothing.
    """
    found: Outcome[Any] = await call
    if not isinstance(found, Rejected):
        return found
    return Confirmed(None) if found.final else Unknown(f"{found.code}: {found.reason}")


def _changed(order: Order, told: Iterable[Document]) -> Iterable[Document]:
    """Documents that we know, with the coupons as they are now."""
    known = {each.number: each for each in order.documents}
    for document in told:
        old = known.get(document.number)
        if old is None:
            continue
        states = {coupon.number: coupon.status for coupon in document.coupons}
        coupons = tuple(replace(c, status=states.get(c.number, c.status)) for c in old.coupons)
        if coupons != old.coupons:
            yield replace(old, coupons=coupons)


def _issued(order: Order, part: PartnerPart, told: Iterable[Document]) -> tuple[Document, ...]:
    known = {each.number for each in order.documents}
    segments = [order.segment(each) for each in part.segment_ids]
    return tuple(as_ours(each, part, segments) for each in told if each.number not in known)
