"""Events: what happened to an order, append-only; the order is their fold.

No event holds personal data, so that erasing a person leaves history and ledger whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatch
from typing import ClassVar, Final

from ndc_oms.model.documents import Coupon, Document
from ndc_oms.model.money import Money
from ndc_oms.model.order import (
    BookingReference,
    Failure,
    Order,
    OrderItem,
    Payment,
    Service,
)
from ndc_oms.model.status import (
    COUPON,
    DELIVERY,
    ITEM,
    ORDER,
    PAYMENT,
    SERVICE,
    CouponStatus,
    DeliveryStatus,
    ItemStatus,
    OrderStatus,
    PaymentState,
    ServiceStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """at: when it happened, UTC. bumps: the seller must know of it before changing the order."""

    bumps: ClassVar[bool] = False
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated(Event):
    """The order as agreed. Always the first event, and only the first."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorised(Event):
    payment_id: str
    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    payment_id: str
    capture: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(Event):
    payment_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReleased(Event):
    """The authorisation was let go: nothing will be charged."""

    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    payment_id: str
    refund: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsBooked(Event):
    """The PSS made the booking: the hold became sold seats in a PNR."""

    booking: BookingReference


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsIssued(Event):
    passenger_id: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsVoided(Event):
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentFailed(Event):
    """A step cannot succeed: from here on everything is taken back."""

    bumps: ClassVar[bool] = True
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsReleased(Event):
    """Hold or booking is gone; no seat is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosed(Event):
    """Nothing is left to do. Items that were never delivered are cancelled."""

    bumps: ClassVar[bool] = True
    reason: str


EVENTS: Final[dict[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        OrderCreated,
        PaymentAuthorised,
        PaymentCaptured,
        PaymentDeclined,
        PaymentReleased,
        PaymentRefunded,
        SeatsBooked,
        DocumentsIssued,
        DocumentsVoided,
        FulfilmentFailed,
        SeatsReleased,
        OrderClosed,
    )
}


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
    return replace(
        changed,
        sequence=order.sequence + 1,
        version=order.version + type(event).bumps,
        changed_at=event.at,
    )


@singledispatch
def _apply(event: Event, _order: Order) -> Order:
    raise AssertionError(f"{type(event).__name__} cannot follow")


def _pay(order: Order, payment_id: str, state: PaymentState, **facts: str | None) -> Order:
    def one(payment: Payment) -> Payment:
        if payment.id != payment_id:
            return payment
        return replace(payment, state=PAYMENT.check(payment.state, state), **facts)  # type: ignore[arg-type]  # facts are the optional texts of Payment

    order.payment(payment_id)
    return replace(order, payments=tuple(map(one, order.payments)))


@_apply.register
def _(event: PaymentAuthorised, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.AUTHORISED, authorisation=event.authorisation)


@_apply.register
def _(event: PaymentCaptured, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.CAPTURED, capture=event.capture)


@_apply.register
def _(event: PaymentDeclined, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.DECLINED, failure=event.reason)


@_apply.register
def _(event: PaymentReleased, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.RELEASED)


@_apply.register
def _(event: PaymentRefunded, order: Order) -> Order:
    return _pay(order, event.payment_id, PaymentState.REFUNDED)


@_apply.register
def _(event: SeatsBooked, order: Order) -> Order:
    return replace(order, bookings=(*order.bookings, event.booking))


@_apply.register
def _(event: DocumentsIssued, order: Order) -> Order:
    ready = _deliver(order, event.passenger_id, DeliveryStatus.READY_TO_PROCEED)
    return replace(ready, documents=(*order.documents, *event.documents))


def _deliver(order: Order, passenger_id: str, status: DeliveryStatus) -> Order:
    def service(old: Service) -> Service:
        return replace(old, delivery=DELIVERY.check(old.delivery, status))

    def item(old: OrderItem) -> OrderItem:
        if old.passenger_id != passenger_id or old.status is not ItemStatus.ACTIVE:
            return old
        return replace(old, services=tuple(map(service, old.services)))

    return replace(order, items=tuple(map(item, order.items)))


@_apply.register
def _(event: DocumentsVoided, order: Order) -> Order:
    def coupon(old: Coupon) -> Coupon:
        return replace(old, status=COUPON.check(old.status, CouponStatus.VOID))

    def document(old: Document) -> Document:
        if old.number not in event.numbers:
            return old
        return replace(old, coupons=tuple(map(coupon, old.coupons)))

    return replace(order, documents=tuple(map(document, order.documents)))


@_apply.register
def _(event: FulfilmentFailed, order: Order) -> Order:
    return replace(order, failure=event.failure)


@_apply.register
def _(_event: SeatsReleased, order: Order) -> Order:
    return replace(order, seats_released=True)


@_apply.register
def _(_event: OrderClosed, order: Order) -> Order:
    def service(old: Service) -> Service:
        return replace(
            old,
            status=SERVICE.check(old.status, ServiceStatus.CANCELLED),
            delivery=DELIVERY.check(old.delivery, DeliveryStatus.REMOVED),
        )

    def item(old: OrderItem) -> OrderItem:
        if old.status is not ItemStatus.ACTIVE:
            return old
        return replace(
            old,
            status=ITEM.check(old.status, ItemStatus.CANCELLED),
            services=tuple(map(service, old.services)),
        )

    return replace(
        order,
        status=ORDER.check(order.status, OrderStatus.CLOSED),
        items=tuple(map(item, order.items)),
    )
