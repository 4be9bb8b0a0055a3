"""The order that its events make: each event's effect, one small function each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import singledispatch
from typing import Any

from ndc_oms.model import airline_fold, delivery, protecting, reported
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.ancillary_states import with_added, with_documents, with_ready, with_removed
from ndc_oms.model.balance import paying_instead
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.events import (
    AirlineChangeAccepted,
    AirlineChangeLapsed,
    BookingUpdated,
    CancellationAccepted,
    CouponMoved,
    CouponState,
    CouponUseRefused,
    DeliveryReported,
    DocumentsIssued,
    DocumentsRefunded,
    DocumentsRevalidated,
    DocumentsVoided,
    Event,
    FlightChangeHeard,
    FlightChangesSettled,
    FlightsChanged,
    FulfilmentFailed,
    HandedOver,
    ItemsAdded,
    ItemsCancelled,
    OrderClosed,
    OrderCreated,
    OrderRepriced,
    PartnerBooked,
    PartnerCancelled,
    PartnerDocumentsIssued,
    PartnerServed,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRedirected,
    PaymentRefunded,
    PaymentReleased,
    PaymentRerouted,
    PaymentsAdded,
    PeopleUpdated,
    ProtectionChosen,
    ProtectionDeclined,
    ProtectionFailed,
    SeatsAssigned,
    SeatsBooked,
    SeatsReduced,
    SeatsReleased,
    SeatsReplaced,
    VoidRefused,
)
from ndc_oms.model.fold_changes import EFFECTS, refund_made
from ndc_oms.model.item_states import cancelled, ended
from ndc_oms.model.items import OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.seating import with_seats, without_seats
from ndc_oms.model.splitting import SPLIT_EFFECTS
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    ORDER,
    PAYMENT,
    CouponStatus,
    DeliveryStatus,
    ItemStatus,
    OrderStatus,
    PaymentState,
)
from ndc_oms.model.telling import known_after


def fold(events: Iterable[Event]) -> Order:
    """The order that the events made; raises AssertionError on a stream that cannot be."""
    order: Order | None = None
    for event in events:
        order = apply(order, event)
    if order is None:
        raise AssertionError("an order without events")
    return order


def apply(order: Order | None, event: Event) -> Order:
    """The order after one more event."""
    if order is None:
        if not isinstance(event, OrderCreated):
            raise AssertionError(f"{type(event).__name__} before OrderCreated")
        return event.order
    changed = _apply(event, order)
    rested, news = known_after(order, event)
    return replace(
        changed,
        rested=rested,
        news=news,
        sequence=order.sequence + 1,
        version=order.version + type(event).bumps,
        changed_at=event.at,
    )


@singledispatch
def _apply(event: Event, order: Order) -> Order:
    effect = EFFECTS.get(type(event)) or SPLIT_EFFECTS.get(type(event))
    if effect is None:
        raise AssertionError(f"{type(event).__name__} cannot follow")
    return effect(event, order)


# -- payments ----------------------------------------------------------------------------------


@_apply.register
def _(event: PaymentsAdded, order: Order) -> Order:
    known = {payment.id for payment in order.payments}
    if known & {payment.id for payment in event.payments}:
        raise AssertionError("a payment is added twice")
    return replace(order, payments=(*order.payments, *event.payments))


def _pay(order: Order, payment_id: str, state: PaymentState, **facts: Any) -> Order:
    """facts: fields of Payment."""
    old = order.payment(payment_id)
    return _put(order, replace(old, state=PAYMENT.check(old.state, state), **facts))


def _put(order: Order, new: Payment) -> Order:
    return replace(
        order, payments=tuple(new if old.id == new.id else old for old in order.payments)
    )


@_apply.register
def _(event: PaymentRedirected, order: Order) -> Order:
    return _pay(
        order,
        event.payment_id,
        PaymentState.AWAITING,
        redirect_url=event.url,
        session=event.session,
        expires_at=event.expires_at,
    )


@_apply.register
def _(event: PaymentRerouted, order: Order) -> Order:
    old = order.payment(event.payment_id)
    rest = tuple(name for name in old.routes if name != event.gateway)
    tried = (*old.tried, old.gateway)
    return _put(order, replace(old, gateway=event.gateway, routes=rest, tried=tried))


@_apply.register
def _(event: PaymentAuthorised, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.AUTHORISED, authorisation=event.authorisation)


@_apply.register
def _(event: PaymentCaptured, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.CAPTURED, capture=event.capture)


@_apply.register
def _(event: PaymentDeclined, order: Order) -> Order:
    facts = {"failure": event.reason, "failure_code": event.code}
    return _pay(order, event.payment_id, PaymentState.DECLINED, **facts)


@_apply.register
def _(event: PaymentReleased, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.RELEASED)


@_apply.register
def _(event: PaymentRefunded, order: Order) -> Order:
    """A payment is REFUNDED when all of it is; a part leaves it captured."""
    old = order.payment(event.payment_id)
    if old.state is not PaymentState.CAPTURED or old.left < event.amount:
        raise AssertionError(f"{event.payment_id} has no {event.amount} to refund")
    new = replace(old, refunded=old.returned + event.amount)
    if not new.left:
        new = replace(new, state=PAYMENT.check(old.state, PaymentState.REFUNDED))
    order = _put(order, new)
    under_way = order.cancellation
    if under_way is None:
        return refund_made(order, event.payment_id)
    due = tuple(each for each in under_way.refunds if each.payment_id != event.payment_id)
    return replace(order, cancellation=replace(under_way, refunds=due))


# -- bookings and documents --------------------------------------------------------------------


@_apply.register
def _(event: SeatsBooked, order: Order) -> Order:
    booked = replace(order, bookings=(*order.bookings, event.booking))
    return with_seats(booked, event.seated) if event.seated else booked


@_apply.register
def _(event: SeatsAssigned, order: Order) -> Order:
    return with_seats(order, event.seated)


@_apply.register
def _(event: SeatsReplaced, order: Order) -> Order:
    new = {each.item_id: each for each in event.seats}
    ancillaries = tuple(
        replace(item, seat=new[item.id].seat, traits=new[item.id].traits)
        if item.id in new
        else item
        for item in order.ancillaries
    )
    return replace(order, ancillaries=ancillaries, reseated=event.changes)


@_apply.register
def _(event: SeatsReduced, order: Order) -> Order:
    return without_seats(
        replace(
            order,
            segments_released=(*order.segments_released, *event.segment_ids),
            passengers_released=(*order.passengers_released, *event.passenger_ids),
        )
    )


@_apply.register
def _(event: BookingUpdated, order: Order) -> Order:
    return with_ready(replace(order, people_booked=event.changes, update_refused=event.refused))


@_apply.register
def _(event: DocumentsIssued, order: Order) -> Order:
    issued = replace(order, documents=(*order.documents, *event.documents))
    if any(each.type is not DocumentType.TICKET for each in event.documents):
        return with_documents(issued, event.documents)
    segments = {each.id for each in order.segments if order.ticketed_here(each.id)}
    old = {c.segment_id for d in order.tickets_of(event.passenger_id) for c in d.coupons if c.live}
    if old:  # its flights are behind the passenger, and this one is for others
        segments &= {each.segment_id for d in event.documents for each in d.coupons}
    # one that was taken back had made some ready
    segments -= _ready_for(order, event.passenger_id) - old
    return with_ready(_ready(issued, {event.passenger_id}, segments))


def _ready_for(order: Order, passenger_id: str) -> set[str]:
    return {
        service.segment_id
        for item in order.live_items
        if item.passenger_id == passenger_id
        for service in item.services
        if service.delivery is DeliveryStatus.READY_TO_PROCEED
    }


def _ready(order: Order, passengers: set[str], segments: set[str]) -> Order:
    """Documents are there: these flights of these passengers can be delivered."""

    def service(old: Service) -> Service:
        if old.segment_id not in segments:
            return old
        status = DELIVERY.check(old.delivery, DeliveryStatus.READY_TO_PROCEED)
        return replace(old, delivery=status)

    def item(old: OrderItem) -> OrderItem:
        if old.passenger_id not in passengers or old.status is not ItemStatus.ACTIVE:
            return old
        return replace(old, services=tuple(map(service, old.services)))

    return replace(order, items=tuple(map(item, order.items)))


# -- partners ----------------------------------------------------------------------------------


def _put_part(order: Order, part_id: str, **facts: Any) -> Order:
    """facts: fields of PartnerPart."""
    new = replace(order.part(part_id), **facts)
    return replace(order, parts=tuple(new if old.id == part_id else old for old in order.parts))


@_apply.register
def _(event: PartnerBooked, order: Order) -> Order:
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


@_apply.register
def _(event: PartnerServed, order: Order) -> Order:
    askings = order.part(event.part_id).askings + 1
    facts = {"asked": event.asked, "refused": event.refused, "askings": askings}
    return _put_part(order, event.part_id, **facts)


@_apply.register
def _(event: PartnerDocumentsIssued, order: Order) -> Order:
    passengers = {document.passenger_id for document in event.documents}
    ready = _ready(order, passengers, set(order.part(event.part_id).segment_ids))
    return replace(ready, documents=(*order.documents, *event.documents))


@_apply.register
def _(event: PartnerCancelled, order: Order) -> Order:
    """What the coupons are now is the partner's word: they are its documents."""
    if not order.part(event.part_id).live:
        raise AssertionError(f"{event.part_id} is not booked")
    return _put_part(_with_coupons(order, event.coupons), event.part_id, cancelled=True)


@_apply.register
def _(event: DocumentsVoided, order: Order) -> Order:
    def coupon(old: Coupon) -> Coupon:
        return replace(old, status=COUPON.check(delivery.as_ended(old), CouponStatus.VOID))

    def document(old: Document) -> Document:
        if old.number not in event.numbers:
            return old
        return replace(old, coupons=tuple(map(coupon, old.coupons)))

    return replace(order, documents=tuple(map(document, order.documents)))


@_apply.register
def _(event: VoidRefused, order: Order) -> Order:
    under_way = order.cancellation
    if under_way is None:
        raise AssertionError("a void was refused that nobody asked for")
    refused = (*under_way.refused, event.number)
    return replace(order, cancellation=replace(under_way, refused=refused))


@_apply.register
def _(event: DocumentsRefunded, order: Order) -> Order:
    """What was refunded moves as the table says; of other coupons the PSS's word is taken, since
    nobody told us of every flight.
    """
    return _with_coupons(order, event.coupons)


def _with_coupons(order: Order, told: Iterable[CouponState]) -> Order:
    states = {(each.document, each.coupon): each.status for each in told}

    def coupon(number: str, old: Coupon) -> Coupon:
        new = states.get((number, old.number), old.status)
        if new is CouponStatus.REFUNDED and old.status is not new:
            COUPON.check(delivery.as_ended(old), new)
        return replace(old, status=new)

    return replace(
        order,
        documents=tuple(
            replace(d, coupons=tuple(coupon(d.number, c) for c in d.coupons))
            for d in order.documents
        ),
    )


@_apply.register
def _(event: CouponMoved, order: Order) -> Order:
    return reported.without_reached(delivery.moved(order, event), event)


@_apply.register
def _(event: DeliveryReported, order: Order) -> Order:
    return reported.reported(order, event)


@_apply.register
def _(event: CouponUseRefused, order: Order) -> Order:
    return reported.without_refused(order, event)


# -- what the airline changes ------------------------------------------------------------------


@_apply.register
def _(event: FlightChangeHeard, order: Order) -> Order:
    return airline_fold.heard(order, event)


@_apply.register
def _(event: FlightChangesSettled, order: Order) -> Order:
    return airline_fold.settled(order, event.heard)


@_apply.register
def _(event: FlightsChanged, order: Order) -> Order:
    return protecting.placed(airline_fold.changed(order, event), event.change)


@_apply.register
def _(event: ProtectionChosen, order: Order) -> Order:
    return protecting.chosen(order, event.part)


@_apply.register
def _(event: ProtectionFailed, order: Order) -> Order:
    return protecting.failed(order, event.part_id, event.reason)


@_apply.register
def _(event: ProtectionDeclined, order: Order) -> Order:
    return protecting.declined(order, event.part_id)


@_apply.register
def _(event: HandedOver, order: Order) -> Order:
    return protecting.handed_over(_with_coupons(order, event.coupons), event.part_id)


@_apply.register
def _(event: AirlineChangeAccepted, order: Order) -> Order:
    return airline_fold.answered(order, event.change_id, Answer.ACCEPTED, event.at)


@_apply.register
def _(event: AirlineChangeLapsed, order: Order) -> Order:
    return airline_fold.answered(order, event.change_id, Answer.LAPSED, event.at)


@_apply.register
def _(event: DocumentsRevalidated, order: Order) -> Order:
    return airline_fold.revalidated(order, event.documents)


# -- changes and endings -----------------------------------------------------------------------


@_apply.register
def _(event: OrderRepriced, order: Order) -> Order:
    fares = {each.item_id: each.fare for each in event.fares}
    return replace(
        order,
        items=tuple(replace(i, fare=fares.get(i.id, i.fare)) for i in order.items),
        price_guarantee_until=event.price_guarantee_until,
    )


@_apply.register
def _(event: ItemsAdded, order: Order) -> Order:
    added = with_added(order, event.items, order.sequence + 1)
    return replace(added, replacing=event.replaces)


@_apply.register
def _(_event: PeopleUpdated, order: Order) -> Order:
    return replace(order, people_changes=order.people_changes + 1)


@_apply.register
def _(event: CancellationAccepted, order: Order) -> Order:
    if order.cancellation is not None:
        raise AssertionError("a cancellation is under way")
    paid = paying_instead(order, event.cancellation)
    return replace(order, cancellation=event.cancellation, replacing=None, payments=paid)


@_apply.register
def _(event: ItemsCancelled, order: Order) -> Order:
    under_way = order.cancellation
    if under_way is None:
        raise AssertionError("no cancellation is under way")
    items = tuple(cancelled(i) if i.id in under_way.item_ids else i for i in order.items)
    gone = tuple(i for i in order.ancillaries if i.id in under_way.item_ids)
    left = {i.id: replace(cancelled(i), withdrawn=under_way.failure) for i in gone}
    ancillaries = tuple(left.get(i.id, i) for i in order.ancillaries)
    order = replace(order, items=items, ancillaries=ancillaries, cancellation=None)
    return airline_fold.given_up(with_removed(order, gone), event.at)


@_apply.register
def _(event: FulfilmentFailed, order: Order) -> Order:
    return replace(order, failure=event.failure)


@_apply.register
def _(_event: SeatsReleased, order: Order) -> Order:
    return replace(order, seats_released=True)


@_apply.register
def _(event: OrderClosed, order: Order) -> Order:
    items = tuple(ended(i) if i.status is ItemStatus.ACTIVE else i for i in order.items)
    ancillaries = tuple(ended(i) if i.status is ItemStatus.ACTIVE else i for i in order.ancillaries)
    status = ORDER.check(order.status, OrderStatus.CLOSED)
    closed = replace(order, status=status, items=items, ancillaries=ancillaries)
    return airline_fold.given_up(closed, event.at)
