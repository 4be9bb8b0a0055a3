"""What events about payments make of an order."""

from dataclasses import replace
from typing import Any, Final

from ndc_oms.model.effects import Effects
from ndc_oms.model.events import (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRedirected,
    PaymentRefunded,
    PaymentReleased,
    PaymentRerouted,
    PaymentsAdded,
)
from ndc_oms.model.fold_changes import refund_made
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PAYMENT, PaymentState


def _payments_added(order: Order, event: PaymentsAdded) -> Order:
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


def _payment_redirected(order: Order, event: PaymentRedirected) -> Order:
    return _pay(
        order,
        event.payment_id,
        PaymentState.AWAITING,
        redirect_url=event.url,
        session=event.session,
        expires_at=event.expires_at,
    )


def _payment_rerouted(order: Order, event: PaymentRerouted) -> Order:
    old = order.payment(event.payment_id)
    rest = tuple(name for name in old.routes if name != event.gateway)
    tried = (*old.tried, old.gateway)
    return _put(order, replace(old, gateway=event.gateway, routes=rest, tried=tried))


def _payment_authorised(order: Order, event: PaymentAuthorised) -> Order:
    return _pay(order, event.payment_id, PaymentState.AUTHORISED, authorisation=event.authorisation)


def _payment_captured(order: Order, event: PaymentCaptured) -> Order:
    return _pay(order, event.payment_id, PaymentState.CAPTURED, capture=event.capture)


def _payment_declined(order: Order, event: PaymentDeclined) -> Order:
    facts = {"failure": event.reason, "failure_code": event.code}
    return _pay(order, event.payment_id, PaymentState.DECLINED, **facts)


def _payment_released(order: Order, event: PaymentReleased) -> Order:
    return _pay(order, event.payment_id, PaymentState.RELEASED)


def _payment_refunded(order: Order, event: PaymentRefunded) -> Order:
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


PAYMENT_EFFECTS: Final[Effects] = {
    PaymentsAdded: _payments_added,
    PaymentRedirected: _payment_redirected,
    PaymentRerouted: _payment_rerouted,
    PaymentAuthorised: _payment_authorised,
    PaymentCaptured: _payment_captured,
    PaymentDeclined: _payment_declined,
    PaymentReleased: _payment_released,
    PaymentRefunded: _payment_refunded,
}
