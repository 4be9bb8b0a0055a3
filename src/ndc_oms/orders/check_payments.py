"""Payments: there, permitted, and exactly the price."""

from collections.abc import Collection, Iterator

from ndc_oms.errors import Expired, Invalid, NotAllowed, Refusal
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import PaymentForm
from ndc_oms.orders.request import CreateRequest
from ndc_oms.payments.allocation import MisallocatedError, allocate, permission
from ndc_oms.ports.sellers import Seller


def check_payments(
    request: CreateRequest, offer: Offer, seller: Seller, forms: Collection[PaymentForm]
) -> Iterator[Refusal]:
    """495 none, 466 a form not taken here or from this seller, 727 and 290 amounts, 913 items."""
    if not request.payments:
        yield NotAllowed(
            "The request has no payment, and orders cannot be paid later here.",
            code="495",
            remedy=f"Pay {offer.total} with the request.",
        )
        return
    items = {item.id for item in offer.items}
    for payment in request.payments:
        if payment.form not in forms or not seller.may(permission(payment.form)):
            yield NotAllowed(
                f"Paying by {payment.form.lower()} is not possible here.",
                code="466",
                path=payment.path,
                remedy=f"Pay by {_worded(forms, seller)}.",
            )
        for unknown in sorted(set(payment.offer_item_ids) - items):
            yield Expired(
                f"The payment is for item {unknown}, which the offer does not have.",
                path=payment.path,
                remedy="Refer to items of the accepted offer, or to none.",
            )
    yield from _amounts(request, offer)


def _amounts(request: CreateRequest, offer: Offer) -> Iterator[Refusal]:
    try:
        allocate(offer.total, [payment.amount for payment in request.payments])
    except MisallocatedError as wrong:
        yield Invalid(
            wrong.text,
            code=wrong.code,
            path=request.payments[wrong.at or 0].path,
            remedy=f"Pay {offer.total} exactly.",
        )


def _worded(forms: Collection[PaymentForm], seller: Seller) -> str:
    open_forms = [form.lower() for form in PaymentForm if form in forms]
    taken = [f for f in open_forms if seller.may(permission(PaymentForm(f.upper())))]
    return " or ".join(taken) or "a form that the airline has agreed with you"
