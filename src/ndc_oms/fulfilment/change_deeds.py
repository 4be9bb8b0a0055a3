"""The deeds of a change: bookings divided and rebooked, tickets exchanged, fees documented."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ndc_oms.fulfilment import names
from ndc_oms.fulfilment.booking import coupons_of, ticket
from ndc_oms.fulfilment.deed import Ask, Deed, nothing_to_find
from ndc_oms.model.change import (
    concerned,
    exchanged_seats,
    flight_item,
    items_after,
    live_ticket,
    seated,
)
from ndc_oms.model.change_events import (
    BookingDivided,
    ChangeHoldReleased,
    ChargeIssued,
    EmdAssociated,
    FlightsAdded,
    FlightsDropped,
    TicketExchanged,
)
from ndc_oms.model.documents import FINANCIAL, RESIDUAL, Document, DocumentType
from ndc_oms.model.event import Event
from ndc_oms.model.following import outdated, segment_of
from ndc_oms.model.items import OrderItem, OrderSegment
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.under_way import Change, Charge, ChargeKind
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.pss import CouponRequest, DocumentRequest, Pnr, Revalidation, SegmentSale

# Sub codes of reason for issuance D. Source: IATA's RFISC list, as facts/pss has it.
_SUB_CODE: Final = {ChargeKind.PENALTY: "993", ChargeKind.RESIDUAL: RESIDUAL}


def _change(ask: Ask) -> Change:
    if ask.order.change is None:
        raise AssertionError("no change is under way")
    return ask.order.change


def _locator(ask: Ask, passenger_id: str) -> str:
    booking = ask.order.booking_of(passenger_id)
    if booking is None:
        raise AssertionError(f"{passenger_id} is in no booking of ours")
    return booking.locator


def _first(ask: Ask) -> str:
    """The booking of those who are concerned: all of them are in one."""
    return _locator(ask, concerned(ask.order, _change(ask))[0].id)


# -- bookings ----------------------------------------------------------------------------------


def divide(ask: Ask) -> Deed:
    change = _change(ask)

    def divided(pnr: Pnr, at: datetime) -> tuple[Event, ...]:
        reference = BookingReference(pnr.carrier, pnr.locator, change.dividing)
        return (BookingDivided(at=at, booking=reference),)

    return Deed(
        lambda: ask.sides.pss.divide(ask.reference, _first(ask), change.dividing),
        lambda: ask.found(Pnr),
        divided,
    )


def add_flights(ask: Ask) -> Deed:
    change = _change(ask)
    coming, _ = exchanged_seats(ask.order, change)
    wanted = _sales(coming, seated(ask.order, change))
    held = change.hold_reference
    return Deed(
        lambda: ask.sides.pss.add_flights(ask.reference, _first(ask), held, wanted),
        lambda: ask.found(Pnr),
        lambda _, at: (FlightsAdded(at=at),),
    )


def drop_flights(ask: Ask) -> Deed:
    """The old ones; of a change that is taken back the new ones."""
    change = _change(ask)
    coming, going = exchanged_seats(ask.order, change)
    gone = going if change.failure is None else coming
    wanted = _sales(gone, seated(ask.order, change))
    return Deed(
        lambda: ask.sides.pss.drop_flights(ask.reference, _first(ask), wanted),
        lambda: ask.found(Pnr),
        lambda _, at: (FlightsDropped(at=at),),
    )


def release_hold(ask: Ask) -> Deed:
    held = _change(ask).hold_reference
    return Deed(
        lambda: ask.sides.pss.release(held),
        nothing_to_find,
        lambda _, at: (ChangeHoldReleased(at=at),),
    )


def _sales(segments: Iterable[OrderSegment], count: int) -> tuple[SegmentSale, ...]:
    return tuple(SegmentSale(each.flight.key, each.rbd, count) for each in segments)


# -- tickets -----------------------------------------------------------------------------------


def exchange(ask: Ask) -> Deed:
    """For what the passenger flies once the change is made."""
    change = _change(ask)
    items = [
        item for item in items_after(ask.order, change, ask.subject) if item.id not in change.used
    ]
    return _reissue(ask, items, forth=True)


def restore(ask: Ask) -> Deed:
    """For what the passenger flew before, under the name of before."""
    change = _change(ask)
    items = [
        item
        for item in ask.order.live_items
        if item.passenger_id == ask.subject and item.id not in change.used
    ]
    return _reissue(ask, items, forth=False)


def _reissue(ask: Ask, items: Sequence[OrderItem], *, forth: bool) -> Deed:
    pss, change, ticketed = ask.sides.pss, _change(ask), live_ticket(ask.order, ask.subject)
    number = ticketed[0].number
    followers = (each for each in ask.order.documents if each.associated_with == number)
    old = (*ticketed, *(each for each in followers if each.live))

    async def send() -> Outcome[Any]:
        if ask.subject in change.revalidated:
            wanted = tuple(_revalidations(ask.order, change, ask.subject, forth=forth))
            return await pss.revalidate(ask.reference, number, wanted)
        request = ticket(_with_new(ask.order, change), ask.people, ask.subject, items)
        made = await pss.exchange(ask.reference, number, request)
        return await _with_old(made.value) if isinstance(made, Confirmed) else made

    async def find() -> Outcome[Any]:
        found = await ask.found(tuple)
        if not isinstance(found, Confirmed) or found.value is None:
            return found
        return found if ask.subject in change.revalidated else await _with_old(found.value)

    async def _with_old(made: tuple[Document, ...]) -> Outcome[tuple[Document, ...]]:
        """The new set, and the old one with the EMD-As on it as the PSS has them now."""
        shown = []
        for each in old:
            answer = await pss.document(each.number)
            if not isinstance(answer, Confirmed):
                return answer
            if answer.value is None:
                return Unknown(f"the PSS does not show {each.number}")
            shown.append(answer.value)
        return Confirmed((*shown, *made))

    def exchanged(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        known = {document.number for document in ask.order.documents}
        changed = tuple(each for each in documents if each.number in known)
        issued = tuple(each for each in documents if each.number not in known)
        return (TicketExchanged(at=at, passenger_id=ask.subject, changed=changed, issued=issued),)

    return Deed(send, find, exchanged)


def _with_new(order: Order, change: Change) -> Order:
    """The order with the items that come, beside those that go: to be ticketed."""
    return replace(
        order,
        items=(*order.items, *change.items),
        segments=(*order.segments, *change.segments),
    )


def _revalidations(
    order: Order, change: Change, passenger_id: str, *, forth: bool
) -> Iterable[Revalidation]:
    """forth: from the old flights to the new ones; else back again."""
    both = _with_new(order, change)
    for move in change.moves:
        old = flight_item(order, move.item_id)
        if old.passenger_id != passenger_id or move.new_item_id is None:
            continue
        new = flight_item(both, move.new_item_id)
        now, then = (old, new) if forth else (new, old)
        for service, coupon in zip(now.services, coupons_of(both, then), strict=True):
            yield Revalidation(service.segment_id, coupon)


# -- what goes with tickets -----------------------------------------------------------------------


def associate(ask: Ask) -> Deed:
    """An EMD off a ticket that is about to be exchanged; or for the flights of its services, and
    with the ticket that the passenger has then.
    """
    pss, order, change = ask.sides.pss, ask.order, _change(ask)
    emd = next(each for each in order.documents if each.number == ask.subject)
    done = emd.passenger_id in change.documented
    off = done if change.failure is not None else not done
    ticket: str | None = None
    wanted: tuple[Revalidation, ...] = ()
    if not off:
        wanted = tuple(_retargeted(order, change, emd))
        if emd.type is DocumentType.EMD_ASSOCIATED:
            ticket = live_ticket(order, emd.passenger_id)[0].number
    return Deed(
        lambda: pss.associate(ask.reference, ask.subject, ticket, wanted),
        lambda: ask.found(tuple),
        lambda documents, at: (EmdAssociated(at=at, documents=documents),),
    )


def _retargeted(order: Order, change: Change, emd: Document) -> Iterable[Revalidation]:
    for coupon, segment_id in outdated(order, change, emd):
        if coupon.segment_id is None or coupon.value is None:
            raise AssertionError(f"{emd.number}/{coupon.number} is for no flight")
        to = segment_of(order, segment_id)
        yield Revalidation(
            coupon.segment_id,
            CouponRequest(
                to.id,
                to.flight.key,
                to.rbd,
                coupon.fare_basis,
                coupon.value,
                coupon.service_id,
                coupon.rfisc,
            ),
        )


# -- fees and values ---------------------------------------------------------------------------


def issue_charge(ask: Ask) -> Deed:
    """An EMD-S. A fee is consumed when it is issued; a residual value waits to be used."""
    charge = _next_charge(_change(ask), ask.subject)
    kind = next(p.type for p in ask.order.passengers if p.id == ask.subject)
    coupon = CouponRequest(None, None, None, None, charge.amount, rfisc=_SUB_CODE[charge.kind])
    request = DocumentRequest(
        locator=_locator(ask, ask.subject),
        type=DocumentType.EMD_STANDALONE,
        passenger_id=ask.subject,
        passenger_name=names.printed(ask.people.person(ask.subject), kind),
        coupons=(coupon,),
        total=charge.amount,
        rfic=FINANCIAL,
        consumed=charge.kind is ChargeKind.PENALTY,
    )

    def issued(documents: tuple[Document, ...], at: datetime) -> tuple[Event, ...]:
        return (
            ChargeIssued(at=at, passenger_id=ask.subject, kind=charge.kind, documents=documents),
        )

    return Deed(
        lambda: ask.sides.pss.issue(ask.reference, request), lambda: ask.found(tuple), issued
    )


def _next_charge(change: Change, passenger_id: str) -> Charge:
    return next(
        each for each in change.charges if each.passenger_id == passenger_id and each.number is None
    )
