"""Each document of an order beside what it is good for, and its seats beside those of the PSS."""

from collections.abc import AsyncIterator, Iterator

from ndc_oms.fulfilment.bookings import own_bookings
from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.seating import wanted
from ndc_oms.model.status import COUPON, PaymentState
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pss


def documents(order: Order) -> Iterator[str]:
    """Each live coupon is good for something that the order has, at the value that was paid."""
    if not settled(order):
        return
    flown = {
        (item.passenger_id, each.segment_id) for item in order.live_items for each in item.services
    }
    taken_over: dict[
        tuple[str, str | None], bool
    ] = {  # our flights that partners fly: whether the seller has taken that
        (passenger_id, segment_id): part.protection.handed_over
        for part in order.parts
        if part.kept and part.protection is not None
        for passenger_id in part.passenger_ids
        for segment_id in part.protection.replaces
    }
    declined = order.change.declined if order.change is not None else ()  # until that is made
    waiting = {segment_id for each in declined for segment_id in order.part(each).segment_ids}
    services = {each.id: item for item in order.live_ancillaries for each in item.services}
    for document in order.documents:
        for coupon in document.coupons if not document.of_money else ():
            if not coupon.live:
                continue
            name = f"{document.number}/{coupon.number}"
            if document.type is DocumentType.TICKET:
                place = (document.passenger_id, coupon.segment_id)
                ended = coupon.status in COUPON.final or not taken_over.get(place, True)
                if coupon.segment_id in waiting and document.issuer:
                    continue
                if place not in flown and not (place in taken_over and ended):
                    yield f"I19: {name} is {coupon.status}, and nobody has its flight"
            elif coupon.service_id not in services:
                yield f"I19: {name} is {coupon.status}, and nobody has its service"
            elif services[coupon.service_id].passenger_id != document.passenger_id:
                yield f"I16: {name} is another passenger's"
            else:
                yield from _association(order, document, coupon.segment_id, name)


def _association(order: Order, emd: Document, segment_id: str | None, name: str) -> Iterator[str]:
    """An EMD-A goes with a ticket of its passenger that has a coupon for its flight."""
    if emd.type is not DocumentType.EMD_ASSOCIATED:
        return
    first = {d.number: d.conjunction_of or d.number for d in order.documents}
    tickets = [d for d in order.documents if d.type is DocumentType.TICKET]
    own = [d for d in tickets if first[d.number] == first.get(emd.associated_with or "")]
    if any(d.passenger_id != emd.passenger_id for d in own):
        yield f"I16: {name} goes with another passenger's ticket"
    coupons = [c for d in own for c in d.coupons if c.segment_id == segment_id]
    if not any(each.live for each in coupons):
        yield f"I16: {name} goes with {emd.associated_with}, which has no coupon for {segment_id}"


async def seats(pss: Pss, order: Order) -> AsyncIterator[str]:
    """Who sits where is the same here and at the PSS, once it is booked."""
    if not settled(order) or order.own_booking is None or order.seats_released:
        return
    shown: set[SeatChoice] = set()
    for booking in own_bookings(order):
        found = await pss.pnr(booking.locator)
        if isinstance(found, Confirmed) and found.value is not None and not found.value.cancelled:
            shown |= set(found.value.choices)
    if any(each.state is PaymentState.AWAITING for each in order.payments):  # the payer first
        return
    if shown != set(order.seated):
        yield f"I9: the PSS has the seats {shown}, the order {order.seated}"
    due = set(wanted(order))
    if not due <= shown:
        yield f"I9: the PSS has the seats {shown}, the order needs {due}"
