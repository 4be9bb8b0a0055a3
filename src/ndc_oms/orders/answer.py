"""What a seller is told of an order: where it stands, what is pending, why it was closed."""

from typing import Final

from ndc_oms.errors import NotAllowed, Refusal, Unavailable
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.model.order import Order, Step
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.offers.request import Notice
from ndc_oms.orders.request import OrderView
from ndc_oms.ports.store import OrderRecord

_PENDING: Final = {
    Step.AUTHORISE: "the payment is being authorised",
    Step.BOOK: "the seats are held and being booked",
    Step.ISSUE: "the seats are booked and tickets are being issued",
    Step.CAPTURE: "the tickets are issued and the payment is being captured",
}
_PAYMENT_CODES: Final = frozenset({"466", "708", "921", "923"})


def view(record: OrderRecord, *notices: Notice) -> OrderView:
    """The order as it stands, with a notice where it does not stand still."""
    return OrderView(record, (*notices, *standing(record.order)))


def created(record: OrderRecord, *notices: Notice) -> OrderView:
    """The answer to OrderCreate; raises the refusal of an order that could not be carried out."""
    refused = refusal(record.order)
    if refused is not None:
        raise refused
    return view(record, *notices)


def standing(order: Order) -> tuple[Notice, ...]:
    """What a seller should know beside the order itself."""
    if order.failure is not None:
        return (Notice(f"{order.failure.reason} {_taken_back(order)}", order.failure.code),)
    planned = next_step(order)
    if planned is None:
        return ()
    text = (
        f"Pending: {_PENDING[planned.step]}. It goes on by itself; "
        f"retrieve order {order.order_id} to see how it ends."
    )
    return (Notice(text),)


def refusal(order: Order) -> Refusal | None:
    """Why the order could not be carried out, and what is left of it; None where it can be."""
    failure = order.failure
    if failure is None:
        return None
    kind = NotAllowed if failure.code in _PAYMENT_CODES else Unavailable
    remedy = "Shop again and order with another key: an offer is accepted once."
    if failure.code in _PAYMENT_CODES:
        remedy = f"Pay by other means. {remedy}"
    refused = kind(failure.reason, code=failure.code, remedy=remedy, done=_taken_back(order))
    refused.kept = True
    return refused


def _taken_back(order: Order) -> str:
    """What stands of a failed order, in one or two sentences."""
    name = f"Order {order.order_id}"
    if order.status is OrderStatus.OPENED:
        return f"{name} is being taken back: nothing will be charged and no seat kept."
    refunded = any(p.state is PaymentState.REFUNDED for p in order.payments)
    money = "what was charged was refunded" if refunded else "nothing was charged"
    return f"{name} was made and closed again: {money} and no seat is kept."
