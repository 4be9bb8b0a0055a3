"""What an order costs, and PaymentFunctions: what became of each payment, and of each refund.

Source: PaymentFunctionsOrderType of 21.3, and IATA's worked example of a payment by redirection,
where a pending payment names the page on which the payer pays.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ndc_oms.model.balance import PROMISED
from ndc_oms.model.cancellation import RefundDue
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.paid import status_of
from ndc_oms.model.payment import Payment, PaymentForm
from ndc_oms.model.status import PaymentState
from ndc_oms.ndc.compose import amount, group, instant, leaf, leaves, total_price
from ndc_oms.ndc.payment_functions import CARD, CASH

_PAID: Final = PROMISED | {PaymentState.REFUNDED}


def order_price(order: Order) -> str:
    """TotalPrice of all that stands in it."""
    base = total((item.fare.base for item in order.live), order.currency)
    return total_price(base.minor, order.total.minor, order.currency)


class _Line(NamedTuple):
    """What stands in one summary. of: the payment that a refund belongs to."""

    payment_id: str
    money: Money
    status: str
    text: str | None
    of: str | None = None


def write_payments(order: Order) -> str:
    """m:PaymentFunctions of each payment; what was, or is to be, refunded of it is one of its own,
    with a negative amount.
    """
    return "".join([write_payment("m:PaymentFunctions", order, each) for each in order.payments])


def write_payment(tag: str, order: Order, payment: Payment) -> str:
    """One payment and what was, or is to be, refunded of it."""
    return "".join([_summary(tag, order, payment, line) for line in _lines(order, payment)])


def _lines(order: Order, payment: Payment) -> Iterator[_Line]:
    yield _Line(payment.id, payment.amount, status_of(payment), payment.failure)
    if payment.returned.minor:
        yield _Line(f"{payment.id}-R", -payment.returned, "SUCCESSFUL", "Refund", payment.id)
    for due in _owed(order):
        if due.payment_id == payment.id:
            yield _Line(f"{payment.id}-D", -due.amount, "PENDING", "Refund", payment.id)


def _owed(order: Order) -> tuple[RefundDue, ...]:
    """What certainly comes back, and did not yet: not before a change is made."""
    if order.change is not None:
        return order.change.refunds if order.change.applied else ()
    return () if order.cancellation is None else order.cancellation.refunds


def _summary(tag: str, order: Order, payment: Payment, line: _Line) -> str:
    return group(
        tag,
        group(
            "OrderAssociation",
            leaves("OrderItemRefID", payment.item_ids),
            leaf("OrderRefID", order.order_id),
        ),
        group(
            "PaymentProcessingSummary",
            amount("Amount", line.money),
            group("Desc", leaf("DescText", line.text)),
            leaf("PaymentCommitmentDateTime", instant(payment.requested_at or order.created_at)),
            leaf("PaymentID", line.payment_id),
            group("PaymentProcessingSummaryPaymentMethod", _method(payment)),
            leaf("PaymentRefID", line.of),
            leaf("PaymentStatusCode", line.status),
        ),
    )


def _method(payment: Payment) -> str:
    """What a receipt shows: of a card its last four digits; a payer's page while it waits."""
    if payment.form is PaymentForm.CARD:
        card = payment.card
        return (
            "<PaymentCard>"
            + leaf("CardBrandCode", card.brand if card else None)
            + leaf("MaskedCardID", f"xxxxxxxxxxxx{card.last_four}" if card else None)
            + "</PaymentCard>"
        )
    if payment.form is PaymentForm.REDIRECT:
        waiting = payment.state is PaymentState.AWAITING
        return group(
            "OfflinePayment",
            leaf("PaymentGatewayURI", payment.redirect_url if waiting else None),
            leaf("PaymentTypeCode", CARD),
        )
    if payment.form is PaymentForm.VOUCHER:
        return group("Voucher", leaf("VoucherID", payment.voucher))
    return group(
        "SettlementPlan",
        leaf("IATA_Number", payment.agency_number),
        leaf("PaymentTypeCode", CASH),
    )


def has_paid(payment: Payment) -> bool:
    """Whether money was promised, whatever became of it since."""
    return payment.state in _PAID


def is_paid_by_plan(order: Order) -> bool:
    """Whether documents are reported through the settlement plan."""
    return any(p.form is PaymentForm.SETTLEMENT_PLAN and has_paid(p) for p in order.payments)
