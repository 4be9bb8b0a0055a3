"""What events of a change make of an order."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, Final

from ndc_oms.model import delivery, rerouting
from ndc_oms.model.ancillary_states import with_ready
from ndc_oms.model.change import old_segments
from ndc_oms.model.change_events import (
    BookingDivided,
    ChangeAbandoned,
    ChangeAccepted,
    ChangeFailed,
    ChangeHoldReleased,
    ChargeIssued,
    EmdAssociated,
    EmdReissued,
    FlightsAdded,
    FlightsDropped,
    ItemsChanged,
    NameChanged,
    PartnerRenamed,
    TicketExchanged,
    TravellerRenamed,
)
from ndc_oms.model.documents import Document
from ndc_oms.model.effects import Effects
from ndc_oms.model.following import services_after, services_change
from ndc_oms.model.item_states import cancelled
from ndc_oms.model.items import OrderItem
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.protecting import restored
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    CouponStatus,
    DeliveryStatus,
)
from ndc_oms.model.under_way import Change, FailedChange, Renaming


def _under_way(order: Order) -> Change:
    if order.change is None:
        raise AssertionError("no change is under way")
    return order.change


def _put(order: Order, **facts: Any) -> Order:
    """facts: fields of Change."""
    return replace(order, change=replace(_under_way(order), **facts))


def _accepted(order: Order, event: ChangeAccepted) -> Order:
    if order.change is not None or order.cancellation is not None:
        raise AssertionError("a change is under way")
    if event.change.number != order.sequence + 1:
        raise AssertionError("a change is numbered by the event that accepts it")
    return replace(
        order,
        change=event.change,
        failed_change=None,
        payments=(*order.payments, *event.payments),
    )


def _divided(order: Order, event: BookingDivided) -> Order:
    return replace(_put(order, dividing=()), bookings=(*order.bookings, event.booking))


def _flights_added(order: Order, _event: FlightsAdded) -> Order:
    return _put(order, seats_added=True)


def _renaming(order: Order, passenger_id: str) -> Renaming:
    renaming = _under_way(order).renaming
    if renaming is None or renaming.passenger_id != passenger_id:
        raise AssertionError(f"{passenger_id} gets no other name")
    return renaming


def _traveller_renamed(order: Order, event: TravellerRenamed) -> Order:
    renaming = _renaming(order, event.passenger_id)
    forth = _under_way(order).failure is None
    return _put(order, renaming=replace(renaming, booked=forth))


def _exchanged(order: Order, event: TicketExchanged) -> Order:
    return _documented(order, event.passenger_id, event)


def _emd_reissued(order: Order, event: EmdReissued) -> Order:
    return _documented(order, event.item_id, event)


def _partner_renamed(order: Order, event: PartnerRenamed) -> Order:
    return _documented(order, event.part_id, event)


def _documented(
    order: Order, whose: str, event: TicketExchanged | EmdReissued | PartnerRenamed
) -> Order:
    """whose: a passenger, an ancillary item, or a partner's part."""
    change = _under_way(order)
    done = tuple(each for each in change.documented if each != whose)
    if change.failure is None:
        done = (*done, whose)
    if not event.issued:  # revalidated: EMDs go with it
        return _put(rerouting.revalidated(order, event.changed), documented=done)
    documents = (*_as_told(order.documents, event.changed), *event.issued)
    return replace(_put(order, documented=done), documents=documents)


def _as_told(known: tuple[Document, ...], told: tuple[Document, ...]) -> tuple[Document, ...]:
    """What is exchanged moves as the table says; of other coupons the PSS's word is taken."""
    now = {document.number: document for document in told}
    for old in known:
        for before, after in zip(old.coupons, now.get(old.number, old).coupons, strict=True):
            if after.status is CouponStatus.EXCHANGED is not before.status:
                COUPON.check(delivery.as_ended(before), after.status)
    return tuple(now.get(document.number, document) for document in known)


def _associated(order: Order, event: EmdAssociated) -> Order:
    new = {document.number: document for document in event.documents}
    if not new.keys() <= {document.number for document in order.documents}:
        raise AssertionError("an EMD is associated that the order does not have")
    return replace(order, documents=tuple(new.get(d.number, d) for d in order.documents))


def _charged(order: Order, event: ChargeIssued) -> Order:
    change = _under_way(order)
    charges = tuple(
        replace(each, number=event.documents[0].number)
        if (each.kind, each.passenger_id) == (event.kind, event.passenger_id)
        else each
        for each in change.charges
    )
    return replace(_put(order, charges=charges), documents=(*order.documents, *event.documents))


def _dropped(order: Order, _event: FlightsDropped) -> Order:
    change = _under_way(order)
    if change.failure is not None:
        return _put(order, seats_added=False)
    return _put(order, seats_dropped=True)


def _name_changed(order: Order, event: NameChanged) -> Order:
    """The booking's services name the passenger too."""
    renaming = _renaming(order, event.passenger_id)
    corrected = (event.passenger_id,) if renaming.corrects else ()
    return replace(
        order,
        change=None,
        corrected=(*order.corrected, *corrected),
        people_changes=order.people_changes + (order.own_booking is not None),
    )


def _failed(order: Order, event: ChangeFailed) -> Order:
    return _put(order, failure=event.failure)


def _hold_released(order: Order, _event: ChangeHoldReleased) -> Order:
    return _put(order, hold_released=True)


def _abandoned(order: Order, _event: ChangeAbandoned) -> Order:
    change = _under_way(order)
    if change.failure is None:
        raise AssertionError("a change is abandoned that did not fail")
    order = reduce(restored, change.declined, order)
    return replace(order, change=None, failed_change=FailedChange(change.number, change.failure))


def _changed(order: Order, event: ItemsChanged) -> Order:
    change = _under_way(order)
    gone = {each.id for each in old_segments(order, change)}
    replaced = {move.item_id: move.new_item_id for move in change.moves}
    items = tuple(cancelled(i) if i.id in replaced else i for i in order.items)
    new = change.items if change.unpaid else tuple(map(_ready, change.items))
    after = replace(
        order,
        items=(*items, *new),
        ancillaries=services_after(order, change),
        segments=(*order.segments, *change.segments),
        payments=tuple(_follows(each, replaced) for each in order.payments),
    )
    flown = {s.segment_id for item in after.live_items for s in item.services}
    released = tuple(
        each.id
        for each in order.segments
        if each.id in gone and each.id not in flown and each.id not in order.segments_released
    )
    under_way = replace(change, applied=True) if change.refunds else None
    after = replace(
        after, change=under_way, segments_released=(*order.segments_released, *released)
    )
    return rerouting.given_up(_with_booking(_with_limits(after, change), order), event.at)


def _with_limits(order: Order, change: Change) -> Order:
    """Of what nobody has paid."""
    if not change.unpaid:
        return order
    return replace(
        order,
        payment_limit_at=change.payment_limit_at or order.payment_limit_at,
        price_guarantee_until=change.price_guarantee_until or order.price_guarantee_until,
    )


def _with_booking(order: Order, before: Order) -> Order:
    """Seats on flights that are gone are nobody's, and the booking shows the services that there
    are now.
    """
    flown = {
        (item.passenger_id, order.segment(service.segment_id).flight.key)
        for item in order.live_items
        for service in item.services
    }
    seated = tuple(each for each in order.seated if (each.passenger_id, each.flight) in flown)
    order = replace(order, seated=seated)
    if order.own_booking is not None and services_change(before, _under_way(before)):
        order = replace(order, people_changes=order.people_changes + 1)
    return with_ready(order)


def _follows(payment: Payment, replaced: Mapping[str, str | None]) -> Payment:
    """What was paid for an item is paid for the one in its place."""
    new = tuple(
        replaced[item_id] for item_id in payment.item_ids if replaced.get(item_id) is not None
    )
    added = tuple(each for each in new if each is not None and each not in payment.item_ids)
    return replace(payment, item_ids=(*payment.item_ids, *added)) if added else payment


def _ready(item: OrderItem) -> OrderItem:
    """Its documents are there."""
    ready = DeliveryStatus.READY_TO_PROCEED
    return replace(
        item,
        services=tuple(
            replace(s, delivery=DELIVERY.check(s.delivery, ready)) for s in item.services
        ),
    )


def refund_made(order: Order, payment_id: str) -> Order:
    """A refund that a change owed; the last one ends it."""
    change = order.change
    if change is None or not change.applied:
        return order
    due = tuple(each for each in change.refunds if each.payment_id != payment_id)
    return replace(order, change=replace(change, refunds=due) if due else None)


CHANGE_EFFECTS: Final[Effects] = {
    ChangeAccepted: _accepted,
    BookingDivided: _divided,
    FlightsAdded: _flights_added,
    TravellerRenamed: _traveller_renamed,
    PartnerRenamed: _partner_renamed,
    TicketExchanged: _exchanged,
    EmdReissued: _emd_reissued,
    EmdAssociated: _associated,
    ChargeIssued: _charged,
    FlightsDropped: _dropped,
    ItemsChanged: _changed,
    NameChanged: _name_changed,
    ChangeFailed: _failed,
    ChangeHoldReleased: _hold_released,
    ChangeAbandoned: _abandoned,
}
