"""Payments of a new order: there or not needed yet, permitted, and exactly the price."""

from collections.abc import Iterator
from dataclasses import dataclass

from ndc_oms.errors import Expired, Invalid, NotAllowed, Refusal
from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.offers.limits import Limits
from ndc_oms.orders.request import CreateRequest
from ndc_oms.orders.tender import Tills, check_form
from ndc_oms.payments.allocation import MisallocatedError, allocate
from ndc_oms.ports.sellers import Seller


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid for everything that is bought, and the OfferItemIDs of it."""

    due: Money
    item_ids: frozenset[str]


def check_payments(
    request: CreateRequest, bill: Bill, seller: Seller, tills: Tills, limits: Limits | None
) -> Iterator[Refusal]:
    """495 an instant purchase that is not paid at once, 466 a form not taken here or from this
    seller, 727 and 290 amounts, 913 items.
    """
    later = not request.payments or any(p.form is PaymentForm.REDIRECT for p in request.payments)
    if later and limits is None:
        yield NotAllowed(
            "This offer is paid at once: it cannot be held until it is paid.",
            code="495",
            path=request.payments[0].path if request.payments else "",
            remedy=f"Pay {bill.due} with the request, and not on a provider's page.",
        )
    for payment in request.payments:
        refused = check_form(payment, seller, tills)
        if refused is not None:
            yield refused
        for unknown in sorted(set(payment.offer_item_ids) - bill.item_ids):
            yield Expired(
                f"The payment is for item {unknown}, which the offer does not have.",
                path=payment.path,
                remedy="Refer to items of the accepted offer, or to none.",
            )
    if request.payments:
        yield from _amounts(request, bill.due)


def _amounts(request: CreateRequest, due: Money) -> Iterator[Refusal]:
    try:
        allocate(due, [payment.amount for payment in request.payments])
    except MisallocatedError as wrong:
        yield Invalid(
            wrong.text,
            code=wrong.code,
            path=request.payments[wrong.at or 0].path,
            remedy=f"Pay {due} exactly.",
        )
