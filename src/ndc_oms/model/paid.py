"""How a payment, and an order as a whole, stands with its money, in the words of the wire."""

from enum import StrEnum
from typing import Final

from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PaymentState


class PaymentStatus(StrEnum):
    """Coarser than `PaymentState`. Source: the payment statuses of 21.3's code set."""

    SUCCESSFUL = "SUCCESSFUL"
    PENDING = "PENDING"
    FAILED = "FAILED"


_STATUS: Final = {
    PaymentState.REQUESTED: PaymentStatus.PENDING,
    PaymentState.AWAITING: PaymentStatus.PENDING,
    PaymentState.AUTHORISED: PaymentStatus.PENDING,
    PaymentState.CAPTURED: PaymentStatus.SUCCESSFUL,
    PaymentState.DECLINED: PaymentStatus.FAILED,
    PaymentState.RELEASED: PaymentStatus.FAILED,
    PaymentState.REFUNDED: PaymentStatus.SUCCESSFUL,  # it was; its refund stands beside it
}


def status_of(payment: Payment) -> PaymentStatus:
    return _STATUS[payment.state]


def standing_of(order: Order) -> PaymentStatus | None:
    """PENDING while any payment is; else as the latest one went. None: nobody has paid yet."""
    statuses = [status_of(payment) for payment in order.payments]
    if PaymentStatus.PENDING in statuses:
        return PaymentStatus.PENDING
    return statuses[-1] if statuses else None
