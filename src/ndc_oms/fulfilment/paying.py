"""The deeds that concern money."""

from datetime import datetime
from typing import Final

from ndc_oms.fulfilment.deed import Ask, Deed, nothing_to_find
from ndc_oms.fulfilment.exchanging import change_failed
from ndc_oms.fulfilment.giving_back import let_go
from ndc_oms.fulfilment.withdrawing import withdrawal
from ndc_oms.model.events import (
    Event,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRedirected,
    PaymentRefunded,
    PaymentReleased,
)
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.step import Failure, Step
from ndc_oms.ports.payment import Charge, Page, RedirectGateway

NOT_PAID: Final = "The payer did not pay on the provider's page in time."


def authorise(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.authorise(ask.reference, _charge(ask)),
        ask.found_payment,
        lambda text, at: (PaymentAuthorised(at=at, payment_id=payment.id, authorisation=text),),
    )


def _charge(ask: Ask) -> Charge:
    paid = ask.payment
    return Charge(ask.order.order_id, paid.amount, paid.card, paid.agency_number, paid.voucher)


def redirect(ask: Ask) -> Deed:
    """Its page is open until the time that was set when it was asked for."""
    payment, gateway = ask.payment, _provider(ask)
    if payment.expires_at is None:
        raise AssertionError(f"{payment.id} is redirected for ever")
    until = payment.expires_at

    def opened(page: Page, at: datetime) -> tuple[Event, ...]:
        return (
            PaymentRedirected(
                at=at,
                payment_id=payment.id,
                url=page.url,
                session=page.session,
                expires_at=page.expires_at,
            ),
        )

    return Deed(
        lambda: gateway.open_page(ask.reference, _charge(ask), payment.return_url, until),
        nothing_to_find,
        opened,
    )


def close_page(ask: Ask) -> Deed:
    """The payer's time is over; perhaps it was used, and we were not called back."""
    payment, gateway = ask.payment, _provider(ask)

    def closed(authorisation: str | None, at: datetime) -> tuple[Event, ...]:
        if authorisation is not None:
            return (PaymentAuthorised(at=at, payment_id=payment.id, authorisation=authorisation),)
        return declined(ask.order, payment, "466", NOT_PAID, at)

    return Deed(
        lambda: gateway.close_page(ask.reference, payment.session or ""), nothing_to_find, closed
    )


def _provider(ask: Ask) -> RedirectGateway:
    gateway = ask.gateway
    if not isinstance(gateway, RedirectGateway):
        raise AssertionError(f"{gateway.name} has no pages")
    return gateway


def declined(
    order: Order, payment: Payment, code: str, reason: str, at: datetime
) -> tuple[Event, ...]:
    """A payment that failed takes with it those of its batch that nobody tried yet, the change that
    it was to pay, and what was added to an order that is ticketed.
    """
    change = order.change
    if change is not None and change.failure is None and change.number == payment.batch:
        return change_failed(order, payment.id, Failure(Step.AUTHORISE, code, reason), at)
    batch = (p for p in order.payments if p.batch == payment.batch and p.id != payment.id)
    event = PaymentDeclined(at=at, payment_id=payment.id, reason=reason, code=code)
    if order.cancellation is not None:  # another of its batch has failed: it is being withdrawn
        return (event, *let_go(batch, at))
    withdrawn = withdrawal(order, payment.item_ids, Failure(Step.AUTHORISE, code, reason), at)
    return (event, *let_go(batch, at), *((withdrawn,) if withdrawn else ()))


def paid_later(order: Order, payment: Payment) -> bool:
    """Not with the order itself: when it fails, the order stands as before."""
    return order.payment_limit_at is not None or payment.batch > 1


def capture(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.capture(ask.reference, payment.authorisation or "", payment.amount),
        ask.found_payment,
        lambda text, at: (
            PaymentCaptured(at=at, payment_id=payment.id, capture=text, amount=payment.amount),
        ),
    )


def release_money(ask: Ask) -> Deed:
    payment = ask.payment
    return Deed(
        lambda: ask.gateway.release(ask.reference, payment.authorisation or ""),
        ask.found_payment,
        lambda _, at: (PaymentReleased(at=at, payment_id=payment.id),),
    )


def refund(ask: Ask) -> Deed:
    payment, amount = ask.payment, _due(ask.order, ask.payment)
    return Deed(
        lambda: ask.gateway.refund(ask.reference, payment.capture or "", amount),
        ask.found_payment,
        lambda text, at: (
            PaymentRefunded(at=at, payment_id=payment.id, refund=text, amount=amount),
        ),
    )


def _due(order: Order, payment: Payment) -> Money:
    """What an accepted cancellation, or a change that is made, gives back of a payment; else all
    that is left of it.
    """
    under_way = order.cancellation
    owed = under_way.refunds if under_way is not None else ()
    if order.change is not None and order.change.applied:
        owed = order.change.refunds
    if order.failure is None:
        for each in owed:
            if each.payment_id == payment.id:
                return each.amount
    return payment.left
